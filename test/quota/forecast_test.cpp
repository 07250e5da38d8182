// How long requests take under a quota, told in virtual time.
#include <cloudflare/forecast.hpp>

#include <boost/test/unit_test.hpp>

#include <random>

BOOST_AUTO_TEST_SUITE(forecasts)

namespace {

using namespace std::chrono_literals;

/// Cloudflare's quota, nothing of it used.
cloudflare::quota_snapshot fresh() {
    cloudflare::quota_snapshot known;
    known.limit = 1200;
    known.window = 300s;
    return known;
}

cloudflare::quota_snapshot left(std::uint64_t remaining, std::chrono::milliseconds resets_in) {
    auto known = fresh();
    known.remaining = remaining;
    known.resets_in = resets_in;
    return known;
}

cloudflare::load_forecast of(std::uint64_t requests, cloudflare::quota_snapshot const& known,
                             cloudflare::rate_limit_options const& options = {}) {
    cloudflare::request_load load;
    load.requests = requests;
    load.concurrency = 4;
    load.round_trip = 100ms;
    return cloudflare::forecast(load, options, known);
}

/// Between a time and a little more.
bool is_about(std::chrono::milliseconds value, std::chrono::milliseconds expected) {
    return value >= expected && value <= expected + expected / 50 + 3s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_fits_goes_at_full_speed) {
    BOOST_TEST(of(0, fresh()).duration.count() == 0);
    BOOST_TEST(of(1, left(1000, 200s)).duration.count() == 100);
    auto const foreseen = of(1000, left(1100, 200s));
    BOOST_TEST(is_about(foreseen.duration, 25s), foreseen.duration.count());
    BOOST_TEST(foreseen.waiting.count() == 0);
    BOOST_TEST(is_about(of(1000, fresh()).duration, 25s));
}

BOOST_AUTO_TEST_CASE(what_does_not_waits_for_the_windows) {
    // 1188 a window, as 12 are the reserve. The last window's take is a quick one.
    auto const two = of(1200, fresh());
    BOOST_TEST(is_about(two.duration, 300s), two.duration.count());
    BOOST_TEST(is_about(two.waiting, 270s), two.waiting.count());
    auto const five = of(5000, fresh());
    BOOST_TEST(is_about(five.duration, 1200s + 25s * 248 / 1000), five.duration.count());
    // All of the quota, without a reserve.
    auto const all = cloudflare::rate_limit_options{}.reserve(0);
    BOOST_TEST(is_about(of(1200, fresh(), all).duration, 30s));
    auto scaled = fresh();
    scaled.limit = 12;
    scaled.window = 3s;
    BOOST_TEST(is_about(of(120, scaled).duration, 27s), of(120, scaled).duration.count());
}

BOOST_AUTO_TEST_CASE(what_is_left_of_the_window_counts) {
    BOOST_TEST(is_about(of(40, left(60, 200s)).duration, 1s));
    // All but the reserve of 12 is gone.
    BOOST_TEST(is_about(of(50, left(12, 200s)).duration, 201s));
    BOOST_TEST(is_about(of(50, left(0, 90s)).duration, 91s));
    BOOST_TEST(is_about(of(1000, left(500, 40s)).duration, 53s));
}

BOOST_AUTO_TEST_CASE(a_block_is_waited_for) {
    auto blocked = left(0, 100s);
    blocked.blocked_for = 250s;
    auto const foreseen = of(10, blocked);
    BOOST_TEST(is_about(foreseen.duration, 250s), foreseen.duration.count());
}

BOOST_AUTO_TEST_CASE(any_quota_comes_to_an_end) {
    std::minstd_rand random{5};
    auto const up_to = [&random](std::uint64_t most) { return random() % (most + 1); };
    for (int i = 0; i != 300; ++i) {
        cloudflare::quota_snapshot known;
        known.limit = 1 + up_to(20);
        known.window = std::chrono::milliseconds{up_to(5000)};
        known.remaining = up_to(25);
        known.resets_in = std::chrono::milliseconds{up_to(6000)};
        known.blocked_for = std::chrono::milliseconds{up_to(1) * up_to(9000)};
        auto const options = cloudflare::rate_limit_options{}
                                 .reserve(static_cast<double>(up_to(10)) / 10)
                                 .per_second(up_to(5));
        auto const foreseen = of(50, known, options);
        BOOST_TEST(foreseen.duration.count() >= 1250);
        BOOST_TEST((foreseen.waiting < foreseen.duration));
    }
}

BOOST_AUTO_TEST_CASE(without_a_quota_only_the_round_trips_count) {
    auto const foreseen = of(10, {});
    BOOST_TEST(foreseen.duration.count() == 300);
    BOOST_TEST(foreseen.waiting.count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
