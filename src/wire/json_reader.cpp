#include "wire/json_reader.hpp"

#include <boost/container/small_vector.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/system/errc.hpp>

#include <functional>
#include <istream>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::wire {

namespace {

namespace json = boost::json;

/// The handler of Boost.JSON's event parser: keeps a stack of open objects and arrays, and hands
/// every scalar to the codec of its place.
class handler {
public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    explicit handler(slot root, std::size_t most_made = static_cast<std::size_t>(-1))
        : next_{root}, room_{most_made} {}

    /// The text that is read next, until `keep_names`.
    void reads(std::string_view part) { part_ = part; }
    /// The text will be gone.
    void keep_names() {
        for (auto& each : open_) each.keep_name();
    }

    /// Where the value stands that does not fit.
    std::string pointer() const {
        std::string path;
        for (auto const& each : open_) {
            path += '/';
            if (each.is_array) {
                path += std::to_string(each.index);
            } else {
                path += each.kept_name.empty() ? each.name : each.kept_name;
            }
        }
        return path.empty() ? "the document" : path;
    }

    bool on_document_begin(boost::system::error_code&) { return true; }
    bool on_document_end(boost::system::error_code&) { return true; }

    bool on_object_begin(boost::system::error_code& ec) {
        return begin(ec, false, [](slot at) { return at.how->on_object(at.where); });
    }
    bool on_object_end(std::size_t, boost::system::error_code&) { return end(); }
    bool on_array_begin(boost::system::error_code& ec) {
        return begin(ec, true, [](slot at) { return at.how->on_array(at.where); });
    }
    bool on_array_end(std::size_t, boost::system::error_code&) { return end(); }

    bool on_key_part(json::string_view part, std::size_t, boost::system::error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, boost::system::error_code& ec) {
        auto& object = open_.back();
        auto const name = whole(part);
        object.kept_name.clear();
        object.name = name;
        if (!is_in_part(name)) object.keep_name();
        if (!take_room(object, ec)) return false;
        next_ = object.at.how ? object.at.how->member(object.at.where, name, object.hint) : slot{};
        text_.clear();
        return true;
    }

    bool on_string_part(json::string_view part, std::size_t, boost::system::error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, boost::system::error_code& ec) {
        auto const value = whole(part);
        auto const fits =
            scalar(ec, [value](slot at) { return at.how->on_string(at.where, value); });
        text_.clear();
        return fits;
    }

    bool on_number_part(json::string_view, boost::system::error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, boost::system::error_code& ec) {
        return scalar(ec, [value](slot at) { return at.how->on_integer(at.where, value); });
    }
    // Only what is over the range of a signed number comes here.
    bool on_uint64(std::uint64_t value, json::string_view, boost::system::error_code& ec) {
        return scalar(ec, [value](slot at) {
            return at.how->on_number(at.where, static_cast<double>(value));
        });
    }
    bool on_double(double value, json::string_view, boost::system::error_code& ec) {
        return scalar(ec, [value](slot at) { return at.how->on_number(at.where, value); });
    }
    bool on_bool(bool value, boost::system::error_code& ec) {
        return scalar(ec, [value](slot at) { return at.how->on_boolean(at.where, value); });
    }
    bool on_null(boost::system::error_code& ec) {
        return scalar(ec, [](slot at) { return at.how->on_null(at.where); });
    }
    bool on_comment_part(json::string_view, boost::system::error_code&) { return true; }
    bool on_comment(json::string_view, boost::system::error_code&) { return true; }

private:
    struct container {
        slot at;
        bool is_array = false;
        std::size_t element_size = 0;
        std::size_t max_elements = 0;  // of an array
        std::size_t hint = 0;          // of an object
        std::size_t index = 0;         // of an array: the current element
        // Of an object, the current member's: in the text, where it is almost always.
        std::string_view name;
        std::string kept_name;

        void keep_name() {
            if (!name.empty()) kept_name = std::exchange(name, {});
        }
    };

    bool is_in_part(std::string_view name) const {
        std::less_equal<> const before;
        return before(part_.data(), name.data()) &&
               before(name.data(), part_.data() + part_.size());
    }

    std::string_view whole(json::string_view last_part) {
        if (text_.empty()) return {last_part.data(), last_part.size()};
        text_.append(last_part.data(), last_part.size());
        return text_;
    }

    /// For one more element or member.
    bool take_room(container const& in, boost::system::error_code& ec) {
        if (in.element_size > room_) return too_large(ec);
        room_ -= in.element_size;
        return true;
    }

