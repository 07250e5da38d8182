#include "quota/limiter_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace cloudflare::quota;
using namespace std::chrono_literals;

// A limiter and the time; a test reads as a log of what happened when.
struct fixture {
    time_point now{1h};
    rate_limiter limiter;

    explicit fixture(rate_policy policy = {}) : limiter{policy} {}

    bool take() { return limiter.take(now) <= now; }
    // Takes as many as are granted, at most `most`.
    int take_all(int most = 5000) {
        int count = 0;
        while (count < most && take()) ++count;
        return count;
    }
    duration wait() { return limiter.take(now) - now; }
    void answer(std::uint64_t remaining, duration reset, std::uint64_t quota = 1200,
                duration window = 300s) {
        observed seen;
        seen.limits.push_back({"default", remaining, reset});
        seen.policies.push_back({"default", quota, window});
        limiter.observe(seen, now);
    }
    void answer_bare(unsigned status = 200, std::optional<duration> retry_after = {}) {
        observed seen;
        seen.status = status;
        seen.retry_after = retry_after;
        limiter.observe(seen, now);
    }
    // The first request, answered.
    void open(std::uint64_t remaining, duration reset, std::uint64_t quota = 1200,
              duration window = 300s) {
        BOOST_TEST_REQUIRE(take());
        answer(remaining, reset, quota, window);
    }
};

rate_policy unhurried() {
    rate_policy policy;
    policy.per_second = 0;
    return policy;
}

BOOST_AUTO_TEST_SUITE(rate_limiter_test)

BOOST_AUTO_TEST_CASE(begins_with_one_request_and_one_more_each_second) {
    fixture f;
    BOOST_TEST(f.take_all() == 1);
    BOOST_TEST((f.wait() == 1s));
    f.now += 1s;
    BOOST_TEST(f.take_all() == 1);
    f.answer(1198, 300s);
    BOOST_TEST(f.take_all(100) == 100);
}

BOOST_AUTO_TEST_CASE(uses_all_above_the_reserve_and_waits_for_the_window) {
    fixture f{unhurried()};
    f.open(1199, 300s);
    BOOST_TEST(f.take_all() == 1199 - 12);
    BOOST_TEST((f.wait() == 301s));
    for (int i = 1198; i >= 12; --i) f.answer(static_cast<std::uint64_t>(i), 300s);
    BOOST_TEST(f.take_all() == 0);
    f.now += 301s;
    BOOST_TEST(f.take_all() == 1);  // the next window's probe
    f.answer(1199, 300s);
    BOOST_TEST(f.take_all() == 1199 - 12);
}

BOOST_AUTO_TEST_CASE(small_quotas_have_no_reserve) {
    fixture f{unhurried()};
    f.open(11, 3s, 12, 3s);
    BOOST_TEST(f.take_all() == 11);
}

BOOST_AUTO_TEST_CASE(others_lower_what_is_left_and_late_answers_do_not_raise_it) {
    fixture f{unhurried()};
    f.open(500, 200s);
    BOOST_TEST(f.take_all(2) == 2);
    f.answer(20, 200s);
    f.answer(400, 200s);
    BOOST_TEST(f.take_all() == 8);
}

BOOST_AUTO_TEST_CASE(an_answer_of_the_old_window_does_not_touch_the_new_one) {
    fixture f{unhurried()};
    f.open(1000, 10s);
    BOOST_TEST(f.take_all(5) == 5);
    f.now += 11s;
    BOOST_TEST(f.take());
    f.answer(1199, 300s);
    f.answer(13, 0s);  // sent before, overtaken
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 1199u - 4u);
    BOOST_TEST((f.limiter.snapshot(f.now).window_end.value() == f.now + 300s));
}

