#include "cfes/cfes.hpp"
#include "cfes/terminal.hpp"

#include <chrono>
#include <csignal>
#include <thread>

using namespace test;

/// What is told while a command waits, and what --quiet leaves of it.
BOOST_AUTO_TEST_SUITE(waits)

namespace {

using words = std::vector<std::string>;

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

/// A command on a terminal, of which something is awaited before it is interrupted.
struct waiting {
    waiting(fixture const& f, words arguments)
        : on{command(f, std::move(arguments)), f.environment()} {}
    static words command(fixture const& f, words arguments) {
        arguments.insert(arguments.begin(), CFES);
        return f.with_ca(std::move(arguments));
    }
    int interrupt() {
        on.type("\x03");
        return on.wait();
    }

    terminal on;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_wait_for_the_quota_tells_when_it_goes_on) {
    fixture f{sim::options{}.request_quota(sim::quota{1, std::chrono::minutes{5}})};
    f.server.seed_block_senders(account, {"a.example", "b.example"});
    waiting list{f, {"block-senders", "list", "--per-page", "1", "--quota", "1/300"}};
    list.on.await("cfes: waiting for the quota: goes on at ");
    list.on.await(" (in ");
    BOOST_TEST(list.interrupt() == -SIGINT);
}

BOOST_AUTO_TEST_CASE(a_pause_before_another_attempt_is_told) {
    fixture f{sim::options{}.fault("GET:503@1")};
    waiting list{f, {"block-senders", "list", "--max-retries", "20"}};
    list.on.await("cfes: the API answers with 503: tries again at ");
    list.on.await(" (in ");
    BOOST_TEST(list.interrupt() == -SIGINT);
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_come_is_told) {
    fixture f{sim::options{}.fault("GET:hang#1")};
    waiting list{f, {"block-senders", "list"}};
    list.on.await("cfes: no answer yet: waits until ");
    list.on.await(" at the latest");
    BOOST_TEST(list.interrupt() == -SIGINT);
}

BOOST_AUTO_TEST_CASE(beside_a_bar_it_is_told_too) {
    fixture f{sim::options{}.fault("GET:hang#1")};
    auto const feed = f.files.file("feed.txt", "a.example\n");
    waiting plan{f, {"block-senders", "plan", feed, "--no-protection"}};
    plan.on.await("reading 0/?");
    plan.on.await("cfes: no answer yet: waits until ");
    plan.on.await("reading 0/?");
    BOOST_TEST(plan.interrupt() == -SIGINT);
    // The line stands alone, and the bar is below it.
    auto const screen = plan.on.screen();
    BOOST_TEST(screen.starts_with("cfes: no answer yet: "), screen);
    BOOST_TEST(contains(screen, "at the latest\n[................] reading 0/?"), screen);
}

BOOST_AUTO_TEST_CASE(quiet_waits_in_silence) {
    fixture f{sim::options{}.request_quota(sim::quota{1, std::chrono::seconds{3}})};
    f.server.seed_block_senders(account, {"a.example", "b.example"});
    auto const silent = f.run({"block-senders", "list", "--per-page", "1", "--quota", "1/3", "-q"});
    BOOST_TEST(silent.status == 0);
    BOOST_TEST(silent.err.empty(), silent.err);
    BOOST_TEST(contains(silent.out, "b.example"), silent.out);
}

BOOST_AUTO_TEST_CASE(quiet_leaves_nothing_but_errors) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\n");
    for (words const& arguments :
         {words{"block-senders", "sync", feed, "-q"}, words{"block-senders", "plan", feed, "-q"},
          words{"block-senders", "create", "--pattern", "b.example", "--quiet"},
          words{"--simulate", "-q", "block-senders", "create", "--pattern", "b.example"}}) {
        auto const result =
            cfes(arguments[0] == "--simulate" ? arguments : f.with_ca(arguments), f.environment());
        BOOST_TEST(result.status == 0, result.err);
        BOOST_TEST(result.out.empty(), result.out);
        BOOST_TEST(result.err.empty(), result.err);
    }
    // What was asked for comes all the same.
    BOOST_TEST(f.document({"block-senders", "list", "-q"}).as_array().size() == 2U);
    BOOST_TEST(f.document({"block-senders", "sync", feed, "-q"}).at("unchanged").as_int64() == 1);
    auto const rows = f.run({"block-senders", "plan", feed, "-q", "-o", "csv"});
    BOOST_TEST(lines_in(rows.out) == 1, rows.out);
    BOOST_TEST(rows.err.empty(), rows.err);
    auto const bad = f.files.file("bad.txt", "c.example\nbad bad\n");
    auto const in_part = f.run({"block-senders", "sync", bad, "-q"});
    BOOST_TEST(in_part.status == 3);
    BOOST_TEST(contains(in_part.err, "line 2"), in_part.err);
    BOOST_TEST(in_part.out.empty());
}

