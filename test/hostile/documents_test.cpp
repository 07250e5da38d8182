#include "scenario.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
namespace es = cloudflare::email_security;
namespace json = boost::json;

namespace {

auto const once = call_options{}.max_retries(0);

scenario document(std::string const& what, std::string const& text) {
    return scenario{what}.answers_and_stays(http_answer(200, text)).keeps_the_connection();
}
scenario unintelligible(std::string const& what, std::string const& text) {
    return document(what, text).fails(errc::malformed_response, outcome::unknown, 200);
}
std::string with_result(std::string const& result) {
    return R"({"success":true,"errors":[],"messages":[],"result":)" + result + '}';
}
std::string repeated(std::string const& part, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += part;
    return all;
}
std::string const deep = repeated("[", 200'000) + repeated("]", 200'000);
std::string const digits(5000, '9');

std::vector<scenario> const scenarios{
    unintelligible("empty", ""),
    unintelligible("a space", " "),
    unintelligible("null", "null"),
    unintelligible("an array", "[]"),
    unintelligible("no envelope", R"({"id":1})"),
    unintelligible("cut off", R"({"success":true,"result":{"id":1})"),
    unintelligible("two documents", with_result("{}") + with_result("{}")),
    unintelligible("HTML", "<html><title>Sign in</title></html>").says("Sign in"),
    unintelligible("HTML after blank lines", "\r\n\r\n <html><title>Sign in</title></html>")
        .says("HTML"),
    unintelligible("a byte order mark", "\xef\xbb\xbf" + with_result("{}")),
    unintelligible("UTF-16", std::string("{\0\"\0s\0", 6)),
    unintelligible("deep nesting", deep),
    unintelligible("deep nesting in what is not known", with_result(R"({"x":)" + deep + '}')),
    unintelligible("deep nesting in the errors", R"({"errors":)" + deep + '}'),
    unintelligible("deep objects", repeated(R"({"result":)", 100'000)),

    unintelligible("NaN", with_result(R"({"id":NaN})")),
    unintelligible("Infinity", with_result(R"({"id":-Infinity})")),
    unintelligible("hexadecimal", with_result(R"({"id":0x10})")),
    unintelligible("a leading zero", with_result(R"({"id":01})")),
    unintelligible("an ID over 64 bits", with_result(R"({"id":)" + digits + '}')),
    unintelligible("an ID of 2^63", with_result(R"({"id":9223372036854775808})")),
    unintelligible("an ID with a fraction", with_result(R"({"id":1.5})")),
    unintelligible("an ID of 1e400", with_result(R"({"id":1e400})")),
    document("the largest ID", with_result(R"({"id":9223372036854775807})"))
        .has_id("9223372036854775807"),
    document("a large number that nobody reads", with_result(R"({"id":1,"x":)" + digits + '}')),

    unintelligible("invalid UTF-8 in a value", with_result("{\"pattern\":\"\xff\"}")),
    unintelligible("an overlong encoding", with_result("{\"pattern\":\"\xc0\xaf\"}")),
    unintelligible("an encoded surrogate", with_result("{\"pattern\":\"\xed\xa0\x80\"}")),
    unintelligible("half a character", with_result("{\"pattern\":\"\xe2\x82\"}")),
    unintelligible("invalid UTF-8 in a name", with_result("{\"\xff\":1}")),
    unintelligible("half a surrogate pair", with_result(R"({"pattern":"\ud800"})")),
    unintelligible("a surrogate pair in the wrong order",
                   with_result(R"({"pattern":"\udc00\ud800"})")),
    unintelligible("a NUL as it is", with_result(std::string("{\"pattern\":\"a\0b\"}", 17))),
    unintelligible("a line break as it is", with_result("{\"pattern\":\"a\nb\"}")),
    unintelligible("a NUL after the document", with_result("{}") + std::string(1, '\0')),
    document("a NUL, escaped", with_result(R"({"id":1,"comments":"a\u0000b"})")),
    document("a NUL in a name", with_result(R"({"id\u0000":2,"id":1})")),
    document("comments of a megabyte",
             with_result(R"({"id":1,"comments":")" + std::string(1'000'000, 'c') + "\"}")),
    document("a name of a megabyte",
             with_result("{\"" + std::string(1'000'000, 'n') + "\":1,\"id\":1}")),

    // As almost all of JSON's readers: the last one counts.
    document("success twice, at last true",
             R"({"success":false,"result":{"id":1},"success":true})"),
    document("success twice, at last false",
             R"({"success":true,"result":{"id":1},"success":false})")
        .fails(errc::request_rejected, outcome::rejected, 200),
    unintelligible("a result twice, at last of a wrong type",
                   R"({"success":true,"result":{"id":1},"result":7})"),
};

/// A list with every field, as the API gives it.
auto const whole = std::string{R"({"success":true,
  "errors":[{"code":1,"message":"m","documentation_url":"u","source":{"pointer":"/p"}}],
  "messages":[{"code":2,"message":"n","documentation_url":"v","source":{"pointer":"/q"}}],
  "result":[{"id":"1","pattern":"a.test","pattern_type":"DOMAIN","is_regex":false,
             "comments":"c","created_at":"2024-01-01T00:00:00Z",
             "modified_at":"2024-01-01T00:00:00Z","last_modified":"2024-01-01T00:00:00Z"}],
  "result_info":{"count":1,"page":1,"per_page":20,"total_count":1}})"};

/// The JSON pointers of all values inside.
void collect(json::value const& from, std::string const& at, std::vector<std::string>& into) {
    into.push_back(at);
    if (auto const* const object = from.if_object()) {
        for (auto const& each : *object) {
            collect(each.value(), at + '/' + std::string{each.key()}, into);
        }
    } else if (auto const* const array = from.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            collect((*array)[i], at + '/' + std::to_string(i), into);
        }
    }
}

