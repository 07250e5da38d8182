// A fleet that shares a record, against a model of the server: fixed windows that begin with their
// first request, a block of a whole window on excess, whole seconds in its answers. Virtual time,
// so a day passes in seconds.

#include "quota_store/quota_record.hpp"

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
#include <utility>
#include <vector>

namespace {

using namespace cloudflare::quota;
namespace data = boost::unit_test::data;

constexpr std::int64_t second = 1000;
constexpr std::int64_t hour = 3600 * second;
constexpr std::int64_t never = -1;

enum class load {
    hungry,  ///< every process has always more to send
    bursts,  ///< now and then a process has many requests to send, together more than the quota
    light,   ///< the same, half of the quota
};

struct scenario {
    char const* name = "";
    std::int64_t processes = 1000;
    record_policy policy{};
    std::int64_t lasts = 24 * hour;
    std::int64_t latency = 250;  ///< of a request there and back, from half to once and a half
    load work = load::hungry;
    std::int64_t others = 0;   ///< requests in a window of clients that know nothing of the record
    double lost = 0;           ///< share of answers that never come
    std::int64_t deaths = 0;   ///< of processes in a window, each with what it has leased
    std::int64_t flushes = 0;  ///< of the record, in the whole time
    bool rounds_up = true;
    double utilisation = 0.95;  ///< at least
    double commands = 0.5;      ///< for each request, at most
    std::int64_t most_refused = 0;

    friend std::ostream& operator<<(std::ostream& out, scenario const& s) { return out << s.name; }
};

struct served {
    bool is_refused = false;
    std::int64_t remaining = 0;
    std::int64_t resets_in = 0;
};

class model_server {
public:
    explicit model_server(scenario const& setup) : setup_{setup} {}

    served serve(std::int64_t now) {
        auto const& policy = setup_.policy;
        if (now >= end_) {
            end_ = now + policy.window;
            used_ = 0;
            is_blocked_ = false;
        }
        if (!is_blocked_ && used_ == policy.quota) {
            is_blocked_ = true;
            end_ = now + policy.window;
        }
        auto const left = end_ - now;
        auto const whole = (setup_.rounds_up ? left + second - 1 : left) / second * second;
        if (is_blocked_) return {true, 0, whole};
        ++used_;
        return {false, policy.quota - used_, whole};
    }

    bool has_more(std::int64_t now) const {
        return now >= end_ || (!is_blocked_ && used_ < setup_.policy.quota);
    }

private:
    scenario const& setup_;
    std::int64_t end_ = never;
    std::int64_t used_ = 0;
    bool is_blocked_ = false;
};

class fleet {
public:
    explicit fleet(scenario const& setup)
        : setup_{setup}, server_{setup}, processes_(static_cast<std::size_t>(setup.processes)) {
        for (auto& each : processes_) {
            if (setup.work == load::hungry) {
                each.to_send = endless;
                soon(below(setup.policy.window), each, &fleet::work);
            } else {
                soon(below(pause_of_bursts()), each, &fleet::begin_burst);
            }
        }
        if (setup.others > 0) later(0, [](fleet& of) { of.let_others_send(); });
        if (setup.deaths > 0) later(0, [](fleet& of) { of.let_one_die(); });
        for (std::int64_t i = 0; i != setup.flushes; ++i) {
            later(below(setup.lasts), [](fleet& of) { of.record_ = {}; });
        }
    }

    void run() {
        while (due_.top().when < setup_.lasts) {
            auto const next = due_.top();
            due_.pop();
            now_ = start + next.when;
            next.what(*this);
        }
    }

    std::int64_t requests = 0;
    std::int64_t refused = 0;
    std::int64_t commands = 0;

private:
    static constexpr std::int64_t start = 1'700'000'000'000;
    static constexpr std::int64_t endless = std::int64_t{1} << 60;
    static constexpr std::int64_t burst = 200;
    static constexpr std::int64_t concurrency = 4;

    struct process {
        std::int64_t life = 0;  // what was due in an earlier one is void
        std::int64_t to_send = 0;
        std::int64_t left = 0;
        std::int64_t until = 0;
        std::int64_t asks_at = 0;
        bool is_probe = false;
        bool will_report = false;
        bool will_ask = false;
        std::int64_t last_grant = 0;
        std::int64_t in_flight = 0;
        known_window known{};
        record_exchange unreported{};
    };
    using step = void (fleet::*)(process&);
    struct event {
        std::int64_t when = 0;
        std::int64_t number = 0;
        std::function<void(fleet&)> what;
        bool operator<(event const& other) const {
            return std::tie(when, number) > std::tie(other.when, other.number);
        }
    };

