#pragma once

#include <cloudflare/detail/callable.hpp>
#include <cloudflare/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

namespace concurrent {

template <class Work>
struct shared_range {
    shared_range(std::size_t n, Work w) : count{n}, work{std::move(w)} {}
    std::size_t count;
    std::size_t next = 0;
    Work work;
};

template <class Work>
boost::asio::awaitable<void> worker(std::shared_ptr<shared_range<Work>> range) {
    while (range->next < range->count) {
        auto const index = range->next++;
        co_await range->work(index);
    }
}

template <class Work>
boost::asio::awaitable<void> run_workers(std::shared_ptr<shared_range<Work>> range,
                                         std::size_t limit) {
    namespace asio = boost::asio;
    auto const strand = co_await asio::this_coro::executor;
    auto spawn = [&strand, &range] {
        return asio::co_spawn(strand, worker(range), asio::deferred);
    };
    std::vector<decltype(spawn())> workers;
    for (std::size_t n = std::min(limit, range->count); n > 0; --n) workers.push_back(spawn());
    if (workers.empty()) co_return;
    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto const [order, errors] =
        co_await group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    for (auto const index : order) {
        if (errors[index]) std::rethrow_exception(errors[index]);
    }
}

/// Passes a cancellation on to a strand.
struct relay {
    explicit relay(boost::asio::any_io_executor const& on) : strand{on} {}

    boost::asio::strand<boost::asio::any_io_executor> strand;
    boost::asio::cancellation_signal signal;
};

/// As `for_each_concurrently`.
template <class Work>
boost::asio::awaitable<void> run_all(std::size_t count, std::size_t limit, Work work) {
    namespace asio = boost::asio;
    if (limit == 0) {
        throw exception{error{errc::invalid_argument, "limit must be at least 1"}};
    }
    auto range = std::make_shared<shared_range<Work>>(count, std::move(work));

    // As terminal, since a coroutine of co_spawn ignores the other types. By a signal that lives
    // until it was emitted: the one inside of co_spawn may be gone when the strand's turn comes.
    // The caller's signal does not own it, as that may outlive the context, and a strand must not.
    auto const relay = std::make_shared<concurrent::relay>(co_await asio::this_coro::executor);
    auto const caller = co_await asio::this_coro::cancellation_state;
    // What runs on a strand of its own would not know.
    if (caller.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error{asio::error::operation_aborted};
    }
    auto token = asio::bind_cancellation_slot(relay->signal.slot(), asio::use_awaitable);
    auto running =
        asio::co_spawn(relay->strand, run_workers(std::move(range), limit), std::move(token));
    if (auto slot = caller.slot(); slot.is_connected()) {
        slot.assign([weak = std::weak_ptr{relay}](asio::cancellation_type) {
            auto const to = weak.lock();
            if (!to) return;
            asio::post(to->strand, [to] { to->signal.emit(asio::cancellation_type::terminal); });
        });
    }
    co_await std::move(running);
}

}  // namespace concurrent

/// Runs `work(index)`, which returns `awaitable<void>`, for every index below `count`, at most
/// `limit` at a time, and returns when all have ended.
///
/// @throws exception with `errc::invalid_argument`, as it is awaited, when `limit` is 0.
///
/// All of them run on one strand, so that what they share needs no lock. When one throws, those in
/// flight are cancelled, no more are begun, and the exception comes out here. Cancellation (all
/// types) goes to every one in flight; in a coroutine that was cancelled before, none is begun, and
/// it throws `operation_aborted`, whatever `this_coro::throw_if_cancelled` is.
///
/// GCC 12 refuses a temporary with captures as `work`: it would destroy it twice.
template <class Work>
boost::asio::awaitable<void> for_each_concurrently(std::size_t count, std::size_t limit,
                                                   Work&& work) {
    static_assert(!detail::is_destroyed_twice<Work>(),
                  "GCC 12 destroys a temporary callable with captures twice in a co_await "
                  "expression; give it a name first, auto const work = [...] {...}; and pass that, "
                  "or std::ref(work) if it cannot be copied");
    return concurrent::run_all<std::remove_cvref_t<Work>>(count, limit, std::forward<Work>(work));
}

}  // namespace cloudflare::inline v0
