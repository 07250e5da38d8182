#include "email_security/sync/reading.hpp"

#include "email_security/sync/entries.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;
using cloudflare::detail::any_list_visitor;
using cloudflare::detail::any_object;
using cloudflare::detail::object_list;

sync_clock::sync_clock(sync_options& options) : sync_clock{options, sync_report{}} {}

sync_clock::sync_clock(sync_options& options, sync_report const& before)
    : counters_{std::make_shared<call_counters>()},
      callers_{options.call().counters()},
      requests_before_{before.requests},
      retries_before_{before.retries},
      throttled_before_{before.throttled},
      elapsed_before_{before.elapsed_ms} {
    options.call(call_options{options.call()}.counters(counters_));
}

std::int64_t sync_clock::requests() const {
    return requests_before_ + static_cast<std::int64_t>(counters_->requests);
}

void sync_clock::stop(sync_report& report) const {
    report.requests = requests();
    report.retries = retries_before_ + static_cast<std::int64_t>(counters_->retries);
    report.throttled = throttled_before_ + static_cast<std::int64_t>(counters_->throttled);
    auto const here = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start_);
    report.elapsed_ms = (elapsed_before_ + here).count();
    if (!callers_) return;
    callers_->requests += counters_->requests;
    callers_->retries += counters_->retries;
    callers_->throttled += counters_->throttled;
}

void report_progress(sync_progress now, client const& with, sync_clock const& clock,
                     sync_options const& options) {
    if (!options.on_progress()) return;
    now.requests = clock.requests();
    now.quota = with.quota();
    options.on_progress()(now);
}

namespace {

/// Passes a list on, and says how much of it was read.
class reported_list final : public any_list_visitor {
public:
    /// The references must outlive it.
    reported_list(any_list_visitor& to, sync_progress so_far, sync_target const& from,
                  sync_clock const& clock, sync_options const& options)
        : to_{to}, now_{so_far}, from_{from}, clock_{clock}, options_{options} {}

    std::vector<std::size_t> const& last() const noexcept { return last_; }

    void restart() override {
        to_.restart();
        now_.read = now_.to_read = 0;
        report();
    }
    void expect(std::size_t count) override {
        to_.expect(count);
        now_.to_read = static_cast<std::int64_t>(count);
    }
    void take(std::size_t position, object_list entries) override {
        now_.read += static_cast<std::int64_t>(entries.size());
        to_.take(position, std::move(entries));
        report();
    }
    void end(std::vector<std::size_t> last) override { last_ = std::move(last); }

private:
    void report() const { report_progress(now_, from_.where.client(), clock_, options_); }

    any_list_visitor& to_;
    sync_progress now_;
    std::vector<std::size_t> last_;
    sync_target const& from_;
    sync_clock const& clock_;
    sync_options const& options_;
};

}  // namespace

asio::awaitable<result<void>> read_with_progress(sync_target const& from, any_list_visitor& visitor,
                                                 sync_options const& options,
                                                 sync_clock const& clock, sync_progress so_far,
                                                 std::vector<std::size_t>* last) {
    auto const& where = from.where;
    reported_list reported{visitor, so_far, from, clock, options};
    dateless_codec const how{*where.type().model};
    any_object everything{*where.type().filter};
    auto reading = where.visit_all(reported, std::move(everything), options.call(),
                                   options.concurrency(), &how);
    auto read = co_await std::move(reading);
    if (last) *last = reported.last();
    // Cancelled as the list came to its end: what is begun next would not know of it.
    auto const caller = co_await asio::this_coro::cancellation_state;
    if (read && caller.cancelled() != asio::cancellation_type::none) {
        read = error{errc::cancelled, "after the list was read"};
    }
    co_return read;
}

}  // namespace cloudflare::inline v0::email_security
