#include "email_security/csv.hpp"

#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_index.hpp>

#include <boost/json/parse.hpp>
#include <boost/locale/encoding_utf.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <utility>

namespace cloudflare::email_security {

namespace json = boost::json;

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

error unusable(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

/// Valid UTF-8 of a length that can be shown, whatever the feed holds.
std::string presentable(std::string_view text) {
    constexpr std::size_t longest = 200;
    auto const shown = text.substr(0, longest);
    // Cut inside a character, the rest of it is skipped with all else that is no UTF-8.
    auto valid = boost::locale::conv::utf_to_utf<char>(shown.data(), shown.data() + shown.size());
    return shown.size() == text.size() ? valid : valid + "...";
}

/// Takes the line off the front of `text`, its end included.
std::string_view take_line(std::string_view& text) {
    auto const end = text.find('\n');
    auto const line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    text.remove_prefix(line.size());
    return line;
}

/// The fields of a record that matter to what it is.
class record_fields {
public:
    explicit record_fields(std::span<wire::field const> fields)
        : fields_{fields},
          pattern_{index_of(wire::codec_for<std::string>(), "pattern")},
          type_{index_of(wire::codec_for<pattern_type>(), "pattern_type")},
          is_regex_{index_of(wire::codec_for<bool>(), "is_regex")} {}

    bool has_pattern() const { return pattern_ < fields_.size(); }
    bool has_type() const { return type_ < fields_.size(); }
    std::string& pattern(void* item) const { return at<std::string>(pattern_, item); }
    pattern_type& type(void* item) const { return at<pattern_type>(type_, item); }
    bool is_regex(void* item) const {
        return is_regex_ < fields_.size() && at<bool>(is_regex_, item);
    }
    std::uint32_t pattern_bit() const { return bit(pattern_); }
    std::uint32_t type_bit() const { return bit(type_); }
    static std::uint32_t bit(std::size_t index) { return index < 32 ? 1U << index : 0U; }

    std::size_t find(std::string_view name) const {
        for (std::size_t i = 0; i != fields_.size(); ++i) {
            if (fields_[i].name == name && !fields_[i].is_deprecated) return i;
        }
        return fields_.size();
    }

private:
    std::size_t index_of(wire::codec const& how, std::string_view name) const {
        auto const index = find(name);
        return index < fields_.size() && fields_[index].how == &how ? index : fields_.size();
    }
    template <class T>
    T& at(std::size_t index, void* item) const {
        return *static_cast<T*>(fields_[index].address(item));
    }

    std::span<wire::field const> fields_;
    std::size_t pattern_;
    std::size_t type_;
    std::size_t is_regex_;
};

/// The keys of the entries that a receiver holds.
class received_keys final : public key_source {
public:
    received_keys(feed_receiver& from, record_fields const& fields)
        : from_{from}, fields_{fields} {}

    pattern_key key(std::uint32_t number) const override {
        auto* const item = from_.item(number);
        pattern_key made;
        made.pattern = fields_.pattern(item);
        if (fields_.has_type()) made.type = fields_.type(item);
        made.is_regex = fields_.is_regex(item);
        return made;
    }

private:
    feed_receiver& from_;
    record_fields const& fields_;
};

/// Makes entries of records: sets fields, recognises the pattern, sorts out duplicates.
class entry_maker {
public:
    explicit entry_maker(feed_receiver& into)
        : into_{into}, fields_{into.fields()}, keys_{into, fields_}, seen_{keys_} {}

    record_fields const& fields() const { return fields_; }
    bool saw_a_record() const { return saw_a_record_; }

    void begin(std::int64_t line) {
        saw_a_record_ = true;
        line_ = line;
        item_ = into_.add(line);
        own_ = 0;
        fault_.clear();
    }

    /// Sets a field by `store`, which says whether the value is of its type. A field that the
    /// collection does not have is skipped.
    template <class Store>
    void set(std::size_t index, Store store) {
        if (index >= into_.fields().size()) return;
        auto const& field = into_.fields()[index];
        if (!store(*field.how, field.address(item_))) {
            if (fault_.empty()) fault_ = std::string{field.name} + " has no valid value";
            return;
        }
        own_ |= record_fields::bit(index);
    }

    void set_text(std::size_t index, std::string_view text) {
        set(index,
            [text](wire::codec const& how, void* at) { return wire::from_text(how, at, text); });
    }

    void end() {
        auto const as_given = fields_.pattern(item_);
        auto const given = into_.defaulted() | own_;
        if (fault_.empty()) recognise((given & fields_.type_bit()) != 0);
        if (fault_.empty()) {
            auto const kept = into_.keep(given | fields_.pattern_bit() | fields_.type_bit());
            if (!kept) fault_ = kept.error().detail();
        }
        if (!fault_.empty()) {
            into_.drop();
            reject(line_, as_given, std::move(fault_));
        } else if (!seen_.insert(count_)) {
            into_.drop();
            into_.count_duplicate();
        } else {
            ++count_;
        }
    }

    void reject(std::int64_t line, std::string_view pattern, std::string reason) {
        saw_a_record_ = true;
        rejection why;
        why.line = line;
        why.pattern = presentable(pattern);
        why.reason = std::move(reason);
        into_.reject(std::move(why));
    }

private:
    void recognise(bool has_type) {
        auto& pattern = fields_.pattern(item_);
        if (fields_.is_regex(item_)) {
            if (fields_.has_type() && !has_type) fault_ = "a regular expression needs pattern_type";
            return;
        }
        std::optional<pattern_type> type;
        if (!fields_.has_type()) {
            type = pattern_type::domain;
        } else if (has_type) {
            type = fields_.type(item_);
        }
        auto found = recognise_pattern(pattern, type);
        if (!found) {
            fault_ = found.error().detail();
            return;
        }
        pattern = std::move(found->pattern);
        if (fields_.has_type()) fields_.type(item_) = found->type;
    }

    feed_receiver& into_;
    record_fields fields_;
    received_keys keys_;
    pattern_index seen_;
    std::uint32_t count_ = 0;
    bool saw_a_record_ = false;
    std::int64_t line_ = 0;
    void* item_ = nullptr;
    std::uint32_t own_ = 0;  // the fields that this record gives
    std::string fault_;
};

std::optional<error> read_text(std::string_view text, entry_maker& make) {
    auto const pattern = make.fields().find("pattern");
    for (std::int64_t number = 1; !text.empty(); ++number) {
        auto const line = take_line(text);
        auto const entry = trim(line.substr(0, line.find('#')));
        if (entry.empty()) continue;
        make.begin(number);
        make.set_text(pattern, entry);
        make.end();
    }
    return std::nullopt;
}

std::optional<error> read_csv(std::string_view text, entry_maker& make) {
    auto const pattern = make.fields().find("pattern");
    std::vector<std::size_t> columns;  // which field each one feeds
    csv_reader reader;
    auto now = csv_reader::state::blank;
    std::int64_t begin = 1;  // the line of the row
    for (std::int64_t number = 1; !text.empty(); ++number) {
        auto const line = take_line(text);
        if (now != csv_reader::state::open) begin = number;
        now = reader.feed(line);
        auto const is_header = columns.empty();
        if (now == csv_reader::state::malformed) {
            if (is_header) return unusable("the CSV's header is malformed");
            make.reject(begin, trim(line), "is malformed CSV: text beside a quotation");
        } else if (now == csv_reader::state::row && is_header) {
            for (auto const& name : reader.row()) columns.push_back(make.fields().find(name));
            if (std::ranges::find(columns, pattern) == columns.end()) {
                return unusable("the CSV's header has no column 'pattern'");
            }
        } else if (now == csv_reader::state::row) {
            make.begin(begin);
            for (std::size_t i = 0; i != std::min(columns.size(), reader.row().size()); ++i) {
                if (!reader.row()[i].empty()) make.set_text(columns[i], reader.row()[i]);
            }
            make.end();
        }
    }
    if (now == csv_reader::state::open) {
        return unusable("line " + std::to_string(begin) + ": the CSV's quotation does not end");
    }
    return std::nullopt;
}

bool store(json::value const& value, wire::codec const& how, void* at) {
    if (auto const* const text = value.if_string()) return how.on_string(at, *text);
    if (auto const* const flag = value.if_bool()) return how.on_boolean(at, *flag);
    if (auto const* const number = value.if_int64()) return how.on_integer(at, *number);
    return false;
}

std::optional<error> read_json_lines(std::string_view text, entry_maker& make) {
    for (std::int64_t number = 1; !text.empty(); ++number) {
        auto const line = trim(take_line(text));
        if (line.empty()) continue;
        boost::system::error_code failed;
        auto const value = json::parse(line, failed);
        if (failed || !value.is_object()) {
            make.reject(number, line,
                        "is no JSON object" + (failed ? ": " + failed.message() : ""));
            continue;
        }
        make.begin(number);
        for (auto const& member : value.get_object()) {
            if (member.value().is_null()) continue;
            auto const& given = member.value();
            make.set(make.fields().find(member.key()),
                     [&given](wire::codec const& how, void* at) { return store(given, how, at); });
        }
        make.end();
    }
    return std::nullopt;
}

feed_format format_of(std::string_view name, std::string_view text) {
    if (name.ends_with(".csv")) return feed_format::csv;
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return feed_format::json_lines;
    std::string_view line;
    while (!text.empty() && (line.empty() || line.starts_with('#'))) line = trim(take_line(text));
    if (line.starts_with('{')) return feed_format::json_lines;
    // No pattern has a comma or a quote: such a first line is a header.
    if (line == "pattern" || line.find_first_of(",\"") != std::string_view::npos) {
        return feed_format::csv;
    }
    return feed_format::text;
}

std::optional<error> read_all(std::string_view text, std::string_view name,
                              std::optional<feed_format> format, bool allow_empty,
                              feed_receiver& into) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    entry_maker make{into};
    if (!make.fields().has_pattern()) return unusable("the collection has no patterns");
    auto const how = format ? *format : format_of(name, text);
    auto failed = how == feed_format::csv          ? read_csv(text, make)
                  : how == feed_format::json_lines ? read_json_lines(text, make)
                                                   : read_text(text, make);
    if (failed) return failed;
    if (!make.saw_a_record() && !allow_empty) return unusable("the feed is empty");
    return std::nullopt;
}

}  // namespace

