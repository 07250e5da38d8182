// Every collection that can be created in batches can be synced.
#include "sync/fixture.hpp"

#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(collections)

BOOST_AUTO_TEST_CASE(trusted_domains) {
    fixture f;
    f.server.seed_entries(account, "trusted_domains", R"([
        {"pattern":"Same.Example","is_regex":false,"is_recent":true,"is_similarity":false},
        {"pattern":"changed.example","is_regex":false,"is_recent":true,"is_similarity":false},
        {"pattern":"gone.example","is_regex":false,"is_recent":true,"is_similarity":false,
         "comments":"[owner:me]"}])");
    es::trusted_domains const where{f.client, account};
    auto const feed = feed_of<es::trusted_domains_traits>(
        "pattern,is_regex,is_recent,is_similarity\nsame.example,,true,false\n"
        "changed.example,,false,true\n.*\\.new,true,true,false\nnew.example,,true,true\n");
    auto const options = es::sync_options{}.owner("me").prune(true).max_delete_percent(100);
    auto report = run(f.context, es::sync(where, feed, options));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created == 2);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(report.rejected.empty());
    report = run(f.context, es::sync(where, feed, options));
    BOOST_TEST(report.unchanged == 4);
    BOOST_TEST(report.requests == 1);
}

BOOST_AUTO_TEST_CASE(url_ignore_patterns) {
    fixture f;
    es::url_ignore_patterns const where{f.client, account};
    auto const first = feed_of<es::url_ignore_patterns_traits>(
        "pattern,comments\n^https://a/.*,a\n^https://b/,b\n");
    auto report = run(f.context, es::sync(where, first, es::sync_options{}.owner("me")));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created == 2);
    auto const second =
        feed_of<es::url_ignore_patterns_traits>("pattern,comments\n^https://a/.*,c\n");
    auto const options = es::sync_options{}.owner("me").prune(true).max_delete_percent(50);
    report = run(f.context, es::sync(where, second, options));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.deleted == 1);
}

BOOST_AUTO_TEST_SUITE_END()
