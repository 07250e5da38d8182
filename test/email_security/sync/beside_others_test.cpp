// Syncs beside others that write to the same list.
#include "fixture.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;
namespace data = boost::unit_test::data;

namespace {

es::sync_options owned() {
    return es::sync_options{}.owner("feed").prune(true);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(beside_others)

BOOST_AUTO_TEST_CASE(one_request_or_two_tell_that_nobody_else_wrote) {
    for (int const there : {1, 990, 1000, 1700}) {
        for (int const more : {1, 40, 1000, 1300}) {
            BOOST_TEST_CONTEXT(there << " entries, and " << more << " more") {
                fixture f;
                BOOST_TEST(!f.sync(feed_of(domains(there)), owned()).failure);
                static_cast<void>(f.server.take_log());
                auto const report = f.sync(feed_of(domains(there + more)), owned());
                BOOST_TEST(!report.failure);
                BOOST_TEST(report.created == more);
                // What was created fills more than a page, or not.
                auto const looks = more < 999 ? 1 : 2;
                BOOST_TEST(report.requests == there / 1000 + 1 + (more + 999) / 1000 + looks);
                // One that creates nothing has nothing to ask.
                BOOST_TEST(f.sync(feed_of(domains(there + more - 1)), owned()).requests ==
                           (there + more) / 1000 + 1 + 1);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_somebody_else_creates_meanwhile_is_there_once) {
    // Before, after and among what the sync creates.
    for (int const at : {0, 1, 2, 3}) {
        fixture f;
        f.server.seed_block_senders(account, {"old.example"});
        int calls = 0;
        auto options = es::sync_options{}.batch_size(10).concurrency(1).on_progress(
            [&](es::sync_progress const& now) {
                if (now.phase != es::sync_phase::changing || calls++ != at) return;
                f.server.seed_block_senders(account, {"d7.example", "other.example"});
            });
        auto const feed = feed_of(domains(30));
        auto const report = f.sync(feed, options);
        BOOST_TEST(!report.failure);
        auto wanted = patterns_in(feed);
        wanted.insert(wanted.end(), {"old.example", "other.example"});
        std::sort(wanted.begin(), wanted.end());
        BOOST_TEST(f.patterns() == wanted, boost::test_tools::per_element());
    }
}

// The one that ends last sees what the other one has done. Each client is as on a host of its own:
// no lock reaches both.
BOOST_DATA_TEST_CASE(two_equal_syncs_at_once_end_with_each_entry_once,
                     data::make({0, 1}) * data::make({0, 40, 700}) * data::xrange(17), rule, there,
                     seed) {
    fixture f{sim::options{}
                  .seed(static_cast<std::uint64_t>(seed))
                  .latency(std::chrono::milliseconds{seed % 2})
                  .on_duplicate(rule == 0 ? sim::duplicates::accept : sim::duplicates::conflict)};
    if (there > 0) BOOST_TEST(!f.sync(feed_of(domains(there)), owned()).failure);
    auto settings = quick_options();
    cf::client const other{
        f.context.get_executor(),
        settings.base_url(f.server.base_url())
            .tls(cf::tls_options{}.system_trust(false).extra_ca(f.server.ca_certificate()))};
    auto const text = domains(400, there / 2);
    auto const options = owned().batch_size(40).max_delete_percent(100);
    std::vector<es::sync_report> reports;
    for (auto const& by : {f.client, other}) {
        es::block_senders const list{by, account};
        asio::co_spawn(f.context, es::sync(list, feed_of(text), options),
                       [&reports](std::exception_ptr thrown, es::sync_report got) {
                           if (thrown) std::rethrow_exception(thrown);
                           reports.push_back(std::move(got));
                       });
    }
    f.context.restart();
    f.context.run();
    BOOST_REQUIRE(reports.size() == 2u);
    for (auto const& each : reports) {
        BOOST_TEST(!each.failure, (each.failure ? each.failure->message() : std::string{}));
        for (auto const& refused : each.rejected) BOOST_ERROR(refused.pattern << ": " << refused.reason);
    }
    BOOST_TEST(f.patterns() == patterns_in(feed_of(text)), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