std::optional<error> read_feed_into(std::istream& in, std::string_view name,
                                    std::optional<feed_format> format, bool allow_empty,
                                    feed_receiver& into) {
    std::string const text{std::istreambuf_iterator<char>{in}, {}};
    if (in.bad()) return unusable("the feed cannot be read");
    return read_all(text, name, format, allow_empty, into);
}

std::optional<error> read_feed_into(std::filesystem::path const& path,
                                    std::optional<feed_format> format, bool allow_empty,
                                    feed_receiver& into) {
    std::error_code ec;
    auto const name = path.string();
    if (std::filesystem::is_directory(path, ec)) return unusable(name + " is a directory");
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        auto const why = std::error_code{errno, std::generic_category()}.message();
        return unusable("cannot read " + name + ": " + why);
    }
    auto const failed = read_feed_into(in, name, format, allow_empty, into);
    if (failed) return unusable(name + ": " + failed->detail());
    return std::nullopt;
}

std::uint32_t copy_fields(std::span<wire::field const> from, void const* source,
                          std::span<wire::field const> to, void* target) {
    std::uint32_t copied = 0;
    for (std::size_t i = 0; i != to.size(); ++i) {
        if (to[i].is_deprecated) continue;
        for (auto const& each : from) {
            if (each.is_deprecated || each.name != to[i].name) continue;
            // Members are only read through the address.
            auto const* const where = each.address(const_cast<void*>(source));
            if (wire::copy_scalar(*each.how, where, *to[i].how, to[i].address(target))) {
                copied |= record_fields::bit(i);
            }
        }
    }
    return copied;
}

