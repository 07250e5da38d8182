// Tables: what the pool decides, one step after the other, in virtual time.

#include "http/pool_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

using namespace cloudflare::http;
using namespace std::chrono_literals;
using state = pool_waiter::state;

constexpr pool_machine::limits eight{8, 1min, 10min};

/// A machine, its clock, and what came of it so far.
struct bench {
    explicit bench(pool_machine::limits bounds = eight) : machine{bounds, 7} {}

    /// Somebody who comes, and waits if no connection is idle.
    pool_waiter& comes(std::chrono::milliseconds patience = 1h,
                       cloudflare::call_priority priority = cloudflare::call_priority::normal) {
        auto& who = *waiters.emplace_back(std::make_unique<pool_waiter>());
        who.deadline = now + patience;
        who.priority = priority;
        if (auto idle = machine.take_idle(now, expired)) {
            who.granted = std::move(idle);
            who.now = state::served;
        } else {
            machine.enqueue(who, false, now);
            dial();
        }
        return who;
    }
    std::vector<pool_waiter*> come(std::size_t count, std::chrono::milliseconds patience = 1h) {
        std::vector<pool_waiter*> all;
        while (all.size() < count) all.push_back(&comes(patience));
        return all;
    }
    void dial() {
        auto const count = machine.begin_dials(now);
        for (std::size_t i = 0; i < count; ++i) dialing.push_back(machine.round());
        dials += count;
    }
    std::uint64_t take_dial() {
        BOOST_REQUIRE(!dialing.empty());
        auto const round = dialing.front();
        dialing.erase(dialing.begin());
        return round;
    }
    void succeed() {
        auto opened = std::make_unique<pooled_connection>();
        opened->round = take_dial();
        opened->opened = opened->last_used = now;
        machine.dial_succeeded(std::move(opened), woken);
        dial();
    }
    void fail(bool refused = false) {
        machine.dial_failed(take_dial(), refused, now, woken);
        dial();
    }
    /// The end of whoever's exchange.
    void give_back(pool_waiter& who, pool_use how = pool_use::answered) {
        BOOST_REQUIRE(who.granted);
        who.granted->last_used = now;
        machine.give_back(std::move(who.granted), how, woken);
        dial();
    }
    void drop(pool_waiter& who, pool_use how) {
        BOOST_REQUIRE(who.granted);
        auto const known = who.granted->has_answered ? pool_use::neutral : how;
        machine.drop(who.granted->round, known, now, woken);
        who.granted.reset();
        dial();
    }
    void pass(pool_machine::duration time) {
        now += time;
        dial();
    }
    /// Lets the time pass until the schedule allows the next dial.
    void pass_to_dial() {
        BOOST_REQUIRE((machine.next_dial() != pool_machine::time_point::max()));
        pass(machine.next_dial() - now);
    }
    static std::size_t count(std::vector<pool_waiter*> const& of, state what) {
        return static_cast<std::size_t>(
            std::count_if(of.begin(), of.end(), [=](auto* each) { return each->now == what; }));
    }