BOOST_AUTO_TEST_CASE(lost_requests_count_as_spent_until_an_answer_must_include_them) {
    fixture f{unhurried()};
    f.open(1000, 200s);
    BOOST_TEST(f.take_all(3) == 3);
    f.limiter.abandon(f.now);
    auto const left = [&] { return f.limiter.snapshot(f.now).remaining.value(); };
    BOOST_TEST(left() == 1000u - 3u);
    f.answer(999, 200s);  // any of the three may be the first to have been counted
    BOOST_TEST(left() == 999u - 2u);
    f.answer(998, 200s);
    BOOST_TEST(left() == 998u - 1u);
    BOOST_TEST(f.take());
    f.answer(996, 200s);  // granted after the loss, so it includes the lost one
    BOOST_TEST(left() == 996u);
}

BOOST_AUTO_TEST_CASE(a_request_that_was_never_sent_costs_nothing) {
    fixture f{unhurried()};
    BOOST_TEST(f.take());
    BOOST_TEST(!f.take());
    f.limiter.abandon(f.now, false);
    BOOST_TEST(f.take());
    f.answer(1000, 200s);
    BOOST_TEST(f.take());
    f.limiter.abandon(f.now, false);
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 1000u);
}

BOOST_AUTO_TEST_CASE(a_429_closes_the_gate_for_all_until_its_time_then_probes) {
    fixture f;
    f.open(1000, 200s);
    BOOST_TEST(f.take_all(10) == 10);
    f.answer_bare(429, 30s);
    BOOST_TEST((f.wait() == 30s));
    BOOST_TEST((f.limiter.snapshot(f.now).gate_end.value() == f.now + 30s));
    f.answer(990, 200s);  // of a request that went before: no reason to open
    BOOST_TEST((f.wait() == 30s));
    f.answer_bare(429, 10s);  // nor to open sooner
    BOOST_TEST((f.wait() == 30s));
    f.now += 30s;
    BOOST_TEST(f.take_all() == 1);
    f.answer(900, 170s);
    BOOST_TEST(f.take_all(50) == 50);
}

BOOST_AUTO_TEST_CASE(a_429_without_a_time_doubles_up_to_the_window) {
    fixture f;
    duration const expected[] = {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s};
    for (auto wait : expected) {
        BOOST_TEST(f.take());
        f.answer_bare(429);
        BOOST_TEST((f.wait() == wait));
        f.now += wait;
    }
    BOOST_TEST(f.take());
    f.answer(100, 100s);
    BOOST_TEST(f.take_all(2) == 2);
    f.answer_bare(429, 0s);
    f.answer_bare(429, 0s);  // of the same burst
    BOOST_TEST((f.wait() == 1s));
}

BOOST_AUTO_TEST_CASE(a_429_without_a_time_but_nothing_left_waits_for_the_window) {
    fixture f;
    BOOST_TEST(f.take());
    observed seen;
    seen.status = 429;
    seen.limits.push_back({"default", 0, 42s});
    f.limiter.observe(seen, f.now);
    BOOST_TEST((f.wait() == 43s));
}

BOOST_AUTO_TEST_CASE(never_more_than_so_many_a_second) {
    rate_policy policy;
    policy.per_second = 20;
    fixture f{policy};
    f.open(1199, 300s);
    BOOST_TEST(f.take_all() == 19);
    auto const wait = f.wait();
    BOOST_TEST((wait >= 1s && wait <= 1020ms));
    f.now += wait;
    BOOST_TEST(f.take_all() == 20);
}

BOOST_AUTO_TEST_CASE(several_quotas_the_tightest_wins) {
    fixture f{unhurried()};
    auto const tell = [&](std::uint64_t burst, std::uint64_t day) {
        observed seen;
        seen.limits = {{"burst", burst, 10s}, {"day", day, 1000s}};
        seen.policies = {{"burst", 100, 10s}, {"day", 10'000, 86'400s}};
        f.limiter.observe(seen, f.now);
    };
    BOOST_TEST(f.take());
    tell(99, 5000);
    BOOST_TEST(f.limiter.snapshot(f.now).limit == 100u);
    BOOST_TEST(f.take_all() == 98);  // reserve 1
    BOOST_TEST((f.wait() == 10s + 100ms));
    for (int i = 0; i < 98; ++i) tell(1, 105);
    f.now += 11s;
    BOOST_TEST(f.take_all() == 1);
    tell(99, 104);
    BOOST_TEST(f.take_all() == 4);  // reserve 100
    BOOST_TEST((f.wait() > 900s));
}

