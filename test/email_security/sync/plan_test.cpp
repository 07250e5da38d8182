#include "fixture.hpp"

#include <cloudflare/forecast.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(plans)

BOOST_AUTO_TEST_CASE(tells_what_to_do_and_writes_nothing) {
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"Same.Example","pattern_type":"DOMAIN","is_regex":false,"comments":"by hand"},
        {"pattern":"other.example","pattern_type":"DOMAIN","is_regex":false,"comments":"old"},
        {"pattern":"foreign.example","pattern_type":"DOMAIN","is_regex":false}])");
    auto const plan = f.plan(
        feed_of("pattern,comments\nsame.example,\nother.example,new\nnew.example,x\nnodot,\n"));
    BOOST_REQUIRE(plan);
    BOOST_REQUIRE(plan->creates.size() == 1);
    BOOST_TEST(plan->desired.entries[plan->creates[0]].item.pattern() == "new.example");
    BOOST_REQUIRE(plan->updates.size() == 1);
    BOOST_TEST(plan->desired.entries[plan->updates[0].entry].item.pattern() == "other.example");
    BOOST_TEST(plan->removals.empty());
    BOOST_TEST(plan->report.desired == 3);
    BOOST_TEST(plan->report.current == 3);
    BOOST_TEST(plan->report.unchanged == 1);
    BOOST_TEST(plan->report.rejected.size() == 1);
    BOOST_TEST(f.count("POST") == 0);
}

BOOST_AUTO_TEST_CASE(a_pattern_of_another_kind_is_another_entry) {
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":true},
        {"pattern":"b.example","pattern_type":"UNKNOWN","is_regex":false}])");
    auto const plan = f.plan(feed_of("a.example\nb.example\n"));
    BOOST_REQUIRE(plan);
    BOOST_TEST(plan->creates.size() == 2);
}

BOOST_AUTO_TEST_CASE(comments_for_the_owner_must_fit) {
    fixture f;
    auto const report = f.sync(
        feed_of("pattern,comments\na.example," + std::string(1020, 'x') + "\nb.example,short\n"),
        es::sync_options{}.owner("feed"));
    BOOST_TEST(report.created == 1);
    BOOST_REQUIRE(report.rejected.size() == 1);
    BOOST_TEST(report.rejected[0].line == 2);
}