    /// The place of the value that begins now; false when there is no room for it.
    bool place(slot& at, boost::system::error_code& ec) {
        if (open_.empty() || !open_.back().is_array) {
            at = next_;
            return true;
        }
        auto const& array = open_.back();
        if (!array.at.how) return true;
        if (array.index >= array.max_elements) return too_large(ec);
        if (!take_room(array, ec)) return false;
        at = array.at.how->element(array.at.where);
        return true;
    }

    void after_value() {
        if (!open_.empty() && open_.back().is_array) ++open_.back().index;
    }

    template <class Store>
    bool scalar(boost::system::error_code& ec, Store store) {
        slot at;
        if (!place(at, ec)) return false;
        if (at.how && !store(at)) return wrong_type(ec);
        after_value();
        return true;
    }

    template <class Open>
    bool begin(boost::system::error_code& ec, bool is_array, Open open) {
        slot at;
        if (!place(at, ec)) return false;
        slot inside;
        if (at.how) {
            inside = open(at);
            if (!inside.how) return wrong_type(ec);
        }
        auto& opened = open_.emplace_back();
        opened.at = inside;
        opened.is_array = is_array;
        if (inside.how) {
            opened.element_size = inside.how->element_size(inside.where);
            if (is_array) opened.max_elements = inside.how->max_elements(inside.where);
        }
        return true;
    }

    bool end() {
        auto const at = open_.back().at;
        if (at.how) at.how->on_end(at.where);
        open_.pop_back();
        after_value();
        return true;
    }

    static bool wrong_type(boost::system::error_code& ec) {
        ec = boost::system::errc::make_error_code(boost::system::errc::wrong_protocol_type);
        return false;
    }

    static bool too_large(boost::system::error_code& ec) {
        ec = boost::system::errc::make_error_code(boost::system::errc::value_too_large);
        return false;
    }

    slot next_;
    std::size_t room_;  // bytes that may still be made
    boost::container::small_vector<container, 8> open_;
    std::string_view part_;
    std::string text_;  // of a name or a string that comes in pieces
};

/// A document in parts.
class parts_reader {
public:
    explicit parts_reader(slot root, read_limits const& limits = {})
        : parser_{json::parse_options{}, root, limits.made} {}

    std::optional<read_fault> take(std::string_view part, bool is_last) {
        boost::system::error_code ec;
        parser_.handler().reads(part);
        auto const used = parser_.write_some(!is_last, part.data(), part.size(), ec);
        auto const invalid = [](std::string text) {
            return read_fault{read_fault::kind::invalid, std::move(text)};
        };
        if (ec == boost::system::errc::wrong_protocol_type) {
            return invalid(parser_.handler().pointer() + " has an unexpected type");
        }
        if (ec == boost::system::errc::value_too_large) {
            return read_fault{read_fault::kind::too_large,
                              parser_.handler().pointer() + " is more than was asked for"};
        }
        if (ec) {
            return invalid("invalid JSON at byte " + std::to_string(before_ + used) + " (" +
                           ec.message() + ')');
        }
        if (used != part.size()) return invalid("something follows the JSON document");
        before_ += used;
        if (!is_last) parser_.handler().keep_names();
        return std::nullopt;
    }

private:
    json::basic_parser<handler> parser_;
    std::size_t before_ = 0;  // bytes of earlier parts
};

}  // namespace

std::optional<std::string> read_json(std::string_view text, slot root) {
    auto fault = parts_reader{root}.take(text, true);
    if (!fault) return std::nullopt;
    return std::move(fault->text);
}

std::optional<read_fault> read_json(std::string_view text, slot root, read_limits const& limits) {
    // As much as is read in a few milliseconds.
    constexpr std::size_t at_once = std::size_t{256} * 1024;
    parts_reader reader{root, limits};
    for (;;) {
        auto const part = text.substr(0, at_once);
        text.remove_prefix(part.size());
        if (auto fault = reader.take(part, text.empty())) return fault;
        if (text.empty()) return std::nullopt;
        if (std::chrono::steady_clock::now() >= limits.deadline) {
            return read_fault{read_fault::kind::too_late, "the time was over while it was read"};
        }
    }
}

std::optional<std::string> read_json(std::istream& in, slot root) {
    parts_reader reader{root};
    std::vector<char> part(std::size_t{64} * 1024);
    for (;;) {
        in.read(part.data(), static_cast<std::streamsize>(part.size()));
        auto const size = static_cast<std::size_t>(in.gcount());
        if (auto fault = reader.take({part.data(), size}, in.eof())) return std::move(fault->text);
        if (!in.good())
            return in.bad() ? std::optional<std::string>{"cannot be read"} : std::nullopt;
    }
}

}  // namespace cloudflare::inline v0::wire
