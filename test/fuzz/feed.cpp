// Feeds of each form, for collections with and without types of patterns.

#include "email_security/feed/indicator.hpp"
#include "email_security/feed/named_in.hpp"
#include "fuzz.hpp"

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

constexpr std::size_t max_entries = 100;

/// An item as it comes back from a CSV, where an empty cell counts as not given.
template <class Item>
std::string json_of(Item const& item, feed_format format) {
    auto text = wire::to_json(item);
    constexpr std::string_view empty = R"(,"comments":"")";
    if (format == feed_format::csv && text.ends_with(std::string{empty} + '}')) {
        text.erase(text.size() - empty.size() - 1, empty.size());
    }
    return text;
}

/// The entries come back from the form that they are written in.
template <class Traits>
void check_written(feed<Traits> const& all, feed_format format) {
    using item = typename Traits::new_item;
    std::stringstream file;
    feed_writer writer{file, format, wire::fields_of<item>()};
    std::vector<item const*> carried;
    for (auto const& each : all.entries) {
        if (writer.write(each.item)) carried.push_back(&each.item);
    }
    if (carried.empty()) return;
    auto const again = read_feed<Traits>(file, feed_options<Traits>{}.format(format));
    require(again.has_value(), "what was written is a feed");
    require(again->rejected.empty() && again->repeated.empty(), "all that was written is taken");
    require(again->entries.size() == carried.size(), "all that was written comes back");
    for (std::size_t i = 0; i != carried.size(); ++i) {
        auto const& back = again->entries[i].item;
        require(key_of(back) == key_of(*carried[i]), "an entry has the same key");
        if (format == feed_format::text) continue;
        require(json_of(back, format) == json_of(*carried[i], format),
                "an entry comes back the same");
    }
}

template <class Traits>
void check_feed(feed<Traits> const& all) {
    auto const records =
        all.entries.size() + all.rejected.size() + all.repeated.size() + all.exceptions.size();
    require(records <= max_entries, "the limit of the entries is kept");
    require(static_cast<std::size_t>(all.records) <= records, "a record ends as one thing");
    std::set<std::tuple<std::string_view, pattern_type, bool>> keys;
    std::int64_t last = 0;
    for (auto const& each : all.entries) {
        auto const key = key_of(each.item);
        require(keys.emplace(key.pattern, key.type, key.is_regex).second, "a key comes once");
        require(each.line >= last, "entries are in the order of their lines");
        last = each.line;
        require(each.item.validate().has_value(), "an entry is one that may be sent");
    }
    for (auto const& each : all.rejected) {
        require(each.line > 0, "a rejection has a line");
        auto text = each.pattern;
        std::erase(text, '\0');
        require(check_text("pattern", text, 0, 203).has_value(), "its text is short and UTF-8");
        require(!each.reason.empty() && each.reason.size() <= 400, "its reason is short");
    }
    for (auto const& each : all.repeated) {
        require(each.entry < all.entries.size(), "a repetition is of an entry");
        require(each.line >= all.entries[each.entry].line, "a repetition comes after its entry");
    }
    for (auto const format : {feed_format::text, feed_format::csv, feed_format::json_lines}) {
        check_written(all, format);
    }
}

/// The lines of a text, which end with LF, CR LF or CR.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines(1);
    for (std::size_t i = 0; i != text.size(); ++i) {
        bool const is_pair = text[i] == '\r' && text.substr(i + 1, 1) == "\n";
        if (text[i] != '\n' && text[i] != '\r') {
            lines.back() += text[i];
        } else if (!is_pair) {
            lines.emplace_back();
        }
    }
    return lines;
}

/// In forms that have names as they are, an entry is no wider than what stands in its line. Ranges
/// of addresses are left to the tests.
template <class Traits>
void check_named(feed_format format, std::string_view text) {
    constexpr std::string_view separators = " \t\v\f,;<>()[]{}\"':=|^$/";
    auto const is_ascii = [](char c) { return c >= 0; };
    if (!std::ranges::all_of(text, is_ascii)) return;
    std::istringstream file{std::string{text}};
    auto const all =
        read_feed<Traits>(file, feed_options<Traits>{}.max_entries(max_entries).format(format));
    if (!all) return;
    auto const lines = lines_of(text);
    for (auto const& each : all->entries) {
        auto const key = key_of(each.item);
        if (key.type != pattern_type::domain && key.type != pattern_type::email) continue;
        auto const line = refang(lines.at(static_cast<std::size_t>(each.line) - 1));
        require(test::is_named_in(line, std::string{separators}, each.item),
                "an entry is no wider than what its line names");
    }
}

template <class Traits>
void check(std::optional<feed_format> format, std::string_view text) {
    feed_options<Traits> options;
    options.max_entries(max_entries).max_size(text.size()).from_urls(true).comments_from_feed(true);
    if (format) options.format(*format);
    constexpr std::array plain{feed_format::text,    feed_format::hosts,   feed_format::adblock,
                               feed_format::dnsmasq, feed_format::unbound, feed_format::postfix};
    if (format && std::ranges::find(plain, *format) != plain.end()) {
        check_named<Traits>(*format, text);
    }
    std::istringstream file{std::string{text}};
    auto const all = read_feed<Traits>(file, options);
    if (all) return check_feed(*all);
    require(all.error().code() == errc::invalid_argument, "a feed that is none is refused");
    require(all.error().detail().size() <= 400, "the reason is short");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array collections{
        &check<block_senders_traits>, &check<allow_policies_traits>, &check<trusted_domains_traits>,
        &check<url_ignore_patterns_traits>};
    static constexpr std::array<std::optional<feed_format>, 13> formats{
        std::nullopt,         feed_format::text,    feed_format::csv,     feed_format::json_lines,
        feed_format::json,    feed_format::hosts,   feed_format::adblock, feed_format::rpz,
        feed_format::dnsmasq, feed_format::unbound, feed_format::postfix, feed_format::stix,
        feed_format::misp};
    fuzz::input in{data, size};
    auto const check_collection = collections[in.pick(collections.size())];
    auto const format = formats[in.pick(formats.size())];
    check_collection(format, in.rest());
    return 0;
}
