#include "fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace test;
namespace data = boost::unit_test::data;
namespace json = boost::json;

/// Large feeds, also where every tenth request goes wrong, or others write beside them.
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

constexpr int owners = 4;
constexpr int entries_of_owner = 25'000;

std::string owner_name(int number) {
    return "owner-" + std::to_string(number);
}

block_feed feed_of_owner(int number) {
    return feed_of(domains(entries_of_owner, number * entries_of_owner));
}

asio::awaitable<void> sync_owner(cf::client by, int number, std::vector<es::sync_report>& reports) {
    es::block_senders const list{by, account};
    es::sync_options options;
    options.owner(owner_name(number)).prune(true);
    auto syncing = es::sync(list, feed_of_owner(number), options);
    auto report = co_await std::move(syncing);
    reports.push_back(std::move(report));
}

/// Patient, as on a busy machine an answer that comes too late would be one fault more.
cf::client client_of_host(fixture& f) {
    return cf::client{
        f.context.get_executor(),
        quick_options()
            .pool(cf::pool_options{}.exchange_timeout(std::chrono::seconds{20}))
            .base_url(f.server.base_url())
            .tls(cf::tls_options{}.system_trust(false).extra_ca(f.server.ca_certificate()))};
}

/// The requests of all, with all that they send again; each must have done all of its own.
std::int64_t requests_of(std::vector<es::sync_report> const& reports) {
    std::int64_t requests = 0;
    BOOST_TEST(reports.size() == owners);
    for (auto const& each : reports) {
        BOOST_TEST(!each.failure, (each.failure ? each.failure->message() : ""));
        BOOST_TEST(each.created == entries_of_owner);
        BOOST_TEST(each.left == 0);
        BOOST_TEST(each.rejected.empty());
        requests += each.requests;
    }
    return requests;
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

// What the same syncs take one after the other, with nobody beside them, is the least they can do
// with: each reads the list as it is then, and writes its batches.
BOOST_DATA_TEST_CASE(four_owners_at_once_take_hardly_more_requests_than_one_after_the_other,
                     data::make({false, true}) * data::make({false, true}), has_faults,
                     refuses_duplicates) {
    auto const rule = refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept;
    auto const quiet = sim::options{}.on_duplicate(rule).log_requests(false);
    std::vector<es::sync_report> reports;
    {
        fixture f{quiet};
        for (int i = 0; i != owners; ++i) {
            asio::co_spawn(f.context, sync_owner(client_of_host(f), i, reports), asio::detached);
            f.context.restart();
            f.context.run();
        }
    }
    auto const least = requests_of(reports);

    reports.clear();
    auto const latency = std::chrono::milliseconds{20};
    fixture f{sim::options{quiet}.writers(20).latency(latency)};
    if (has_faults) f.server.set_fault(every_fault);
    for (int i = 0; i != owners; ++i) {
        asio::co_spawn(f.context, sync_owner(client_of_host(f), i, reports), asio::detached);
    }
    f.context.restart();
    f.context.run();
    auto const taken = requests_of(reports);
    BOOST_TEST_MESSAGE(taken << " requests; one after the other " << least);
    BOOST_TEST(4 * taken <= 5 * least);

    std::vector<int> times(owners * entries_of_owner);
    auto const all = json::parse(f.server.entries(account));
    for (auto const& each : all.as_array()) {
        auto const& comments = each.at("comments");
        std::string const pattern{each.at("pattern").as_string()};
        if (pattern.starts_with("writer-")) {
            // Nobody marked what is a person's.
            BOOST_TEST((comments.is_null() || comments.as_string().starts_with("edited, ")));
            continue;
        }
        auto const number = std::stoi(pattern.substr(1));
        ++times.at(static_cast<std::size_t>(number));
        auto const mark = "[owner:" + owner_name(number / entries_of_owner) + ']';
        BOOST_TEST_REQUIRE(comments.as_string() == mark);
    }
    BOOST_TEST((std::ranges::count(times, 1) == std::ssize(times)));
}

BOOST_AUTO_TEST_SUITE_END()
