#include "call/retry_budget.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace cloudflare::call;

BOOST_AUTO_TEST_SUITE(retry_budget_test)

BOOST_AUTO_TEST_CASE(pays_a_hundred_retries_or_fifty_timeouts) {
    for (auto const& [cost, times] :
         {std::pair{retry_budget::retry_cost, 100}, std::pair{retry_budget::timeout_cost, 50}}) {
        retry_budget budget;
        for (int i = 0; i < times; ++i) BOOST_TEST(budget.try_take(cost));
        BOOST_TEST(!budget.try_take(cost));
        BOOST_TEST(budget.available() == 0);
    }
}

BOOST_AUTO_TEST_CASE(is_refilled_one_by_one_and_never_beyond_its_capacity) {
    retry_budget budget{10};
    budget.refill();
    BOOST_TEST(budget.available() == 10);
    BOOST_TEST(budget.try_take(6));
    BOOST_TEST(!budget.try_take(5));
    BOOST_TEST(budget.available() == 4);
    budget.refill();
    BOOST_TEST(budget.available() == 5);
    BOOST_TEST(budget.try_take(5));
    BOOST_TEST(!retry_budget{-5}.try_take(1));
}

BOOST_AUTO_TEST_CASE(is_exact_under_contention) {
    retry_budget budget{10'000};
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            while (budget.try_take(3)) ++taken;
        });
    for (auto& thread : threads) thread.join();
    BOOST_TEST(taken == 3'333);
    BOOST_TEST(budget.available() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
