// The pool's machine in random schedules against a model of a server, in virtual time. Whatever
// happens in whatever order: nobody who waits is lost, nobody is served twice, nobody fails while a
// connection lives, and the number of connections and of dials is bounded.

#include "http/pool_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace {

using namespace cloudflare::http;
using namespace std::chrono_literals;
using state = pool_waiter::state;

/// What a server does with connections, for a while.
enum class mood { good, refuses, closes, refuses_for_good, mixed };

constexpr std::chrono::milliseconds max_lifetime{5000};

class schedule {
public:
    explicit schedule(std::uint32_t seed)
        : random_{seed},
          limit_{1 + below(9)},
          idle_timeout_{below(3000)},
          machine_{{limit_, idle_timeout_, max_lifetime}, seed} {}
    ~schedule() {
        for (auto const& each : calls_) {
            if (each->waiter.now == state::queued) machine_.leave(each->waiter);
        }
    }
    schedule(schedule const&) = delete;
    schedule& operator=(schedule const&) = delete;

    void run(std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) {
            step();
            check();
        }
        // In the end the server is good, and everybody comes to something.
        mood_ = mood::good;
        for (int i = 0; i < 10'000 && !is_calm(); ++i) {
            finish_something();
            check();
        }
        BOOST_TEST(is_calm());
        for (auto const& each : calls_) BOOST_TEST(each->endings == 1);
    }

