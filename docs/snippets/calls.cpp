#include "world.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
namespace simulator = cloudflare::simulator;
using namespace snippets;
using namespace std::chrono_literals;

namespace {

//! [outcome]
asio::awaitable<std::string> block(es::block_senders blocked, std::string address) {
    es::new_block_sender entry{std::move(address), es::pattern_type::email};
    auto const made = co_await blocked.create(std::move(entry));
    if (made) co_return "blocked as " + made->id.text();

    cloudflare::error const& why = made.error();
    if (why.code() == cloudflare::errc::conflict) co_return "another entry has this pattern";
    switch (why.outcome()) {
        case cloudflare::outcome::not_sent:
            co_return "nothing was done: " + why.message();
        case cloudflare::outcome::rejected:
            co_return "refused: " + why.message();
        case cloudflare::outcome::unknown:
            break;
    }
    co_return "perhaps done, look before you repeat it: " + why.message();
}
//! [outcome]

//! [throwing]
asio::awaitable<std::size_t> count(es::block_senders blocked) {
    auto const all = (co_await blocked.list_all()).value();  // throws cloudflare::exception
    co_return all.size();
}
//! [throwing]

//! [error]
void explain(cloudflare::error const& why, std::ostream& log) {
    log << why << '\n';  // one line with all of it; never a token
    for (auto const& each : why.errors()) {
        log << "  " << each.code << ' ' << each.message;
        if (!each.source_pointer.empty()) log << " at " << each.source_pointer;
        log << '\n';
    }
    if (auto const wait = why.retry_after()) log << "  again in " << wait->count() << " ms\n";
}
//! [error]

//! [info]
asio::awaitable<std::string> create_and_tell(es::block_senders blocked, std::string domain) {
    auto const about = std::make_shared<cloudflare::response_info>();
    es::new_block_sender entry{std::move(domain), es::pattern_type::domain};
    auto const options = cloudflare::call_options{}.info(about).tag("ticket-1234");
    auto const made = co_await blocked.create(std::move(entry), options);
    std::ostringstream text;
    text << about->tag << ": HTTP " << about->status << ", ray " << about->ray_id << ", "
         << about->requests << " requests of which " << about->retries << " retries";
    co_return text.str();
}
//! [info]

cloudflare::client_options with_retries(cloudflare::client_options options) {
    //! [retry_options]
    auto const retries = cloudflare::retry_options{}
                             .max_retries(2)      // attempts after the first; 4
                             .backoff(200ms, 2s)  // at random up to 200, 400, 800 ms …; 500 ms, 8 s
                             .budget(100);        // of all calls together; 500
    options.retry(retries);
    //! [retry_options]
    return options;
}

//! [once]
asio::awaitable<cloudflare::result<es::block_sender>> create_once(es::block_senders blocked,
                                                                  es::new_block_sender entry) {
    // One request, and no look-up: what the answer does not tell is `outcome::unknown`.
    auto const options = cloudflare::call_options{}.max_retries(0).settle_unknown(false);
    co_return co_await blocked.create(std::move(entry), options);
}
//! [once]

//! [settle_batch]
asio::awaitable<bool> is_there(es::block_senders blocked, std::string pattern) {
    auto which = es::block_sender_filter{}.pattern(std::move(pattern));
    auto const found = (co_await blocked.list_all(std::move(which))).value();
    co_return !found.empty();
}
//! [settle_batch]

//! [timeout]
asio::awaitable<cloudflare::result<es::block_sender>> create_in_time(es::block_senders blocked,
                                                                     es::new_block_sender entry) {
    auto const options = cloudflare::call_options{}.timeout(30s);
    co_return co_await blocked.create(std::move(entry), options);
}
//! [timeout]

cloudflare::client_options with_times(cloudflare::client_options options) {
    //! [times]
    options.timeout(2min);  // a whole call; 10 min
    options.pool(cloudflare::pool_options{}
                     .connect_timeout(5s)      // name, TCP and TLS together; 10 s
                     .exchange_timeout(20s));  // one attempt, first byte to last; 30 s
    //! [times]
    return options;
}

//! [race]
asio::awaitable<bool> create_within(es::block_senders blocked, es::new_block_sender entry,
                                    std::chrono::milliseconds patience) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor, patience};
    auto creating = blocked.create(std::move(entry));
    auto waiting = timer.async_wait(asio::use_awaitable);
    auto const first = co_await (std::move(creating) || std::move(waiting));
    co_return first.index() == 0;  // 1: the timer was first, and the call was cancelled
}
//! [race]

//! [signal]
/// Who owns it can stop the coroutine from the executor that it runs on.
struct job {
    asio::cancellation_signal stop;
    std::optional<cloudflare::result<es::block_sender>> ended;
};

