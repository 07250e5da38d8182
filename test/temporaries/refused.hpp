// Calls that GCC 12 would miscompile, each under a macro of its own; our functions refuse them with
// it.

#pragma once

#if defined(REFUSED_ON_PROGRESS) || defined(REFUSED_ON_PROGRESS_FIRST)
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/sync.hpp>
#endif
#ifdef REFUSED_PAGER
#include <cloudflare/pager.hpp>
#endif
#ifdef REFUSED_ON_EVENT
#include <cloudflare/client.hpp>
#endif
#include <cloudflare/detail/concurrent.hpp>

#include <memory>
#include <string>

namespace asio = boost::asio;
namespace cf = cloudflare;
#if defined(REFUSED_ON_PROGRESS) || defined(REFUSED_ON_PROGRESS_FIRST)
namespace es = cloudflare::email_security;
#endif

using keeper = std::shared_ptr<std::string>;

#ifdef REFUSED_FOR_EACH
inline asio::awaitable<void> refused_for_each(keeper keep) {
    co_await cf::for_each_concurrently(5, 2,
                                       [keep](std::size_t) -> asio::awaitable<void> { co_return; });
}
#endif
#ifdef REFUSED_ON_PROGRESS
inline asio::awaitable<void> refused_on_progress(es::block_senders blocked,
                                                 es::feed<es::block_senders_traits> wanted,
                                                 keeper keep) {
    co_await es::sync(blocked, wanted, es::sync_options{}.on_progress([keep](auto const&) {}));
    co_await es::plan(blocked, wanted,
                      es::sync_options{}.concurrency(1).on_progress([keep](auto const&) {}));
}
#endif
#ifdef REFUSED_ON_PROGRESS_FIRST
inline asio::awaitable<void> refused_on_progress_first(es::block_senders blocked,
                                                       es::feed<es::block_senders_traits> wanted,
                                                       keeper keep) {
    co_await es::sync(blocked, wanted,
                      es::sync_options{}.on_progress([keep](auto const&) {}).concurrency(1));
}
#endif
#ifdef REFUSED_ON_EVENT
inline asio::awaitable<void> refused_on_event(cf::client_options options, keeper keep) {
    co_await cf::client{co_await asio::this_coro::executor,
                        options.on_event([keep](cf::event const&) {})}
        .close();
}
#endif
#ifdef REFUSED_PAGER
inline asio::awaitable<void> refused_pager(keeper keep) {
    co_await cf::pager<std::string>{
        [keep](std::int64_t, std::int64_t) -> asio::awaitable<cf::result<cf::page<std::string>>> {
            co_return cf::page<std::string>{};
        },
        1, 100}
        .next();
}
#endif
