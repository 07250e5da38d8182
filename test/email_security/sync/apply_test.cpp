#include "fixture.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(applications)

namespace {

/// Cancels once the server has met a fault.
void stop_when_struck(fixture& f, asio::cancellation_signal& cancel) {
    if (f.server.stats().faults > 0) {
        cancel.emit(asio::cancellation_type::terminal);
    } else {
        asio::post(f.context, [&] { stop_when_struck(f, cancel); });
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(takes_the_fewest_requests) {
    fixture f;
    auto const feed = feed_of(domains(3500));
    std::int64_t last = -1;
    es::sync_options options;
    options.on_progress([&last](es::sync_progress const& now) {
        if (now.phase == es::sync_phase::reading) return;
        BOOST_TEST(now.done >= last);
        BOOST_TEST(now.total == 3500);
        last = now.done;
    });
    auto report = f.sync(feed, options);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 3500);
    BOOST_TEST(report.left == 0);
    // And one that tells whether others wrote meanwhile.
    BOOST_TEST(report.requests == 1 + 4 + 1);
    BOOST_TEST(last == 3500);
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());

    f.server.take_log();
    report = f.sync(feed);
    BOOST_TEST(report.unchanged == 3500);
    BOOST_TEST(report.requests == 4);
    BOOST_TEST(f.count("POST") == 0);
}

BOOST_AUTO_TEST_CASE(it_tells_how_far_the_list_is_read) {
    fixture f;
    f.sync(feed_of(domains(3500)));
    std::vector<std::int64_t> read;
    es::sync_options options;
    options.on_progress([&read](es::sync_progress const& now) {
        BOOST_CHECK(now.phase ==
                    (read.size() < 5 ? es::sync_phase::reading : es::sync_phase::changing));
        BOOST_TEST(now.to_read == (read.empty() || read.size() > 4 ? 0 : 3500));
        BOOST_TEST(now.total == 0);
        read.push_back(now.read);
    });
    BOOST_TEST(f.plan(feed_of(domains(3500)), options)->report.unchanged == 3500);
    BOOST_REQUIRE(read.size() == 5);
    BOOST_TEST(read[0] == 0);
    BOOST_TEST(read[1] == 1000);
    BOOST_TEST(read[4] == 3500);
    read.clear();
    BOOST_TEST(f.sync(feed_of(domains(3500)), options).unchanged == 3500);
    BOOST_TEST(read.size() == 6);
}

BOOST_AUTO_TEST_CASE(it_tells_that_the_list_is_read_again) {
    fixture f{sim::options{}.fault("POST:reset-after#1")};
    std::vector<es::sync_progress> seen;
    es::sync_options options;
    options.concurrency(1).on_progress(
        [&seen](es::sync_progress const& now) { seen.push_back(now); });
    BOOST_TEST(f.sync(feed_of(domains(1500)), options).created == 1500);
    auto const settles = [](es::sync_progress const& each) {
        return each.phase == es::sync_phase::settling;
    };
    // It begins, and there is one page or two: the second batch may be among them.
    auto const again = std::find_if(seen.begin(), seen.end(), settles);
    BOOST_REQUIRE(again != seen.end());
    BOOST_TEST(again->unknown == 1000);
    BOOST_TEST(again->done == 500);
    BOOST_TEST(again->total == 1500);
    BOOST_TEST(seen.back().done == 1500);
    BOOST_TEST(seen.back().unknown == 0);
}

BOOST_AUTO_TEST_CASE(all_kinds_ride_in_one_request) {
    fixture f;
    es::sync_options options;
    options.owner("feed").prune(true).max_delete_percent(100);
    f.sync(feed_of("pattern,comments\na.example,1\nb.example,1\nc.example,1\n"), options);
    f.server.take_log();
    auto const report =
        f.sync(feed_of("pattern,comments\na.example,1\nb.example,2\nd.example,1\n"), options);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(f.count("POST") == 1);
}

BOOST_AUTO_TEST_CASE(allow_policies_with_their_flags) {
    fixture f;
    es::allow_policies allowed{f.client, account};
    auto const sync = [&](std::string const& text) {
        return run(f.context, es::sync(allowed, feed_of<es::allow_policies_traits>(text)));
    };
    BOOST_TEST(sync("pattern,is_trusted_sender\na.example,true\n").created == 1);
    BOOST_TEST(sync("pattern,is_trusted_sender\na.example,true\n").unchanged == 1);
    BOOST_TEST(sync("a.example\n").unchanged == 1);
    BOOST_TEST(sync("pattern,is_trusted_sender\na.example,false\n").updated == 1);
    BOOST_TEST(f.server.entries(account, "allow_policies").find(R"("is_trusted_sender":false)") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_plan_applied_later_where_entries_must_differ) {
    fixture f{sim::options{}.on_duplicate(sim::duplicates::conflict)};
    auto plan = f.plan(feed_of(domains(10)));
    BOOST_REQUIRE(plan);
    f.sync(feed_of("d3.example\n"));
    auto const report = run(f.context, es::apply(f.blocked(), std::move(*plan)));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 9);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(f.patterns().size() == 10);
}

BOOST_AUTO_TEST_CASE(refused_credentials_end_it_at_once) {
    fixture f{sim::options{}.token("another")};
    auto const report = f.sync(feed_of(domains(5000)));
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.failure->status() / 100 == 4U);
    BOOST_TEST(f.server.stats().requests == 1);
}

