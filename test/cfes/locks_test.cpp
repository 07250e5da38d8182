#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

/// Two syncs of one list and owner at a time, and where the command keeps what outlives it.
BOOST_AUTO_TEST_SUITE(locks)

namespace {

using words = std::vector<std::string>;

struct lock_fixture : fixture {
    explicit lock_fixture(sim::options options = {})
        : fixture{std::move(options.request_quota(std::nullopt))} {}

    program::environment environment() const { return environment_at(state); }
    /// Of another host, where its state is elsewhere.
    program::environment environment_at(fs::path const& state_home) const {
        auto variables = fixture::environment();
        variables["XDG_STATE_HOME"] = state_home.string();
        return variables;
    }
    words sync(words const& more = {}) const {
        words all{CFES, "block-senders", "sync", feed, "--progress", "never"};
        all.insert(all.end(), more.begin(), more.end());
        return with_ca(std::move(all));
    }
    ended run_sync(words const& more = {}) const { return finish(sync(more), environment()); }
    static ended finish(words const& arguments, program::environment const& variables) {
        program running{arguments, variables};
        return finish(running);
    }
    static ended finish(program& running) {
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    }
    /// Waits until the server has kept an answer back: that sync has its lock.
    void wait_for_holder() {
        while (server.stats().faults == 0) std::this_thread::yield();
        server.set_fault("");
    }
    static void wait_for_line(program const& of, std::string const& text) {
        while (of.errors().find(text + '\n') == std::string::npos) std::this_thread::yield();
    }
    std::vector<std::string> lock_files() const {
        std::vector<std::string> all;
        for (auto const& each : fs::directory_iterator{state / "cfes"}) {
            if (each.path().extension() == ".lock") all.push_back(each.path().string());
        }
        return all;
    }

    fs::path state = files.path() / "state";
    std::string feed = files.file("feed.txt", "a.example\nb.example\n");
};

mode_t mode_of(fs::path const& path) {
    struct stat about {};
    BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 0777U;
}

constexpr auto waiting = "cfes: waiting for another sync of this list and owner, process ";

}  // namespace

BOOST_AUTO_TEST_CASE(a_second_one_is_told_who_is_at_work) {
    lock_fixture f;
    f.server.set_fault("hang#1");
    program first{f.sync(), f.environment()};
    f.wait_for_holder();
    auto const requests = f.server.stats().requests;
    auto const second = f.run_sync();
    BOOST_TEST(second.status == 75);
    BOOST_TEST(second.out.empty());
    BOOST_REQUIRE(f.lock_files().size() == 1U);
    BOOST_TEST(second.err == "cfes: another sync of this list and owner is running, process " +
                                 std::to_string(first.pid()) + ": " + f.lock_files().front() +
                                 '\n');
    auto const as_json = f.run_sync({"--output", "json"});
    BOOST_TEST(as_json.status == 75);
    BOOST_TEST(text_of(as_json.document().at("failure")).starts_with("another sync of this list"));
    BOOST_TEST(f.server.stats().requests == requests);

    // It does no harm to look, nor to work elsewhere.
    auto plan = f.sync();
    plan[2] = "plan";
    BOOST_TEST(f.finish(plan, f.environment()).status == 0);
    BOOST_TEST(f.run_sync({"--owner", "other"}).status == 0);
    BOOST_TEST(f.run_sync({"--account-id", "another"}).status == 0);
    auto elsewhere = f.sync();
    elsewhere[1] = "trusted-domains";
    elsewhere.insert(elsewhere.end(), {"--is-recent", "true", "--is-similarity", "false"});
    BOOST_TEST(f.finish(elsewhere, f.environment()).status == 0);

    // The kernel takes the lock back from the dead.
    first.signal(SIGKILL);
    BOOST_TEST(first.wait() == -SIGKILL);
    BOOST_TEST(f.run_sync().status == 0);
    for (auto const& each : f.lock_files()) {
        BOOST_TEST(mode_of(each) == 0600U);
        BOOST_TEST(read_file(each).empty());
    }
    BOOST_TEST(mode_of(f.state / "cfes") == 0700U);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_is_under_the_lock_of_its_owner) {
    lock_fixture f;
    auto plan = f.sync({"--owner", "me", "--out", (f.files.path() / "plan").string()});
    plan[2] = "plan";
    BOOST_REQUIRE(f.finish(plan, f.environment()).status == 0);
    f.server.set_fault("hang#1");
    program first{f.sync({"--owner", "me"}), f.environment()};
    f.wait_for_holder();
    words const apply{CFES, "block-senders", "sync", "--plan", (f.files.path() / "plan").string()};
    BOOST_TEST(f.finish(f.with_ca(apply), f.environment()).status == 75);
}