private:
    struct call {
        pool_waiter waiter;
        int endings = 0;
    };
    struct dial {
        std::uint64_t round = 0;
        mood outcome{};
    };

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
    }

    void step() {
        switch (below(10)) {
            case 0:
            case 1:
                come();
                break;
            case 2:
                leave();
                break;
            case 3:
                mood_ = static_cast<mood>(below(5));
                break;
            case 4:
                now_ += std::chrono::milliseconds{below(2000)};
                begin_dials();
                break;
            case 5:
                machine_.sweep(now_, expired_);
                BOOST_TEST((machine_.next_sweep() > now_));
                break;
            default:
                finish_something();
        }
    }

    /// The next thing that is due without anybody coming.
    void finish_something() {
        if (!dials_.empty() && below(2) == 0) {
            end_dial();
        } else if (!serving_.empty()) {
            end_use();
        } else if (!dials_.empty()) {
            end_dial();
        } else if (machine_.next_dial() != pool_machine::time_point::max()) {
            now_ = std::max(now_, machine_.next_dial());
            begin_dials();
        }
    }

    void come() {
        auto& made = *calls_.emplace_back(std::make_unique<call>());
        made.waiter.deadline =
            now_ + std::chrono::milliseconds{below(3) == 0 ? below(50) : 100'000};
        wait(made, false);
    }

    void wait(call& who, bool at_front) {
        if (auto idle = machine_.take_idle(now_, expired_)) {
            BOOST_TEST(!machine_.has_waiters());
            who.waiter.now = state::served;
            who.waiter.granted = std::move(idle);
            serve(who);
            return;
        }
        auto const had_none = machine_.has_none();
        machine_.enqueue(who.waiter, at_front, now_);
        if (who.waiter.now == state::failed) {
            BOOST_TEST(had_none);
            BOOST_TEST(machine_.is_failing());
            ++who.endings;
        }
        begin_dials();
    }

    void leave() {
        for (auto const& each : calls_) {
            if (each->waiter.now != state::queued || below(4) != 0) continue;
            machine_.leave(each->waiter);
            ++each->endings;
            return;
        }
    }

    void begin_dials() {
        auto const was_failing = machine_.is_failing();
        auto const begun = machine_.begin_dials(now_);
        if (was_failing && begun > 0) {
            BOOST_TEST(begun == 1u);
            // Half of the shortest pause.
            BOOST_TEST((now_ - last_probe_ >= 25ms));
            last_probe_ = now_;
        }
        for (std::size_t i = 0; i < begun; ++i) {
            dials_.push_back(
                {machine_.round(), mood_ == mood::mixed ? static_cast<mood>(below(4)) : mood_});
        }
    }

    void end_dial() {
        auto const which = dials_.begin() + static_cast<std::ptrdiff_t>(below(dials_.size()));
        auto const ended = *which;
        dials_.erase(which);
        if (ended.outcome == mood::good || ended.outcome == mood::closes) {
            auto opened = std::make_unique<pooled_connection>();
            opened->round = ended.round;
            opened->opened = opened->last_used = now_;
            machine_.dial_succeeded(std::move(opened), woken_);
        } else {
            auto const stays = ended.outcome == mood::refuses_for_good;
            machine_.dial_failed(ended.round, stays, now_, woken_);
        }
        take_woken();
        begin_dials();
    }

    void serve(call& who) {
        BOOST_REQUIRE(who.waiter.granted);
        serving_.push_back(&who);
    }

    void end_use() {
        auto const which = serving_.begin() + static_cast<std::ptrdiff_t>(below(serving_.size()));
        auto& who = **which;
        serving_.erase(which);
        auto used = std::move(who.waiter.granted);
        // It may have died before it was used at all; its call stands in front again.
        if (mood_ != mood::good && below(10) == 0) {
            drop(*used, pool_use::neutral);
            who.waiter.now = state::away;
            wait(who, true);
            return;
        }
        ++who.endings;
        who.waiter.now = state::away;
        if (mood_ == mood::closes || below(20) == 0) {
            drop(*used, pool_use::unanswered);
        } else if (below(10) == 0) {
            drop(*used, below(2) == 0 ? pool_use::answered : pool_use::neutral);
        } else {
            used->last_used = now_;
            machine_.give_back(std::move(used), pool_use::answered, woken_);
            take_woken();
            begin_dials();
        }
    }

    void drop(pooled_connection& used, pool_use how) {
        machine_.drop(used.round, used.has_answered ? pool_use::neutral : how, now_, woken_);
        take_woken();
        begin_dials();
    }

    void take_woken() {
        for (auto* const each : woken_) {
            auto const who = std::find_if(calls_.begin(), calls_.end(),
                                          [&](auto const& one) { return &one->waiter == each; });
            BOOST_REQUIRE((who != calls_.end()));
            BOOST_TEST((*who)->endings == 0);
            if (each->now == state::served) {
                serve(**who);
            } else {
                BOOST_TEST((each->now == state::failed));
                BOOST_TEST(machine_.has_none());
                ++(*who)->endings;
            }
        }
        woken_.clear();
    }

    bool is_calm() const { return !machine_.has_waiters() && dials_.empty() && serving_.empty(); }

    void check() {
        for (auto const& each : expired_) {
            BOOST_TEST(
                (now_ >= each->opened + max_lifetime || now_ >= each->last_used + idle_timeout_));
        }
        expired_.clear();
        BOOST_TEST(machine_.idle() + machine_.in_use() + dials_.size() <= limit_);
        BOOST_TEST(machine_.in_use() == serving_.size());
        auto const queued = std::count_if(calls_.begin(), calls_.end(), [](auto const& each) {
            return each->waiter.now == state::queued;
        });
        BOOST_TEST((queued > 0) == machine_.has_waiters());
        if (queued == 0) return;
        // Something that will come serves or fails them.
        BOOST_TEST(machine_.idle() == 0u);
        BOOST_TEST((!dials_.empty() || !serving_.empty() ||
                    machine_.next_dial() != pool_machine::time_point::max()));
    }

    std::mt19937 random_;
    std::size_t limit_;
    std::chrono::milliseconds idle_timeout_;
    std::vector<std::unique_ptr<call>> calls_;
    pool_machine machine_;
    pool_machine::time_point now_{1h};
    pool_machine::time_point last_probe_{};
    mood mood_ = mood::good;
    std::vector<dial> dials_;
    std::vector<call*> serving_;
    pool_machine::connections expired_;
    pool_machine::waiters woken_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(schedules)

BOOST_AUTO_TEST_CASE(at_random) {
    for (std::uint32_t seed = 0; seed < 3000; ++seed) {
        BOOST_TEST_INFO_SCOPE("seed " << seed);
        schedule{seed}.run(120);
    }
}

BOOST_AUTO_TEST_CASE(the_dials_of_an_outage_are_bounded) {
    // Whoever fails comes again at once, 64 at a time, for a minute; all of it fails, in every way.
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        BOOST_TEST_INFO_SCOPE("seed " << seed);
        std::mt19937 random{seed};
        pool_machine machine{{8, 1min, 10min}, seed};
        std::vector<std::unique_ptr<pool_waiter>> calls;
        pool_machine::waiters woken;
        pool_machine::time_point const start{1h};
        auto now = start;
        std::size_t dials = 0;
        std::vector<std::uint64_t> under_way;
        auto const dial = [&] {
            auto const begun = machine.begin_dials(now);
            under_way.insert(under_way.end(), begun, machine.round());
            dials += begun;
        };
        for (int i = 0; i < 64; ++i) {
            auto& who = *calls.emplace_back(std::make_unique<pool_waiter>());
            who.deadline = start + 1h;
            machine.enqueue(who, false, now);
            dial();
        }
        while (now < start + 60s) {
            while (!under_way.empty()) {
                auto const round = under_way.back();
                under_way.pop_back();
                if (random() % 2 == 0) {
                    auto opened = std::make_unique<pooled_connection>();
                    opened->round = round;
                    machine.dial_succeeded(std::move(opened), woken);
                } else {
                    machine.dial_failed(round, random() % 8 == 0, now, woken);
                }
                for (std::size_t i = 0; i < woken.size(); ++i) {
                    if (!woken[i]->granted) continue;
                    machine.drop(woken[i]->granted->round, pool_use::unanswered, now, woken);
                    woken[i]->granted.reset();
                }
                for (auto* const each : std::exchange(woken, {})) {
                    machine.enqueue(*each, false, now);
                }
                dial();
            }
            BOOST_REQUIRE((machine.next_dial() != pool_machine::time_point::max()));
            now = std::max(now, machine.next_dial());
            dial();
        }
        BOOST_TEST(dials > 60u);
        BOOST_TEST(dials <= 8u + 4u + 4u * 60u);
        for (auto const& each : calls) {
            if (each->now == pool_waiter::state::queued) machine.leave(*each);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
