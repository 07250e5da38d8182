// Every collection that can be created in batches can be synced.
#include "fixture.hpp"

#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/sending_domain_restrictions.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(collections)

BOOST_AUTO_TEST_CASE(trusted_domains) {
    fixture f;
    f.server.seed_entries(account, "trusted_domains", R"([
        {"pattern":"Same.Example","is_regex":false,"is_recent":true,"is_similarity":false},
        {"pattern":"changed.example","is_regex":false,"is_recent":true,"is_similarity":false,
         "comments":"[owner:me]"},
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

BOOST_AUTO_TEST_CASE(content_policies_by_their_names) {
    fixture f;
    f.server.seed_entries(account, "content_policies", R"([
        {"name":"Same","pattern":"gift card","targets":["BODY","SUBJECT"],"enabled":true},
        {"name":"Changed","pattern":"old","targets":["BODY"],"enabled":true,"notes":"kept"},
        {"name":"Other","pattern":"x","targets":["BODY"],"enabled":true}])");
    es::content_policies const where{f.client, account};
    std::string const lines =
        R"({"name":"Same","pattern":"gift card","targets":["SUBJECT","BODY"],"enabled":true})"
        "\n"
        R"({"name":"Changed","pattern":"new","targets":["SUBJECT"],"enabled":false})"
        "\n"
        // Another policy, though its pattern is there already; names differ by case.
        R"({"name":"same","pattern":"gift card","targets":["BODY"],"notes":"n"})"
        "\n"
        R"~({"name":"Bad","pattern":"(group)","targets":["BODY"]})~"
        "\n"
        R"({"name":"Same","pattern":"something else","targets":["BODY"]})"
        "\n"
        R"({"pattern":"nameless","targets":["BODY"]})"
        "\n"
        // Would look nowhere.
        R"({"name":"Aimless","pattern":"x"})"
        "\n"
        R"({"name":"Aimless too","pattern":"x","targets":[]})"
        "\n";
    auto const feed = feed_of<es::content_policies_traits>(lines);
    BOOST_TEST(feed.rejected.size() == 5U);
    auto report = run(f.context, es::sync(where, feed));
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(report.deleted == 0);
    auto const changed =
        run(f.context, where.list_all(es::content_policy_filter{}.name("Changed")));
    BOOST_REQUIRE(changed);
    BOOST_REQUIRE(changed->size() == 1U);
    BOOST_TEST(changed->at(0).pattern.value() == "new");
    BOOST_TEST(!changed->at(0).enabled.value());
    BOOST_TEST(changed->at(0).notes.value() == "kept");
    report = run(f.context, es::sync(where, feed));
    BOOST_TEST(report.unchanged == 3);
    BOOST_TEST(report.requests == 1);
}

BOOST_AUTO_TEST_CASE(domains_that_are_protected) {
    fixture f;
    f.server.seed_entries(account, "domains", R"([
        {"domain":"Same.example","allowed_delivery_modes":["API","DIRECT"],"regions":["GLOBAL"],
         "drop_dispositions":[],"ip_restrictions":["8.8.8.8","9.9.9.9"],"folder":"Inbox"},
        {"domain":"changed.example","allowed_delivery_modes":["API"],"regions":["GLOBAL"],
         "drop_dispositions":[],"ip_restrictions":[],"folder":null},
        {"domain":"other.example","allowed_delivery_modes":["API"],"regions":["GLOBAL"],
         "drop_dispositions":[],"ip_restrictions":[]}])");
    es::domains const where{f.client, account};
    std::string const csv =
        "domain,allowed_delivery_modes,regions,ip_restrictions,folder\n"
        "same.example,\"DIRECT,API\",GLOBAL,\"9.9.9.9,8.8.8.8\",Inbox\n"
        "changed.example,\"API,BCC\",GLOBAL,8.8.4.4,Inbox\n"
        "Müller.example,API,\"DE,AU\",,\n"
        "nomodes.example,,DE,,\n"
        "bad mode.example,API,DE,,\nb.example,PIGEON,DE,,\n";
    auto report = run(f.context, es::sync(where, feed_of<es::domains_traits>(csv)));
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.requests == 3);
    BOOST_REQUIRE(report.rejected.size() == 3);
    BOOST_TEST(report.rejected[0].pattern == "nomodes.example");
    BOOST_TEST(report.rejected[0].line == 5);
    auto const all = f.server.entries(account, "domains");
    BOOST_TEST(all.find("\"xn--mller-kva.example\"") != std::string::npos, all);
    BOOST_TEST(all.find("[\"8.8.4.4\"]") != std::string::npos, all);

    std::string const lines =
        R"({"domain":"changed.example","allowed_delivery_modes":["BCC","API"],"regions":["GLOBAL"]})"
        "\n"
        R"({"domain":"new.example","allowed_delivery_modes":["API"],"regions":["IN","US"]})"
        "\n"
        R"({"domain":"odd.example","allowed_delivery_modes":[["API"]],"regions":["IN"]})";
    report = run(f.context, es::sync(where, feed_of<es::domains_traits>(lines)));
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(report.created == 1);
    BOOST_REQUIRE(report.rejected.size() == 1);
    BOOST_TEST(report.rejected[0].pattern == "odd.example");

    // A text feed has the names only, and the options the rest.
    es::feed_options<es::domains_traits> options;
    options.defaults(es::domain_patch{}
                         .allowed_delivery_modes({es::delivery_mode::bcc})
                         .regions({es::region::global}));
    auto const text = feed_of<es::domains_traits>("domain.example\n", options);
    BOOST_TEST(run(f.context, es::sync(where, text)).created == 1);
    auto const log = f.server.take_log();
    auto const batch = std::find_if(log.rbegin(), log.rend(),
                                    [](auto const& each) { return each.method == "POST"; });
    BOOST_REQUIRE(batch != log.rend());
    BOOST_TEST(batch->body.find(R"("allowed_delivery_modes":["BCC"])") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(domains_have_no_owners) {
    fixture f;
    es::domains const where{f.client, account};
    auto const feed =
        feed_of<es::domains_traits>("domain,allowed_delivery_modes,regions\na.example,API,DE\n");
    auto const report = run(f.context, es::sync(where, feed, es::sync_options{}.owner("me")));
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::invalid_argument);
    BOOST_TEST(report.failure->message().find("comments") != std::string::npos);
    BOOST_TEST(f.server.stats().requests == 0);
}

