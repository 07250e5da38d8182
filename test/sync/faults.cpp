#include "sync/fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(faults)

namespace {

/// What may go wrong with one batch; the second of the POSTs meets it, and any later one by chance.
std::vector<std::string> const kinds{
    "POST:reset-after#2",   "POST:reset-before#2", "POST:500-after#2",
    "POST:500#2",           "POST:503-html#2",     "POST:truncate#2",
    "POST:empty#2",         "POST:garbage#2",      "POST:429#2",
    "POST:reset-after@0.3", "POST:500-after@0.3",  "POST:truncate@0.3",
    "reset-before@0.2",     "reset-after@0.2",     "500@0.2",
    "POST:garbage@0.3"};

}  // namespace

BOOST_DATA_TEST_CASE(nothing_is_lost_and_nothing_doubled,
                     data::make(kinds) * data::make({false, true}) * data::make({1, 2}), fault,
                     refuses_duplicates, seed) {
    fixture f{
        sim::options{}
            .on_duplicate(refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept)
            .seed(static_cast<std::uint64_t>(seed))
            .fault(fault)};
    auto const feed = feed_of(domains(700));
    es::sync_options options;
    options.batch_size(100);
    auto const report = f.sync(feed, options);
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 700);
    BOOST_TEST(report.left == 0);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(updates_and_deletions_too, data::make(kinds), fault) {
    fixture f;
    es::sync_options options;
    options.owner("feed").batch_size(20).prune(true).force(true);
    f.sync(feed_of("pattern,comments\na.example,1\n" + domains(100)), options);
    f.server.set_fault(fault);
    std::string text = "pattern,comments\n";
    for (int i = 50; i != 150; ++i) text += "d" + std::to_string(i) + ".example,now\n";
    auto const feed = feed_of(text);
    auto const report = f.sync(feed, options);
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 50);
    BOOST_TEST(report.updated == 50);
    BOOST_TEST(report.deleted == 51);
    f.server.set_fault("");
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
    BOOST_TEST(f.sync(feed, options).unchanged == 100);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_takes_a_batch_is_given_up) {
    fixture f{sim::options{}.fault("POST:500@1")};
    auto const report = f.sync(feed_of(domains(10)));
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::server_error);
    BOOST_TEST(report.left == 10);
    BOOST_TEST(f.patterns().empty());
    BOOST_TEST(f.server.stats().requests < 40);
}

BOOST_AUTO_TEST_SUITE_END()
