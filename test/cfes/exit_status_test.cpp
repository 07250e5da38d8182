#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <csignal>
#include <ostream>
#include <thread>

using namespace test;
namespace data = boost::unit_test::data;

/// What a shell, make or cron is told.
BOOST_AUTO_TEST_SUITE(exit_statuses)

namespace {

using words = std::vector<std::string>;

/// A call that meets a fault of the server's.
struct failing {
    char const* fault;
    words arguments;
    int status;
};
std::ostream& operator<<(std::ostream& out, failing const& each) {
    out << each.fault;
    for (auto const& word : each.arguments) out << ' ' << word;
    return out;
}

words const list{"block-senders", "list"};
words const create{"block-senders", "create", "--pattern", "a.example"};
words const release{"investigate", "release", "4Njp3P0STMz2c02Q-2026-01-01T00:00:10-10000000"};

std::vector<failing> const all{
    {"401@1", list, 4},
    {"403@1", list, 4},
    {"403@1", create, 4},
    {"404@1", list, 5},
    {"410@1", list, 5},
    {"400@1", list, 1},
    {"409@1", create, 1},
    {"402@1", list, 1},
    {"429@1", list, 75},
    {"500@1", list, 75},
    {"503@1", list, 75},
    {"503-html@1", list, 75},
    {"reset-before@1", list, 75},
    {"reset-before@1", {"block-senders", "delete", "an-id"}, 75},
    {"hang@1", {"block-senders", "list", "--timeout", "0.2"}, 75},
    {"garbage@1", list, 1},
    // It may have been released, and is not to be released again unseen.
    {"500@1", release, 1},
    {"reset-after@1", release, 1},
    // It was not, for certain.
    {"429@1", release, 75},
};

ended finish(program& running) {
    ended result;
    result.out = running.read_all();
    result.status = running.wait();
    result.err = running.errors();
    return result;
}

/// Runs a command until it waits for an answer that does not come, and sends a signal then.
ended interrupt(fixture const& f, words arguments, int signal) {
    arguments.insert(arguments.begin(), CFES);
    program running{f.with_ca(std::move(arguments)), f.environment()};
    while (f.server.stats().faults == 0) std::this_thread::yield();
    running.signal(signal);
    return finish(running);
}

}  // namespace

BOOST_DATA_TEST_CASE(a_failure_tells_its_kind, data::make(all)) {
    fixture f{sim::options{}.fault(sample.fault)};
    auto arguments = sample.arguments;
    arguments.insert(arguments.end(), {"--max-retries", "0"});
    auto const result = f.run(arguments);
    BOOST_TEST(result.status == sample.status, result.err);
    BOOST_TEST(lines_in(result.err) == 1, result.err);
}

BOOST_AUTO_TEST_CASE(without_a_network_it_is_to_be_tried_later) {
    fixture f;
    auto variables = f.environment();
    variables["CLOUDFLARE_BASE_URL"] = "https://127.0.0.1:1";
    auto const result = cfes(f.with_ca({"block-senders", "list", "--max-retries", "0"}), variables);
    BOOST_TEST(result.status == 75, result.err);
    variables["CLOUDFLARE_BASE_URL"] = "https://api.nowhere.invalid";
    auto const nameless = cfes({"block-senders", "list", "--max-retries", "0"}, variables);
    BOOST_TEST(nameless.status == 75, nameless.err);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_trusted_will_not_do_later) {
    fixture f;
    BOOST_TEST(cfes({"block-senders", "list"}, f.environment()).status == 1);
}

