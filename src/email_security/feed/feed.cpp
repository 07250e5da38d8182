#include "email_security/feed/csv.hpp"
#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/feed_lines.hpp"
#include "email_security/feed/input_file.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <istream>
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

/// What a line of a text feed has in front of its comment.
std::string_view pattern_in(std::string_view line) {
    return trim(line.substr(0, line.find('#')));
}

error unusable(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

bool is_utf_16(std::string_view text) {
    return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

/// A feed that is being read: the line reader stands on the first line that is not skipped.
struct open_feed {
    line_reader& lines;
    entry_maker& make;
    feed_reading const& how;

    /// Rejects a line that is too long. Goes on to the next one, if there is one.
    bool next() {
        if (is_over_limits()) return false;
        return lines.next();
    }
    bool is_over_limits() const { return lines.is_over_size() || make.is_full(); }
    /// Whether the line is too long, and thus rejected.
    bool rejects_length() const {
        if (!lines.is_too_long()) return false;
        make.reject(lines.number(), trim(lines.text()),
                    "is longer than " + std::to_string(max_feed_line) + " bytes");
        return true;
    }
};

std::optional<error> read_text(open_feed& feed) {
    auto& [lines, make, how] = feed;
    auto const pattern = make.fields().pattern_index();
    do {
        auto const entry = pattern_in(lines.text());
        // Of a line that is a comment, the length does not matter.
        if (entry.empty() || feed.rejects_length()) continue;
        make.begin(lines.number());
        make.set_text(pattern, entry);
        make.end();
    } while (feed.next());
    return std::nullopt;
}

/// Reads the rows of a CSV; the first one is the header.
class csv_feed {
public:
    explicit csv_feed(open_feed& feed) : feed_{feed} {}

    std::optional<error> read() {
        do {
            if (auto failed = take_line()) return failed;
        } while (feed_.next());
        if (now_ == csv_reader::state::open && !feed_.is_over_limits()) return endless();
        return std::nullopt;
    }

private:
    std::optional<error> take_line() {
        auto const line = feed_.lines.text();
        if (now_ != csv_reader::state::open) {
            begin_ = feed_.lines.number();
            size_ = 0;
        }
        size_ += line.size();
        if (feed_.lines.is_too_long() || size_ > max_feed_line) {
            // Inside a quotation, nobody can tell where the next record begins.
            if (now_ == csv_reader::state::open) return endless();
            if (columns_.empty()) return unusable("the CSV's header is too long");
            feed_.rejects_length();
            return std::nullopt;
        }
        now_ = reader_.feed(line);
        if (now_ == csv_reader::state::malformed) {
            if (columns_.empty()) return unusable("the CSV's header is malformed");
            feed_.make.reject(begin_, trim(line), "is malformed CSV: text beside a quotation");
        } else if (now_ == csv_reader::state::row && columns_.empty()) {
            return take_header();
        } else if (now_ == csv_reader::state::row) {
            take_row();
        }
        return std::nullopt;
    }

    std::optional<error> take_header() {
        auto const& known = feed_.make.fields();
        for (auto const& name : reader_.row()) columns_.push_back(known.find(name));
        if (std::ranges::find(columns_, known.pattern_index()) == columns_.end()) {
            return unusable("the CSV's header has no column '" + std::string{known.pattern_name()} +
                            '\'');
        }
        return std::nullopt;
    }

    void take_row() {
        auto& make = feed_.make;
        make.begin(begin_);
        for (std::size_t i = 0; i != std::min(columns_.size(), reader_.row().size()); ++i) {
            if (!reader_.row()[i].empty()) make.set_text(columns_[i], reader_.row()[i]);
        }
        make.end();
    }

    error endless() const {
        return unusable("line " + std::to_string(begin_) + ": the CSV's quotation does not end");
    }

    open_feed& feed_;
    csv_reader reader_;
    csv_reader::state now_ = csv_reader::state::blank;
    std::vector<std::size_t> columns_;  // which field each one feeds
    std::int64_t begin_ = 1;            // the line of the row
    std::size_t size_ = 0;              // of the row so far
};

bool store(json::value const& value, wire::codec const& how, void* at) {
    if (auto const* const text = value.if_string()) return how.on_string(at, *text);
    if (auto const* const flag = value.if_bool()) return how.on_boolean(at, *flag);
    if (auto const* const number = value.if_int64()) return how.on_integer(at, *number);
    auto const* const all = value.if_array();
    if (!all || !how.is_list()) return false;
    auto const elements = how.on_array(at);
    return std::ranges::all_of(*all, [&elements](json::value const& each) {
        auto const into = elements.how->element(elements.where);
        return store(each, *into.how, into.where);
    });
}

std::optional<error> read_json_lines(open_feed& feed) {
    auto& [lines, make, how] = feed;
    do {
        auto const line = trim(lines.text());
        if (line.empty() || feed.rejects_length()) continue;
        boost::system::error_code failed;
        auto const value = json::parse(line, failed);
        if (failed || !value.is_object()) {
            make.reject(lines.number(), line,
                        "is not a JSON object" + (failed ? ": " + failed.message() : ""));
            continue;
        }
        make.begin(lines.number());
        for (auto const& member : value.get_object()) {
            if (member.value().is_null()) continue;
            auto const& given = member.value();
            make.set(
                make.fields().find(member.key()),
                [&given](wire::codec const& codec, void* at) { return store(given, codec, at); });
        }
        make.end();
    } while (feed.next());
    return std::nullopt;
}

/// By the name of the file, else by the first line that is not skipped.
feed_format format_of(std::string_view name, std::string_view line, std::string_view column) {
    if (name.ends_with(".csv")) return feed_format::csv;
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return feed_format::json_lines;
    line = trim(line);
    if (line.starts_with('{')) return feed_format::json_lines;
    // No pattern has a comma or a quote, though its comment may: such a first line is a header.
    auto const uncommented = line.substr(0, line.find('#'));
    if (line == column || uncommented.find_first_of(",\"") != std::string_view::npos) {
        return feed_format::csv;
    }
    return feed_format::text;
}

std::optional<error> over_limits(open_feed const& feed) {
    if (feed.lines.is_over_size()) {
        return unusable("the feed has more than " + std::to_string(feed.how.max_size) + " bytes");
    }
    if (feed.make.is_full()) {
        return unusable("the feed has more than " + std::to_string(feed.how.max_entries) +
                        " entries");
    }
    return std::nullopt;
}

std::optional<error> read_entries(line_reader& lines, entry_maker& make, std::string_view name,
                                  feed_reading const& how) {
    open_feed feed{lines, make, how};
    bool has_line = feed.next();
    auto const is_skipped = [&lines] {
        auto const line = trim(lines.text());
        return line.empty() || line.starts_with('#');
    };
    if (has_line && is_utf_16(lines.text()))
        return unusable("the feed is UTF-16, and must be UTF-8");
    while (has_line && is_skipped()) has_line = feed.next();
    if (!has_line) return over_limits(feed);
    auto const format =
        how.format ? *how.format : format_of(name, lines.text(), make.fields().pattern_name());
    auto failed = format == feed_format::csv          ? csv_feed{feed}.read()
                  : format == feed_format::json_lines ? read_json_lines(feed)
                                                      : read_text(feed);
    return failed ? failed : over_limits(feed);
}

std::optional<error> check_whole(entry_maker const& make, bool allow_empty) {
    if (!make.saw_a_record() && !allow_empty) return unusable("the feed is empty");
    return std::nullopt;
}

}  // namespace

std::optional<error> read_feed_into(std::istream& in, std::string_view name,
                                    feed_reading const& how, feed_receiver& into) {
    entry_maker make{into, how.max_entries};
    if (!make.fields().has_pattern())
        return unusable("the collection has neither patterns nor domains");
    line_reader lines{in, max_feed_line, how.max_size};
    auto failed = read_entries(lines, make, name, how);
    if (failed) return failed;
    if (in.bad()) return unusable("the feed cannot be read");
    return check_whole(make, how.allow_empty);
}

std::optional<error> read_feed_into(std::filesystem::path const& path, feed_reading const& how,
                                    feed_receiver& into) {
    return read_input_file(
        path, [&](std::istream& in) { return read_feed_into(in, path.string(), how, into); });
}

struct feed_builder::impl {
    impl(feed_receiver& into, feed_reading const& how)
        : make{into, how.max_entries}, reading{how} {}
    entry_maker make;
    feed_reading reading;
};

feed_builder::feed_builder(feed_receiver& into, feed_reading const& how)
    : impl_{std::make_unique<impl>(into, how)} {}

feed_builder::~feed_builder() = default;

void feed_builder::add(std::int64_t line, std::string_view pattern) {
    auto& make = impl_->make;
    if (make.is_full()) return;
    make.begin(line);
    make.set_text(make.fields().pattern_index(), pattern);
    make.end();
}

void feed_builder::add(std::int64_t line, void const* item) {
    auto& make = impl_->make;
    if (make.is_full()) return;
    make.begin(line);
    make.set_all(item);
    make.end();
}

std::optional<error> feed_builder::finish() const {
    if (impl_->make.is_full()) {
        return unusable("there are more than " + std::to_string(impl_->reading.max_entries) +
                        " entries");
    }
    return check_whole(impl_->make, impl_->reading.allow_empty);
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
            if (wire::copy_value(*each.how, where, *to[i].how, to[i].address(target))) {
                copied |= key_fields::bit(i);
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
    key_fields const known{fields_};
    auto const& pattern = known.pattern(item);
    // Only what comes back the same may be written.
    if (!known.is_regex(item)) {
        std::optional<pattern_type> type;
        if (!known.has_type()) type = pattern_type::domain;
        if (format_ != feed_format::text && known.has_type()) type = known.type(item);
        auto const again = recognise_pattern(pattern, type);
        if (!again || (known.has_type() && again->type != known.type(item))) return false;
    }
    std::string line;
    switch (format_) {
        case feed_format::text:
            if (known.has_flag() && known.is_regex(item)) return false;
            if (pattern_in(pattern) != pattern || pattern.find('\n') != std::string::npos ||
                pattern.starts_with(byte_order_mark)) {
                return false;
            }
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
