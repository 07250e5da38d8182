#include "call/cancelled_as_result.hpp"

#include <cloudflare/email_security/bulk_jobs.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

bool has_ended(bulk_job const& job) {
    auto const status = job.status.value();
    return status && is_ended(*status);
}

asio::awaitable<result<bulk_job>> look_until_end(bulk_jobs where, identifier job, bulk_wait how,
                                                 call_options options) {
    if (auto const valid = how.validate(); !valid) co_return valid.error();
    auto const deadline = clock::now() + how.timeout();
    bool is_last_look = how.timeout() == how.timeout().zero();
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        auto got = co_await where.get(job, options);
        if (!got) co_return got.error();
        if (has_ended(*got)) co_return std::move(*got);
        if (how.on_look()) how.on_look()(*got);
        if (is_last_look) {
            co_return error{errc::timed_out, "the job is still " + std::string{got->status.text()}};
        }
        auto const left = deadline - clock::now();
        is_last_look = left <= how.interval();
        timer.expires_after(std::min<clock::duration>(how.interval(), left));
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return error{errc::cancelled, {}};
    }
}

}  // namespace

result<void> bulk_search::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return {};
}

result<void> new_bulk_job::validate() const {
    if (!action_) return invalid_field("action", "is not given");
    if (*action_ == bulk_action::move && !destination_) {
        return invalid_field("destination", "is not given");
    }
    return search_params_.validate();
}

result<void> bulk_job_filter::validate() const {
    if (status_ == bulk_status::skipped)
        return invalid_field("status", "SKIPPED is only of messages");
    return page_filter::validate();
}

result<void> bulk_message_filter::validate() const {
    if (status_ == bulk_status::discovering) {
        return invalid_field("status", "DISCOVERING is only of jobs");
    }
    return page_filter::validate();
}

result<void> bulk_wait::validate() const {
    using std::chrono::milliseconds;
    constexpr milliseconds longest = std::chrono::hours{24 * 30};
    if (auto const valid = check_range("interval", interval_.count(), 0, longest.count()); !valid) {
        return valid;
    }
    return check_range("timeout", timeout_.count(), 0, longest.count());
}

bulk_jobs::bulk_jobs(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

asio::awaitable<result<bulk_job>> bulk_jobs::create(new_bulk_job what, call_options options) const {
    auto message = make_request(operations::create.what, account_, {});
    set_body(message, what);
    return invoke_write<bulk_job>(client_, std::move(message), {}, std::move(options));
}

pager<bulk_job> bulk_jobs::list(bulk_job_filter which, call_options options) const {
    auto read = [self = *this, options = std::move(options)](bulk_job_filter one) {
        return self.list_page(std::move(one), options);
    };
    return pages_of<bulk_job>(std::move(which), std::move(read));
}

asio::awaitable<result<page<bulk_job>>> bulk_jobs::list_page(bulk_job_filter which,
                                                             call_options options) const {
    auto message = make_request(operations::list.what, account_, {});
    set_query(message, which);
    return invoke_page<bulk_job>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<bulk_job>> bulk_jobs::get(identifier job, call_options options) const {
    return invoke<bulk_job>(client_, make_request(operations::get.what, account_, job),
                            std::move(options));
}

asio::awaitable<result<deleted>> bulk_jobs::remove(identifier job, call_options options) const {
    auto message = make_request(operations::remove.what, account_, job);
    return invoke_remove(client_, std::move(message), std::move(job), std::move(options));
}

asio::awaitable<result<bulk_job>> bulk_jobs::cancel(identifier job, call_options options) const {
    auto message = make_request(operations::cancel.what, account_, job);
    return invoke_write<bulk_job>(client_, std::move(message), std::move(job), std::move(options));
}

pager<bulk_message> bulk_jobs::messages(identifier job, bulk_message_filter which,
                                        call_options options) const {
    auto read = [self = *this, job = std::move(job),
                 options = std::move(options)](bulk_message_filter one) {
        return self.messages_page(job, std::move(one), options);
    };
    return pages_of<bulk_message>(std::move(which), std::move(read));
}

asio::awaitable<result<page<bulk_message>>> bulk_jobs::messages_page(identifier job,
                                                                     bulk_message_filter which,
                                                                     call_options options) const {
    auto message = make_request(operations::messages.what, account_, job);
    set_query(message, which);
    return invoke_page<bulk_message>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<bulk_job>> bulk_jobs::wait(identifier job, bulk_wait how,
                                                  call_options options) const {
    return call::cancelled_as_result(
        look_until_end(*this, std::move(job), std::move(how), std::move(options)));
}

}  // namespace cloudflare::inline v0::email_security