void start(asio::io_context& context, job& what, es::block_senders blocked,
           es::new_block_sender entry) {
    asio::co_spawn(context, blocked.create(std::move(entry)),
                   asio::bind_cancellation_slot(what.stop.slot(),
                                                [&what](std::exception_ptr thrown,
                                                        cloudflare::result<es::block_sender> made) {
                                                    if (thrown) std::rethrow_exception(thrown);
                                                    what.ended = std::move(made);
                                                }));
}
//! [signal]

std::string join(std::vector<std::string> const& all) {
    std::string text;
    for (auto const& each : all) text += each + '\n';
    return text;
}

cloudflare::client observed(asio::io_context& context, cloudflare::client_options options,
                            std::vector<std::string>& log) {
    //! [events]
    auto const hook = [&log](cloudflare::event const& what) {
        std::string line{to_string(what.what)};
        if (what.status != 0) line += ' ' + std::to_string(what.status);
        if (!what.reason.empty()) line += ": " + std::string{what.reason};
        log.push_back(std::move(line));
    };
    options.on_event(hook);  // perhaps on several threads at once; must be quick
    cloudflare::client client{context.get_executor(), std::move(options)};
    //! [events]
    return client;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calls)

BOOST_AUTO_TEST_CASE(outcomes) {
    world here{simulator::options{}.on_duplicate(simulator::duplicates::conflict)};
    es::block_senders const blocked{here.client(), account};
    BOOST_TEST(here.run(block(blocked, "phish@evil.example")).starts_with("blocked as "));
    BOOST_TEST(here.run(block(blocked, "phish@evil.example")) == "another entry has this pattern");
    BOOST_TEST(here.run(block(blocked, "")).starts_with("nothing was done: "));
    here.api.set_fault("POST:400#1");
    BOOST_TEST(here.run(block(blocked, "a@evil.example")).starts_with("refused: "));
    BOOST_TEST(here.run(count(blocked)) == 1u);
}

BOOST_AUTO_TEST_CASE(errors) {
    world here;
    es::block_senders const blocked{here.client(), account};
    auto const got = here.run(blocked.get("7e4a1d5c-0000-4000-8000-000000000000"));
    BOOST_REQUIRE(!got);
    std::ostringstream log;
    explain(got.error(), log);
    BOOST_TEST(log.str().starts_with("not found"));
    BOOST_TEST(
        here.run(create_and_tell(blocked, "evil.example")).starts_with("ticket-1234: HTTP 20"));
}

BOOST_AUTO_TEST_CASE(what_is_sent_again) {
    world here;
    cloudflare::client const client{here.context.get_executor(), with_retries(here.options())};
    BOOST_TEST(client.options().retry().max_retries() == 2);
    es::block_senders const blocked{client, account};
    here.api.set_fault("POST:reset-after#1");
    es::new_block_sender const entry{"evil.example", es::pattern_type::domain};
    auto const made = here.run(create_once(blocked, entry));
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().outcome() == cloudflare::outcome::unknown));
    BOOST_TEST(here.run(is_there(blocked, "evil.example")));
    BOOST_TEST(!here.run(is_there(blocked, "other.example")));
}

BOOST_AUTO_TEST_CASE(deadlines) {
    world here;
    cloudflare::client const client{here.context.get_executor(), with_times(here.options())};
    BOOST_TEST(client.options().pool().exchange_timeout().count() == 20'000);
    es::block_senders const blocked{client, account};
    es::new_block_sender const entry{"evil.example", es::pattern_type::domain};
    BOOST_TEST(here.run(create_in_time(blocked, entry)).has_value());
}

BOOST_AUTO_TEST_CASE(cancellation) {
    world here;
    es::block_senders const blocked{here.client(), account};
    es::new_block_sender const entry{"evil.example", es::pattern_type::domain};
    here.api.set_fault("POST:hang#1");
    BOOST_TEST(!here.run(create_within(blocked, entry, 50ms)));
    here.api.set_fault("POST:hang#1");
    job stopped;
    start(here.context, stopped, blocked, entry);
    asio::post(here.context, [&stopped] { stopped.stop.emit(asio::cancellation_type::terminal); });
    here.context.restart();
    here.context.run();
    BOOST_REQUIRE(stopped.ended.has_value());
    BOOST_TEST((stopped.ended->error().code() == cloudflare::errc::cancelled));
}

BOOST_AUTO_TEST_CASE(events) {
    world here;
    std::vector<std::string> log;
    es::block_senders const blocked{observed(here.context, here.options(), log), account};
    here.api.set_fault("GET:429#1");
    BOOST_TEST(here.run(count(blocked)) == 0u);
    auto const text = join(log);
    BOOST_TEST(text.find("connection opened") != std::string::npos, text);
    BOOST_TEST(text.find("retry scheduled") != std::string::npos, text);
    BOOST_TEST(text.find("completed") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