BOOST_AUTO_TEST_CASE(a_quota_that_is_no_longer_spoken_of_is_forgotten) {
    fixture f{unhurried()};
    observed seen;
    seen.limits = {{"burst", 99, 2s}, {"default", 1000, 200s}};
    BOOST_TEST(f.take());
    f.limiter.observe(seen, f.now);
    f.now += 5s;
    BOOST_TEST(f.take_all() == 1);
    f.answer(999, 195s);
    BOOST_TEST(f.take_all(100) == 100);
}

BOOST_AUTO_TEST_CASE(hostile_names_do_not_fill_the_memory) {
    fixture f{unhurried()};
    for (int i = 0; i < 1000; ++i) {
        if (!f.take()) break;
        observed seen;
        for (int j = 0; j < 8; ++j)
            seen.limits.push_back({std::to_string(i * 8 + j), 1'000'000'000, 1s});
        f.limiter.observe(seen, f.now);
        f.now += 10s;
    }
    BOOST_TEST(f.take());
}

BOOST_AUTO_TEST_CASE(an_exhausted_window_is_left_late_unless_its_end_is_rounded_up) {
    struct {
        duration reset;  // a whole window in a later answer than the first shows the rounding
        duration margin;
    } const cases[] = {{3s, 30ms}, {2s, 1s}};
    for (auto const& [reset, margin] : cases) {
        fixture f{unhurried()};
        f.open(11, reset, 12, 3s);
        BOOST_TEST(f.take_all() == 11);
        for (std::uint64_t left = 11; left-- > 0;) f.answer(left, reset, 12, 3s);
        BOOST_TEST((f.wait() == reset + margin));
    }
}

BOOST_AUTO_TEST_CASE(rounding_down_shows_in_a_last_second_of_zero_or_in_a_429_there) {
    for (bool by_429 : {false, true}) {
        fixture f{unhurried()};
        f.open(10, 3s, 12, 3s);  // looks rounded up
        BOOST_TEST(f.take());
        if (by_429) {
            observed seen;
            seen.status = 429;
            seen.limits = {{"default", 5, 1s}};
            seen.retry_after = 500ms;
            f.now += 2s;
            f.limiter.observe(seen, f.now);
            f.now += 2s;
        } else {
            f.now += 3s - 1ns;
            f.answer(5, 0s, 12, 3s);
        }
        f.now += 1s;
        BOOST_TEST(f.take());
        f.answer(1, 3s, 12, 3s);
        BOOST_TEST(f.take());
        BOOST_TEST((f.wait() == 4s));
    }
}

BOOST_AUTO_TEST_CASE(the_earliest_end_told_is_the_windows_but_one_far_off_is_not_believed) {
    fixture f{unhurried()};
    f.open(1000, 200s);
    BOOST_TEST(f.take_all(4) == 4);
    auto const asked_at = f.now;
    auto const end = [&] { return f.limiter.snapshot(f.now).window_end.value() - asked_at; };
    f.answer(999, 199s);
    BOOST_TEST((end() == 199s));
    f.answer(998, 201s);
    BOOST_TEST((end() == 199s));
    f.answer(20, 100s);
    BOOST_TEST((end() == 199s));
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 19u);
}

BOOST_AUTO_TEST_CASE(an_old_answer_after_the_windows_end_does_not_open_the_next) {
    fixture f{unhurried()};
    f.open(1000, 10s);
    BOOST_TEST(f.take());
    f.now += 12s;
    BOOST_TEST(f.take());  // probe
    f.answer(900, 1s);     // of the request before, slow
    BOOST_TEST(f.take_all() == 0);
    f.answer(1100, 300s);
    BOOST_TEST(f.take_all(10) == 10);
}

BOOST_AUTO_TEST_CASE(an_answer_that_omits_a_quota_may_have_cost_it) {
    fixture f{unhurried()};
    observed seen;
    seen.limits = {{"a", 100, 100s}, {"b", 1000, 100s}};
    BOOST_TEST(f.take());
    f.limiter.observe(seen, f.now);
    BOOST_TEST(f.take());
    seen.limits = {{"b", 999, 100s}};
    f.limiter.observe(seen, f.now);
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 99u);
}

