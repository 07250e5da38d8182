#include "quota/response_headers.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cloudflare::quota;
using namespace std::chrono_literals;
using std::chrono::system_clock;

constexpr system_clock::time_point noon =
    std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + 8h + 49min + 30s;

BOOST_AUTO_TEST_SUITE(response_headers)

BOOST_AUTO_TEST_CASE(retry_after) {
    struct {
        std::string_view value;
        std::optional<duration> expected;
    } const cases[] = {
        {"0", 0s},
        {"120", 120s},
        {" \t7 ", 7s},
        {"007", 7s},
        {"86400", 24h},
        {"86401", 24h},
        {"99999999999999999999999999999", 24h},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 7s},
        {" Sun, 06 Nov 1994 08:49:37 GMT ", 7s},
        {"Sun, 06 Nov 1994 08:49:29 GMT", 0s},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0s},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 24h},
        {"Mon, 07 Nov 1994 08:49:29 GMT", 24h - 1s},
        {"", {}},
        {" ", {}},
        {"-1", {}},
        {"+1", {}},
        {"1.5", {}},
        {"1s", {}},
        {"0x10", {}},
        {"soon", {}},
        {"Mon, 06 Nov 1994 08:49:37 GMT", {}},  // it was a Sunday
        {"Sun, 06 Nov 1994 08:49:37 UTC", {}},
        {"Sun, 6 Nov 1994 08:49:37 GMT", {}},
        {"Sun,  6 Nov 1994 08:49:37 GMT", {}},
        {"sun, 06 nov 1994 08:49:37 gmt", {}},
        {"Wed, 30 Feb 1994 08:49:37 GMT", {}},
        {"Sun, 06 Nov 1994 25:49:37 GMT", {}},
        {"Sunday, 06-Nov-94 08:49:37 GMT", {}},
        {"Sun Nov  6 08:49:37 1994", {}},
        {std::string_view{"1\0", 2}, {}},
    };
    for (auto const& [value, expected] : cases)
        BOOST_TEST_CONTEXT(value) BOOST_TEST((parse_retry_after(value, noon) == expected));
    // A wait is rather too long than too short.
    BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", noon + 1ms) == 7s));
}

BOOST_AUTO_TEST_CASE(retry_after_ms) {
    BOOST_TEST((parse_retry_after_ms("1500") == 1500ms));
    BOOST_TEST((parse_retry_after_ms(" 0 ") == 0ms));
    BOOST_TEST((parse_retry_after_ms("86400001") == 24h));
    BOOST_TEST((parse_retry_after_ms("18446744073709551616") == 24h));
    for (auto const* garbage : {"", "-5", "1e3", "1 2", "ms", "Sun, 06 Nov 1994 08:49:37 GMT"})
        BOOST_TEST_CONTEXT(garbage) BOOST_TEST(!parse_retry_after_ms(garbage));
}

BOOST_AUTO_TEST_CASE(should_retry) {
    BOOST_TEST((parse_should_retry("true") == true));
    BOOST_TEST((parse_should_retry(" True\t") == true));
    BOOST_TEST((parse_should_retry("FALSE") == false));
    for (auto const* garbage : {"", "tru", "truee", "1", "yes", "t\x12ue"})
        BOOST_TEST_CONTEXT(garbage) BOOST_TEST(!parse_should_retry(garbage).has_value());
}

BOOST_AUTO_TEST_CASE(ratelimit) {
    using items = ratelimit_list;
    struct {
        std::string_view value;
        items expected;
    } const cases[] = {
        {R"("default";r=50;t=30)", {{"default", 50, 30s}}},
        {R"("default";t=30;r=50)", {{"default", 50, 30s}}},
        {R"(  default ; r=50 ;	t=30  )", {{"default", 50, 30s}}},
        {R"("a";r=1;t=2,b;r=3;t=4 , "c";r=5;t=6)", {{"a", 1, 2s}, {"b", 3, 4s}, {"c", 5, 6s}}},
        {R"("a\"b\\c";r=0;t=0)", {{R"(a"b\c)", 0, 0s}}},
        {R"("a;r=9,b";r=1;t=2)", {{"a;r=9,b", 1, 2s}}},
        {R"("a";pk=:cGs=:;r=1;x;y=?0;t=2;z=-1.5;d=@-9;s="q;,";n=%"f%c3%bc";k=*t/o:k)",
         {{"a", 1, 2s}}},
        {R"("a";r=1;t=2;r=3)", {{"a", 3, 2s}}},
        {R"("";r=1;t=2)", {{"", 1, 2s}}},
        {R"("a";r=999999999999999;t=999999999999999)", {{"a", 999'999'999'999'999, 24h}}},
        // Items that are well-formed but say too little are left out.
        {R"("a";r=1, "b";t=2, "c";r=-1;t=2, "d";r=1.0;t=2, "e";r=1;t="2", "f";r=1;t=2)",
         {{"f", 1, 2s}}},
        {R"(12;r=1;t=2, "b";r=1;t=2)", {{"b", 1, 2s}}},
        // A malformed list says nothing.
        {"", {}},
        {R"("a";r=1;t=2,)", {}},
        {R"(,"a";r=1;t=2)", {}},
        {R"("a";r=1;t=2,,"b";r=1;t=2)", {}},
        {R"("a";r=1;t=2 "b";r=1;t=2)", {}},
        {R"("a;r=1;t=2)", {}},
        {R"("a\x";r=1;t=2)", {}},
        {R"("a\)", {}},
        {R"("a";R=1;t=2)", {}},
        {R"("a";r=;t=2)", {}},
        {R"("a";r=1;t=2;)", {}},
        {R"("a";r=1;t=1234567890123456)", {}},
        {R"("a";r=1;t=2, ("b" "c");r=1;t=2)", {}},
        {R"("a";r=1;t=2;b=?2)", {}},
        {R"("a";r=1;t=2;b=:x)", {}},
        {R"("a";r=1;t=2;b=@)", {}},
        {R"("a";r=1;t=2;b=%)", {}},
        {R"("a";r=1;t=2;b=1.)", {}},
        {R"("a";r=-;t=2)", {}},
        {"\"a\x7f\";r=1;t=2", {}},
        {"\"\xc3\xbc\";r=1;t=2", {}},
        {std::string_view{"\"a\0\";r=1;t=2", 13}, {}},
        {std::string_view{"a\0;r=1;t=2", 10}, {}},
        {"limit=1200, remaining=50, reset=30", {}},
    };
    for (auto const& [value, expected] : cases)
        BOOST_TEST_CONTEXT(value) BOOST_TEST((parse_ratelimit(value) == expected));
}