    std::int64_t below(std::int64_t most) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
    }
    void later(std::int64_t wait, std::function<void(fleet&)> what) {
        due_.push({now_ - start + wait, ++events_, std::move(what)});
    }
    /// For the process as it is now; nothing once it has died.
    void soon(std::int64_t wait, process& who, step what) {
        later(wait, [&who, what, life = who.life](fleet& of) {
            if (who.life == life) (of.*what)(who);
        });
    }

    std::int64_t pause_of_bursts() const {
        auto const share = setup_.work == load::light ? 0.5 : 1.3;
        auto const in_time =
            static_cast<double>(setup_.policy.quota) / static_cast<double>(setup_.policy.window);
        return static_cast<std::int64_t>(static_cast<double>(burst * setup_.processes) /
                                         (in_time * share));
    }
    void begin_burst(process& who) {
        who.to_send += burst;
        soon(below(2 * pause_of_bursts()), who, &fleet::begin_burst);
        work(who);
    }

    /// As the limiter of a process does: all that it has to say, and what it wants, at once.
    record_answer tell(process& who, std::int64_t wanted) {
        ++commands;
        auto what = who.known.in(now_);
        what.in_flight = who.in_flight;
        what.answers = std::exchange(who.unreported.answers, 0);
        what.remaining = who.unreported.remaining;
        what.resets_in = std::max<std::int64_t>(who.unreported.resets_in - now_, 0);
        what.refused_for = std::exchange(who.unreported.refused_for, never);
        what.unused = std::exchange(who.unreported.unused, 0);
        what.wanted = wanted;
        auto const answer = exchange(record_, setup_.policy, what, now_);
        who.known.learn(answer, now_);
        return answer;
    }

    void work(process& who) {
        while (who.to_send > 0 && who.in_flight < concurrency) {
            if (who.left == 0 || now_ >= who.until) {
                who.left = 0;
                if (now_ < who.asks_at) return ask_later(who);
                auto const wanted = std::max(usual_lease(setup_.policy),
                                             std::min(who.to_send, concurrency) - who.in_flight);
                auto const got = tell(who, wanted);
                who.left = got.granted;
                who.is_probe = got.is_probe == 1;
                (got.granted > 0 ? who.until : who.asks_at) =
                    now_ + std::max<std::int64_t>(got.lasts, got.granted > 0 ? 0 : 100);
                continue;
            }
            --who.left;
            --who.to_send;
            ++who.in_flight;
            who.last_grant = now_;
            auto const there = setup_.latency / 4 + below(setup_.latency / 2);
            later(there, [&who, life = who.life](fleet& of) { of.arrive(who, life); });
        }
        report_later(who);
    }
    void ask_later(process& who) {
        if (std::exchange(who.will_ask, true)) return;
        soon(who.asks_at - now_, who, &fleet::ask_again);
    }
    void ask_again(process& who) {
        who.will_ask = false;
        work(who);
    }

    void arrive(process& who, std::int64_t life) {
        auto const answer = server_.serve(now_);
        ++requests;
        if (answer.is_refused) ++refused;
        if (static_cast<double>(random_() % 1000) < setup_.lost * 1000) {
            constexpr std::int64_t attempt_timeout = 30 * second;
            soon(attempt_timeout, who, &fleet::give_up);
            return;
        }
        later(setup_.latency / 4 + below(setup_.latency / 2), [&who, life, answer](fleet& of) {
            if (who.life == life) of.take(who, answer);
        });
    }
    void give_up(process& who) {
        --who.in_flight;
        work(who);
    }
    void take(process& who, served const& answer) {
        --who.in_flight;
        auto& sum = who.unreported;
        auto const end = now_ + answer.resets_in;
        sum.remaining =
            sum.answers == 0 ? answer.remaining : std::min(sum.remaining, answer.remaining);
        sum.resets_in = sum.answers == 0 ? end : std::min(sum.resets_in, end);
        ++sum.answers;
        if (answer.is_refused) {
            sum.refused_for = std::max(sum.refused_for, answer.resets_in);
            sum.unused += std::exchange(who.left, 0);
            who.asks_at = end;
        }
        if (answer.is_refused || std::exchange(who.is_probe, false)) tell(who, 0);
        work(who);
    }
    void report_later(process& who) {
        if (std::exchange(who.will_report, true)) return;
        soon(report_interval_of(setup_.policy), who, &fleet::report);
    }
    void report(process& who) {
        who.will_report = false;
        if (now_ - who.last_grant >= report_interval_of(setup_.policy) || now_ >= who.until) {
            auto const rest = std::exchange(who.left, 0);
            if (now_ < who.until) who.unreported.unused += rest;
        }
        if (who.unreported.answers > 0 || who.unreported.unused > 0) tell(who, 0);
        if (who.left > 0 || who.in_flight > 0) report_later(who);
    }