BOOST_AUTO_TEST_CASE(cancelled_it_tells_what_is_done_and_can_be_completed) {
    fixture f;
    auto const feed = feed_of(domains(2000));
    asio::cancellation_signal cancel;
    es::sync_options options;
    options.batch_size(100).concurrency(2).on_progress([&](es::sync_progress const& now) {
        if (now.done < 300) return;
        asio::post(f.context, [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
    });
    auto const report = run(f.context, es::sync(f.blocked(), feed, options), cancel.slot());
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::cancelled);
    BOOST_TEST(report.created >= 300);
    BOOST_TEST(report.created < 2000);
    BOOST_TEST(report.created + report.unknown + report.left == 2000);
    BOOST_TEST(static_cast<std::int64_t>(f.patterns().size()) >= report.created);

    BOOST_CHECK(!f.sync(feed).failure);
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cancelled_it_tells_what_is_unknown) {
    // The second batch hangs once it was applied, and the third waits behind it.
    fixture f{sim::options{}.fault("POST:hang-after#2")};
    auto const feed = feed_of(domains(400));
    asio::cancellation_signal cancel;
    es::sync_options options;
    options.batch_size(100).concurrency(1).on_progress([&](es::sync_progress const& now) {
        if (now.done == 0) return;
        stop_when_struck(f, cancel);
    });
    auto const report = run(f.context, es::sync(f.blocked(), feed, options), cancel.slot());
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::cancelled);
    BOOST_TEST(report.created == 100);
    BOOST_TEST(report.unknown == 100);
    BOOST_TEST(report.left == 200);
    BOOST_TEST(f.patterns().size() == 200);
}

BOOST_AUTO_TEST_CASE(what_waits_for_the_quota_is_left_and_not_unknown) {
    // The list and a batch fit into the window.
    auto settings = quick_options();
    settings.timeout(std::chrono::hours{2})
        .rate_limit(cf::rate_limit_options{}.quota(2, std::chrono::hours{1}).reserve(0));
    asio::io_context* context = nullptr;
    asio::cancellation_signal cancel;
    bool one_waits = false;
    bool one_is_done = false;
    auto const cancel_between = [&] {
        if (!one_waits || !one_is_done) return;
        asio::post(*context, [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
    };
    settings.on_event([&](cf::event const& happened) {
        one_waits = one_waits || happened.what == cf::event::kind::throttled;
        cancel_between();
    });
    fixture f{{}, settings};
    context = &f.context;
    es::sync_options options;
    options.batch_size(100).on_progress([&](es::sync_progress const& now) {
        one_is_done = one_is_done || now.done > 0;
        cancel_between();
    });
    auto const report =
        run(f.context, es::sync(f.blocked(), feed_of(domains(400)), options), cancel.slot());
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.created == 100);
    BOOST_TEST(report.unknown == 0);
    BOOST_TEST(report.left == 300);
    BOOST_TEST(report.throttled > 0);
}

BOOST_AUTO_TEST_CASE(cancelled_while_reading) {
    fixture f{sim::options{}.fault("GET:hang#1")};
    asio::cancellation_signal cancel;
    asio::post(f.context, [&] {
        asio::post(f.context, [&] { cancel.emit(asio::cancellation_type::terminal); });
    });
    auto const report = run(f.context, es::sync(f.blocked(), feed_of(domains(3))), cancel.slot());
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::cancelled);
}

BOOST_AUTO_TEST_SUITE_END()