feed_writer::feed_writer(std::ostream& out, feed_format format, std::span<wire::field const> fields)
    : out_{out}, format_{format}, fields_{fields} {
    if (format != feed_format::csv) return;
    std::string line;
    for (auto const& each : fields_) {
        if (!line.empty()) line += ',';
        line += each.name;
    }
    out_ << line << '\n';
}

bool feed_writer::write_fields(wire::codec const& how, void* item) {
    record_fields const known{fields_};
    auto const& pattern = known.pattern(item);
    // Only what comes back the same may be written.
    if (!known.is_regex(item)) {
        std::optional<pattern_type> type;
        if (format_ != feed_format::text && known.has_type()) type = known.type(item);
        auto const again = recognise_pattern(pattern, type);
        if (!again || (known.has_type() && again->type != known.type(item))) return false;
    }
    std::string line;
    switch (format_) {
        case feed_format::text:
            if (known.is_regex(item) || pattern.find('#') != std::string::npos) return false;
            line = pattern;
            break;
        case feed_format::csv:
            for (auto const& each : fields_) {
                if (!line.empty()) line += ',';
                auto const text = wire::to_text(*each.how, each.address(item));
                append_csv_field(text, line);
            }
            break;
        case feed_format::json_lines:
            wire::append_json(how, item, line);
            break;
    }
    out_ << line << '\n';
    return true;
}

}  // namespace cloudflare::email_security