BOOST_AUTO_TEST_CASE(marks_in_a_feed_are_refused) {
    fixture f;
    auto const marked = feed_of(
        "pattern,comments\na.example,x [owner:corp]\nb.example,y\nc.example,[owner:feed]\n");
    auto const report = f.sync(marked, es::sync_options{}.owner("feed"));
    BOOST_REQUIRE(report.rejected.size() == 2);
    BOOST_TEST(report.rejected[0].line == 2);
    BOOST_TEST(report.rejected[0].reason.find("[owner:NAME]") != std::string::npos);
    auto const entries = f.server.entries(account);
    BOOST_TEST(entries.find(R"("comments":"y [owner:feed] [text:)") != std::string::npos, entries);
    BOOST_TEST(f.patterns() == std::vector<std::string>{"b.example"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_planned_is_reported_with_what_it_took) {
    fixture f;
    es::sync_options options;
    options.owner("feed").prune(true);
    f.sync(feed_of(domains(10)), options);
    auto report = f.sync(feed_of(domains(2) + "new.example\n"), options);
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.desired == 3);
    BOOST_TEST(report.current == 10);
    BOOST_TEST(report.unchanged == 2);
    BOOST_TEST(report.created == 0);
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.left == 9);
    BOOST_TEST(report.requests == 1);

    f.server.set_fault("GET:500@1");
    report = f.sync(feed_of(domains(2)), options);
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.desired == 2);
    BOOST_TEST(report.requests == 5);
    BOOST_TEST(report.retries == 4);
}

BOOST_AUTO_TEST_CASE(prune_deletes_only_what_the_owner_owns) {
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"hand.example","pattern_type":"DOMAIN","is_regex":false,"comments":"mine"},
        {"pattern":"theirs.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"[owner:other]"},
        {"pattern":"both.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"[owner:feed] [owner:other]"},
        {"pattern":"edited.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"seen [owner:feed] on Monday"}])");
    es::sync_options options;
    options.owner("feed").prune(true).max_delete_percent(50);
    auto report = f.sync(feed_of(domains(3)), es::sync_options{}.owner("feed"));
    BOOST_TEST(report.created == 3);
    report = f.sync(feed_of(domains(2) + "hand.example\n"), options);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.created == 0);
    // A mark that somebody wrote text behind is text too.
    auto const expected =
        std::vector<std::string>{"both.example",   "d0.example",   "d1.example",
                                 "edited.example", "hand.example", "theirs.example"};
    BOOST_TEST(f.patterns() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_rejected_line_names_is_not_pruned) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    auto const regex = std::string{",true,EMAIL\n"};
    auto const header = std::string{"pattern,comments,is_regex,pattern_type\n"};
    f.sync(feed_of(header + "a.example,one,,\nb.example,one,,\nc.example,one,,\n" + "x.*,one" +
                   regex + "y.*,one" + regex),
           options);
    options.prune(true).max_delete_percent(50);
    // Of what a bad line says nothing may follow: least of all that its sender is let through.
    auto const too_long = ',' + std::string(1025, 'c');
    auto const report =
        f.sync(feed_of(header + "A.example" + too_long + ",,\nb.example,one,maybe,\nx.*" +
                       too_long + regex + "d.example,one,,\n"),
               options);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.rejected.size() == 3);
    BOOST_TEST(report.deleted == 2);
    auto const expected = std::vector<std::string>{"a.example", "b.example", "d.example", "x.*"};
    BOOST_TEST(f.patterns() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_address_in_a_rejected_line_is_spared_whatever_its_case) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    f.sync(feed_of("Some.Body@evil.example\nx@evil.example\n2620:fe::7\na.example\n"), options);
    auto const report =
        f.sync(feed_of("a.example\n<SOME.body@Evil.example> seen\nip:2620:FE:0::7\n"),
               options.prune(true));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.rejected.size() == 2);
    auto const expected =
        std::vector<std::string>{"2620:fe::7", "Some.Body@evil.example", "a.example"};
    BOOST_TEST(f.patterns() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_in_a_block_of_a_rejected_line_is_spared) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    f.sync(feed_of("11.33.4.5\n11.33.4.64/26\n11.33.5.5\n2606:1::5\n2606:2::5\n11.44.0.1\n"
                   "xn--53h.example\na.example\n"),
           options);
    // A block that no feed may have says nothing of what is in it.
    auto const report =
        f.sync(feed_of("a.example\n11.33.4.*\n2606:1::/33 seen\n\u2615.example\n11.*.*.*\n"),
               options.prune(true).max_delete_percent(100));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.deleted == 3);
    auto const expected = std::vector<std::string>{"11.33.4.5", "11.33.4.64/26", "2606:1::5",
                                                   "a.example", "xn--53h.example"};
    BOOST_TEST(f.patterns() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(too_many_deletions_need_consent) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    f.sync(feed_of(domains(14)), options);
    options.prune(true);
    BOOST_TEST(f.sync(feed_of(domains(10)), options).deleted == 4);
    auto const refused = f.sync(feed_of(domains(6)), options);
    BOOST_REQUIRE(refused.failure);
    BOOST_CHECK(refused.failure->code() == cf::errc::invalid_argument);
    BOOST_TEST(refused.failure->detail().find("--max-delete-percent") != std::string::npos);
    BOOST_TEST(f.patterns().size() == 10);
    // Three may always go, but not more than --max-delete.
    auto const more = f.sync(feed_of(domains(8)), es::sync_options{options}.max_delete(1));
    BOOST_CHECK(more.failure);
    BOOST_TEST(f.sync(feed_of(domains(7)), es::sync_options{options}.max_delete(3)).deleted == 3);
    // Nothing but bad lines is like an empty feed.
    auto const empty =
        f.sync(feed_of("nodot\n"), es::sync_options{options}.max_delete_percent(100));
    BOOST_CHECK(empty.failure);
    BOOST_TEST(f.sync(feed_of(domains(1)), options.max_delete_percent(100)).deleted == 6);
    BOOST_TEST(f.patterns().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_feed_that_is_not_what_was_meant_changes_nothing) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    f.sync(feed_of(domains(20)), options);
    auto const refuse = [&f](block_feed feed, es::sync_options const& with, char const* option) {
        auto const report = f.sync(std::move(feed), with);
        BOOST_REQUIRE(report.failure);
        BOOST_TEST(report.failure->detail().find(option) != std::string::npos,
                   report.failure->detail());
        BOOST_TEST(report.created == 0);
    };
    std::string bad;
    for (int i = 0; i != 10; ++i) bad += "no-name\n";
    refuse(feed_of(domains(30) + bad), options, "--max-rejected-percent");
    refuse(feed_of(domains(3)), es::sync_options{options}.min_entries(4), "--min-entries");
    refuse(feed_of(domains(30)), es::sync_options{options}.max_create(9), "--max-create");
    options.prune(true);
    auto const cut = domains(20) + "d21.example";
    refuse(feed_of(cut), options, "--allow-cut");
    refuse(block_feed{}, options, "--allow-empty");
    BOOST_TEST(f.patterns().size() == 20);
    BOOST_TEST(f.sync(feed_of(cut), es::sync_options{options}.allow_cut(true)).created == 1);
    auto const most = domains(95, 100) + bad;
    BOOST_TEST(f.sync(feed_of(most), es::sync_options{}).created == 95);
    // A line that nobody can read may have been one that is there.
    auto const unread = f.sync(feed_of(domains(19) + std::string("d\0.example\n", 11)), options);
    BOOST_CHECK(!unread.failure);
    BOOST_TEST(unread.deleted == 0);
}