BOOST_AUTO_TEST_CASE(on_a_terminal_quiet_shows_neither_a_bar_nor_a_count) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\n");
    for (words const& arguments :
         {words{"block-senders", "sync", feed, "--yes", "-q"},
          words{"block-senders", "plan", feed, "-q", "--progress", "always"}}) {
        auto const got = show_on_terminal(waiting::command(f, arguments), f.environment(), 80);
        BOOST_TEST(got.status == 0);
        BOOST_TEST(got.written.empty(), got.written);
    }
    auto const list =
        show_on_terminal(waiting::command(f, {"block-senders", "list", "-q"}), f.environment(), 80);
    BOOST_TEST(contains(list.screen, "a.example"), list.screen);
    BOOST_TEST(!contains(list.screen, "showing"), list.screen);
}

BOOST_AUTO_TEST_CASE(a_simulation_says_so) {
    auto const told = cfes({"--simulate", "block-senders", "list"});
    BOOST_TEST(contains(told.err, "cfes: simulated: "), told.err);
}

BOOST_AUTO_TEST_CASE(an_empty_search_tells_what_it_left_out) {
    fixture f;
    words const list{"investigate", "list", "--query", "nothing-has-this"};
    auto const found = f.run(list);
    BOOST_TEST(found.status == 0);
    BOOST_TEST(contains(found.err,
                        "no message matches (benign ones are left out: "
                        "--detections-only false; since 20"),
               found.err);
    auto all = list;
    all.insert(all.end(), {"--detections-only", "false", "--start", "2026-01-01"});
    BOOST_TEST(f.run(all).err == "cfes: no message matches\n");
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_job_tells_how_far_it_is_and_what_becomes_of_it) {
    fixture f;
    auto const created = f.document(
        {"investigate", "bulk-create", "--action", "RELEASE", "--all-messages", "--yes"});
    auto const id = text_of(created.at("job_id"));
    auto const early =
        f.run({"investigate", "bulk-wait", id, "--deadline", "0.001", "--interval", "1000"});
    BOOST_TEST(early.status == 75);
    BOOST_TEST(contains(early.err, "the job goes on; cfes investigate bulk-cancel " + id),
               early.err);
    // The first look finds it under way, and the next one is far off.
    auto const later = f.document(
        {"investigate", "bulk-create", "--action", "RELEASE", "--all-messages", "--yes"});
    auto const second = text_of(later.at("job_id"));
    waiting job{f, {"investigate", "bulk-wait", second, "--interval", "1000"}};
    job.on.await("the job is ");
    job.on.await("; looks again at ");
    BOOST_TEST(job.interrupt() == -SIGINT);
    BOOST_TEST(contains(job.on.screen(), "\ncfes: cancelled"), job.on.screen());
    BOOST_TEST(contains(job.on.written(), "the job goes on"), job.on.written());
    BOOST_TEST(f.run({"investigate", "bulk-wait", second, "--interval", "0.001"}).status == 0);
}

BOOST_AUTO_TEST_CASE(off_a_terminal_an_interrupted_wait_says_that_the_job_goes_on) {
    fixture f;
    auto const created = f.document(
        {"investigate", "bulk-create", "--action", "RELEASE", "--all-messages", "--yes"});
    auto const id = text_of(created.at("job_id"));
    f.server.set_fault("GET:hang#1");
    auto const faults = f.server.stats().faults;
    program waiting_for_job{f.with_ca({CFES, "investigate", "bulk-wait", id}), f.environment()};
    while (f.server.stats().faults == faults) std::this_thread::yield();
    waiting_for_job.signal(SIGINT);
    BOOST_TEST(waiting_for_job.wait() == -SIGINT);
    BOOST_TEST(contains(waiting_for_job.errors(), "the job goes on"), waiting_for_job.errors());
}

BOOST_AUTO_TEST_SUITE_END()