BOOST_AUTO_TEST_CASE(a_plan_and_a_sync_tell_the_same) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\nb.example\n");
    auto const run = [&](std::string const& verb, words more = {}) {
        words arguments{"block-senders", verb, feed, "--max-retries", "0"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return f.run(arguments).status;
    };
    for (auto const& [fault, status] :
         {std::pair{"403@1", 4}, {"503@1", 75}, {"reset-before@1", 75}, {"400@1", 1}}) {
        f.server.set_fault(fault);
        BOOST_TEST(run("plan") == status, fault);
        BOOST_TEST(run("sync") == status, fault);
    }
    f.server.set_fault("");
    BOOST_TEST(run("plan") == 0);
    BOOST_TEST(run("plan", {"--detailed-exitcode"}) == 2);
    // As often as it takes: what may have been done is found there.
    f.server.set_fault("POST:500@1");
    BOOST_TEST(run("sync") == 75);
    f.server.set_fault("");
    BOOST_TEST(run("sync") == 0);
    BOOST_TEST(run("plan", {"--detailed-exitcode"}) == 0);
}

BOOST_AUTO_TEST_CASE(changes_and_rejected_lines_are_told_as_asked) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\nnodot\nb.example\nnodot either\n");
    auto const run = [&](std::string const& verb, words more = {}) {
        words arguments{"block-senders", verb, feed};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return f.run(arguments).status;
    };
    BOOST_TEST(run("plan") == 3);
    BOOST_TEST(run("plan", {"--allow-rejected", "1"}) == 3);
    BOOST_TEST(run("plan", {"--allow-rejected", "2"}) == 0);
    BOOST_TEST(run("plan", {"--allow-rejected", "2", "--detailed-exitcode"}) == 2);
    BOOST_TEST(run("plan", {"--detailed-exitcode"}) == 2);
    BOOST_TEST(run("plan", {"--allow-rejected", "-1"}) == 64);
    auto const saved = (f.files.path() / "plan.json").string();
    BOOST_TEST(run("plan", {"--out", saved, "--allow-rejected", "2"}) == 0);
    BOOST_TEST(f.run({"block-senders", "sync", "--plan", saved, "--allow-rejected", "2",
                      "--detailed-exitcode"})
                   .status == 2);
    BOOST_TEST(run("sync", {"--allow-rejected", "2", "--detailed-exitcode"}) == 0);
    BOOST_TEST(run("sync", {"--allow-rejected", "1", "--detailed-exitcode"}) == 3);
    BOOST_TEST(run("sync") == 3);
}

BOOST_DATA_TEST_CASE(a_signal_ends_it_by_that_signal, data::make({SIGINT, SIGTERM, SIGHUP}),
                     signal) {
    {
        fixture f{sim::options{}.fault("hang@1")};
        auto const result = interrupt(f, list, signal);
        BOOST_TEST(result.status == -signal);
        BOOST_TEST(result.err.starts_with("cfes: cancelled"), result.err);
        BOOST_TEST(lines_in(result.err) == 1, result.err);
    }
    fixture f{sim::options{}.fault("POST:hang@1")};
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto const result = interrupt(f, {"block-senders", "sync", feed}, signal);
    BOOST_TEST(result.status == -signal);
    BOOST_TEST(result.out.find("0 created, ") != std::string::npos, result.out);
    BOOST_TEST(result.err.find("run the same command again to do the rest") != std::string::npos,
               result.err);
}

BOOST_AUTO_TEST_CASE(what_was_not_read_is_not_told_as_known) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example", "b.example"});
    auto const feed = f.files.file("feed.txt", "a.example\nc.example\n");
    for (std::string const verb : {"plan", "sync"}) {
        f.server.set_fault("GET:503@1");
        words arguments{"block-senders", verb, feed, "--no-protection", "--max-retries", "0"};
        if (verb == "sync") {
            auto const text = f.run(arguments);
            BOOST_TEST(text.status == 75);
            BOOST_TEST(text.out.find("unchanged") == std::string::npos, text.out);
            BOOST_TEST(text.out.find("2 in the feed, how many were there is not known") !=
                           std::string::npos,
                       text.out);
        }
        arguments.insert(arguments.end(), {"--output", "json"});
        auto const document = f.run(arguments).document();
        for (auto const* const each : {"current", "unchanged", "left"}) {
            BOOST_TEST(document.at(each).is_null(), each);
        }
        BOOST_TEST(document.at("created").as_int64() == 0);
        f.server.set_fault("");
        BOOST_TEST(f.run(arguments).document().at("current").as_int64() == 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()
