#include "quota/sliding_count.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <random>

namespace {

using namespace cloudflare::quota;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(sliding_count_test)

BOOST_AUTO_TEST_CASE(never_counts_too_few_and_forgets_within_a_slice_or_two) {
    std::mt19937_64 random{7};
    for (duration const window : {duration{1s}, duration{300s}, duration{1ms}}) {
        sliding_count counter{window};
        std::deque<time_point> events;
        time_point now{-5s};  // slices before the epoch are rounded down too
        for (int i = 0; i < 20'000; ++i) {
            now += duration{std::uniform_int_distribution<duration::rep>{
                0, window.count() / (i % 1000 == 0 ? 1 : 40)}(random)};
            counter.add(now);
            events.push_back(now);
            auto const slack = window / 64 + 1ns;
            while (events.front() <= now - window - slack) events.pop_front();
            auto const exact = std::count_if(events.begin(), events.end(),
                                             [&](time_point e) { return e > now - window; });
            auto const counted = counter.count(now);
            BOOST_TEST_REQUIRE(counted >= static_cast<std::uint64_t>(exact));
            BOOST_TEST_REQUIRE(counted <= events.size());
        }
    }
}

BOOST_AUTO_TEST_CASE(tells_when_the_count_falls) {
    sliding_count counter{1s};
    time_point const start{10s};
    BOOST_TEST((counter.next_expiry(start) == start));
    counter.add(start, 3);
    counter.add(start + 500ms);
    auto const expiry = counter.next_expiry(start + 500ms);
    BOOST_TEST((expiry >= start + 1s && expiry <= start + 1020ms));
    BOOST_TEST(counter.count(expiry - 1ns) == 4u);
    BOOST_TEST(counter.count(expiry) == 1u);
    BOOST_TEST(counter.count(start + 1h) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
