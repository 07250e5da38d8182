#include "cfes/cfes.hpp"
#include "quota_store/redis_server.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace test;

/// Syncs of one list and owner on two hosts, which share a quota by Redis.
BOOST_AUTO_TEST_SUITE(leases)

namespace {

using words = std::vector<std::string>;

struct two_hosts : fixture {
    two_hosts() : fixture{sim::options{}.request_quota(std::nullopt)} {}

    words sync(words const& more = {}) const {
        words all{CFES,         "block-senders", "sync",          feed,
                  "--progress", "never",         "--quota-store", redis.address()};
        all.insert(all.end(), more.begin(), more.end());
        return with_ca(std::move(all));
    }
    /// The locks of another host are in another place.
    program::environment on(std::string const& host) const {
        auto variables = environment();
        variables["XDG_STATE_HOME"] = (files.path() / host).string();
        return variables;
    }
    ended run_on(std::string const& host, words const& more = {}) const {
        program running{sync(more), on(host)};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    }
    void wait_for_holder() {
        while (server.stats().faults == 0) std::this_thread::yield();
        server.set_fault("");
    }

    redis_server redis;
    std::string feed = files.file("feed.txt", "a.example\nb.example\n");
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_second_host_is_told_who_is_at_work) {
    two_hosts s;
    s.server.set_fault("hang#1");
    program first{s.sync(), s.on("a")};
    s.wait_for_holder();
    auto const second = s.run_on("b");
    BOOST_TEST(second.status == 75);
    BOOST_TEST(
        second.err.starts_with("cfes: another sync of this list and owner is running, host "),
        second.err);
    BOOST_TEST(second.err.find("process " + std::to_string(first.pid())) != std::string::npos,
               second.err);
    BOOST_TEST(s.run_on("b", {"--owner", "other"}).status == 0);
    // Who is stopped gives it back.
    first.signal(SIGINT);
    BOOST_TEST(first.wait() == -SIGINT);
    auto const third = s.run_on("b");
    BOOST_TEST(third.status == 0, third.err);
    BOOST_TEST(s.run_on("a").status == 0);
    BOOST_TEST(s.run_on("a", {"--no-journal"}).status == 0);
    BOOST_TEST(s.server.patterns(account).size() == 2U);
}

BOOST_AUTO_TEST_CASE(who_waits_goes_on_when_the_other_host_has_ended) {
    two_hosts s;
    s.server.set_fault("hang#1");
    program first{s.sync(), s.on("a")};
    s.wait_for_holder();
    program second{s.sync({"--wait-lock", "600"}), s.on("b")};
    while (second.errors().find("waiting for another sync") == std::string::npos) {
        std::this_thread::yield();
    }
    first.signal(SIGINT);
    BOOST_TEST(first.wait() == -SIGINT);
    BOOST_TEST(second.wait() == 0, second.errors());
    BOOST_TEST(s.server.patterns(account).size() == 2U);
}

BOOST_AUTO_TEST_CASE(without_the_store_there_is_no_sync_but_to_look_is_allowed) {
    two_hosts s;
    s.redis.kill();
    auto const refused = s.run_on("a");
    BOOST_TEST(refused.status == 75);
    BOOST_TEST(refused.err.find("no lease on this list and owner from unix:") != std::string::npos,
               refused.err);
    auto plan = s.sync();
    plan[2] = "plan";
    program looks{plan, s.on("a")};
    BOOST_TEST(looks.wait() == 0, looks.errors());
    BOOST_TEST(s.server.patterns(account).empty());
}

BOOST_AUTO_TEST_SUITE_END()
