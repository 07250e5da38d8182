// Calls without number, struck by faults of the server, cancellations and timeouts at random
// steps. Every run has another seed, which it prints; `CLOUDFLARE_STORM_SEED` sets it. How the
// kernel and the server's thread fall in step is never the same, so the same seed gives the same
// calls, but not the same race.

#include "harness.hpp"
#include "open_descriptors.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
namespace simulator = cloudflare::simulator;
using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::errc;
using cloudflare::outcome;
using cloudflare::pool_options;
using namespace std::chrono_literals;

namespace {

constexpr auto faults =
    "reset-before@0.03,reset-after@0.03,503@0.03,503-after@0.02,500-html@0.02,truncate@0.02,"
    "garbage@0.01,empty@0.01,stall@0.002,hang@0.002,hang-after@0.002";

std::uint32_t make_seed() {
    auto const* const given = std::getenv("CLOUDFLARE_STORM_SEED");
    auto const seed =
        given ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
    std::cout << "CLOUDFLARE_STORM_SEED=" << seed << std::endl;
    return seed;
}

/// A simulator that fails, and what a client needs to talk to it.
struct weather {
    explicit weather(std::uint32_t seed)
        : server{simulator::options{}.request_quota({}).seed(seed).log_requests(false)} {
        server.seed_block_senders(account, {"a.test", "b.test", "c.test"});
    }

    /// Every other client has to wait for its limiter too.
    cloudflare::client_options options(bool is_paced, std::size_t connections = 4) const {
        auto with = quick_options(server.base_url());
        with.tls(cloudflare::tls_options{}.system_trust(false).extra_ca(server.ca_certificate()))
            .pool(pool_options{}.max_connections(connections).exchange_timeout(500ms));
        if (is_paced) {
            with.rate_limit(
                cloudflare::rate_limit_options{}.quota(1'000'000, 300s).per_second(2000));
        }
        return with;
    }

    simulator::server server;
};

/// The end of any call, without its value.
using ending = cloudflare::result<void>;

template <class T>
asio::awaitable<ending> ending_of(asio::awaitable<cloudflare::result<T>> what) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto const got = co_await std::move(what);
    if (!got) co_return got.error();
    co_return ending{};
}

asio::awaitable<cloudflare::result<cloudflare::deleted>> create_and_remove(
    es::block_senders where, es::new_block_sender item, call_options options) {
    auto const made = co_await where.create(std::move(item), options);
    if (!made) co_return made.error();
    // Asio would throw.
    auto const caller = co_await asio::this_coro::cancellation_state;
    if (caller.cancelled() != asio::cancellation_type::none) {
        co_return cloudflare::error{errc::cancelled, {}};
    }
    co_return co_await where.remove(made->id, options);
}

asio::awaitable<ending> sync(es::block_senders where, call_options options) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    es::feed<es::block_senders_traits> wanted;
    wanted.entries.emplace_back().item = es::new_block_sender{"d.test", es::pattern_type::domain};
    auto with = es::sync_options{}.call(std::move(options));
    auto const report = co_await es::sync(std::move(where), std::move(wanted), std::move(with));
    if (report.failure) co_return *report.failure;
    co_return ending{};
}

/// Makes calls of all kinds.
class caller {
public:
    caller(es::block_senders where, std::uint32_t seed) : where_{std::move(where)}, random_{seed} {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
    }

    /// `creates` becomes the pattern of what only creates.
    asio::awaitable<ending> next(std::string& creates) {
        call_options options;
        if (below(4) == 0) options.timeout(std::chrono::milliseconds{1 + below(30)});
        auto item = es::new_block_sender{"x" + std::to_string(++number_) + ".test",
                                         es::pattern_type::domain};
        switch (below(8)) {
            case 0:
                creates = item.pattern();
                return ending_of(where_.create(std::move(item), std::move(options)));
            case 1:
                return ending_of(create_and_remove(where_, std::move(item), std::move(options)));
            case 2:
                return ending_of(where_.list_all({}, std::move(options), 1 + below(3)));
            case 3: {
                es::block_senders::batch_request many;
                many.create(std::move(item));
                return ending_of(where_.batch(std::move(many), std::move(options)));
            }
            case 4:
                return sync(where_, std::move(options));
            case 5:
                return ending_of(where_.remove("1", std::move(options)));
            default:
                return ending_of(where_.list_page({}, std::move(options)));
        }
    }

private:
    es::block_senders where_;
    std::mt19937 random_;
    int number_ = 0;
};

struct tracked_call {
    asio::cancellation_signal signal;
    std::optional<ending> ended;
    int endings = 0;
    std::string creates;                   // a pattern
    std::optional<std::size_t> cancel_at;  // the step
    bool was_cancelled = false;
};