BOOST_AUTO_TEST_CASE(a_shorter_window_than_expected_is_recognised_without_a_policy) {
    fixture f{unhurried()};
    auto const tell = [&](std::uint64_t remaining, duration reset) {
        observed seen;
        seen.limits.push_back({"default", remaining, reset});
        f.limiter.observe(seen, f.now);
    };
    BOOST_TEST(f.take());
    tell(500, 20s);
    f.now += 22s;
    BOOST_TEST(f.take());
    tell(1199, 60s);
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 1199u);
}

BOOST_AUTO_TEST_CASE(an_end_that_was_told_too_early_is_put_right_by_a_probe) {
    fixture f{unhurried()};
    f.open(1000, 1s);  // wrong
    f.now += 3s;
    BOOST_TEST(f.take());
    f.answer(999, 100s);  // less than half a window later
    BOOST_TEST(f.take_all(100) == 100);
}

BOOST_AUTO_TEST_CASE(after_idleness_probes_first) {
    fixture f{unhurried()};
    f.open(1000, 300s);
    f.now += 9s;
    BOOST_TEST(f.take_all(5) == 5);
    for (int i = 0; i < 5; ++i) f.answer(995, 291s);
    f.now += 10s;
    BOOST_TEST(f.take_all(5) == 1);
    f.answer(20, 281s);
    BOOST_TEST(f.take_all() == 8);
}

BOOST_AUTO_TEST_CASE(without_headers_counts_by_itself) {
    rate_policy policy;
    policy.quota = 10;
    policy.window = 100s;
    fixture f{policy};
    BOOST_TEST(f.take());
    f.answer_bare();
    BOOST_TEST(f.take_all() == 9);
    BOOST_TEST((f.wait() > 99s));
    f.now += 50s;  // the others end late, and may have been counted late
    for (int i = 0; i < 9; ++i) f.answer_bare();
    f.now += 52s;
    BOOST_TEST(f.take_all() == 1);
    f.answer_bare();
    f.now += 47s;
    BOOST_TEST(f.take_all() == 0);
    f.now += 3s;
    BOOST_TEST(f.take_all() == 9);
}

BOOST_AUTO_TEST_CASE(an_answer_that_tells_nothing_lets_two_more_go) {
    fixture f{unhurried()};
    BOOST_TEST(f.take_all() == 1);
    for (int answered = 1; answered <= 100; ++answered) {
        f.answer_bare(502);
        BOOST_TEST(f.take_all() == 2);
    }
    f.answer(1000, 250s);
    BOOST_TEST(f.take_all(10) == 10);
    f.answer_bare(502);  // may have been counted
    BOOST_TEST(f.limiter.snapshot(f.now).remaining.value() == 1000u - 110u);
}

BOOST_AUTO_TEST_CASE(an_outage_never_overruns_what_is_assumed) {
    rate_policy policy = unhurried();
    policy.quota = 50;
    policy.window = 100s;
    policy.reserve = 0.1;
    fixture f{policy};
    int sent = 0;
    for (int i = 0; i < 900; ++i) {  // 90 seconds
        auto const granted = f.take_all();
        sent += granted;
        for (int n = 0; n < granted; ++n) f.answer_bare(503);
        f.now += 100ms;
    }
    BOOST_TEST(sent == 45);
}