/// What may stand in a place of `whole` instead of what does.
std::vector<std::string> fitting(std::string const& place) {
    auto const name = place.substr(place.rfind('/') + 1);
    if (place.empty()) return {};
    if (name == "success") return {"true"};
    if (place == "/errors/0" || place == "/messages/0") return {"null", "{}"};
    // No list is not an empty list.
    if (name == "result") return {"[]", "[null]"};
    if (name == "errors" || name == "messages") return {"null", "[]", "[null]"};
    if (name == "0" || name == "source" || name == "result_info") {
        return {"null", "{}", R"({"code":{}})"};
    }
    if (name == "id") return {"null", "17", R"("x")", R"("")"};
    if (name == "is_regex") return {"null", "true"};
    if (name.ends_with("_at") || name == "last_modified") return {"null"};
    if (name == "code" || place.starts_with("/result_info/")) return {"null", "17"};
    return {"null", R"("x")", R"("")"};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(documents)

BOOST_DATA_TEST_CASE(scenario, boost::unit_test::data::make(scenarios), each) {
    play(each);
}

BOOST_AUTO_TEST_CASE(a_wrong_type_in_every_place) {
    auto const original = json::parse(whole);
    std::vector<std::string> places;
    collect(original, "", places);
    BOOST_TEST(places.size() == 31u);
    struct variant {
        std::string place;
        std::string text;
        bool fits;
    };
    std::vector<variant> variants;
    for (auto const& place : places) {
        auto const fit = fitting(place);
        for (std::string const other :
             {"null", "true", "17", "-1.5", "1e300", "\"x\"", "\"\"", "[]", "[[]]", "{}", "[null]",
              "{\"code\":{}}", "18446744073709551615"}) {
            auto changed = original;
            boost::system::error_code ec;
            auto* const at = place.empty() ? &changed : changed.find_pointer(place, ec);
            BOOST_REQUIRE(at != nullptr);
            *at = json::parse(other);
            auto const fits = std::find(fit.begin(), fit.end(), other) != fit.end();
            variants.push_back({place, json::serialize(changed), fits});
        }
    }
    std::vector<std::string> answers;
    for (auto const& each : variants) answers.push_back(http_answer(200, each.text));
    world w;
    w.server.answers(answers);
    auto const blocked = w.blocked();
    for (auto const& each : variants) {
        auto const got = w.run(blocked.list_page({}, once));
        BOOST_TEST(got.has_value() == each.fits, each.text);
        if (got) continue;
        BOOST_TEST(got.error().status() == 200u);
        // What says that it failed, or is not an envelope, has no place to point at.
        if (got.error().code() == errc::request_rejected || each.place.empty()) continue;
        BOOST_TEST_CONTEXT(each.text) {
            REQUIRE_ERROR(got, errc::malformed_response);
            auto const says = got.error().message();
            auto const is_named = says.find(each.place) != std::string::npos ||
                                  says.find("envelope") != std::string::npos;
            BOOST_TEST(is_named, says);
        }
    }
    BOOST_TEST(w.server.request_count() == variants.size());
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(cut_off_at_every_byte) {
    auto const text = json::serialize(json::parse(whole));
    std::vector<std::string> answers;
    for (std::size_t size = 0; size < text.size(); ++size) {
        answers.push_back(http_answer(200, text.substr(0, size)));
    }
    world w;
    w.server.answers(answers);
    auto const blocked = w.blocked();
    for (std::size_t i = 0; i < answers.size(); ++i) {
        REQUIRE_ERROR(w.run(blocked.list_page({}, once)), errc::malformed_response);
    }
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(of_duplicates_the_last_one_counts) {
    world w;
    w.server.answers(
        {http_answer(200, R"({"success":true,"result":{"id":1,"pattern":"a","comments":"c"},)"
                          R"("result":{"id":2,"id":3}})"),
         http_answer(200, R"({"success":true,"result":[{"id":1},{"id":2}],"result":[{"id":3}]})"),
         success(R"({"pattern":"a\u0000b"})")});
    auto const blocked = w.blocked();
    auto const one = w.run(blocked.get(1));
    REQUIRE_VALUE(one);
    BOOST_TEST(one->id.text() == "3");
    BOOST_TEST(!one->pattern.has_value());
    auto const listed = w.run(blocked.list_page({}));
    REQUIRE_VALUE(listed);
    BOOST_REQUIRE(listed->items.size() == 1u);
    BOOST_TEST(listed->items[0].id.text() == "3");
    auto const with_nul = w.run(blocked.get(1));
    REQUIRE_VALUE(with_nul);
    BOOST_TEST(with_nul->pattern.value() == std::string("a\0b", 3));
}

BOOST_AUTO_TEST_CASE(numbers_of_pages_that_lie) {
    for (auto const* const info :
         {R"({"count":-1,"page":-1,"per_page":-1,"total_count":-1})",
          R"({"count":0,"page":9007199254740992,"per_page":0,"total_count":9007199254740992})",
          R"({"count":9223372036854775807,"page":9223372036854775807,)"
          R"("per_page":9223372036854775807,"total_count":9223372036854775807})"}) {
        BOOST_TEST_CONTEXT(info) {
            world w;
            w.server.answers({http_answer(
                200, std::string{R"({"success":true,"result":[],"result_info":)"} + info + '}')});
            auto pages = w.blocked().list({});
            auto const first = w.run(pages.next());
            BOOST_TEST((first.has_value() || first.error().code() == errc::malformed_response));
            BOOST_TEST(w.server.request_count() == 1u);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
