#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/sync/batches.hpp>
#include <cloudflare/detail/sync/options.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <utility>
#include <vector>

/// The list, read for a sync.
namespace cloudflare::email_security {

/// Tells how far a sync is; nothing when nobody listens.
inline void report_progress(sync_progress now, client const& with, sync_clock const& clock,
                            sync_options const& options) {
    if (!options.on_progress()) return;
    now.requests = clock.requests();
    now.quota = with.quota();
    options.on_progress()(now);
}

/// Passes a list on, and tells how much of it was read.
template <class Traits>
class reported_list final : public list_visitor<typename Traits::model> {
public:
    using model = typename Traits::model;

    /// The references must outlive it.
    reported_list(list_visitor<model>& to, sync_progress so_far, client const& with,
                  sync_clock const& clock, sync_options const& options)
        : to_{to}, now_{so_far}, with_{with}, clock_{clock}, options_{options} {}

    void restart() override {
        to_.restart();
        now_.read = now_.to_read = 0;
        report_progress(now_, with_, clock_, options_);
    }
    void expect(std::size_t count) override {
        to_.expect(count);
        now_.to_read = static_cast<std::int64_t>(count);
    }
    void take(std::size_t position, std::vector<model> entries) override {
        now_.read += static_cast<std::int64_t>(entries.size());
        to_.take(position, std::move(entries));
        report_progress(now_, with_, clock_, options_);
    }

private:
    list_visitor<model>& to_;
    sync_progress now_;
    client const& with_;
    sync_clock const& clock_;
    sync_options const& options_;
};

/// Reads all of a collection; `so_far` is what there is to tell beside.
template <class Traits>
boost::asio::awaitable<result<void>> read_with_progress(
    collection<Traits> where, list_visitor<typename Traits::model>& visitor,
    sync_options const& options, sync_clock const& clock, sync_progress so_far) {
    reported_list<Traits> told{visitor, so_far, where.client(), clock, options};
    typename Traits::filter everything;
    auto read = co_await where.visit_all(told, everything, options.call(), options.concurrency());
    // Cancelled as the list came to its end: whatever is awaited next would throw.
    auto const caller = co_await boost::asio::this_coro::cancellation_state;
    if (read && caller.cancelled() != boost::asio::cancellation_type::none) {
        read = error{errc::cancelled, "after the list was read"};
    }
    co_return read;
}

}  // namespace cloudflare::email_security
