#include "quota_store/own_share.hpp"
#include "quota_store/quota_record.hpp"
#include "quota_store/record_store.hpp"

#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/quota_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

namespace {

/// How often a store that is away is tried again.
constexpr std::int64_t retry_pause = 1000;

/// The integers of the record have room for more than this.
constexpr std::int64_t most_requests = 1'000'000;
constexpr std::chrono::milliseconds longest_window = std::chrono::hours{24};

std::int64_t count_of(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min(value, static_cast<std::uint64_t>(most_requests)));
}

std::int64_t milliseconds_of(clock::duration time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}

std::int64_t milliseconds_of(clock::time_point time) {
    return milliseconds_of(time.time_since_epoch());
}

[[noreturn]] void refuse(char const* why) {
    throw exception{error{errc::invalid_argument, why}};
}

quota::record_policy policy_of(rate_limit_options const& options) {
    if (options.quota() == 0) refuse("a quota store needs a quota");
    if (options.window().count() <= 0) refuse("the quota's window must be longer than nothing");
    quota::record_policy policy;
    policy.quota = count_of(options.quota());
    policy.window = std::min(options.window(), longest_window).count();
    auto const share = std::clamp(options.reserve(), 0.0, 1.0);
    auto const reserve = static_cast<std::int64_t>(static_cast<double>(policy.quota) * share);
    policy.reserve = std::min(reserve, policy.quota - 1);
    return policy;
}

leasing_options leasing_of(quota::record_policy const& policy) {
    leasing_options options;
    options.batch(static_cast<std::uint64_t>(quota::usual_lease(policy)))
        .largest_batch(static_cast<std::uint64_t>(quota::usual_lease(policy)) * 4)
        .interval(std::chrono::milliseconds{quota::report_interval_of(policy)});
    return options;
}

/// Of several quotas the record keeps the one with the longest window; the others are over soon.
ratelimit_item const* longest_of(quota_report const& report) {
    ratelimit_item const* longest = nullptr;
    std::chrono::nanoseconds window{};
    for (auto const& each : report.limits) {
        auto const policy = std::find_if(report.policies.begin(), report.policies.end(),
                                         [&](auto const& of) { return of.name == each.name; });
        auto const length = policy == report.policies.end() ? each.reset : policy->window;
        if (longest && length <= window) continue;
        longest = &each;
        window = length;
    }
    return longest;
}

quota::record_exchange exchange_of(unreported_quota const& told) {
    quota::record_exchange what;
    auto const& report = told.report;
    what.in_flight = count_of(told.in_flight);
    what.unused = count_of(told.unused);
    what.silent = count_of(report.silent);
    if (auto const* const limit = longest_of(report)) {
        what.answers = count_of(report.numbered);
        what.remaining = count_of(limit->remaining);
        what.resets_in = milliseconds_of(limit->reset);
    }
    if (report.refused) {
        what.refused_for = report.retry_after ? report.retry_after->count() : what.resets_in;
        what.refused_for = std::clamp<std::int64_t>(what.refused_for, 0, longest_window.count());
    }
    return what;
}

class leasing_store final : public quota_store {
public:
    leasing_store(asio::any_io_executor const& executor, quota::record_policy policy,
                  quota_store_options const& options)
        : quota_store{executor, leasing_of(policy)},
          strand_{asio::make_strand(executor)},
          policy_{policy},
          on_event_{options.on_event()},
          share_{policy, std::max<std::int64_t>(count_of(options.expected_processes()), 1)} {}

    asio::any_io_executor strand() const { return strand_; }
    void keep(std::unique_ptr<record_store> store) { store_ = std::move(store); }

    quota_snapshot snapshot() const override {
        auto view = leasing_rate_limiter::snapshot();
        view.limit = static_cast<std::uint64_t>(policy_.quota);
        view.window = std::chrono::milliseconds{policy_.window};
        return view;
    }

