#include "fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;
namespace data = boost::unit_test::data;

/// A large feed, and every tenth request goes wrong.
BOOST_AUTO_TEST_SUITE(many)

namespace {

constexpr auto every_fault =
    "reset-before@0.0125,reset-after@0.0125,500@0.0125,500-after@0.0125,503-html@0.0125,"
    "429@0.0125,truncate@0.0125,hang@0.00625,hang-after@0.00625";

cf::client_options impatient_options() {
    auto options = quick_options();
    options.pool(cf::pool_options{}.exchange_timeout(std::chrono::seconds{2}));
    return options;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_hundred_thousand_entries_end_as_desired, data::xrange(10), number) {
    fixture f{
        sim::options{}
            .on_duplicate(number % 2 == 0 ? sim::duplicates::accept : sim::duplicates::conflict)
            .seed(static_cast<std::uint64_t>(number))
            .log_requests(false),
        impatient_options()};
    auto const count = 100'000;
    es::sync_options options;
    options.owner("feed").prune(true);
    f.server.set_fault(every_fault);
    auto const feed = feed_of(domains(count));
    auto const report = f.sync(feed, options);
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == count);
    BOOST_TEST(report.left == 0);
    BOOST_TEST(f.server.stats().faults > 5);
    BOOST_CHECK(f.patterns() == patterns_in(feed));

    // Ten thousand go and come.
    auto const next = feed_of(domains(count, count / 10));
    auto const change = f.sync(next, options);
    BOOST_TEST(!change.failure, (change.failure ? change.failure->message() : ""));
    BOOST_TEST(change.created == count / 10);
    BOOST_TEST(change.deleted == count / 10);
    BOOST_CHECK(f.patterns() == patterns_in(next));
}

BOOST_AUTO_TEST_SUITE_END()