    void let_others_send() {
        // They know when they are at the end.
        if (server_.has_more(now_)) {
            (void)server_.serve(now_);
            ++requests;
        }
        later(below(2 * setup_.policy.window / setup_.others),
              [](fleet& of) { of.let_others_send(); });
    }
    void let_one_die() {
        auto& who = processes_[static_cast<std::size_t>(below(setup_.processes))];
        auto const life = who.life + 1;
        auto const to_send = who.to_send;
        who = process{};
        who.life = life;
        who.to_send = to_send;
        if (setup_.work != load::hungry)
            soon(below(2 * pause_of_bursts()), who, &fleet::begin_burst);
        soon(second, who, &fleet::work);
        later(below(2 * setup_.policy.window / setup_.deaths), [](fleet& of) { of.let_one_die(); });
    }

    scenario const& setup_;
    model_server server_;
    quota_record record_;
    std::vector<process> processes_;
    std::priority_queue<event> due_;
    std::int64_t now_ = start;
    std::int64_t events_ = 0;
    std::mt19937_64 random_{1};
};

record_policy policy_of(std::int64_t quota, std::int64_t window) {
    return {quota, window, std::min(quota / 100, quota - 1)};
}

std::vector<scenario> scenarios() {
    std::vector<scenario> all;
    auto const add = [&all](char const* name) -> scenario& {
        all.emplace_back();
        all.back().name = name;
        return all.back();
    };
    add("a thousand that have always more to send");
    {
        auto& s = add("a thousand with bursts");
        s.work = load::bursts;
    }
    {
        auto& s = add("a thousand that need half of it");
        s.work = load::light;
        s.utilisation = 0.45;
    }
    {
        auto& s = add("eight");
        s.processes = 8;
        s.lasts = 6 * hour;
    }
    {
        auto& s = add("one");
        s.processes = 1;
        s.lasts = 6 * hour;
    }
    {
        auto& s = add("eight at 120 in 10 s");
        s.processes = 8;
        s.policy = policy_of(120, 10 * second);
        s.latency = 40;
        s.lasts = hour;
        s.utilisation = 0.9;
    }
    {
        auto& s = add("a small quota");
        s.processes = 8;
        s.policy = policy_of(10, 60 * second);
        s.lasts = 6 * hour;
        s.utilisation = 0.9;
        s.commands = 3;
    }
    {
        auto& s = add("a slow server");
        s.processes = 100;
        s.latency = 3 * second;
        s.lasts = 6 * hour;
    }
    {
        auto& s = add("with other clients");
        s.processes = 100;
        s.others = 300;
        s.lasts = 6 * hour;
    }
    {
        auto& s = add("answers are lost");
        s.processes = 100;
        s.lost = 0.02;
        s.lasts = 6 * hour;
        s.utilisation = 0.9;
    }
    {
        auto& s = add("processes die");
        s.processes = 100;
        s.deaths = 2;
        s.lasts = 6 * hour;
        s.utilisation = 0.85;
    }
    {
        auto& s = add("a server that rounds down");
        s.processes = 100;
        s.rounds_up = false;
        s.lasts = 6 * hour;
    }
    {
        auto& s = add("the store forgets");
        s.processes = 1000;
        s.flushes = 20;
        s.utilisation = 0.95;
    }
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fleet_simulation)

BOOST_DATA_TEST_CASE(uses_the_quota_and_is_never_refused, data::make(scenarios()), setup) {
    fleet all{setup};
    all.run();
    auto const windows =
        static_cast<double>(setup.lasts) / static_cast<double>(setup.policy.window);
    auto const used = static_cast<double>(all.requests - all.refused) /
                      (windows * static_cast<double>(setup.policy.quota));
    auto const commands = static_cast<double>(all.commands) / static_cast<double>(all.requests);
    BOOST_TEST_MESSAGE(setup.name << ": " << all.requests << " requests, " << 100 * used
                                  << " % of the quota, " << all.refused << " refused, " << commands
                                  << " commands for each request");
    BOOST_TEST(all.refused <= setup.most_refused);
    BOOST_TEST(used >= setup.utilisation);
    BOOST_TEST(commands <= setup.commands);
}

BOOST_AUTO_TEST_SUITE_END()
