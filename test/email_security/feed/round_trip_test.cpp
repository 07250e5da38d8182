// What is written as a feed comes back the same, also when a spreadsheet had it in between.
#include "email_security/feed/reading.hpp"

#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <ostream>

using namespace test;
using es::feed_format;
using es::pattern_type;

BOOST_AUTO_TEST_SUITE(round_trips)

namespace {

using rows = std::vector<std::vector<std::string>>;

/// Parts a CSV with commas, as RFC 4180 says.
rows parse(std::string const& csv) {
    rows all(1, std::vector<std::string>(1));
    bool is_quoted = false;
    for (std::size_t i = 0; i != csv.size(); ++i) {
        auto& cell = all.back().back();
        if (csv[i] == '"' && is_quoted && csv.substr(i + 1, 1) == "\"") {
            cell += csv[i++];
        } else if (csv[i] == '"') {
            is_quoted = !is_quoted;
        } else if (csv[i] == ',' && !is_quoted) {
            all.back().emplace_back();
        } else if (csv[i] == '\n' && !is_quoted) {
            all.emplace_back(1);
        } else {
            cell += csv[i];
        }
    }
    all.pop_back();
    return all;
}

std::string join(rows const& all, char delimiter, bool quotes_all, std::string const& line_end) {
    std::string text;
    for (auto const& row : all) {
        for (std::size_t i = 0; i != row.size(); ++i) {
            if (i != 0) text += delimiter;
            bool const is_plain =
                row[i].find_first_of("\"\r\n" + std::string(1, delimiter)) == std::string::npos;
            if (is_plain && !quotes_all) {
                text += row[i];
                continue;
            }
            text += '"';
            for (auto const c : row[i]) text.append(c == '"' ? 2 : 1, c);
            text += '"';
        }
        text += line_end;
    }
    return text;
}

std::string as_utf_16(std::string const& ascii) {
    std::string text{"\xFF\xFE"};
    for (auto const c : ascii) {
        text += c;
        text += '\0';
    }
    return text;
}

/// What a program does to a CSV that it opens and saves.
struct spreadsheet {
    char const* name;
    std::function<std::string(rows)> save;
};
std::ostream& operator<<(std::ostream& out, spreadsheet const& each) {
    return out << each.name;
}

/// Booleans are shown and saved in capitals; so may be the headings, by people.
rows capitals(rows all) {
    for (auto& row : all) {
        for (auto& cell : row) {
            if (cell != "true" && cell != "false" && &row != all.data()) continue;
            std::ranges::transform(cell, cell.begin(),
                                   [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
        }
    }
    return all;
}

std::vector<spreadsheet> const spreadsheets{
    {"none", [](rows const& all) { return join(all, ',', false, "\n"); }},
    {"one that ends lines with CR LF",
     [](rows const& all) { return join(all, ',', false, "\r\n"); }},
    {"one that quotes all", [](rows const& all) { return join(all, ',', true, "\n"); }},
    {"one with capitals",
     [](rows const& all) { return "\xEF\xBB\xBF" + join(capitals(all), ',', false, "\r\n"); }},
    {"one with semicolons",
     [](rows const& all) { return "\xEF\xBB\xBF" + join(capitals(all), ';', false, "\r\n"); }},
    {"one that names its delimiter",
     [](rows const& all) { return "sep=;\r\n" + join(capitals(all), ';', true, "\r\n"); }},
    {"one with tabs in UTF-16",
     [](rows const& all) { return as_utf_16(join(capitals(all), '\t', false, "\r\n")); }},
    {"one with other columns first",
     [](rows all) {
         for (auto& row : all) std::ranges::reverse(row);
         return join(capitals(all), ';', false, "\r\n");
     }},
    {"one with an empty row at the end", [](rows all) {
         all.emplace_back(all.front().size());
         return join(capitals(all), ',', false, "\r\n");
     }}};

template <class Item>
std::string write(std::vector<Item> const& items, feed_format format) {
    std::ostringstream out;
    es::feed_writer writer{out, format, cf::wire::fields_of<Item>()};
    for (auto const& each : items) BOOST_TEST(writer.write(each), cf::wire::to_json(each));
    return out.str();
}

template <class Traits>
names read_back(std::string const& text, std::optional<feed_format> told) {
    std::istringstream in{text};
    auto const feed = es::read_feed<Traits>(in);
    BOOST_REQUIRE_MESSAGE(feed, (feed ? "" : feed.error().detail() + " in\n" + text));
    for (auto const& each : feed->rejected) BOOST_ERROR(each.pattern + ' ' + each.reason);
    if (told) BOOST_TEST(cf::wire_name(feed->read_as) == cf::wire_name(*told));
    names all;
    for (auto const& each : feed->entries) all.push_back(cf::wire::to_json(each.item));
    return all;
}

template <class Traits>
void check(std::vector<typename Traits::new_item> const& items, spreadsheet const& with) {
    names expected;
    for (auto const& each : items) expected.push_back(cf::wire::to_json(each));
    auto const csv = with.save(parse(write(items, feed_format::csv)));
    CHECK_SAME(read_back<Traits>(csv, feed_format::csv), expected);
    CHECK_SAME(read_back<Traits>(write(items, feed_format::json_lines), feed_format::json_lines),
               expected);
}

}  // namespace

BOOST_DATA_TEST_CASE(blocked_senders, spreadsheets) {
    check<es::block_senders_traits>(
        {es::new_block_sender{"a.example", pattern_type::domain},
         es::new_block_sender{"b.example", pattern_type::domain}.comments("x; \"y\", z | # w"),
         es::new_block_sender{"c.example", pattern_type::domain}.comments("one\ntwo"),
         es::new_block_sender{"\"a;b\"@d.example", pattern_type::email},
         es::new_block_sender{"a#b@d.example", pattern_type::email},
         es::new_block_sender{"^[a,;]\"?.*@e\\.example$", pattern_type::email}.is_regex(true),
         es::new_block_sender{"9.1.0.0/16", pattern_type::ip}.comments("TRUE; false"),
         es::new_block_sender{"2620:fe::/48", pattern_type::ip}},
        sample);
}

BOOST_DATA_TEST_CASE(allow_policies, spreadsheets) {
    es::new_allow_policy all{"a.example", pattern_type::domain};
    all.is_trusted_sender(true).verify_sender(true).is_exempt_recipient(true).comments("x;y");
    es::new_allow_policy none{"b@a.example", pattern_type::email};
    none.verify_sender(false).is_acceptable_sender(true);
    check<es::allow_policies_traits>({all, none}, sample);
}

BOOST_DATA_TEST_CASE(other_collections, spreadsheets) {
    es::new_trusted_domain domain{"a.example"};
    domain.is_recent(true).is_similarity(false).comments("x;y");
    es::new_trusted_domain expression{"^[a;]\\.example$"};
    expression.is_regex(true).is_similarity(true);
    check<es::trusted_domains_traits>({domain, expression}, sample);
    check<es::url_ignore_patterns_traits>(
        {es::new_url_ignore_pattern{"^https://a\\.example/[;,]#x"},
         es::new_url_ignore_pattern{"a\"b"}.comments("n")},
        sample);
    using es::content_target;
    check<es::content_policies_traits>(
        {es::new_content_policy{"Gift; cards", "gift,? card", {content_target::body}}.notes("a;b"),
         es::new_content_policy{"Both", "x", {content_target::subject, content_target::body}}
             .enabled(false)},
        sample);
}

BOOST_AUTO_TEST_CASE(text) {
    std::vector<es::new_block_sender> const items{
        es::new_block_sender{"a.example", pattern_type::domain},
        es::new_block_sender{"a#b@d.example", pattern_type::email},
        es::new_block_sender{"\"a b\"@d.example", pattern_type::email},
        es::new_block_sender{"2620:fe::/48", pattern_type::ip}};
    names expected;
    for (auto const& each : items) expected.push_back(cf::wire::to_json(each));
    CHECK_SAME(
        read_back<es::block_senders_traits>(write(items, feed_format::text), feed_format::text),
        expected);
}

BOOST_AUTO_TEST_SUITE_END()