BOOST_AUTO_TEST_CASE(who_waits_goes_on_when_the_first_has_ended) {
    lock_fixture f;
    f.server.set_fault("hang#1");
    program first{f.sync(), f.environment()};
    f.wait_for_holder();
    program second{f.sync({"--wait-lock", "600"}), f.environment()};
    f.wait_for_line(second, waiting + std::to_string(first.pid()));
    first.signal(SIGINT);
    BOOST_TEST(f.finish(first).status == -SIGINT);
    auto const came = f.finish(second);
    BOOST_TEST(came.status == 0, came.err);
    BOOST_TEST(came.out.find("2 created") != std::string::npos, came.out);
    BOOST_TEST(f.server.patterns(account).size() == 2U);
}

BOOST_AUTO_TEST_CASE(whoever_deletes_the_file_lets_no_two_have_it_that_wait) {
    lock_fixture f;
    f.server.set_fault("hang#1");
    program first{f.sync(), f.environment()};
    f.wait_for_holder();
    program waits{f.sync({"--wait-lock", "600"}), f.environment()};
    f.wait_for_line(waits, waiting + std::to_string(first.pid()));
    BOOST_REQUIRE(f.lock_files().size() == 1U);
    fs::remove(f.lock_files().front());
    // It has the new file, and is held up too.
    auto const faults = f.server.stats().faults;
    f.server.set_fault("hang#1");
    program second{f.sync(), f.environment()};
    while (f.server.stats().faults == faults) std::this_thread::yield();
    f.server.set_fault("");
    first.signal(SIGKILL);
    BOOST_TEST(first.wait() == -SIGKILL);
    auto const third = f.run_sync();
    BOOST_TEST(third.status == 75);
    BOOST_TEST(third.err.find("process " + std::to_string(second.pid())) != std::string::npos,
               third.err);
    second.signal(SIGKILL);
    BOOST_TEST(second.wait() == -SIGKILL);
    BOOST_TEST(f.finish(waits).status == 0);
    BOOST_TEST(f.server.patterns(account).size() == 2U);
}

BOOST_AUTO_TEST_CASE(who_waits_can_be_stopped_or_gives_up) {
    lock_fixture f;
    f.server.set_fault("hang#1");
    program first{f.sync(), f.environment()};
    f.wait_for_holder();
    auto const requests = f.server.stats().requests;
    program stopped{f.sync({"--wait-lock", "600"}), f.environment()};
    f.wait_for_line(stopped, waiting + std::to_string(first.pid()));
    stopped.signal(SIGINT);
    auto const came = f.finish(stopped);
    BOOST_TEST(came.status == -SIGINT);
    BOOST_TEST(came.err.find("cfes: cancelled while waiting for process " +
                             std::to_string(first.pid())) != std::string::npos,
               came.err);
    auto const late = f.run_sync({"--wait-lock", "0.05"});
    BOOST_TEST(late.status == 75);
    BOOST_TEST(late.err.find("another sync of this list and owner is running") != std::string::npos,
               late.err);
    BOOST_TEST(f.server.stats().requests == requests);
}

BOOST_AUTO_TEST_CASE(many_that_wait_come_one_after_the_other) {
    lock_fixture f;
    f.server.set_fault("hang#1");
    program first{f.sync(), f.environment()};
    f.wait_for_holder();
    std::vector<std::unique_ptr<program>> others;
    for (int i = 0; i != 5; ++i) {
        others.push_back(
            std::make_unique<program>(f.sync({"--wait-lock", "600"}), f.environment()));
        f.wait_for_line(*others.back(), waiting + std::to_string(first.pid()));
    }
    first.signal(SIGKILL);
    BOOST_TEST(first.wait() == -SIGKILL);
    for (auto const& each : others) BOOST_TEST(f.finish(*each).status == 0);
    // Two at a time would have created them twice.
    BOOST_TEST(f.server.patterns(account).size() == 2U);
}

BOOST_AUTO_TEST_CASE(without_a_place_there_is_neither_lock_nor_journal_and_that_is_told) {
    lock_fixture f;
    auto variables = f.environment();
    variables["XDG_STATE_HOME"] = "";
    variables["HOME"] = "";
    auto const refused = f.finish(f.sync(), variables);
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err ==
               "cfes: no place for locks and journals: neither XDG_STATE_HOME nor HOME is set; "
               "--no-journal does without a journal and a lock\n");
    auto const directory = (f.files.path() / "journals").string();
    BOOST_TEST(f.finish(f.sync({"--journal", directory}), variables).status == 64);
    BOOST_TEST(f.server.stats().requests == 0U);
    auto const without = f.finish(f.sync({"--no-journal"}), variables);
    BOOST_TEST(without.status == 0);
    BOOST_TEST(without.err.find("warning: without a lock: ") != std::string::npos, without.err);
    BOOST_TEST(without.out.find("journal") == std::string::npos, without.out);

    // What is no directory, or is not there and cannot be made.
    auto const file = f.files.file("file", "");
    for (auto const& place : {file, file + "/below", std::string{"/proc/none"}}) {
        variables["XDG_STATE_HOME"] = place;
        auto const nowhere = f.finish(f.sync(), variables);
        BOOST_TEST(nowhere.status == 64);
        BOOST_TEST(nowhere.err.find("no place for locks and journals: cannot make " + place) !=
                       std::string::npos,
                   nowhere.err);
        variables["XDG_STATE_HOME"] = f.state.string();
        BOOST_TEST(f.finish(f.sync({"--journal", place}), variables).status == 64);
    }
}

