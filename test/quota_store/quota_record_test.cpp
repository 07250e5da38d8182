// The rule of the record, step by step.

#include "quota_store/quota_record.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <random>

using namespace cloudflare::quota;
namespace data = boost::unit_test::data;

namespace {

constexpr std::int64_t start = 1'700'000'000'000;

/// One process beside others, and the record that it uses.
struct scene {
    record_policy policy{120, 10'000, 1};
    quota_record record{};
    std::int64_t now = start;

    struct process {
        scene& in;
        known_window known{};

        record_answer tell(record_exchange what) {
            auto full = known.in(in.now);
            what.generation = full.generation;
            what.opened = full.opened;
            what.ends_in = full.ends_in;
            auto const answer = exchange(in.record, in.policy, what, in.now);
            known.learn(answer, in.now);
            return answer;
        }
        record_answer ask(std::int64_t wanted, std::int64_t in_flight = 0) {
            record_exchange what;
            what.wanted = wanted;
            what.in_flight = in_flight;
            return tell(what);
        }
        record_answer answered(std::int64_t answers, std::int64_t remaining,
                               std::int64_t resets_in) {
            record_exchange what;
            what.answers = answers;
            what.remaining = remaining;
            what.resets_in = resets_in;
            return tell(what);
        }
        record_answer refused(std::int64_t wait) {
            record_exchange what;
            what.refused_for = wait;
            return tell(what);
        }
        record_answer silence(std::int64_t answers) {
            record_exchange what;
            what.silent = answers;
            return tell(what);
        }
        record_answer give_back(std::int64_t unused) {
            record_exchange what;
            what.unused = unused;
            return tell(what);
        }
    };

    process one{*this};
    process other{*this};

    /// One request has told that the window is whole.
    void open() {
        BOOST_TEST_REQUIRE(one.ask(10).granted == 1);
        one.answered(1, policy.quota - 1, policy.window);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(a_window_is_opened_with_a_single_request) {
    scene s;
    auto const probe = s.one.ask(50);
    BOOST_TEST(probe.granted == 1);
    BOOST_TEST(probe.is_probe == 1);
    BOOST_TEST(probe.lasts == 1000);
    auto const behind = s.other.ask(50);
    BOOST_TEST(behind.granted == 0);
    BOOST_TEST(behind.lasts == 100);
    s.now += 40;
    s.one.answered(1, 119, 10'000);
    auto const lease = s.other.ask(50);
    BOOST_TEST(lease.granted == 50);
    BOOST_TEST(lease.is_probe == 0);
    // It ends before the window does.
    BOOST_TEST(lease.lasts == 10'000 - 100);
    BOOST_TEST(s.one.ask(50).granted == 50);
    BOOST_TEST(s.one.ask(50).granted == 18);  // one is left to others
    BOOST_TEST(s.one.ask(50).granted == 0);
}

BOOST_AUTO_TEST_CASE(a_probe_that_is_lost_is_followed_by_another) {
    scene s;
    s.one.ask(1);
    s.now += 999;
    BOOST_TEST(s.other.ask(5).granted == 0);
    s.now += 1;
    BOOST_TEST(s.other.ask(5).granted == 1);
    BOOST_TEST(s.one.ask(5).granted == 0);
}

BOOST_AUTO_TEST_CASE(answers_without_numbers_let_more_and_more_go_but_no_more_than_the_quota) {
    scene s;
    std::int64_t granted = s.one.ask(1000).granted;
    for (int turn = 0; turn != 20; ++turn) {
        s.one.silence(granted);
        auto const more = s.one.ask(1000).granted;
        BOOST_TEST(more <= 2 * granted);
        if (more == 0) break;
        granted = more;
    }
    BOOST_TEST(s.record.out == 119);
    // They may have been counted in a window that began with the last of them.
    BOOST_TEST(s.record.end == s.now + s.policy.window);
}

BOOST_AUTO_TEST_CASE(within_a_window_the_least_is_believed) {
    scene s;
    s.open();
    BOOST_TEST(s.other.ask(10).granted == 10);
    s.other.answered(4, 60, 9000);
    // It was overtaken on its way.
    s.other.answered(1, 90, 9500);
    BOOST_TEST(s.record.remaining == 60);
    BOOST_TEST(s.record.end == s.now + 9000);
    // What was granted and not answered may be counted already or not.
    BOOST_TEST(s.record.out == 5);
    BOOST_TEST(s.one.ask(1000).granted == 60 - 5 - 1);
}

BOOST_AUTO_TEST_CASE(what_is_given_back_can_be_had_by_others) {
    scene s;
    s.open();
    BOOST_TEST(s.one.ask(1000).granted == 118);
    BOOST_TEST(s.other.ask(10).granted == 0);
    s.one.give_back(30);
    BOOST_TEST(s.other.ask(1000).granted == 30);
}

BOOST_AUTO_TEST_CASE(while_what_is_out_may_come_back_it_is_asked_for_again_soon) {
    scene s;
    s.open();
    s.one.ask(1000);
    BOOST_TEST(s.other.ask(10).lasts == 1000);
    s.now += 1000;
    // By now it would have come.
    BOOST_TEST(s.other.ask(10).lasts == 10'000 - 1000 + 100);
    s.one.answered(118, 1, 9000);
    BOOST_TEST(s.other.ask(10).lasts >= 9000);
}

BOOST_AUTO_TEST_CASE(a_lease_ends_with_the_window_whoever_has_it) {
    scene s;
    s.open();
    BOOST_TEST(s.one.ask(1000).granted == 118);
    s.now += 10'000 + 99;
    BOOST_TEST(s.other.ask(1000).granted == 0);
    s.now += 1;
    BOOST_TEST(s.other.ask(1000).granted == 1);
    s.other.answered(1, 119, 10'000);
    BOOST_TEST(s.other.ask(1000).granted == 118);
}

BOOST_AUTO_TEST_CASE(nothing_is_granted_in_the_last_moment_of_a_window) {
    scene s;
    s.open();
    s.now += 9899;
    BOOST_TEST(s.one.ask(1).granted == 1);
    s.now += 1;
    auto const late = s.one.ask(1);
    BOOST_TEST(late.granted == 0);
    BOOST_TEST(late.lasts == 200);
}

BOOST_AUTO_TEST_CASE(what_is_still_under_way_from_the_window_before_counts_in_this_one) {
    scene s;
    s.open();
    s.one.ask(20);
    s.now += 11'000;
    BOOST_TEST(s.other.ask(1).granted == 1);
    s.other.answered(1, 119, 10'000);
    BOOST_TEST(s.one.ask(1000, 15).granted == 118 - 15);
    // What it has to say of the window before is not about this one.
    BOOST_TEST(s.record.remaining == 119);
    s.one.answered(15, 10, 8000);
    BOOST_TEST(s.record.out == 103);
}

BOOST_AUTO_TEST_CASE(a_refusal_blocks_all_for_its_time_and_then_one_request_goes) {
    scene s;
    s.open();
    s.one.refused(30'000);
    auto const blocked = s.other.ask(10);
    BOOST_TEST(blocked.granted == 0);
    BOOST_TEST(blocked.lasts == 30'100);
    s.now += 30'099;
    BOOST_TEST(s.other.ask(10).granted == 0);
    s.now += 1;
    BOOST_TEST(s.other.ask(10).granted == 1);
    BOOST_TEST(s.one.ask(10).granted == 0);

    // One that is over before the window is.
    scene brief;
    brief.open();
    brief.one.refused(0);
    BOOST_TEST(brief.other.ask(10).lasts == 1100);
    brief.now += 1100;
    BOOST_TEST(brief.other.ask(10).is_probe == 1);
    // However long it claims to be.
    scene hostile;
    hostile.one.refused(std::numeric_limits<std::int64_t>::max());
    BOOST_TEST(hostile.one.ask(1).lasts <= 24 * 3'600'000 + 1000);
}

BOOST_AUTO_TEST_CASE(a_record_that_was_lost_grants_nothing_of_a_window_that_somebody_knows) {
    scene s;
    s.open();
    s.one.ask(60);
    s.record = {};
    s.now += 2000;
    auto const lost = s.one.ask(60);
    BOOST_TEST(lost.granted == 0);
    BOOST_TEST(lost.lasts == 8100);
    BOOST_TEST(s.other.ask(60).granted == 0);
    // Who did not know of it began another one, which then ends as well.
    s.record = {};
    scene::process fresh{s};
    s.now += 1;
    BOOST_TEST(fresh.ask(60).granted == 1);
    fresh.answered(1, 58, 8000);
    BOOST_TEST(s.one.ask(60).granted == 0);
    BOOST_TEST(fresh.ask(60).granted == 0);
    s.now += 8200;
    BOOST_TEST(s.one.ask(60).granted == 1);
}

BOOST_AUTO_TEST_CASE(who_comes_last_gets_the_last_turn_and_all_get_one) {
    scene s;
    s.open();
    s.one.ask(1000);
    s.one.answered(118, 1, 9000);
    std::int64_t latest = 0;
    for (int i = 0; i != 100; ++i) {
        auto const turn = s.other.ask(10).lasts;
        BOOST_TEST(turn >= 9100);
        BOOST_TEST(turn <= 9100 + 6 * 10'000);
        if (i < 100) latest = std::max(latest, turn);
    }
    BOOST_TEST(latest > 9100 + 10'000);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_put_back_and_a_record_of_nonsense_hold_nobody_up) {
    scene s;
    s.open();
    s.now -= 3'600'000;
    s.one.known.end -= 3'600'000;
    BOOST_TEST(s.one.ask(1).granted == 0);  // it still knows of a window
    s.now += 20'000;
    BOOST_TEST(s.one.ask(1).granted == 1);

    std::mt19937_64 random{7};
    auto const any = [&random]() -> std::int64_t {
        auto const bits = random() % 50;
        auto const value = static_cast<std::int64_t>(random() % (std::uint64_t{1} << bits));
        return random() % 3 == 0 ? -value : random() % 2 == 0 ? start + value : value;
    };
    for (int i = 0; i != 10'000; ++i) {
        scene odd;
        odd.record = {any(), any(), any(), any(), any(), any(), any(), any(), any(), any()};
        for (int turns = 0; odd.one.ask(1).granted == 0; ++turns) {
            BOOST_TEST_REQUIRE(turns < 10);
            auto const wait = odd.other.ask(1).lasts;
            BOOST_TEST_REQUIRE(wait > 0);
            odd.now += wait;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
