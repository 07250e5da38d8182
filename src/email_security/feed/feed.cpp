#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_lines.hpp"
#include "email_security/feed/feed_source.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/input_file.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <cstring>
#include <istream>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

bool is_ascii(std::string_view text) {
    std::uint64_t seen = 0;
    for (; text.size() >= sizeof seen; text.remove_prefix(sizeof seen)) {
        std::uint64_t word{};
        std::memcpy(&word, text.data(), sizeof word);
        seen |= word;
    }
    for (auto const c : text) seen |= static_cast<unsigned char>(c);
    return (seen & 0x8080808080808080U) == 0;
}

/// Where a text stops being UTF-8; empty when it does not.
std::optional<std::size_t> find_invalid(std::string_view text) {
    namespace utf = boost::locale::utf;
    if (is_ascii(text)) return std::nullopt;
    auto const* const end = text.data() + text.size();
    for (auto const* at = text.data(); at != end;) {
        auto const* const begin = at;
        auto const point = utf::utf_traits<char>::decode(at, end);
        if (point == utf::illegal || point == utf::incomplete) {
            return static_cast<std::size_t>(begin - text.data());
        }
    }
    return std::nullopt;
}

error not_utf_8(std::int64_t line) {
    return unusable_feed("line " + std::to_string(line) +
                         " is not UTF-8: the feed must be converted first");
}

std::unique_ptr<form_reader> make_line_reader(detected_form const& form, entry_maker& make) {
    switch (form.format) {
        case feed_format::text:
            return make_text_reader(make);
        case feed_format::csv:
            return make_csv_reader(make, form.delimiter);
        case feed_format::json_lines:
            return make_json_lines_reader(make);
        case feed_format::hosts:
            return make_hosts_reader(make);
        case feed_format::adblock:
            return make_adblock_reader(make);
        case feed_format::rpz:
            return make_rpz_reader(make);
        case feed_format::dnsmasq:
            return make_dnsmasq_reader(make);
        case feed_format::unbound:
            return make_unbound_reader(make);
        case feed_format::postfix:
            return make_postfix_reader(make);
        case feed_format::json:
        case feed_format::stix:
        case feed_format::misp:
            break;
    }
    return nullptr;
}

std::unique_ptr<document_reader> make_document_reader(feed_format form, entry_maker& make) {
    if (form == feed_format::stix) return make_stix_reader(make);
    if (form == feed_format::misp) return make_misp_reader(make);
    return make_json_reader(make);
}

/// A feed that is being read.
class reading {
public:
    reading(line_reader& lines, entry_maker& make) : lines_{lines}, make_{make} {}

    std::optional<error> read() {
        auto form = detect_form(lines_.head(), make_.reading().name, make_.fields());
        if (auto const& given = make_.reading().format) {
            form.format = *given;
            form.delimiter = detect_delimiter(lines_.head());
        }
        make_.facts().read_as = form.format;
        auto const by_lines = make_line_reader(form, make_);
        auto failed = by_lines ? read_lines(*by_lines)
                               : read_document(*make_document_reader(form.format, make_));
        if (is_over_limits()) return over_limits();
        return failed;
    }

private:
    bool is_over_limits() const { return lines_.is_over_size() || make_.is_full(); }

    error over_limits() const {
        auto const& how = make_.reading();
        if (lines_.is_over_size()) {
            return unusable_feed("the feed has more than " + std::to_string(how.max_size) +
                                 " bytes");
        }
        return unusable_feed("the feed has more than " + std::to_string(how.max_entries) +
                             " entries");
    }

    std::optional<error> read_lines(form_reader& reader) {
        while (!is_over_limits() && lines_.next()) {
            feed_line const line{lines_.number(), lines_.text()};
            if (lines_.is_too_long()) {
                if (auto failed = reader.take_long(line)) return failed;
            } else if (find_invalid(line.text)) {
                return not_utf_8(line.number);
            } else if (line.text.find('\0') != std::string_view::npos) {
                make_.reject(line.place(), trim(line.text), "has a NUL");
                make_.hold_deletions("a line of the feed cannot be read");
            } else if (is_line_of_page(line.text)) {
                return unusable_feed("line " + std::to_string(line.number) +
                                     " is of a page of HTML, and not of a feed: an error page?");
            } else if (auto failed = reader.take(line)) {
                return failed;
            }
        }
        if (is_over_limits()) return std::nullopt;
        make_.facts().is_cut = !lines_.is_ended() && reader.shows_cuts();
        return reader.finish();
    }

    std::optional<error> read_document(document_reader& reader) {
        std::string text;
        if (!lines_.read_rest(text)) return std::nullopt;
        if (auto const at = find_invalid(text)) {
            auto const end = text.begin() + static_cast<std::ptrdiff_t>(*at);
            return not_utf_8(1 + std::count(text.begin(), end, '\n'));
        }
        return reader.read(text);
    }

    line_reader& lines_;
    entry_maker& make_;
};

}  // namespace

std::optional<error> form_reader::take_long(feed_line const& line) {
    make_.reject(line.place(), trim(line.text),
                 "is longer than " + std::to_string(max_feed_line) + " bytes");
    make_.hold_deletions("a line of the feed is longer than can be read");
    return std::nullopt;
}

error unusable_feed(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

std::string describe_emptiness(feed_facts const& of) {
    std::string text = "the feed is empty";
    if (of.notes == 0) return text;
    text += ": read as " + std::string{wire_name(of.read_as)} + ", it has ";
    if (of.skipped.empty()) return text + "notes only";
    for (auto const& each : of.skipped) {
        if (&each != of.skipped.data()) text += ", ";
        text += each.kind + " (" + std::to_string(each.count) + ")";
    }
    return text + " and nothing else";
}

std::string list_names(std::vector<std::string> const& names) {
    // A name is there to be copied into an option: one is told whole, or not at all.
    constexpr std::size_t most = 180;
    std::string list;
    std::size_t told = 0;
    for (auto const& each : names) {
        auto const shown = '\'' + presentable(each) + '\'';
        if (list.size() + shown.size() > most && told > 0) break;
        if (told++ != 0) list += ", ";
        list += shown;
    }
    if (told < names.size()) list += " and " + std::to_string(names.size() - told) + " more";
    return list;
}

std::optional<error> read_feed_into(std::istream& in, feed_reading const& how,
                                    feed_receiver& into) {
    entry_maker make{into, how};
    if (!make.fields().has_pattern()) {
        return unusable_feed("the collection has neither patterns nor domains");
    }
    feed_source source{in};
    if (auto fault = source.fault(); !fault.empty()) return unusable_feed(std::move(fault));
    line_reader lines{source.text(), max_feed_line, how.max_size};
    if (auto failed = reading{lines, make}.read()) return failed;
    if (auto fault = source.fault(); !fault.empty()) return unusable_feed(std::move(fault));
    if (in.bad()) return unusable_feed("the feed cannot be read");
    make.finish();
    if (!make.saw_a_record() && !how.allow_empty) {
        return unusable_feed(describe_emptiness(into.facts()));
    }
    return std::nullopt;
}

std::optional<error> read_feed_into(std::filesystem::path const& path, feed_reading const& how,
                                    feed_receiver& into) {
    auto named = how;
    if (named.name.empty()) named.name = path.string();
    return read_input_file(path, [&](std::istream& in) { return read_feed_into(in, named, into); });
}

}  // namespace cloudflare::inline v0::email_security