BOOST_AUTO_TEST_CASE(the_default_is_below_the_home_and_for_the_user_alone) {
    lock_fixture f;
    auto variables = f.environment();
    variables["HOME"] = f.files.path().string();
    // One that is relative is to be ignored.
    variables["XDG_STATE_HOME"] = "relative";
    BOOST_TEST(f.finish(f.sync(), variables).status == 0);
    auto const place = f.files.path() / ".local" / "state" / "cfes";
    BOOST_TEST(mode_of(place) == 0700U);
    BOOST_TEST(mode_of(f.files.path() / ".local") == 0700U);
    BOOST_TEST(std::distance(fs::directory_iterator{place}, {}) == 2);
    for (auto const& each : fs::directory_iterator{place}) BOOST_TEST(mode_of(each) == 0600U);

    // Others may not look into it, nor put anything there.
    BOOST_REQUIRE(::chmod(place.c_str(), 0777) == 0);
    BOOST_TEST(f.finish(f.sync(), variables).status == 0);
    BOOST_TEST(mode_of(place) == 0700U);

    // Only the superuser can make it another user's.
    if (::geteuid() != 0) return;
    BOOST_REQUIRE(::chown(place.c_str(), 12345, 12345) == 0);
    auto const foreign = f.finish(f.sync(), variables);
    BOOST_TEST(foreign.status == 64);
    BOOST_TEST(foreign.err.find("belongs to another user") != std::string::npos, foreign.err);
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_place_of_the_lock_is_not_followed) {
    lock_fixture f;
    BOOST_REQUIRE(f.run_sync().status == 0);
    auto const path = f.lock_files().front();
    auto const target = f.files.file("target", "kept");
    fs::remove(path);
    fs::create_symlink(target, path);
    auto const link = f.run_sync();
    BOOST_TEST(link.status == 1);
    BOOST_TEST(link.err.find("cannot open " + path) != std::string::npos, link.err);
    BOOST_TEST(read_file(target) == "kept");
    fs::remove(path);
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    auto const pipe = f.run_sync();
    BOOST_TEST(pipe.status == 1);
    BOOST_TEST(pipe.err.find("is not a regular file") != std::string::npos, pipe.err);
}

BOOST_AUTO_TEST_CASE(a_simulation_needs_neither) {
    lock_fixture f;
    auto variables = f.environment();
    variables["XDG_STATE_HOME"] = "";
    variables["HOME"] = "";
    words const simulated{CFES, "--simulate", "block-senders", "sync", f.feed};
    auto const came = f.finish(simulated, variables);
    BOOST_TEST(came.status == 0, came.err);
    BOOST_TEST(came.err.find("lock") == std::string::npos, came.err);
    BOOST_TEST(came.out.find("journal") == std::string::npos, came.out);
}

BOOST_AUTO_TEST_CASE(how_long_to_wait_is_a_time) {
    lock_fixture f;
    for (auto const* const wrong : {"-1", "x", ""}) {
        auto const refused = f.run_sync({"--wait-lock", wrong});
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(
            refused.err.find("--wait-lock: must be a number of seconds") != std::string::npos,
            refused.err);
    }
    BOOST_TEST(f.run_sync({"--wait-lock", "0"}).status == 0);
}

// No lock reaches both.
BOOST_DATA_TEST_CASE(on_two_hosts_both_finish_and_each_entry_is_there_once,
                     data::make({false, true}) * data::xrange(5), refuses_duplicates, seed) {
    lock_fixture f{
        sim::options{}
            .on_duplicate(refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept)
            .seed(static_cast<std::uint64_t>(seed))};
    std::string entries;
    for (int i = 0; i != 200; ++i) entries += "d" + std::to_string(i) + ".example\n";
    f.feed = f.files.file("many.txt", entries);
    auto const arguments = f.sync({"--owner", "me", "--prune", "--batch-size", "20"});
    program here{arguments, f.environment_at(f.files.path() / "here")};
    program there{arguments, f.environment_at(f.files.path() / "there")};
    for (auto* const each : {&here, &there}) {
        auto const came = f.finish(*each);
        BOOST_TEST(came.status == 0, came.err);
    }
    auto patterns = f.server.patterns(account);
    BOOST_TEST(patterns.size() == 200U);
    std::ranges::sort(patterns);
    BOOST_TEST((std::ranges::adjacent_find(patterns) == patterns.end()));
}

BOOST_AUTO_TEST_SUITE_END()
