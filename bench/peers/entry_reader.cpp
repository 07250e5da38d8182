#include "entry_reader.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <stdexcept>

namespace bench {

namespace json = boost::json;

namespace {

/// The events of boost::json::basic_parser. Only `success` and the members of `result` are kept.
struct entry_events {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    void begin() {
        depth = 0;
        in_result = false;
        into = nullptr;
        truth = nullptr;
        read.success = false;
        read.id.clear();
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_array_begin(json::error_code&) { return enter(); }
    bool on_array_end(std::size_t, json::error_code&) { return leave(); }
    bool on_object_begin(json::error_code&) { return enter(); }
    bool on_object_end(std::size_t, json::error_code&) { return leave(); }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        std::string_view name{part.data(), part.size()};
        if (!key.empty()) name = key.append(name);
        into = nullptr;
        truth = nullptr;
        if (depth == 1) {
            in_result = name == "result";
            if (name == "success") truth = &read.success;
        } else if (depth == 2 && in_result) {
            find_field(name);
        }
        if (into) into->clear();
        key.clear();
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        if (into) into->append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        if (into) into->append(part.data(), part.size());
        into = nullptr;
        return true;
    }
    bool on_bool(bool value, json::error_code&) {
        if (truth) *truth = value;
        truth = nullptr;
        return true;
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
    bool on_double(double, json::string_view, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    void find_field(std::string_view name) {
        if (name == "id") into = &read.id;
        if (name == "pattern") into = &read.pattern;
        if (name == "pattern_type") into = &read.pattern_type;
        if (name == "comments") into = &read.comments;
        if (name == "created_at") into = &read.created_at;
        if (name == "modified_at") into = &read.modified_at;
        if (name == "last_modified") into = &read.last_modified;
        if (name == "is_regex") truth = &read.is_regex;
    }

    bool enter() {
        ++depth;
        into = nullptr;
        truth = nullptr;
        return true;
    }
    bool leave() {
        --depth;
        return true;
    }

    entry read;
    std::string key;
    int depth = 0;
    bool in_result = false;
    std::string* into = nullptr;
    bool* truth = nullptr;
};

}  // namespace

class entry_reader::parser : public json::basic_parser<entry_events> {
public:
    parser() : json::basic_parser<entry_events>{json::parse_options{}} {}
};

entry_reader::entry_reader() : parser_{new parser} {}
entry_reader::~entry_reader() {
    delete parser_;
}

entry const& entry_reader::read(std::string_view text) {
    parser_->reset();
    parser_->handler().begin();
    json::error_code ec;
    auto const used = parser_->write_some(false, text.data(), text.size(), ec);
    auto const& got = parser_->handler().read;
    if (ec || used != text.size() || !got.success || got.id.empty()) {
        throw std::runtime_error("no answer to a create");
    }
    return got;
}

}  // namespace bench