BOOST_AUTO_TEST_CASE(a_plan_for_domains_is_saved) {
    fixture f;
    f.server.seed_entries(account, "domains", R"([
        {"domain":"a.example","allowed_delivery_modes":["API"],"regions":["GLOBAL"],
         "drop_dispositions":["SPAM"],"ip_restrictions":[]}])");
    es::domains const where{f.client, account};
    auto const feed = feed_of<es::domains_traits>(
        "domain,allowed_delivery_modes,regions,drop_dispositions\n"
        "a.example,\"API,BCC\",GLOBAL,\"SPAM,BULK\"\nb.example,API,DE,\n");
    std::stringstream file;
    // GCC 12 warns falsely of a plan that comes out of a cancellable coroutine.
    auto keep = [&](std::exception_ptr thrown, cf::result<es::sync_plan<es::domains_traits>> got) {
        if (thrown) std::rethrow_exception(thrown);
        es::save_plan(file, *got, where, {});
    };
    asio::co_spawn(f.context, es::plan(where, feed), keep);
    f.context.run();
    auto const saved = es::load_plan<es::domains_traits>(file);
    BOOST_REQUIRE(saved);
    auto const report = run(f.context, es::apply_saved(where, *saved));
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(run(f.context, es::sync(where, feed)).unchanged == 2);
}

static_assert(es::syncable<es::domains_traits>);
// A batch of them can only delete.
static_assert(!es::syncable<es::sending_domain_restrictions_traits>);

BOOST_AUTO_TEST_SUITE_END()