struct event_counts {
    std::uint64_t completed = 0;
    std::uint64_t attempts_started = 0;
    std::uint64_t attempts_ended = 0;
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;

    void count(cloudflare::event const& happened) {
        using kind = cloudflare::event::kind;
        completed += happened.what == kind::completed;
        attempts_started += happened.what == kind::attempt_started;
        attempts_ended += happened.what == kind::attempt_ended;
        opened += happened.what == kind::connection_opened;
        closed += happened.what == kind::connection_closed;
    }
};

/// One step of the context. Nothing to do for so long means that something was lost.
void take_step(asio::io_context& context) {
    if (context.stopped()) context.restart();
    if (context.run_one_for(watchdog) == 0) throw std::runtime_error("nothing happens any more");
}

void begin(asio::io_context& context, caller& who, std::shared_ptr<tracked_call> const& call) {
    auto ended = [call](std::exception_ptr thrown, ending how) {
        ++call->endings;
        BOOST_TEST(!thrown);
        call->ended = std::move(how);
    };
    asio::co_spawn(context, who.next(call->creates),
                   asio::bind_cancellation_slot(call->signal.slot(), std::move(ended)));
}

void check(tracked_call const& call) {
    BOOST_TEST(call.endings == 1);
    BOOST_REQUIRE(call.ended);
    if (*call.ended) return;
    auto const& why = call.ended->error();
    if (why.code() == errc::cancelled) BOOST_TEST(call.was_cancelled, why.message());
    BOOST_TEST((why.code() != errc::closed), why.message());
    BOOST_TEST((why.code() != errc::invalid_argument), why.message());
}

/// A create did what its end says.
void check_outcome(tracked_call const& call, std::set<std::string> const& there) {
    if (call.creates.empty()) return;
    if (!*call.ended && call.ended->error().outcome() == outcome::unknown) return;
    BOOST_TEST_CONTEXT(call.creates) {
        BOOST_TEST(there.contains(call.creates) == call.ended->has_value());
    }
}

/// Lets the library's own thread begin, which the first wait for a quota does: it stays, with its
/// descriptors, until the process ends.
void start_library_thread() {
    asio::io_context context{1};
    auto const limiter =
        cloudflare::make_rate_limiter(cloudflare::rate_limit_options{}.per_second(1));
    cloudflare::grant_request const wanted;
    BOOST_REQUIRE(limiter->try_acquire(wanted));
    cloudflare::rate_limit_report answered;
    answered.status = 200;
    limiter->observe(answered);
    std::stop_source stop;
    auto const deadline = std::chrono::steady_clock::now() + 1h;
    auto ended = asio::co_spawn(context, limiter->acquire(wanted, deadline, stop.get_token()),
                                asio::use_future);
    context.poll();
    BOOST_REQUIRE(limiter->snapshot().waiting == 1U);
    stop.request_stop();
    REQUIRE_ERROR(finish(context, std::move(ended)), errc::closed);
}