// Every answer is a 503 without a header, each 100 ms after its request.
duration time_of_outage(fixture& f, int requests) {
    auto const began = f.now;
    std::vector<time_point> answers;
    for (int sent = 0, answered = 0; answered < requests;) {
        while (sent < requests && f.take()) {
            answers.push_back(f.now + 100ms);
            ++sent;
        }
        for (; answered < sent && answers[static_cast<std::size_t>(answered)] <= f.now; ++answered)
            f.answer_bare(503);
        f.now += 10ms;
        if (f.now - began > 1h) break;
    }
    return f.now - began;
}

BOOST_AUTO_TEST_CASE(probing_ends_when_answers_come_whatever_they_are) {
    {
        fixture cold;
        BOOST_CHECK(time_of_outage(cold, 100) < 2s);
    }
    {
        fixture idle;
        idle.open(1000, 300s);
        idle.now += 100s;
        BOOST_CHECK(time_of_outage(idle, 100) < 2s);
    }
    {
        fixture after_the_window;
        after_the_window.open(1000, 10s);
        BOOST_TEST(after_the_window.take_all(150) == 150);
        for (int i = 0; i < 150; ++i) after_the_window.answer(850, 10s);
        after_the_window.now += 20s;
        BOOST_CHECK(time_of_outage(after_the_window, 100) < 2s);
    }
    {
        fixture after_the_quota_was_used_up{unhurried()};
        after_the_quota_was_used_up.open(1199, 300s);
        for (int i = after_the_quota_was_used_up.take_all(); i > 0; --i)
            after_the_quota_was_used_up.answer(12, 300s);
        after_the_quota_was_used_up.now += 302s;
        BOOST_CHECK(time_of_outage(after_the_quota_was_used_up, 100) < 2s);
    }
    {
        fixture refused;
        refused.open(1000, 300s);
        BOOST_TEST(refused.take());
        refused.answer_bare(429, 30s);
        refused.now += 30s;
        BOOST_CHECK(time_of_outage(refused, 100) < 2s);
    }
}

// Policies of which no number is ever told.
struct policies_only : fixture {
    explicit policies_only(char const* header) : fixture{unhurried()} {
        seen.policies = parse_ratelimit_policy(header);
    }
    // Requests in so long a time, each answered at once.
    int run(duration time) {
        int count = 0;
        for (auto const end = now + time; now < end; now += 10ms) {
            while (take()) {
                ++count;
                limiter.observe(seen, now);
            }
        }
        return count;
    }
    observed seen;
};

