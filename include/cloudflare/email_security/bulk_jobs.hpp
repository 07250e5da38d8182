#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/email_security/bulk_job.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// What to do with all messages that a search finds.
class CLOUDFLARE_EXPORT new_bulk_job {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_bulk_job() noexcept {}
    /// Moves them to a folder.
    static new_bulk_job move(mailbox_folder destination, bulk_search which) {
        new_bulk_job job{bulk_action::move, std::move(which)};
        job.destination_ = destination;
        return job;
    }
    /// Releases them from the quarantine.
    static new_bulk_job release(bulk_search which) {
        return new_bulk_job{bulk_action::release, std::move(which)};
    }

    new_bulk_job& comment(std::string value) {
        comment_ = std::move(value);
        return *this;
    }
    /// Not sent: the API has ceased to take it into account, and ends it on 1 December 2026.
    [[deprecated("it has no effect any more")]] new_bulk_job& expected_disposition(disposition) {
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_bulk_job, (), (), (),
                         (action_, search_params_, destination_, comment_))

    new_bulk_job(bulk_action action, bulk_search which)
        : action_{action}, search_params_{std::move(which.drop_ended_fields())} {}

    std::optional<bulk_action> action_;
    bulk_search search_params_;
    std::optional<mailbox_folder> destination_;
    std::optional<std::string> comment_;
};

/// Which jobs to list; all by default.
class CLOUDFLARE_EXPORT bulk_job_filter : public page_filter<bulk_job_filter> {
public:
    bulk_job_filter() noexcept {}

    bulk_job_filter& action_type(bulk_action value) { return set(action_type_, value); }
    /// Not skipped, which is only of messages.
    bulk_job_filter& status(bulk_status value) { return set(status_, value); }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(bulk_job_filter, (page_filter<bulk_job_filter>), (), (),
                         (action_type_, status_))

    std::optional<bulk_action> action_type_;
    std::optional<bulk_status> status_;
};

/// Which messages of a job to list; all by default.
class CLOUDFLARE_EXPORT bulk_message_filter : public page_filter<bulk_message_filter> {
public:
    bulk_message_filter() noexcept {}

    /// Not discovering, which is only of jobs.
    bulk_message_filter& status(bulk_status value) { return set(status_, value); }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(bulk_message_filter, (page_filter<bulk_message_filter>), (), (), (status_))

    std::optional<bulk_status> status_;
};

/// Is told what each look at a job has found.
using bulk_look_hook = std::function<void(bulk_job const&)>;

/// How to wait for the end of a job.
class CLOUDFLARE_EXPORT bulk_wait {
public:
    bulk_wait() noexcept {}

    /// Between two looks at the job; not negative, default 5 s. A look is one request.
    bulk_wait& interval(std::chrono::milliseconds value) {
        interval_ = value;
        return *this;
    }
    /// When to look for the last time, from the call on; not negative, at most 30 days, default
    /// 1 h. 0: only once. A look under way then still has the time that its `call_options` give it.
    bulk_wait& timeout(std::chrono::milliseconds value) {
        timeout_ = value;
        return *this;
    }

    /// Is called on the executor of who waits, after each look that finds the job under way; must
    /// be quick and must not throw. Default: nothing.
    bulk_wait& on_look(bulk_look_hook value) {
        on_look_ = std::move(value);
        return *this;
    }

    std::chrono::milliseconds interval() const noexcept { return interval_; }
    std::chrono::milliseconds timeout() const noexcept { return timeout_; }
    bulk_look_hook const& on_look() const noexcept { return on_look_; }

    /// Checks the limits: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    std::chrono::milliseconds interval_ = std::chrono::seconds{5};
    std::chrono::milliseconds timeout_ = std::chrono::hours{1};
    bulk_look_hook on_look_;
};

/// Jobs that move or release many messages.
///
/// Common to all operations:
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names what is refused before
/// anything is sent; otherwise whatever `client` documents.
///
/// Retry: `create` and `cancel` are repeated only when the server certainly did not act; when their
/// answer is lost they fail with `outcome::unknown`, and `list` or `get` says what happened.
///
/// Cancellation, thread-safety: as `client`.
class CLOUDFLARE_EXPORT bulk_jobs {
public:
    struct operations;

    /// The account is checked by every operation: 1 to 32 characters.
    bulk_jobs(cloudflare::client client, std::string account_id);

    /// Starts a job.
    ///
    /// `POST /investigate/bulk`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<bulk_job>> create(new_bulk_job what,
                                                    call_options options = {}) const;

    /// Pages of the jobs that pass the filter, one request a page, made as they are asked for.
    ///
    /// `GET /investigate/bulk`; permission: Cloud Email Security Read.
    pager<bulk_job> list(bulk_job_filter which = {}, call_options options = {}) const;

    /// One page of the jobs that pass the filter.
    ///
    /// `GET /investigate/bulk`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<bulk_job>>> list_page(bulk_job_filter which,
                                                             call_options options = {}) const;

    /// Reads one job.
    ///
    /// `GET /investigate/bulk/{job_id}`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<bulk_job>> get(identifier job, call_options options = {}) const;

    /// Deletes a job that has ended; see `cancel` for one that has not.
    ///
    /// `DELETE /investigate/bulk/{job_id}`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<deleted>> remove(identifier job, call_options options = {}) const;

    /// Ends a job: what it has not dealt with yet stays as it is. The job remains in the list.
    ///
    /// `POST /investigate/bulk/{job_id}/cancel`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<bulk_job>> cancel(identifier job,
                                                    call_options options = {}) const;

    /// Pages of the messages of a job, one request a page, made as they are asked for.
    ///
    /// `GET /investigate/bulk/{job_id}/messages`; permission: Cloud Email Security Read.
    pager<bulk_message> messages(identifier job, bulk_message_filter which = {},
                                 call_options options = {}) const;

    /// One page of the messages of a job.
    ///
    /// `GET /investigate/bulk/{job_id}/messages`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<bulk_message>>> messages_page(
        identifier job, bulk_message_filter which, call_options options = {}) const;

    /// Looks at a job until it has ended, and gives it as it was then: completed, failed, cancelled
    /// or skipped. `options` are those of each look.
    ///
    /// `GET /investigate/bulk/{job_id}`; permission: Cloud Email Security Read.
    /// Errors: also `errc::timed_out`, when the job has not ended in time; it goes on. A look that
    /// fails ends the waiting.
    /// Cancellation: also between two looks, at once. The job goes on.
    boost::asio::awaitable<result<bulk_job>> wait(identifier job, bulk_wait how = {},
                                                  call_options options = {}) const;

private:
    cloudflare::client client_;
    account account_;
};

struct bulk_jobs::operations {
    static constexpr std::string_view name = "bulk_jobs";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/investigate/bulk";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/investigate/bulk/{job_id}";

    static constexpr named_operation create{{http_method::post, path}, name, "create"};
    static constexpr named_operation list{{http_method::get, path}, name, "list"};
    static constexpr named_operation get{{http_method::get, item_path}, name, "get"};
    static constexpr named_operation remove{{http_method::delete_, item_path}, name, "remove"};
    static constexpr named_operation cancel{
        {http_method::post,
         "/accounts/{account_id}/email-security/investigate/bulk/{job_id}/cancel"},
        name,
        "cancel"};
    static constexpr named_operation messages{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/bulk/{job_id}/messages"},
        name,
        "messages"};

    static constexpr auto all() { return std::array{create, list, get, remove, cancel, messages}; }
};

}  // namespace cloudflare::inline v0::email_security