/// Makes so many calls through a pool of so many connections.
void rage(std::size_t total, std::size_t connections) {
    constexpr std::size_t at_once = 40;
    auto const seed = make_seed();
    weather w{seed};
    asio::io_context context{1};
    asio::steady_timer const opens_the_reactor{context};
    start_library_thread();
    auto const descriptors = open_descriptors();
    event_counts seen;
    auto options = w.options(true, connections);
    options.on_event([&seen](cloudflare::event const& happened) { seen.count(happened); });
    cloudflare::client const client{context.get_executor(), options};
    es::block_senders const senders{client, account};
    caller who{senders, seed};
    w.server.set_fault(faults);

    std::vector<std::shared_ptr<tracked_call>> all;
    std::vector<std::shared_ptr<tracked_call>> under_way;
    constexpr std::array types{asio::cancellation_type::terminal, asio::cancellation_type::partial,
                               asio::cancellation_type::total};
    for (std::size_t now = 0; all.size() < total || !under_way.empty(); ++now) {
        while (all.size() < total && under_way.size() < at_once) {
            auto const call = all.emplace_back(std::make_shared<tracked_call>());
            if (who.below(3) != 0) call->cancel_at = now + who.below(400);
            under_way.push_back(call);
            begin(context, who, call);
        }
        take_step(context);
        for (auto const& each : under_way) {
            if (each->ended || each->was_cancelled || each->cancel_at.value_or(now + 1) > now) {
                continue;
            }
            each->was_cancelled = true;
            each->signal.emit(types[who.below(types.size())]);
        }
        std::erase_if(under_way, [](auto const& each) { return each->ended.has_value(); });
    }
    std::size_t succeeded = 0;
    std::size_t cancelled = 0;
    std::size_t late = 0;
    for (auto const& each : all) {
        check(*each);
        succeeded += each->ended->has_value();
        cancelled += !*each->ended && each->ended->error().code() == errc::cancelled;
        late += !*each->ended && each->ended->error().code() == errc::timed_out;
    }
    std::cout << succeeded << " succeeded, " << cancelled << " cancelled, " << late
              << " timed out, of " << total << std::endl;
    BOOST_TEST(succeeded > 0U);
    BOOST_TEST(cancelled > 0U);
    BOOST_TEST(late > 0U);

    auto const patterns = w.server.patterns(account);
    std::set<std::string> const there{patterns.begin(), patterns.end()};
    for (auto const& each : all) check_outcome(*each, there);

    // The client is as good as new.
    w.server.set_fault("");
    for (int round = 0; round < 3; ++round) {
        std::vector<std::future<cloudflare::result<cloudflare::page<es::block_sender>>>> calls;
        for (int i = 0; i < 4; ++i) {
            calls.push_back(asio::co_spawn(context, senders.list_page({}), asio::use_future));
        }
        for (auto& each : calls) REQUIRE_VALUE(finish(context, std::move(each)));
    }
    BOOST_TEST(client.quota().waiting == 0U);

    finish(context, asio::co_spawn(context, client.close(), asio::use_future));
    run_ready(context);
    BOOST_TEST(context.stopped(), "something keeps the context running");
    auto const figures = client.metrics();
    BOOST_TEST(figures.calls >= total + 3 * 4);  // a whole list is several
    BOOST_TEST(seen.completed == figures.calls);
    BOOST_TEST(figures.requests == seen.attempts_started);
    BOOST_TEST(figures.requests == seen.attempts_ended);
    BOOST_TEST(figures.connections_opened == seen.opened);
    BOOST_TEST(seen.opened == seen.closed);
    // The server's ends are closed on its thread.
    run_until(context, [&] { return open_descriptors() <= descriptors; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(every_call_ends_once_and_nothing_is_left) {
    rage(3000, 4);
}

// One that is not given back would be missed.
BOOST_AUTO_TEST_CASE(the_only_connection_of_a_pool_is_not_lost) {
    rage(500, 1);
}

BOOST_AUTO_TEST_CASE(the_last_handle_goes_with_work_in_flight) {
    auto const seed = make_seed();
    weather w{seed};
    w.server.set_fault(faults);
    std::mt19937 random{seed};
    auto const descriptors = open_descriptors();
    for (int round = 0; round < 60; ++round) {
        asio::io_context context{1};
        std::vector<std::shared_ptr<tracked_call>> calls;
        std::optional<cloudflare::client> client{std::in_place, context.get_executor(),
                                                 w.options(round % 2 == 1)};
        std::optional<caller> who{std::in_place, es::block_senders{*client, account},
                                  static_cast<std::uint32_t>(random())};
        for (int i = 0; i < 12; ++i) {
            begin(context, *who, calls.emplace_back(std::make_shared<tracked_call>()));
        }
        for (auto steps = random() % 200; steps > 0 && !context.stopped(); --steps) {
            context.run_one_for(100ms);
        }
        who.reset();
        client.reset();
        // It ends by itself: nothing is left that waits.
        while (!context.stopped()) {
            if (context.run_one_for(watchdog) == 0) BOOST_REQUIRE(context.stopped());
        }
        for (auto const& each : calls) check(*each);
    }
    asio::io_context context;
    run_until(context, [&] { return open_descriptors() <= descriptors; });
}

BOOST_AUTO_TEST_CASE(the_context_goes_with_work_in_flight) {
    auto const seed = make_seed();
    weather w{seed};
    w.server.set_fault(faults);
    std::mt19937 random{seed};
    auto const descriptors = open_descriptors();
    for (int round = 0; round < 120; ++round) {
        std::vector<std::shared_ptr<tracked_call>> calls;
        auto context = std::make_unique<asio::io_context>(1);
        {
            cloudflare::client const client{context->get_executor(), w.options(round % 2 == 1)};
            caller who{es::block_senders{client, account}, static_cast<std::uint32_t>(random())};
            for (int i = 0; i < 12; ++i) {
                begin(*context, who, calls.emplace_back(std::make_shared<tracked_call>()));
            }
            auto const closes_at = random() % 400;
            for (auto steps = random() % 200; steps > 0 && !context->stopped(); --steps) {
                context->run_one_for(100ms);
                if (steps == closes_at) {
                    asio::co_spawn(*context, client.close(1s), [](std::exception_ptr) {});
                }
                auto const& one = calls[random() % calls.size()];
                if (random() % 10 == 0) one->signal.emit(asio::cancellation_type::terminal);
            }
            context->stop();
        }
        context.reset();
        for (auto const& each : calls) BOOST_TEST(each->endings <= 1);
    }
    asio::io_context other;
    run_until(other, [&] { return open_descriptors() <= descriptors; });
}

BOOST_AUTO_TEST_SUITE_END()
