// URLs in the place of a pattern: their host is taken by option, and nothing beside it vanishes.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace test;

BOOST_AUTO_TEST_SUITE(feed_urls)

namespace {

struct url {
    std::string text;
    char const* host;
};
std::ostream& operator<<(std::ostream& out, url const& each) {
    return out << each.text;
}

std::vector<url> const single{{"http://evil.test", "evil.test"},
                              {"hxxps://evil[.]test/a,b;c|d", "evil.test"},
                              {"h**p://evil.test/", "evil.test"},
                              {"git+ssh://evil.test/x", "evil.test"},
                              {"http://evil.test/a;jsessionid=1.2,x.html?q=(1)", "evil.test"},
                              {"http://evil.test/web/http://archive.test/", "evil.test"},
                              {"http://evil.test/?to=http://other.test/", "evil.test"},
                              {"http://9.0.0.0/20;x", "9.0.0.0"},
                              {"9.9.9.9/path", "9.9.9.9"},
                              {"9.9.9.9/?x", "9.9.9.9"},
                              {"9.9.9.0/24", "9.9.9.0/24"}};

struct no_url {
    std::string text;
    names spared;
};
std::ostream& operator<<(std::ostream& out, no_url const& each) {
    return out << each.text;
}

std::vector<no_url> make_bad() {
    std::vector<no_url> all;
    for (std::string const sep : {",", ";", "|", "=", ":"}) {
        all.push_back({"one.test" + sep + "http://two.test/x", {"one.test", "two.test"}});
    }
    for (std::string const sep : {",", ";", "|"}) {
        all.push_back({"http://one.test/x" + sep + "http://two.test/y", {"one.test", "two.test"}});
        all.push_back({"http://one.test/" + sep + "two.test", {"one.test", "two.test"}});
        all.push_back({"http://one.test/a" + sep + "b" + sep + "'two.test'", {"two.test"}});
        all.push_back({"http://one.test/" + sep + "x@two.test", {"x@two.test"}});
        all.push_back({"http://one.test/" + sep + "9.9.9.9/32", {"9.9.9.9"}});
        all.push_back({"one.test/x" + sep + "two.test", {"one.test", "two.test"}});
        all.push_back({"http://one.test" + sep + "two.test/", {"one.test", "two.test"}});
        all.push_back({"9.8.0.0/20" + sep + "SBL", {"9.8.0.0/20"}});
    }
    for (std::string const text :
         {"\"http://one.test/\"", "(http://one.test/)", "'http://one.test/'",
          "url=http://one.test/", "[x](http://one.test/)", "1,http://one.test/",
          "-http://one.test/", "1.http://one.test/", "http://one.test/)http://two.test/",
          "http://one.test/\xC2\xB7http://two.test/"}) {
        all.push_back({text, {"one.test"}});
    }
    all.push_back({"x@one.test:http://two.test/", {"x@one.test", "two.test"}});
    all.push_back({"one.test://two.test/", {"one.test", "two.test"}});
    all.push_back({"9.9.9.9/32/x", {"9.9.9.9"}});
    all.push_back({"9.9.9.9/-1", {"9.9.9.9"}});
    all.push_back({"9.8.0.0/24//x", {"9.8.0.0/24"}});
    all.push_back({"9.8.0.0//24", {}});
    return all;
}
std::vector<no_url> const bad = make_bad();

}  // namespace

BOOST_DATA_TEST_CASE(a_single_one_is_taken_for_its_host, single) {
    auto const feed =
        read(sample.text + '\n', block_options{}.from_urls(true).format(es::feed_format::text));
    CHECK_SAME(patterns(feed), names{sample.host});
}

BOOST_DATA_TEST_CASE(anything_beside_one_is_a_rejection, bad) {
    auto const text = "keep.test # x\nkeep2.test\n" + sample.text + '\n';
    for (bool const from_urls : {false, true}) {
        auto const options = block_options{}.from_urls(from_urls).format(es::feed_format::text);
        auto const feed = read(text, options);
        CHECK_SAME(patterns(feed), (names{"keep.test", "keep2.test"}));
        BOOST_REQUIRE(feed.rejected.size() == 1U);
        // An option that would not help is not named.
        BOOST_TEST(!contains(feed.rejected[0].reason, "--from-urls"), feed.rejected[0].reason);
        for (auto const& each : sample.spared) BOOST_TEST(has(feed.spared, each), each);
    }
}

BOOST_AUTO_TEST_SUITE_END()