    quota_store_metrics metrics() const override {
        quota_store_metrics all;
        all.exchanges = exchanges_;
        all.failures = failures_;
        all.times_away = times_away_;
        all.is_away = is_away_;
        all.leased = leased_;
        all.own = own_;
        return all;
    }

protected:
    asio::awaitable<result<quota_lease>> lease(std::uint64_t wanted) override {
        auto what = exchange_of(take_unreported());
        what.wanted = count_of(wanted);
        auto const begun = clock::now();
        auto work = on_strand(what);
        auto const answer = co_await std::move(work);
        quota_lease lease{static_cast<std::uint64_t>(answer.granted),
                          begun + std::chrono::milliseconds{answer.lasts}};
        lease.is_probe = answer.is_probe == 1;
        co_return lease;
    }
    asio::awaitable<void> report(quota_report told) override {
        auto all = take_unreported();
        all.report.add(told);
        auto work = on_strand(exchange_of(all));
        (void)co_await std::move(work);
    }
    asio::awaitable<void> give_back(std::uint64_t unused) override {
        quota::record_exchange what;
        what.unused = count_of(unused);
        auto work = on_strand(what);
        (void)co_await std::move(work);
    }

private:
    asio::awaitable<quota::record_answer> on_strand(quota::record_exchange what) {
        auto inner = exchange(what);
        auto work = asio::co_spawn(strand_, std::move(inner), asio::use_awaitable);
        co_return co_await std::move(work);
    }

    asio::awaitable<quota::record_answer> exchange(quota::record_exchange what) {
        auto const now = milliseconds_of(clock::now());
        if (is_to_be_tried(what, now)) {
            tried_at_ = now;
            ++exchanges_;
            auto const known = known_.in(now);
            what.generation = known.generation;
            what.opened = known.opened;
            what.ends_in = known.ends_in;
            auto work = store_->exchange(what);
            auto const answer = co_await std::move(work);
            if (answer) {
                known_.learn(*answer, now);
                leased_ += static_cast<std::uint64_t>(answer->granted);
                come_back();
                co_return *answer;
            }
            ++failures_;
            go_away(answer.error().detail());
        }
        co_return of_share(what);
    }

    bool is_to_be_tried(quota::record_exchange const& what, std::int64_t now) const {
        if (!is_away_) return true;
        if (what.wanted == 0 || !share_.is_untouched(now)) return false;
        return now >= tried_at_ + retry_pause || share_.has_ended(tried_at_, now);
    }

    quota::record_answer of_share(quota::record_exchange const& what) {
        auto const now = milliseconds_of(clock::now());
        auto answer = share_.exchange(what, now);
        own_ += static_cast<std::uint64_t>(answer.granted);
        // The store may be back before the window's end.
        if (answer.granted == 0 && share_.is_untouched(now)) {
            answer.lasts = std::min(answer.lasts, retry_pause);
        }
        return answer;
    }

    void go_away(std::string const& why) {
        if (is_away_.exchange(true)) return;
        ++times_away_;
        share_.begin(known_.end, milliseconds_of(clock::now()));
        constexpr std::size_t longest_reason = 200;
        emit(quota_store_event::kind::away, short_line(why, longest_reason));
    }

    void come_back() {
        if (is_away_.exchange(false)) emit(quota_store_event::kind::back, {});
    }

    void emit(quota_store_event::kind what, std::string const& reason) const {
        if (!on_event_) return;
        quota_store_event event;
        event.what = what;
        event.reason = reason;
        on_event_(event);
    }

    asio::strand<asio::any_io_executor> strand_;
    quota::record_policy const policy_;
    quota_store_hook const on_event_;
    std::unique_ptr<record_store> store_;

    // What follows is the strand's; others read the counters.
    quota::known_window known_;
    quota::own_share share_;
    std::int64_t tried_at_ = 0;
    std::atomic<bool> is_away_ = false;
    std::atomic<std::uint64_t> exchanges_ = 0;
    std::atomic<std::uint64_t> failures_ = 0;
    std::atomic<std::uint64_t> times_away_ = 0;
    std::atomic<std::uint64_t> leased_ = 0;
    std::atomic<std::uint64_t> own_ = 0;
};

}  // namespace

std::shared_ptr<quota_store> make_quota_store(asio::any_io_executor executor, credentials const& of,
                                              quota_store_options options) {
    if (of.empty()) refuse("a quota store needs credentials");
    auto const policy = policy_of(options.quota());
    auto key = record_key(of, options.user());
    auto made = std::make_shared<leasing_store>(executor, policy, options);
    if (options.kind() == quota_store_options::place::file) {
        made->keep(make_file_store(options.path(), std::move(key), policy));
    } else {
        made->keep(make_redis_store(made->strand(), options, std::move(key), policy));
    }
    return made;
}

}  // namespace cloudflare::inline v0
