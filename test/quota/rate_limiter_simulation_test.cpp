// The limiter against a model of the server: fixed windows, a block on excess, answers that
// overtake each other, and other clients of the same user. Virtual time, so hours pass in
// milliseconds.

#include "quota/limiter_rules.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <queue>
#include <random>
#include <tuple>
#include <vector>

namespace {

using namespace cloudflare::quota;
using namespace std::chrono_literals;

struct scenario {
    char const* name = "";
    std::uint64_t quota = 1200;
    duration window = 300s;
    int concurrency = 8;
    duration one_way = 50ms;  // latency, each way, up to so much
    bool anchored = true;     // a window begins with its first request, else by the clock
    bool rounds_up = true;    // the seconds to the window's end
    bool headers = true;
    double others = 0;       // requests of other clients a window, as a share of the quota
    double lost = 0;         // share of answers that never come
    double broken = 0;       // share of answers that are a gateway's, which tell nothing
    bool outages = false;    // now and then all of them are
    bool full_speed = true;  // expect 95 % of the quota to be used

    friend std::ostream& operator<<(std::ostream& out, scenario const& s) {
        return out << s.name << " quota=" << s.quota << " concurrency=" << s.concurrency
                   << " anchored=" << s.anchored << " rounds_up=" << s.rounds_up;
    }
};

// Cloudflare's limit: a fixed window, and after an excess everything is refused for another one.
class model_server {
public:
    model_server(scenario const& setup, duration phase)
        : setup_{setup}, start_{time_point{} + phase} {
        start_ -= setup.window;
    }

    observed serve(time_point now, bool ours, bool is_broken = false) {
        auto answer = serve_whole(now, ours);
        if (is_broken && answer.status != 429) {
            answer = {};
            answer.status = 503;
        }
        return answer;
    }

    bool is_out(time_point now) const {
        constexpr duration every = 400s;
        return setup_.outages && (now - time_point{}) % every < 60s;
    }

    observed serve_whole(time_point now, bool ours) {
        if (now < blocked_until_) return refuse(now);
        roll(now);
        if (used_ >= setup_.quota) {
            blocked_until_ = now + setup_.window;
            return refuse(now);
        }
        ++used_;
        if (ours) ++ours_.back();
        return tell(now, 200);
    }

    bool would_refuse(time_point now) {
        roll(now);
        return now < blocked_until_ || used_ >= setup_.quota;
    }

    std::uint64_t refused() const { return refused_; }
    // Our requests in each window, in order.
    std::vector<std::uint64_t> const& ours() const { return ours_; }

private:
    void roll(time_point now) {
        if (!ours_.empty() && now < start_ + setup_.window) return;
        if (setup_.anchored)
            start_ = now;
        else
            while (now >= start_ + setup_.window) start_ += setup_.window;
        used_ = 0;
        ours_.push_back(0);
    }

    observed tell(time_point now, unsigned status) const {
        observed answer;
        answer.status = status;
        if (!setup_.headers) return answer;
        auto const left = start_ + setup_.window - now;
        auto const seconds = setup_.rounds_up ? std::chrono::ceil<std::chrono::seconds>(left)
                                              : std::chrono::floor<std::chrono::seconds>(left);
        answer.limits.push_back({"default", setup_.quota - used_, seconds});
        answer.policies.push_back({"default", setup_.quota, setup_.window});
        return answer;
    }

    observed refuse(time_point now) {
        ++refused_;
        auto answer = tell(now, 429);
        answer.limits.clear();
        answer.retry_after = blocked_until_ - now;
        return answer;
    }