BOOST_AUTO_TEST_CASE(each_of_several_policies_is_kept_in_its_own_window) {
    struct {
        char const* header;
        duration time;
        int most;
    } const cases[] = {
        {R"("burst";q=10;w=1, "default";q=1200;w=300)", 50s, 500},
        {R"("burst";q=10;w=1, "default";q=1200;w=300)", 299s, 1188},
        {R"("default";q=1200;w=300, "burst";q=10;w=1)", 299s, 1188},
        {R"("a";q=5;w=1, "b";q=30;w=10, "c";q=100;w=100)", 9s, 30},
        {R"("a";q=5;w=1, "b";q=30;w=10, "c";q=100;w=100)", 99s, 99},
        {R"("x";q=10;w=1, "x";q=100;w=100)", 99s, 99},
        {R"("only";q=10;w=1)", 100s, 1000},
    };
    for (auto const& [header, time, most] : cases) {
        policies_only f{header};
        auto const count = f.run(time);
        BOOST_TEST_CONTEXT(header) {
            BOOST_TEST(count <= most);
            BOOST_TEST(count >= most * 9 / 10);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_policy_that_no_number_is_told_of_is_kept_beside_those_that_are_told) {
    policies_only f{R"("burst";q=10;w=1, "default";q=1200;w=300)"};
    f.seen.limits = {{"default", 1000, 300s}};
    auto const count = f.run(20s);
    BOOST_TEST(count <= 200);
    BOOST_TEST(count >= 180);
}

BOOST_AUTO_TEST_CASE(policies_that_change_keep_what_was_counted) {
    policies_only f{R"("a";q=100;w=300)"};
    BOOST_TEST(f.run(1s) == 99);
    f.seen.policies = parse_ratelimit_policy(R"("a";q=110;w=300, "b";q=1000;w=600)");
    f.limiter.abandon(f.now);
    f.limiter.observe(f.seen, f.now);
    BOOST_TEST(f.run(1s) == 110 - 1 - 99 - 2);
}

BOOST_AUTO_TEST_CASE(says_why_it_grants_nothing_and_how_long_it_will_take) {
    {
        fixture f;
        BOOST_TEST(f.take());
        BOOST_TEST(!f.take());
        BOOST_TEST((f.limiter.why() == wait_reason::first_answer));
    }
    {
        fixture f{unhurried()};
        f.open(100, 200s);
        BOOST_TEST(f.take_all() == 88);
        BOOST_TEST((f.limiter.why() == wait_reason::used_up));
        BOOST_TEST((f.limiter.expected_wait(f.now, 0) == 201s));
        BOOST_TEST((f.limiter.expected_wait(f.now, 1187) == 201s));
        BOOST_TEST((f.limiter.expected_wait(f.now, 1188) == 501s));
        BOOST_TEST((f.limiter.expected_wait(f.now, 5 * 1188) == 1701s));
    }
    {
        fixture f;
        f.open(1200, 300s);
        BOOST_TEST(f.take_all() == 199);
        BOOST_TEST((f.limiter.why() == wait_reason::per_second));
        BOOST_CHECK(f.limiter.expected_wait(f.now, 0) <= 1100ms);
        BOOST_CHECK(f.limiter.expected_wait(f.now, 400) >= 3s);
    }
    {
        fixture f;
        f.open(1000, 300s);
        BOOST_TEST(f.take());
        f.answer_bare(429, 30s);
        BOOST_TEST(!f.take());
        BOOST_TEST((f.limiter.why() == wait_reason::refused));
        BOOST_TEST((f.limiter.expected_wait(f.now, 0) == 30s));
        f.now += 30s;
        BOOST_TEST(f.take());
        BOOST_TEST((f.limiter.why() == wait_reason::none));
    }
}

BOOST_AUTO_TEST_CASE(headers_that_cease_are_replaced_after_a_window) {
    fixture f{unhurried()};
    f.open(1000, 300s);
    for (int i = 0; i < 310; ++i) {
        f.now += 1s;
        if (f.take()) f.answer_bare();
    }
    BOOST_TEST(f.take_all(500) == 500);
}

BOOST_AUTO_TEST_CASE(no_quota_no_limit) {
    rate_policy policy;
    policy.quota = 0;
    fixture f{policy};
    BOOST_TEST(f.take_all(5000) == 5000);
    f.answer_bare(429, 30s);
    BOOST_TEST(f.take());
    BOOST_TEST(f.limiter.snapshot(f.now).limit == 0u);
    BOOST_TEST(f.limiter.snapshot(f.now).in_flight == 5000u);
}

BOOST_AUTO_TEST_CASE(a_reserve_of_everything_leaves_one_request_a_window) {
    rate_policy policy = unhurried();
    policy.reserve = 7;
    fixture f{policy};
    f.open(1200, 300s);
    BOOST_TEST(f.take_all() == 1);
}

BOOST_AUTO_TEST_CASE(snapshot_tells_what_is_known) {
    fixture f;
    auto view = f.limiter.snapshot(f.now);
    BOOST_TEST(view.limit == 1200u);
    BOOST_TEST((view.window == 300s));
    BOOST_TEST(!view.remaining.has_value());
    BOOST_TEST(!view.window_end.has_value());
    BOOST_TEST(!view.gate_end.has_value());
    f.open(50, 30s, 100, 60s);
    BOOST_TEST(f.take());
    view = f.limiter.snapshot(f.now);
    BOOST_TEST(view.limit == 100u);
    BOOST_TEST((view.window == 60s));
    BOOST_TEST(view.remaining.value() == 49u);
    BOOST_TEST(view.in_flight == 1u);
    BOOST_TEST((view.window_end.value() == f.now + 30s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