BOOST_AUTO_TEST_CASE(ratelimit_policy) {
    using items = ratelimit_policy_list;
    BOOST_TEST(
        (parse_ratelimit_policy(R"("default";q=1200;w=300)") == items{{"default", 1200, 300s}}));
    BOOST_TEST(
        (parse_ratelimit_policy(R"("burst";w=1;q=200;qu="requests", default;q=1200;w=300)") ==
         items{{"burst", 200, 1s}, {"default", 1200, 300s}}));
    BOOST_TEST((parse_ratelimit_policy(R"("a";q=0;w=300, "b";q=1;w=0, "c";q=1;w=1)") ==
                items{{"c", 1, 1s}}));
    BOOST_TEST((parse_ratelimit_policy(R"("default";r=50;t=30)") == items{}));
    BOOST_TEST((parse_ratelimit_policy(R"("default";q=1200;w=300;)") == items{}));
}

// No assertion but the sanitizers': nothing may be read outside the text or overflow.
BOOST_AUTO_TEST_CASE(hostile_text_is_survived) {
    std::mt19937 random{3};
    std::string_view const pieces[] = {
        "\"",   "default", ";",       "r",  "=", "t",  "q",
        "w",    "-",       "9",       ",",  " ", "\\", "99999999999999",
        ":",    "?",       "@",       "%",  "(", ".",  std::string_view{"\0", 1},
        "\xff", "Sun, ",   "06 Nov ", "GMT"};
    std::size_t parsed = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string text = i % 2 ? R"("d";r=1;t=2;q=3;w=4)" : "";
        for (auto n = random() % 12; n > 0; --n)
            text.insert(random() % (text.size() + 1), pieces[random() % std::size(pieces)]);
        // An exact allocation lets ASan see a read past the end.
        std::vector<char> const exact{text.begin(), text.end()};
        std::string_view const view{exact.data(), exact.size()};
        parsed += parse_ratelimit(view).size() + parse_ratelimit_policy(view).size();
        auto const wait = parse_retry_after(view, noon);
        BOOST_TEST_REQUIRE((!wait || (*wait >= 0s && *wait <= max_server_wait)));
        auto const wait_ms = parse_retry_after_ms(view);
        BOOST_TEST_REQUIRE((!wait_ms || (*wait_ms >= 0s && *wait_ms <= max_server_wait)));
        (void)parse_should_retry(view);
    }
    BOOST_TEST(parsed > 1000u);
}

BOOST_AUTO_TEST_CASE(the_public_parsers_take_what_they_say) {
    using limits = std::vector<cloudflare::ratelimit_item>;
    auto const limits_of = [](std::string_view text) { return cloudflare::parse_ratelimit(text); };
    BOOST_TEST((limits_of(R"("default";r=50;t=30)") == limits{{"default", 50, 30s}}));
    BOOST_TEST((limits_of("burst;r=1;t=1") == limits{{"burst", 1, 1s}}));
    BOOST_TEST((limits_of(R"("a";r=5;t=1, "b";r=70;t=60;pk=:cGs=:)") ==
                limits{{"a", 5, 1s}, {"b", 70, 60s}}));
    BOOST_TEST((limits_of(R"("a";r=-5;t=1, "b";r=7, "c";r=1.5;t=1)") == limits{}));
    BOOST_TEST((limits_of(R"("a";r=5;t=1, "b)") == limits{}));
    BOOST_TEST((limits_of(R"("a";r=5;t=999999999)") == limits{{"a", 5, 24h}}));
    BOOST_TEST((limits_of("") == limits{}));
    using policies = std::vector<cloudflare::ratelimit_policy_item>;
    BOOST_TEST((cloudflare::parse_ratelimit_policy(R"("default";q=1200;w=300, "none";q=0;w=1)") ==
                policies{{"default", 1200, 300s}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
