// JSON in its forms: what is not a list is not an empty one, and each object ends as what is told.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace test;
using es::feed_format;

BOOST_AUTO_TEST_SUITE(feed_documents)

namespace {

struct no_list {
    feed_format form;
    std::string text;
};
std::ostream& operator<<(std::ostream& out, no_list const& each) {
    return out << cf::wire_name(each.form) << ": " << each.text;
}

std::vector<no_list> const no_lists{
    {feed_format::misp, R"({"Event":{"Attribute":{"0":{"type":"domain","value":"a.test"}}}})"},
    {feed_format::misp, R"({"Event":{"Attribute":"x"}})"},
    {feed_format::misp, R"({"Event":{"Attribute":null}})"},
    {feed_format::misp, R"({"Event":{}})"},
    {feed_format::misp, R"({"Event":7})"},
    {feed_format::misp, R"([{"Event":{"Attribute":[]}},{"Event":{"info":"x"}}])"},
    {feed_format::misp, R"({"response":{"Attribute":5}})"},
    {feed_format::misp, R"({"response":"x","Event":1})"},
    {feed_format::misp, R"({"Event":{"Attribute":[],"Object":{"name":"x"}}})"},
    {feed_format::misp, R"({"Event":{"Attribute":[{"type":"domain"},,{"type":"domain"}]}})"},
    {feed_format::stix, R"({"type":"bundle","id":"x"})"},
    {feed_format::stix, R"({"type":"bundle","objects":{"type":"indicator"}})"},
    {feed_format::stix, R"({"type":"bundle","objects":"x"})"},
    {feed_format::stix, R"([{"type":"bundle","objects":null}])"},
    {feed_format::json, R"({"success":true,"result":{}})"},
    {feed_format::json, R"({"success":true,"result":"x"})"},
    {feed_format::json, R"([{"pattern":"a.test"},,{"pattern":"b.test"}])"}};

struct document {
    feed_format form;
    std::string text;
    names entries;
    names spared;  // by the rejections and what is not read
    std::string reason;
};
std::ostream& operator<<(std::ostream& out, document const& each) {
    return out << cf::wire_name(each.form) << ": " << each.text;
}

std::string attribute(std::string const& type, std::string const& value) {
    return R"({"type":")" + type + R"(","value":")" + value + R"(","to_ids":true})";
}

std::string indicator(std::string const& pattern, std::string const& more = "") {
    return R"({"type":"indicator","id":"i--1","pattern":")" + pattern + '"' + more + '}';
}

std::string const one_name = "[domain-name:value = 'a.test']";

