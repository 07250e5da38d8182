#include "email_security/sync/fixture.hpp"
#include "support/program.hpp"

#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

using namespace test;
using es::pattern_type;

BOOST_AUTO_TEST_SUITE(feeds)

namespace {

struct accepted {
    char const* text;
    char const* pattern;
    pattern_type type;
};
std::ostream& operator<<(std::ostream& out, accepted const& each) {
    return out << each.text;
}

constexpr std::array good{
    accepted{"evil.example", "evil.example", pattern_type::domain},
    accepted{"EVIL.Example.", "evil.example", pattern_type::domain},
    accepted{"xn--bcher-kva.example", "xn--bcher-kva.example", pattern_type::domain},
    accepted{"1.2.3.example", "1.2.3.example", pattern_type::domain},
    accepted{"User.Name+tag@EVIL.example", "User.Name+tag@evil.example", pattern_type::email},
    accepted{"B\xC3\xBC"
             "cher.Example",
             "xn--bcher-kva.example", pattern_type::domain},
    accepted{"fa\xC3\x9F.example", "xn--fa-hia.example", pattern_type::domain},
    accepted{"\xEF\xBD\x85vil\xE3\x80\x82"
             "example\xE3\x80\x82",
             "evil.example", pattern_type::domain},
    accepted{"XN--Bcher-KVA.example", "xn--bcher-kva.example", pattern_type::domain},
    // Not allowed by IDNA2008, but registered and found in real feeds.
    accepted{"xn--i-7iq.example", "xn--i-7iq.example", pattern_type::domain},
    accepted{"r3---sn.example", "r3---sn.example", pattern_type::domain},
    accepted{"info@b\xC3\xBC"
             "cher.example",
             "info@xn--bcher-kva.example", pattern_type::email},
    accepted{"::ffff:8.8.8.8", "8.8.8.8", pattern_type::ip},
    accepted{"::FFFF:808:808", "8.8.8.8", pattern_type::ip},
    accepted{"::ffff:8.8.8.77/120", "8.8.8.0/24", pattern_type::ip},
    accepted{"8.8.8.8", "8.8.8.8", pattern_type::ip},
    accepted{"8.8.8.8/32", "8.8.8.8", pattern_type::ip},
    accepted{"8.8.8.77/24", "8.8.8.0/24", pattern_type::ip},
    // What the API does not speak of is for it to take or refuse.
    accepted{"192.88.99.1", "192.88.99.1", pattern_type::ip},
    accepted{"224.0.0.1", "224.0.0.1", pattern_type::ip},
    accepted{"0.1.2.3", "0.1.2.3", pattern_type::ip},
    accepted{"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", pattern_type::ip},
    accepted{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", pattern_type::ip},
    accepted{"2001:0db8::0001", "2001:db8::1", pattern_type::ip},
    accepted{"2001:0:0:1::", "2001:0:0:1::", pattern_type::ip},
    accepted{"2620:fe::fe/128", "2620:fe::fe", pattern_type::ip},
    accepted{"2620:fe::fe/48", "2620:fe::/48", pattern_type::ip},
    accepted{"2620:fe:0:ffff::1/63", "2620:fe:0:fffe::/63", pattern_type::ip},
    accepted{"2620:fe::ffff/127", "2620:fe::fffe/127", pattern_type::ip},
    accepted{"2000::/3", "2000::/3", pattern_type::ip},
    accepted{"::8.8.8.8", "::808:808", pattern_type::ip},
    accepted{"64:ff9b::8.8.8.8", "64:ff9b::808:808", pattern_type::ip},
};

struct refused {
    char const* text;
    char const* reason;
};
std::ostream& operator<<(std::ostream& out, refused const& each) {
    return out << each.text;
}

constexpr std::array bad{
    refused{"nodot", "no dot"},
    refused{"two words.example", "is not"},
    refused{"http://evil.example/", "is not"},
    refused{"*.evil.example", "is not"},
    refused{"-evil.example", "begins or ends with a hyphen"},
    refused{"evil..example", "empty label"},
    refused{"xn--zzzzzzzzz.example", "not Punycode"},
    refused{"xn--b\xC3\xBC"
            "cher.example",
            "not Punycode"},
    refused{"x\xE2\x80\x8Dy.example",
            "has U+200D, which no name has"},  // a joiner with nothing to join
    refused{"i\xE2\x9D\xA4.example", "has U+2764, which no name has"},
    refused{"\xC3\xBC..example", "empty label"},
    refused{"\xC3\xBC_.example", "is not"},
    refused{"\xC3\xBC\xC3\xBC@b\xC3\xBC"
            "cher.example",
            "not an e-mail address"},
    refused{"\xFF\xFE.example", "not UTF-8"},
    refused{"008.8.8.8", "not an IP address"},
    refused{"::ffff:10.0.0.1", "private"},
    refused{"::ffff:8.0.0.0/95", "unspecified"},
    refused{"::ffff:127.0.0.0/104", "loopback"},
    refused{"::", "unspecified"},
    refused{"::1", "loopback"},
    refused{"::/0", "not taken"},
    refused{"fc00::1", "unique-local"},
    refused{"fdff::/16", "unique-local"},
    refused{"fe80::1", "link-local"},
    refused{"febf::1", "link-local"},
    refused{"f000::/4", "unique-local"},
    refused{"2620:fe::fe%1", "is not"},
    refused{"2620:fe::fe/129", "prefix length that is not a number from 0 to 128"},
    refused{"2620:fe::fe/", "prefix length"},
    refused{"2620:fe::g", "is not"},
    refused{"2620:fe::1::2", "is not"},
    refused{"255.255.255.255", "broadcast"},
    refused{"a@b@c.example", "not an e-mail address"},
    refused{"@evil.example", "not an e-mail address"},
    refused{"a@nodot", "not an e-mail address"},
    refused{"a..b@evil.example", "not an e-mail address"},
    refused{"1.2.3", "not an IP address"},
    refused{"1.2.3.4/33", "prefix length that is not a number from 0 to 32"},
    refused{"256.1.1.1", "not an IP address"},
    refused{"10.1.2.3", "private"},
    refused{"192.168.0.0/24", "private"},
    refused{"127.0.0.1", "loopback"},
    refused{"0.0.0.0/0", "not taken"},
    refused{"8.0.0.0/5", "private"},
};

}  // namespace

BOOST_DATA_TEST_CASE(recognises, good) {
    auto const found = es::recognise_pattern(sample.text);
    BOOST_REQUIRE(found);
    BOOST_TEST(found->pattern == sample.pattern);
    BOOST_CHECK(found->type == sample.type);
}

BOOST_DATA_TEST_CASE(refuses_with_a_reason, bad) {
    auto const found = es::recognise_pattern(sample.text);
    BOOST_REQUIRE(!found);
    BOOST_TEST(found.error().detail().find(sample.reason) != std::string::npos,
               found.error().detail());
}

BOOST_AUTO_TEST_CASE(refuses_what_is_too_long) {
    std::string const label(64, 'a');
    BOOST_TEST(!es::recognise_pattern(label + ".example"));
    std::string name;
    for (int i = 0; i != 64; ++i) name += "abc.";
    BOOST_TEST(!es::recognise_pattern(name + "example"));
    BOOST_TEST(!es::recognise_pattern(std::string(65, 'a') + "@evil.example"));
}

BOOST_AUTO_TEST_CASE(keeps_to_the_given_type) {
    BOOST_TEST(!es::recognise_pattern("evil.example", pattern_type::email));
    BOOST_TEST(!es::recognise_pattern("evil.example", pattern_type::ip));
    BOOST_TEST(!es::recognise_pattern("a@evil.example", pattern_type::domain));
    BOOST_TEST(!es::recognise_pattern("8.8.8.8", pattern_type::domain));
    BOOST_TEST(!es::recognise_pattern("evil.example", pattern_type::unknown));
}

BOOST_AUTO_TEST_CASE(reads_text) {
    auto const feed = feed_of(
        "\xEF\xBB\xBF# a list\r\n\r\nevil.example\r\n  a@b.example # phish\r\nnodot\r\n"
        "EVIL.example\r\n8.8.8.8");
    BOOST_REQUIRE(feed.entries.size() == 3);
    BOOST_TEST(feed.entries[0].line == 3);
    BOOST_TEST(feed.entries[1].item.pattern() == "a@b.example");
    BOOST_CHECK(feed.entries[1].item.pattern_type() == pattern_type::email);
    BOOST_TEST(feed.entries[2].line == 7);
    BOOST_REQUIRE(feed.repeated.size() == 1);
    BOOST_TEST(feed.repeated[0].line == 6);
    BOOST_TEST(feed.entries[feed.repeated[0].entry].line == 3);
    BOOST_REQUIRE(feed.rejected.size() == 1);
    BOOST_TEST(feed.rejected[0].line == 5);
    BOOST_TEST(feed.rejected[0].pattern == "nodot");
}

BOOST_AUTO_TEST_CASE(reads_csv) {
    auto const feed = feed_of(
        "source,pattern,comments,pattern_type,is_regex\n"
        "x,evil.example,\"says \"\"hi\"\",\n twice\",,\n"
        "\n"
        "x,.*@evil,,EMAIL,true\n"
        "x,.*@evil,,,true\n"
        "x,b.example,,,\n"
        "x,b2.example\n"
        "x,c.example,,WRONG,\n"
        "x,\"d\"e.example,,,\n"
        "x,,nothing,,\n"
        "x,f.example,,,\n");
    BOOST_REQUIRE(feed.entries.size() == 4);
    BOOST_TEST(feed.entries[0].line == 2);
    BOOST_TEST(feed.entries[0].item.comments().value() == "says \"hi\",\n twice");
    BOOST_TEST(feed.entries[1].line == 5);
    BOOST_TEST(feed.entries[1].item.is_regex());
    BOOST_TEST(!feed.entries[2].item.comments().has_value());
    BOOST_TEST(feed.entries[3].line == 12);
    std::vector<std::int64_t> lines;
    for (auto const& each : feed.rejected) lines.push_back(each.line);
    BOOST_TEST(lines == (std::vector<std::int64_t>{6, 8, 9, 10, 11}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reads_json_lines) {
    auto const feed = feed_of(R"({"pattern":"evil.example","comments":"c","id":7})"
                              "\n\n"
                              R"({"pattern":"a@b.example","pattern_type":"EMAIL","is_regex":null})"
                              "\n[1]\n{broken\n"
                              R"({"pattern":5})"
                              "\n"
                              R"({"comments":"no pattern"})"
                              "\n");
    BOOST_REQUIRE(feed.entries.size() == 2);
    BOOST_TEST(feed.entries[0].item.comments().value() == "c");
    BOOST_TEST(feed.entries[1].line == 3);
    std::vector<std::int64_t> lines;
    for (auto const& each : feed.rejected) lines.push_back(each.line);
    BOOST_TEST(lines == (std::vector<std::int64_t>{4, 5, 6, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_an_entry_says_wins_over_a_default) {
    es::feed_options<es::block_senders_traits> options;
    options.defaults(es::block_sender_patch{}.comments("default"));
    auto const feed = feed_of("pattern,comments\na.example,own\nb.example,\n", options);
    BOOST_TEST(feed.entries[0].item.comments().value() == "own");
    BOOST_TEST(feed.entries[1].item.comments().value() == "default");
}

BOOST_AUTO_TEST_CASE(a_given_type_is_for_all) {
    es::feed_options<es::block_senders_traits> options;
    options.defaults(es::block_sender_patch{}.pattern_type(pattern_type::domain));
    auto const feed = feed_of("a.example\n8.8.8.8\n", options);
    BOOST_TEST(feed.entries.size() == 1);
    BOOST_TEST(feed.rejected.size() == 1);
}

BOOST_AUTO_TEST_CASE(flags_of_allow_policies) {
    auto const feed = feed_of<es::allow_policies_traits>(
        "pattern,is_trusted_sender,verify_sender\na.example,true,false\n");
    BOOST_REQUIRE(feed.entries.size() == 1);
    BOOST_TEST(feed.entries[0].item.is_trusted_sender());
    BOOST_TEST(!feed.entries[0].item.verify_sender());
}

BOOST_AUTO_TEST_CASE(unusable_feeds_are_errors) {
    using traits = es::block_senders_traits;
    for (auto const* const text :
         {"", "\n\n", "# only this\n", "a,b\nc,d\n", "pattern\n\"never closed\n"}) {
        std::istringstream in{text};
        auto const feed = es::read_feed<traits>(in);
        BOOST_REQUIRE(!feed);
        BOOST_CHECK(feed.error().code() == cf::errc::invalid_argument);
    }
    scratch files;
    BOOST_CHECK(!es::read_feed<traits>(files.path() / "none"));
    BOOST_CHECK(!es::read_feed<traits>(files.path()));
}

BOOST_AUTO_TEST_CASE(what_is_rejected_is_shown_readably) {
    auto const feed = feed_of("ok.example\n\x01\x02.example\n" + std::string(5000, '(') + "\n" +
                              std::string(150, '\x16') + "\n");
    BOOST_TEST(feed.entries.size() == 1);
    BOOST_REQUIRE(feed.rejected.size() == 3);
    BOOST_TEST(feed.rejected[0].pattern == "<U+0001><U+0002>.example");
    BOOST_TEST(feed.rejected[1].pattern.size() <= 203);
    // Also when each character takes more room once it is named.
    BOOST_TEST(feed.rejected[2].pattern.size() <= 203);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
    std::vector<es::new_block_sender> const items{
        es::new_block_sender{"a.example", pattern_type::domain}.comments("x, \"y\"\nz \\ #"),
        es::new_block_sender{".*@b\\.example", pattern_type::email}.is_regex(true),
        es::new_block_sender{"8.8.8.0/24", pattern_type::ip},
    };
    for (auto const format : {es::feed_format::csv, es::feed_format::json_lines}) {
        std::ostringstream out;
        es::feed_writer writer{out, format, cf::wire::fields_of<es::new_block_sender>()};
        for (auto const& each : items) BOOST_TEST(writer.write(each));
        auto const again = feed_of(out.str());
        BOOST_REQUIRE(again.entries.size() == items.size());
        for (std::size_t i = 0; i != items.size(); ++i) {
            BOOST_TEST(cf::wire::to_json(again.entries[i].item) == cf::wire::to_json(items[i]));
        }
    }
    std::ostringstream out;
    es::feed_writer writer{out, es::feed_format::text, cf::wire::fields_of<es::new_block_sender>()};
    BOOST_TEST(writer.write(items[0]));
    BOOST_TEST(!writer.write(items[1]));
    BOOST_TEST(writer.write(es::new_block_sender{"a#b@c.example", pattern_type::email}));
    BOOST_TEST(!writer.write(es::new_block_sender{"#b@c.example", pattern_type::email}));
    BOOST_TEST(out.str() == "a.example\na#b@c.example\n");
}

// Found by fuzzing.
BOOST_AUTO_TEST_CASE(what_a_text_feed_would_change_is_not_written_as_text) {
    auto const fields = cf::wire::fields_of<es::new_url_ignore_pattern>();
    for (std::string const pattern :
         {"\xEF\xBB\xBF"
          "a.example",
          " a.example", "a.example\v", "a.example\r", "a\nb.example", "a.example/ #part"}) {
        BOOST_TEST_CONTEXT(pattern) {
            es::new_url_ignore_pattern const item{pattern};
            std::ostringstream out;
            BOOST_TEST(!es::feed_writer(out, es::feed_format::text, fields).write(item));
            BOOST_TEST(out.str() == "");
            BOOST_TEST(es::feed_writer(out, es::feed_format::json_lines, fields).write(item));
            std::istringstream in{out.str()};
            auto const again = es::read_feed<es::url_ignore_patterns_traits>(in);
            BOOST_REQUIRE(again.has_value());
            BOOST_REQUIRE(again->entries.size() == 1u);
            BOOST_TEST(again->entries[0].item.pattern() == pattern);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
