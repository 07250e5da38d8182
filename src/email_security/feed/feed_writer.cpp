#include "email_security/feed/csv.hpp"
#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/feed_lines.hpp"
#include "email_security/feed/feed_text.hpp"

#include <ostream>

namespace cloudflare::inline v0::email_security {

namespace {

/// Whether a line of a text feed with nothing but this pattern is that pattern.
bool comes_back_as_text(std::string_view pattern) {
    auto const parted = part_note(pattern, "#;", true);
    return parted.text == pattern && !parted.has_note && !pattern.starts_with('!') &&
           pattern.find_first_of("\r\n") == std::string_view::npos &&
           with_plain_blanks(pattern) == pattern && !pattern.starts_with(byte_order_mark);
}

}  // namespace

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
            if (!comes_back_as_text(pattern)) return false;
            line = pattern;
            break;
        case feed_format::csv:
            for (auto const& each : fields_) {
                if (!line.empty()) line += ',';
                auto const text = wire::to_text(*each.how, each.address(item));
                append_csv_field(text, line);
            }
            break;
        default:
            wire::append_json(how, item, line);
            break;
    }
    out_ << line << '\n';
    return true;
}

}  // namespace cloudflare::inline v0::email_security