    pool_machine::time_point now{1h};
    // Those who wait must outlive the machine's queue.
    std::vector<std::unique_ptr<pool_waiter>> waiters;
    pool_machine machine;
    std::vector<std::uint64_t> dialing;
    pool_machine::connections expired;
    pool_machine::waiters woken;
    std::size_t dials = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(an_urgent_one_does_not_wait_behind_many) {
    using cloudflare::call_priority;
    bench b;
    auto const reads = b.come(200);
    while (!b.dialing.empty()) b.succeed();
    BOOST_TEST(bench::count(reads, state::served) == 8u);
    auto& low = b.comes(1h, call_priority::low);
    auto& urgent = b.comes(1h, call_priority::high);
    b.give_back(*reads[0]);
    BOOST_CHECK(urgent.now == state::served);
    // A lower one is not starved: after eight that overtook it, it is next.
    for (std::size_t i = 1; low.now != state::served; ++i) {
        BOOST_REQUIRE(i < 20);
        b.give_back(*reads[i]);
    }
    BOOST_TEST(bench::count(reads, state::served) == 8u + 7u);
}

BOOST_AUTO_TEST_CASE(one_is_dialed_for_each_waiter_up_to_the_limit) {
    bench b;
    BOOST_TEST(b.dials == 0u);
    auto const all = b.come(20);
    BOOST_TEST(b.dials == 8u);
    for (int i = 0; i < 8; ++i) b.succeed();
    BOOST_TEST(b.dials == 8u);
    BOOST_TEST(b.count({all.begin(), all.begin() + 8}, state::served) == 8u);
    BOOST_TEST(b.count(all, state::queued) == 12u);
}

BOOST_AUTO_TEST_CASE(one_that_comes_free_serves_the_first_in_line) {
    bench b{{1, 1min, 10min}};
    auto const all = b.come(4);
    b.succeed();
    for (std::size_t i = 0; i < 3; ++i) {
        BOOST_TEST((all[i]->now == state::served));
        BOOST_TEST((all[i + 1]->now == state::queued));
        b.give_back(*all[i]);
    }
    BOOST_TEST((all[3]->now == state::served));
    BOOST_TEST(b.dials == 1u);
}

BOOST_AUTO_TEST_CASE(the_front_of_the_queue_is_for_whoever_had_a_turn) {
    bench b{{1, 1min, 10min}};
    auto const all = b.come(3);
    b.succeed();
    auto& first = *all[0];
    b.drop(first, pool_use::neutral);  // it had died meanwhile
    b.machine.enqueue(first, true, b.now);
    b.succeed();
    BOOST_TEST((first.now == state::served));
}

BOOST_AUTO_TEST_CASE(the_one_used_last_is_used_next) {
    bench b;
    auto const all = b.come(3);
    for (int i = 0; i < 3; ++i) b.succeed();
    auto* const used_last = all[1]->granted.get();
    b.give_back(*all[0]);
    b.give_back(*all[2]);
    b.give_back(*all[1]);
    BOOST_TEST(b.comes().granted.get() == used_last);
}

BOOST_AUTO_TEST_CASE(one_dialed_for_somebody_who_left_is_kept) {
    bench b;
    auto& who = b.comes();
    b.machine.leave(who);
    b.succeed();
    BOOST_TEST(b.machine.idle() == 1u);
    BOOST_TEST((b.comes().now == state::served));
    BOOST_TEST(b.dials == 1u);
}

BOOST_AUTO_TEST_CASE(nobody_is_served_by_a_closed_pool) {
    bench b{{1, 1min, 10min}};
    auto const all = b.come(3);
    b.succeed();
    b.machine.close(b.woken);
    BOOST_TEST(b.count(all, state::failed) == 2u);
    BOOST_TEST((b.comes().now == state::failed));
    b.drop(*all[0], pool_use::neutral);
    BOOST_TEST(b.machine.has_none());
    BOOST_TEST(b.dials == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(idle)

BOOST_AUTO_TEST_CASE(they_end_wherever_they_stand) {
    bench b{{8, 1s, 10min}};
    auto all = b.come(8);
    for (int i = 0; i < 8; ++i) b.succeed();
    for (auto* each : all) b.give_back(*each);
    auto* top = &b.comes();
    auto const* const used = top->granted.get();
    for (int i = 0; i < 10; ++i) {
        b.pass(200ms);
        b.give_back(*top);
        top = &b.comes();
        BOOST_TEST(top->granted.get() == used);
    }
    BOOST_TEST(b.expired.size() == 7u);
    BOOST_TEST(b.machine.idle() == 0u);
    BOOST_TEST(b.machine.in_use() == 1u);
}

BOOST_AUTO_TEST_CASE(a_sweep_takes_only_those_whose_time_is_over) {
    bench b{{8, 10s, 15s}};
    auto const all = b.come(3);
    for (int i = 0; i < 3; ++i) b.succeed();
    auto const start = b.now;
    b.give_back(*all[0]);
    b.pass(4s);
    b.give_back(*all[1]);
    b.pass(5s);
    b.give_back(*all[2]);
    auto const idle_after = [&](pool_machine::duration since_start) {
        b.now = start + since_start;
        b.machine.sweep(b.now, b.expired);
        return b.machine.idle();
    };
    BOOST_TEST((b.machine.next_sweep() == start + 10s));
    BOOST_TEST(idle_after(9999ms) == 3u);
    BOOST_TEST(idle_after(10s) == 2u);
    BOOST_TEST((b.machine.next_sweep() == start + 14s));
    BOOST_TEST(idle_after(14s) == 1u);
    // This one is as old as may be before it has been idle for long.
    BOOST_TEST((b.machine.next_sweep() == start + 15s));
    BOOST_TEST(idle_after(15s) == 0u);
    BOOST_TEST((b.machine.next_sweep() == pool_machine::time_point::max()));
    BOOST_TEST(b.expired.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_limit_of_no_time_lets_none_be_used_again) {
    for (auto const& bounds :
         {pool_machine::limits{8, 0ms, 10min}, pool_machine::limits{8, 1min, 0ms}}) {
        bench b{bounds};
        auto& first = b.comes();
        b.succeed();
        b.give_back(first);
        BOOST_TEST((b.comes().now == state::queued));
        BOOST_TEST(b.dials == 2u);
    }
}

BOOST_AUTO_TEST_CASE(no_limit_is_no_overflow) {
    bench b{{8, std::chrono::milliseconds::max(), std::chrono::milliseconds::max()}};
    auto& first = b.comes();
    b.succeed();
    b.give_back(first);
    b.pass(24h * 365);
    BOOST_TEST((b.comes().now == state::served));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(failures)

BOOST_AUTO_TEST_CASE(nobody_fails_while_a_connection_lives) {
    // One good connection, and no further one is to be had.
    bench b;
    auto const all = b.come(200);
    b.succeed();
    while (!b.dialing.empty()) b.fail();
    BOOST_TEST(b.dials == 8u);
    for (std::size_t i = 0; i < 200; ++i) {
        BOOST_REQUIRE((all[i]->now == state::served));
        b.pass(30ms);
        while (!b.dialing.empty()) b.fail();
        b.give_back(*all[i]);
    }
    BOOST_TEST(b.count(all, state::failed) == 0u);
    // Six seconds: four pauses that grow, and then one dial each quarter of a second at most.
    BOOST_TEST(b.dials > 8u + 4u);
    BOOST_TEST(b.dials <= 8u + 4u + 24u);
}

BOOST_AUTO_TEST_CASE(nobody_fails_while_another_dial_may_succeed) {
    bench b;
    auto const all = b.come(8);
    for (int i = 0; i < 7; ++i) b.fail();
    BOOST_TEST(b.count(all, state::queued) == 8u);
    b.succeed();
    for (std::size_t i = 0; i < 8; ++i) {
        BOOST_REQUIRE((all[i]->now == state::served));
        b.give_back(*all[i]);
    }
}

BOOST_AUTO_TEST_CASE(a_dial_fails_those_for_whom_it_was_made) {
    bench b;
    auto const all = b.come(20);
    for (int i = 0; i < 8; ++i) b.fail();
    BOOST_TEST(b.count({all.begin(), all.begin() + 8}, state::failed) == 8u);
    BOOST_TEST(b.count(all, state::queued) == 12u);
    b.pass_to_dial();
    BOOST_TEST(b.dials == 9u);
    b.fail();
    BOOST_TEST(b.count(all, state::failed) == 16u);
    b.pass_to_dial();
    b.succeed();
    BOOST_TEST((all[16]->now == state::served));
}

BOOST_AUTO_TEST_CASE(a_failure_that_stays_fails_all) {
    bench b;
    auto const all = b.come(20);
    for (int i = 0; i < 7; ++i) b.fail(true);
    // Each of those under way may still be the good one.
    BOOST_TEST(b.count(all, state::failed) == 7u);
    b.fail(true);
    BOOST_TEST(b.count(all, state::failed) == 20u);
    BOOST_TEST(b.dials == 8u);
}

BOOST_AUTO_TEST_CASE(a_failure_that_stays_fails_nobody_while_a_connection_lives) {
    bench b;
    auto const all = b.come(20);
    b.succeed();
    for (int i = 0; i < 7; ++i) b.fail(true);
    BOOST_TEST(b.count(all, state::failed) == 0u);
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_reached_fails_all_in_the_end) {
    bench b;
    auto const all = b.come(2000);
    for (int i = 0; i < 8; ++i) b.fail();
    auto const start = b.now;
    for (int failed = 1; failed < pool_machine::unreachable_after; ++failed) {
        BOOST_TEST(b.count(all, state::failed) == static_cast<std::size_t>(failed) * 8u);
        b.pass_to_dial();
        b.fail();
    }
    BOOST_TEST(b.count(all, state::failed) == 2000u);
    BOOST_TEST(b.dials == 8u + 7u);
    BOOST_TEST((b.now - start <= 50ms + 100ms + 200ms + 400ms + 3 * 500ms));
    BOOST_TEST((b.now - start >= 25ms + 50ms + 100ms + 200ms + 3 * 250ms));
    // And at once whoever comes and cannot wait for the next dial; the others wait for that.
    BOOST_TEST((b.comes(1ms).now == state::failed));
    auto& patient = b.comes();
    BOOST_TEST((patient.now == state::queued));
    b.pass_to_dial();
    b.fail();
    BOOST_TEST((patient.now == state::failed));
    BOOST_TEST(b.dials == 8u + 8u);
}

BOOST_AUTO_TEST_CASE(those_who_cannot_wait_for_the_next_dial_fail_now) {
    bench b{{1, 1min, 10min}};
    auto& first = b.comes();
    auto& hasty = b.comes(5ms);
    auto& patient = b.comes(10s);
    b.fail();
    BOOST_TEST((first.now == state::failed));
    BOOST_TEST((hasty.now == state::failed));
    BOOST_TEST((patient.now == state::queued));
}

BOOST_AUTO_TEST_CASE(the_pauses_double_up_to_the_longest) {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        bench b{{1, 1min, 10min}};
        b.machine = pool_machine{{1, 1min, 10min}, seed};
        b.come(50);
        for (auto const limit : {50ms, 100ms, 200ms, 400ms, 500ms, 500ms, 500ms, 500ms, 500ms}) {
            b.fail();
            if (!b.machine.has_waiters()) b.come(1);
            auto const pause = b.machine.next_dial() - b.now;
            BOOST_TEST((pause >= limit / 2 && pause <= limit));
            b.pass(pause - 1ns);
            BOOST_TEST(b.dialing.empty());
            b.pass(1ns);
        }
    }
}

BOOST_AUTO_TEST_CASE(dials_that_fail_together_are_one_failure) {
    bench b;
    b.come(8);
    for (int i = 0; i < 8; ++i) b.fail();
    b.comes();
    BOOST_TEST((b.machine.next_dial() - b.now <= pool_machine::first_pause));
}

BOOST_AUTO_TEST_CASE(no_dial_is_due_for_nobody) {
    bench b;
    b.comes();
    b.fail();
    BOOST_TEST((b.machine.next_dial() == pool_machine::time_point::max()));
    b.pass(1h);
    BOOST_TEST(b.dials == 1u);
    // What was long ago holds nobody up.
    b.comes();
    BOOST_TEST(b.dials == 2u);
}

BOOST_AUTO_TEST_CASE(an_answer_ends_the_schedule) {
    bench b;
    auto const all = b.come(40);
    for (int i = 0; i < 8; ++i) b.fail();
    b.pass_to_dial();
    b.succeed();
    // A connection alone proves nothing yet.
    BOOST_TEST(b.dialing.empty());
    b.give_back(*all[8]);
    BOOST_TEST(b.dialing.size() == 7u);
}

BOOST_AUTO_TEST_CASE(while_no_answer_comes_connections_are_dialed_one_by_one) {
    bench b;
    auto const all = b.come(40);
    for (int i = 0; i < 8; ++i) b.fail();
    for (std::size_t i = 1; i <= 8; ++i) {
        b.pass_to_dial();
        BOOST_TEST(b.dialing.size() == 1u);
        b.succeed();
        BOOST_TEST(b.machine.in_use() == i);
    }
    BOOST_TEST(b.count(all, state::failed) == 8u);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_the_last_one_ends_the_schedule_too) {
    bench b;
    auto const all = b.come(40);
    for (int i = 0; i < 8; ++i) b.fail();
    b.pass_to_dial();
    b.succeed();
    b.drop(*all[8], pool_use::answered);
    BOOST_TEST(b.dialing.size() == 8u);
}

BOOST_AUTO_TEST_CASE(a_slow_dial_has_no_other_beside_it) {
    bench b;
    b.come(40);
    for (int i = 0; i < 8; ++i) b.fail();
    b.pass_to_dial();
    b.pass(5s);
    BOOST_TEST(b.dialing.size() == 1u);
    BOOST_TEST((b.machine.next_dial() == pool_machine::time_point::max()));
}

BOOST_AUTO_TEST_CASE(a_slow_dial_of_the_first_round_holds_up_no_later_one) {
    bench b;
    auto const all = b.come(40);
    for (int i = 0; i < 7; ++i) b.fail();
    b.pass_to_dial();
    BOOST_TEST(b.dialing.size() == 2u);
    BOOST_TEST(b.count(all, state::failed) == 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_over_an_old_connection_proves_nothing) {
    bench b;
    auto const all = b.come(3);
    b.succeed();
    b.fail();
    b.fail();
    b.give_back(*all[0]);
    BOOST_TEST(b.machine.is_failing());
}

BOOST_AUTO_TEST_CASE(a_connection_without_an_answer_is_a_dial_that_failed) {
    bench b;
    auto const all = b.come(2000);
    for (int i = 0; i < 8; ++i) b.succeed();
    for (std::size_t i = 0; i < 8; ++i) b.drop(*all[i], pool_use::unanswered);
    // Whoever had them knows; nobody else fails before the server is taken for unreachable.
    BOOST_TEST(b.count(all, state::failed) == 0u);
    std::size_t served = 8;
    for (int failed = 1; failed < pool_machine::unreachable_after; ++failed, ++served) {
        b.pass_to_dial();
        b.succeed();
        b.drop(*all[served], pool_use::unanswered);
    }
    BOOST_TEST(b.count(all, state::failed) == 2000u - served);
    BOOST_TEST(b.dials == 8u + 7u);
}

BOOST_AUTO_TEST_CASE(what_says_nothing_of_the_server_does_not_count) {
    bench b{{1, 1min, 10min}};
    auto const all = b.come(100);
    for (auto* each : all) {
        b.succeed();
        b.drop(*each, pool_use::neutral);
    }
    BOOST_TEST(b.dials == 100u);
    // Nor does one that has served, and is closed at last.
    auto& last = b.comes();
    b.succeed();
    b.give_back(last);
    auto& next = b.comes();
    b.drop(next, pool_use::unanswered);
    BOOST_TEST(!b.machine.is_failing());
}

BOOST_AUTO_TEST_SUITE_END()