    scenario setup_;
    time_point start_;
    time_point blocked_until_{};
    std::uint64_t used_ = 0;
    std::uint64_t refused_ = 0;
    std::vector<std::uint64_t> ours_;
};

struct result {
    std::uint64_t refused = 0;             // of ours
    std::uint64_t most_a_second = 0;       // grants
    std::vector<std::uint64_t> windows{};  // our requests in each
};

result run(scenario const& setup, unsigned seed, int windows) {
    std::mt19937_64 random{seed};
    auto const up_to = [&](duration most) {
        return duration{std::uniform_int_distribution<duration::rep>{1, most.count()}(random)};
    };
    enum class kind { wake, arrival, answer, abandon, other };
    struct event {
        time_point when;
        std::uint64_t order;
        kind what;
        std::size_t answer;
        bool operator>(event const& that) const {
            return std::tie(when, order) > std::tie(that.when, that.order);
        }
    };
    std::priority_queue<event, std::vector<event>, std::greater<>> events;
    std::uint64_t order = 0;
    auto const at = [&](time_point when, kind what, std::size_t answer = 0) {
        events.push({when, order++, what, answer});
    };

    rate_policy policy;
    policy.quota = setup.quota;
    policy.window = setup.window;
    rate_limiter limiter{policy};
    auto const start = time_point{} + 1h;
    model_server server{setup, 1h + up_to(setup.window)};
    std::vector<observed> answers;
    std::vector<time_point> grants;
    result counts;
    int idle = setup.concurrency;
    std::bernoulli_distribution loses{setup.lost};
    std::bernoulli_distribution breaks{setup.broken};
    auto const gap = setup.others > 0 ? duration{static_cast<duration::rep>(
                                            static_cast<double>(setup.window.count()) /
                                            (static_cast<double>(setup.quota) * setup.others))}
                                      : duration{};

    at(start, kind::wake);
    if (setup.others > 0) at(start, kind::other);
    time_point const end = start + setup.window * windows;
    auto next_wake = time_point::max();
    while (!events.empty() && events.top().when < end) {
        auto const now = events.top().when;
        auto const what = events.top().what;
        auto const which = events.top().answer;
        events.pop();
        switch (what) {
            case kind::wake:
                next_wake = time_point::max();
                break;
            case kind::arrival: {
                answers.push_back(server.serve(now, true, breaks(random) || server.is_out(now)));
                if (answers.back().status == 429) ++counts.refused;
                if (loses(random))
                    at(now + 2s, kind::abandon);
                else
                    at(now + up_to(setup.one_way), kind::answer, answers.size() - 1);
                break;
            }
            case kind::answer:
                limiter.observe(answers[which], now);
                ++idle;
                break;
            case kind::abandon:
                limiter.abandon(now);
                ++idle;
                break;
            case kind::other:
                if (!server.would_refuse(now)) server.serve(now, false);
                at(now + gap, kind::other);
                break;
        }
        while (idle > 0) {
            auto const when = limiter.take(now);
            if (when > now) {
                if (when < next_wake) at(next_wake = when, kind::wake);
                break;
            }
            grants.push_back(now);
            --idle;
            at(now + up_to(setup.one_way), kind::arrival);
        }
    }
    counts.windows = server.ours();
    std::size_t first = 0;
    for (std::size_t last = 0; last < grants.size(); ++last) {
        while (grants[last] - grants[first] >= 1s) ++first;
        counts.most_a_second = std::max<std::uint64_t>(counts.most_a_second, last - first + 1);
    }
    return counts;
}

std::vector<scenario> scenarios() {
    std::vector<scenario> all;
    for (int concurrency : {1, 4, 16, 64})
        for (bool anchored : {true, false})
            for (bool rounds_up : {true, false}) {
                scenario s{
                    .concurrency = concurrency, .anchored = anchored, .rounds_up = rounds_up};
                s.name = "alone";
                all.push_back(s);
                s.name = "alone, small windows";
                s.quota = 12;
                s.window = 3s;
                all.push_back(s);
                s = {.concurrency = concurrency, .anchored = anchored, .rounds_up = rounds_up};
                s.name = "slow answers";
                s.one_way = 2s;
                s.full_speed = concurrency >= 16;
                all.push_back(s);
                s.one_way = 50ms;
                s.name = "others within the reserve";
                s.others = 0.01;
                s.full_speed = true;
                all.push_back(s);
                s.name = "others take half";
                s.others = 0.5;
                s.full_speed = false;
                all.push_back(s);
                s.name = "lost answers";
                s.others = 0;
                s.lost = 0.05;
                all.push_back(s);
                s.quota = 12;
                s.window = 3s;
                s.name = "lost answers, small windows";
                all.push_back(s);
                s = {.concurrency = concurrency, .anchored = anchored, .rounds_up = rounds_up};
                s.name = "gateway errors";
                s.broken = 0.2;
                s.full_speed = false;
                all.push_back(s);
                s.name = "outages";
                s.outages = true;
                all.push_back(s);
                // An answer that tells nothing may overtake the one that opens a window, and was
                // not counted in its number: that is for the reserve, which small quotas do not
                // have.
                s.broken = 0;
                s.quota = 12;
                s.window = 3s;
                s.name = "outages, small windows";
                all.push_back(s);
            }
    return all;
}

BOOST_AUTO_TEST_SUITE(rate_limiter_simulation)

BOOST_DATA_TEST_CASE(is_never_refused_and_uses_the_quota, scenarios(), setup) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        int const windows = setup.quota > 100 ? 8 : 60;
        auto const counts = run(setup, seed, windows);
        BOOST_TEST_CONTEXT("seed " << seed) {
            BOOST_TEST(counts.refused == 0u);
            BOOST_TEST(counts.most_a_second <= 200u);
            auto const reserve = setup.quota / 100;
            // The first and last window are cut off by the simulation's start and end.
            BOOST_TEST_REQUIRE(counts.windows.size() >= 6u);
            std::uint64_t used = 0;
            for (std::size_t i = 1; i + 1 < counts.windows.size(); ++i) {
                used += counts.windows[i];
                BOOST_TEST(counts.windows[i] > 0u);
                // Probes that came before the old window's end may cost one of the reserve.
                if (setup.others == 0) BOOST_TEST(counts.windows[i] <= setup.quota - reserve + 1);
            }
            auto const offered = (counts.windows.size() - 2) * (setup.quota - reserve);
            if (setup.full_speed) {
                // Others take theirs first come, first served, out of the reserve.
                BOOST_TEST(static_cast<double>(used) >= 0.95 * static_cast<double>(offered));
                // Windows begin with a request where the server anchors them so: late requests
                // would stretch them.
                BOOST_TEST(static_cast<double>(counts.windows.size()) >=
                           static_cast<double>(windows) * (setup.quota > 100 ? 0.95 : 0.7));
            }
        }
    }
}

BOOST_DATA_TEST_CASE(without_headers_no_window_of_the_server_overflows,
                     boost::unit_test::data::make({1, 8, 64}) *
                         boost::unit_test::data::make({false, true}),
                     concurrency, small) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        scenario setup{.concurrency = concurrency, .one_way = 300ms, .headers = false};
        if (small) {
            setup.quota = 12;
            setup.window = 3s;
        }
        setup.anchored = seed % 2 == 0;
        auto const counts = run(setup, seed, 20);
        std::uint64_t used = 0;
        for (auto count : counts.windows) used += count;
        BOOST_TEST(counts.refused == 0u);
        // Counted from the ends of the requests, so that each round takes window plus latency.
        if (concurrency > 1)
            BOOST_TEST(static_cast<double>(used) >=
                       20 * (small ? 0.7 : 0.95) * static_cast<double>(setup.quota));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