std::vector<document> const documents{
    // MISP: an event, an answer, or attributes by themselves.
    {feed_format::misp,
     R"({"Attribute":)" + attribute("domain", "a.test") + '}',
     {"a.test"},
     {},
     ""},
    {feed_format::misp,
     R"({"response":{"Attribute":[)" + attribute("domain", "a.test") + "]}}",
     {"a.test"},
     {},
     ""},
    {feed_format::misp,
     R"({"response":[{"Event":{"Attribute":[)" + attribute("domain", "a.test") + "]}}]}",
     {"a.test"},
     {},
     ""},
    {feed_format::misp, '[' + attribute("domain", "a.test") + ']', {"a.test"}, {}, ""},
    {feed_format::misp,
     attribute("domain", "a.test") + '\n' + attribute("hostname", "b.test") + '\n',
     {"a.test", "b.test"},
     {},
     ""},
    {feed_format::misp, attribute("domain|ip", "a.test|9.9.9.9"), {"a.test"}, {"9.9.9.9"}, ""},
    {feed_format::misp, attribute("ip-src|port", "9.9.9.9|25"), {}, {"9.9.9.9"}, "port"},
    {feed_format::misp, attribute("hostname|port", "a.test|25"), {}, {"a.test"}, "port"},
    {feed_format::misp, attribute("whois-registrant-email", "x@a.test"), {}, {"x@a.test"}, ""},
    {feed_format::misp,
     attribute("email-src", "a.test"),
     {},
     {"a.test"},
     "is a domain, not of the type EMAIL"},
    {feed_format::misp,
     attribute("ip-dst", "a.test"),
     {},
     {"a.test"},
     "is a domain, not of the type IP"},
    {feed_format::misp, attribute("domain", ""), {}, {}, "has no value"},
    {feed_format::misp,
     R"({"type":"domain","value":"a.test","to_ids":"yes"})",
     {},
     {"a.test"},
     "'to_ids'"},
    {feed_format::misp,
     R"({"type":"domain","value":"a.test","value":"b.test","to_ids":true})",
     {},
     {"a.test", "b.test"},
     "'value' twice"},
    // STIX: an indicator is what its newest version says.
    {feed_format::stix,
     '[' + indicator(one_name, R"(,"modified":"2024-01-01T00:00:00Z")") + ',' +
         indicator(one_name, R"(,"modified":"2025-01-01T00:00:00.5Z","revoked":true)") + ']',
     {},
     {},
     ""},
    {feed_format::stix,
     indicator(one_name, R"(,"modified":"2025-01-01T00:00:00Z","revoked":true)") + '\n' +
         indicator(one_name, R"(,"modified":"2024-01-01T00:00:00Z")"),
     {},
     {},
     ""},
    {feed_format::stix,
     indicator("[domain-name:value = 'b.test']", R"(,"modified":"2025-01-01T00:00:00Z")") + '\n' +
         indicator(one_name, R"(,"modified":"2024-01-01T00:00:00Z")") + '\n' + indicator(one_name),
     {"b.test"},
     {},
     ""},
    {feed_format::stix, indicator(one_name) + indicator(one_name), {"a.test"}, {}, ""},
    {feed_format::stix,
     "[{\"type\":\"bundle\",\"objects\":[" + indicator(one_name) + "]}]",
     {"a.test"},
     {},
     ""},
    {feed_format::stix,
     indicator(one_name, R"(,"valid_until":"2020-01-01")"),
     {},
     {"a.test"},
     "time"},
    {feed_format::stix, indicator(one_name, R"(,"valid_until":5)"), {}, {"a.test"}, "time"},
    {feed_format::stix, indicator(one_name, R"(,"modified":"x")"), {}, {"a.test"}, "time"},
    {feed_format::stix, indicator(one_name, R"(,"revoked":"true")"), {}, {"a.test"}, "'revoked'"},
    {feed_format::stix, indicator(one_name, R"(,"indicator_types":["benign"])"), {}, {}, ""},
    {feed_format::stix,
     indicator(one_name, R"(,"indicator_types":["benign","malicious-activity"])"),
     {"a.test"},
     {},
     ""},
    {feed_format::stix,
     indicator("[email-addr:value = 'a.test']"),
     {},
     {"a.test"},
     "is a domain, not of the type EMAIL"},
    {feed_format::stix,
     indicator("[ipv4-addr:value = 'a.test']"),
     {},
     {"a.test"},
     "is a domain, not of the type IP"},
    {feed_format::stix,
     indicator("[domain-name:value = 'x@a.test']"),
     {},
     {"x@a.test"},
     "is an e-mail address, not of the type DOMAIN"},
    {feed_format::stix, indicator(""), {}, {}, "has no pattern"},
    {feed_format::stix,
     indicator("[file:hashes.MD5 = 'a.test']"),
     {},
     {"a.test"},
     "file:hashes.MD5"},
    {feed_format::stix, indicator("[url:value = 'http://a.test']"), {}, {"a.test"}, "--from-urls"},
    {feed_format::stix,
     indicator("[domain-name:value = 'a.test' AND domain-name:value = 'b.test']"),
     {},
     {"a.test", "b.test"},
     "joined by OR"},
    {feed_format::stix,
     indicator("[domain-name:value = 'a.test'] WITHIN 5 SECONDS"),
     {},
     {"a.test"},
     "joined by OR"},
    {feed_format::stix,
     indicator("[domain-name:value != 'a.test']"),
     {},
     {"a.test"},
     "more than ="},
    {feed_format::stix, indicator("a.test"), {}, {"a.test"}, "not one of STIX"},
    // Objects: a member twice is not the last of them.
    {feed_format::json_lines,
     "{\"pattern\":\"a.test\",\"pattern\":\"b.test\"}\n{\"pattern\":\"c.test\"}",
     {"c.test"},
     {"a.test", "b.test"},
     "'pattern' twice"},
    {feed_format::json_lines,
     "{\"pattern\":\"a.test\",\"p\\u0061ttern\":\"b.test\"}\n{\"pattern\":\"c.test\"}",
     {"c.test"},
     {"a.test", "b.test"},
     "'pattern' twice"},
    {feed_format::json,
     R"([{"pattern":"a.test","comments":"x","comments":"y"}])",
     {},
     {"a.test"},
     "'comments' twice"},
    {feed_format::json,
     R"({"success":true,"errors":[],"result":{"id":"1","pattern":"a.test"}})",
     {"a.test"},
     {},
     ""}};

}  // namespace

BOOST_DATA_TEST_CASE(what_has_no_list_is_refused, no_lists) {
    for (bool const allow_empty : {false, true}) {
        auto const got =
            try_read(sample.text, block_options{}.format(sample.form).allow_empty(allow_empty));
        BOOST_REQUIRE(!got);
        BOOST_TEST(contains(got.error().detail(), "no list of"), got.error().detail());
    }
}

BOOST_DATA_TEST_CASE(each_object_is_read_or_told, documents) {
    auto const feed = read(sample.text, block_options{}.allow_empty(true));
    BOOST_TEST(cf::wire_name(feed.read_as) == cf::wire_name(sample.form));
    CHECK_SAME(patterns(feed), sample.entries);
    for (auto const& each : sample.spared) BOOST_TEST(has(feed.spared, each), each);
    BOOST_TEST(feed.rejected.empty() == sample.reason.empty());
    if (!feed.rejected.empty()) {
        BOOST_TEST(contains(feed.rejected[0].reason, sample.reason), feed.rejected[0].reason);
        BOOST_TEST(!feed.rejected[0].pattern.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
