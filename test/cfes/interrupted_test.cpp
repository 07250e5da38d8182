#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <thread>

using namespace test;
namespace data = boost::unit_test::data;

/// A sync that dies, and is run again.
BOOST_AUTO_TEST_SUITE(interrupted)

namespace {

std::vector<std::string> domains(int first, int count) {
    std::vector<std::string> all;
    for (int i = first; i != first + count; ++i)
        all.push_back("d" + std::to_string(i) + ".example");
    return all;
}

std::string lines_of(std::vector<std::string> const& all) {
    std::string text;
    for (auto const& each : all) text += each + '\n';
    return text;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
    std::ranges::sort(all);
    return all;
}

}  // namespace

BOOST_DATA_TEST_CASE(killed_at_any_moment_it_is_completed_by_the_next, data::make({false, true}),
                     refuses_duplicates) {
    auto const manner = refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept;
    fixture f{sim::options{}.request_quota(std::nullopt).on_duplicate(manner)};
    auto const sync = [&f](std::string const& feed) {
        return f.with_ca({CFES, "block-senders", "sync", feed, "--owner", "feed", "--prune",
                          "--batch-size", "100", "--progress", "never"});
    };
    auto const run = [&](std::string const& feed) {
        program running{sync(feed), f.environment()};
        return running.wait();
    };
    BOOST_REQUIRE(run(f.files.file("feed.txt", lines_of(domains(0, 4000)))) == 0);

    // Each feed takes 4 requests to read the list, and 5 to write: 500 entries come and 500 go.
    int first = 0;
    for (std::string const kind : {"hang", "hang-after"}) {
        for (int number = 1; number <= 9; ++number) {
            BOOST_TEST_CONTEXT(kind << " at request " << number) {
                auto const wanted = domains(first += 500, 4000);
                auto const feed = f.files.file("feed.txt", lines_of(wanted));
                auto const faults = f.server.stats().faults;
                f.server.set_fault(kind + '#' + std::to_string(number));
                program killed{sync(feed), f.environment()};
                while (f.server.stats().faults == faults) std::this_thread::yield();
                killed.signal(SIGKILL);
                BOOST_TEST(killed.wait() == -SIGKILL);
                f.server.set_fault("");
                BOOST_TEST(run(feed) == 0);
                BOOST_CHECK(sorted(f.server.patterns(account)) == sorted(wanted));
            }
        }
    }
}

BOOST_DATA_TEST_CASE(what_is_done_after_the_death_of_who_sent_it_comes_once,
                     data::make({false, true}), has_owner) {
    // The server gets to the second batch only when the next run has read the list and writes.
    fixture f{sim::options{}.request_quota(std::nullopt).fault("POST:hang-late#2")};
    auto const wanted = domains(0, 400);
    auto const feed = f.files.file("feed.txt", lines_of(wanted));
    std::vector<std::string> arguments{"block-senders", "sync", feed, "--batch-size", "100"};
    if (has_owner) arguments.insert(arguments.end(), {"--owner", "feed"});
    auto killed_arguments = f.with_ca(arguments);
    killed_arguments.insert(killed_arguments.begin(), CFES);
    killed_arguments.insert(killed_arguments.end(), {"--connections", "1"});
    program killed{killed_arguments, f.environment()};
    while (f.server.stats().faults == 0) std::this_thread::yield();
    killed.signal(SIGKILL);
    BOOST_TEST(killed.wait() == -SIGKILL);
    BOOST_TEST(f.server.patterns(account).size() == 100);

    // Which sees, when it has written, that somebody else did, too.
    BOOST_TEST(f.run(arguments).status == 0);
    BOOST_CHECK(sorted(f.server.patterns(account)) == sorted(wanted));
}

BOOST_AUTO_TEST_SUITE_END()