BOOST_AUTO_TEST_CASE(what_waited_for_the_quota_does_not_slow_the_forecast) {
    fixture f;
    es::sync_report planned;
    planned.current = 2999;
    planned.created = 5000;
    planned.requests = 3;
    planned.elapsed_ms = 3 * 300'000;
    planned.throttled = 2;
    // Nine requests, four at a time: the list, the batches, and the look whether others wrote.
    auto const expected = es::forecast_sync(planned, f.client, {});
    BOOST_TEST(expected.duration_ms == 3 * cf::request_load{}.round_trip.count());
    BOOST_TEST(expected.waiting_ms == 0);
    planned.throttled = 0;
    planned.elapsed_ms = 60;
    BOOST_TEST(es::forecast_sync(planned, f.client, {}).duration_ms == 3 * 60);
}

BOOST_AUTO_TEST_CASE(updates_keep_the_owner) {
    fixture f;
    es::sync_options options;
    options.owner("feed");
    f.sync(feed_of("pattern,comments\na.example,one\n"), options);
    auto const report = f.sync(feed_of("pattern,comments\na.example,two\n"), options);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(f.server.entries(account).find(R"("comments":"two [owner:feed] [text:)") !=
               std::string::npos);
    BOOST_TEST(f.sync(feed_of("pattern,comments\na.example,two\n"), options).unchanged == 1);
}

BOOST_AUTO_TEST_CASE(options_must_go_together) {
    fixture f;
    for (auto const& options :
         {es::sync_options{}.prune(true), es::sync_options{}.owner("a b"),
          es::sync_options{}.batch_size(0), es::sync_options{}.batch_size(1001),
          es::sync_options{}.concurrency(0), es::sync_options{}.max_delete_percent(101)}) {
        auto const report = f.sync(feed_of("a.example\n"), options);
        BOOST_REQUIRE(report.failure);
        BOOST_CHECK(report.failure->code() == cf::errc::invalid_argument);
    }
    BOOST_TEST(f.server.stats().requests == 0);
}

BOOST_AUTO_TEST_SUITE_END()
