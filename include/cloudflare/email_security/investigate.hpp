#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/detail/named_operation.hpp>
#include <cloudflare/email_security/message.hpp>
#include <cloudflare/email_security/message_filter.hpp>
#include <cloudflare/email_security/message_reports.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// One page of a search.
struct message_page : page<message> {
    message_page() = default;

    /// The search takes longer (202): there are no items yet. Ask again after a while, at
    /// `location` if it is not empty.
    bool is_pending = false;
    std::string location;  ///< for `investigate::poll`
};

/// Where to move a message.
class CLOUDFLARE_EXPORT move_request {
public:
    /// Nothing; it has to be assigned to before it is valid.
    move_request() noexcept {}
    /// Where to move to.
    explicit move_request(mailbox_folder destination) : destination_{destination} {}

    /// Not sent: the API has ceased to take it into account, and ends it on 1 December 2026.
    [[deprecated("it has no effect any more")]] move_request& expected_disposition(disposition) {
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(move_request, (), (), (), (destination_))

    std::optional<mailbox_folder> destination_;
};

/// Which messages to move, and where.
class CLOUDFLARE_EXPORT move_many_request {
public:
    /// Nothing; it has to be assigned to before it is valid.
    move_many_request() noexcept {}
    /// At least one message.
    move_many_request(mailbox_folder destination, std::vector<identifier> ids)
        : destination_{destination}, ids_{std::move(ids)} {}

    /// Not sent: the API has ceased to take it into account, and ends it on 1 December 2026.
    [[deprecated("it has no effect any more")]]  //
    move_many_request&
    expected_disposition(disposition) {
        return *this;
    }

    std::vector<identifier> const& ids() const noexcept { return ids_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(move_many_request, (), (), (), (destination_, ids_))

    std::optional<mailbox_folder> destination_;
    std::vector<identifier> ids_;
};

/// What a message should have been found to be.
class CLOUDFLARE_EXPORT reclassify_request {
public:
    /// Nothing; it has to be assigned to before it is valid.
    reclassify_request() noexcept {}
    /// What the messages should have been found to be.
    explicit reclassify_request(submission_disposition expected)
        : expected_disposition_{expected} {}

    /// The EML file, in base64 (RFC 4648, with padding and without line breaks), at most 25 MiB
    /// before that.
    reclassify_request& eml_content(std::string value) {
        eml_content_ = std::move(value);
        return *this;
    }
    /// The end user's submission that this one escalates.
    reclassify_request& escalated_submission_id(std::string value) {
        escalated_submission_id_ = std::move(value);
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(reclassify_request, (), (), (),
                         (expected_disposition_, eml_content_, escalated_submission_id_))

    std::optional<submission_disposition> expected_disposition_;
    std::optional<std::string> eml_content_;
    std::optional<std::string> escalated_submission_id_;
};

/// Which page of an action log to read.
class action_log_filter : public page_filter<action_log_filter> {
public:
    action_log_filter() noexcept {}

private:
    BOOST_DESCRIBE_CLASS(action_log_filter, (page_filter<action_log_filter>), (), (), ())
};

class message_search;

/// The messages that were scanned, and what can be done with them.
///
/// Common to all operations:
///
/// Errors: `errc::invalid_argument`, with `outcome::not_sent`, names what is refused before
/// anything is sent; otherwise whatever `client` documents.
///
/// Retry: reading is repeated freely, `create_preview` too, of which at most the action log tells
/// twice. `move`, `move_many`, `reclassify` and `release` are repeated only when the server
/// certainly did not act: done twice they could deliver or report a message twice. When their
/// answer is lost they fail with `outcome::unknown`; `action_log` says what happened.
///
/// Cancellation, thread-safety: as `client`.
class CLOUDFLARE_EXPORT investigate {
public:
    struct operations;

    /// The account is checked by every operation: 1 to 32 characters.
    investigate(cloudflare::client client, std::string account_id);

    /// Pages of the messages that pass the filter, one request a page, made as they are asked for;
    /// they follow the API's cursors.
    ///
    /// `GET /investigate`; permission: Cloud Email Security Read.
    message_search search(message_filter which = {}, call_options options = {}) const;

    /// One page of the messages that pass the filter. `info.next` and `info.previous` are the
    /// cursors of its neighbours. May be pending.
    ///
    /// `GET /investigate`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message_page>> search_page(message_filter which,
                                                             call_options options = {}) const;

    /// Asks for a pending page again, at its `location`. Of that only the path below the base URL
    /// is used, and it must be one of this account's searches: the credentials go nowhere else.
    ///
    /// `GET /investigate`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message_page>> poll(std::string location,
                                                      call_options options = {}) const;

    /// Reads one message.
    ///
    /// `GET /investigate/{investigate_id}`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message>> get(identifier id, call_options options = {}) const;

    /// Reads one message that was submitted for review. Those are kept apart from the others: `get`
    /// does not find them, nor does this find any other.
    ///
    /// `GET /investigate/{investigate_id}?submission=true`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message>> get_submitted(identifier id,
                                                          call_options options = {}) const;

    /// Pages of what was done with a message after its delivery, one request a page, made as they
    /// are asked for.
    ///
    /// `GET /investigate/{investigate_id}/action_log`; permission: Cloud Email Security Read.
    pager<action_entry> action_log(identifier id, action_log_filter which = {},
                                   call_options options = {}) const;

    /// One page of what was done with a message after its delivery.
    ///
    /// `GET /investigate/{investigate_id}/action_log`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<page<action_entry>>> action_log_page(
        identifier id, action_log_filter which, call_options options = {}) const;

    /// All that was done with a message after its delivery, in pages of 1000.
    ///
    /// `GET /investigate/{investigate_id}/action_log`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<std::vector<action_entry>>> action_log_all(
        identifier id, call_options options = {}) const;

    /// Why a message that is not benign has its disposition.
    ///
    /// `GET /investigate/{investigate_id}/detections`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message_detections>> detections(identifier id,
                                                                  call_options options = {}) const;

    /// A picture of a message that is not benign.
    ///
    /// `GET /investigate/{investigate_id}/preview`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message_preview>> preview(identifier id,
                                                            call_options options = {}) const;

    /// A picture of a message that is benign.
    ///
    /// `POST /investigate/preview`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<message_preview>> create_preview(identifier id,
                                                                   call_options options = {}) const;

    /// The EML file of a message that is not benign.
    ///
    /// `GET /investigate/{investigate_id}/raw`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<raw_message>> raw(identifier id, call_options options = {}) const;

    /// The log of the delivery of a message.
    ///
    /// `GET /investigate/{investigate_id}/trace`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<message_trace>> trace(identifier id,
                                                        call_options options = {}) const;

    /// Moves a message to another folder; needs an active integration.
    ///
    /// `POST /investigate/{investigate_id}/move`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<std::vector<moved_message>>> move(
        identifier id, move_request where, call_options options = {}) const;

    /// Moves messages to another folder; needs an active integration.
    ///
    /// `POST /investigate/move`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<std::vector<moved_message>>> move_many(
        move_many_request what, call_options options = {}) const;

    /// Asks to reclassify a message: success means that the request was accepted, to be dealt with
    /// later (202). `submissions::reclassify` takes its place: it takes several messages, and says
    /// what became of each.
    ///
    /// `POST /investigate/{investigate_id}/reclassify`; permission: Cloud Email Security Write.
    [[deprecated("use submissions::reclassify, or submissions::report_missed")]]  //
    boost::asio::awaitable<result<void>>
    reclassify(identifier id, reclassify_request what, call_options options = {}) const;

    /// Delivers messages out of the quarantine; at least one.
    ///
    /// `POST /investigate/release`; permission: Cloud Email Security Write.
    boost::asio::awaitable<result<std::vector<released_message>>> release(
        std::vector<identifier> ids, call_options options = {}) const;

    cloudflare::client const& client() const noexcept { return client_; }

private:
    cloudflare::client client_;
    account account_;
};

struct investigate::operations {
    static constexpr std::string_view name = "investigate";
    static constexpr named_operation search{
        {http_method::get, "/accounts/{account_id}/email-security/investigate"}, name, "search"};
    static constexpr named_operation get{
        {http_method::get, "/accounts/{account_id}/email-security/investigate/{investigate_id}"},
        name,
        "get"};
    static constexpr named_operation action_log{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/action_log"},
        name,
        "action_log"};
    static constexpr named_operation detections{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/detections"},
        name,
        "detections"};
    static constexpr named_operation preview{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/preview"},
        name,
        "preview"};
    static constexpr named_operation create_preview{
        {http_method::post, "/accounts/{account_id}/email-security/investigate/preview"},
        name,
        "create_preview"};
    static constexpr named_operation raw{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/raw"},
        name,
        "raw"};
    static constexpr named_operation trace{
        {http_method::get,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/trace"},
        name,
        "trace"};
    static constexpr named_operation move{
        {http_method::post,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/move"},
        name,
        "move"};
    static constexpr named_operation move_many{
        {http_method::post, "/accounts/{account_id}/email-security/investigate/move"},
        name,
        "move_many"};
    static constexpr named_operation reclassify{
        {http_method::post,
         "/accounts/{account_id}/email-security/investigate/{investigate_id}/reclassify"},
        name,
        "reclassify"};
    static constexpr named_operation release{
        {http_method::post, "/accounts/{account_id}/email-security/investigate/release"},
        name,
        "release"};

    static constexpr auto all() {
        return std::array{search, get,   action_log, detections, preview,    create_preview,
                          raw,    trace, move,       move_many,  reclassify, release};
    }
};

/// The pages of a search, one after the other, by the API's cursors.
///
/// All pages together have the time of one call (`call_options::timeout`, or the client's): a
/// server whose search never ends comes to an end. What the caller does between two pages does not
/// count.
///
/// Not thread-safe: one `next()` at a time, and the object must outlive it.
class CLOUDFLARE_EXPORT message_search {
public:
    /// A search of more pages than this ends in an error: no account has so many messages, but a
    /// broken server may never end.
    static constexpr std::size_t max_pages = 100'000;

    /// A search that has not begun.
    message_search(investigate where, message_filter which, call_options options);

    /// The next page; empty when there is none. A page that `is_pending` has no items: wait a
    /// little, then call again for the same page.
    ///
    /// Errors: as `investigate::search_page`; `errc::timed_out` when the time of the search is
    /// over; `errc::malformed_response` when the server repeats a cursor, gives one of more than 16
    /// KiB, or does not end. After an error the same page is tried again; one that was pending and
    /// is not found any more is searched for anew.
    boost::asio::awaitable<result<std::optional<message_page>>> next();

private:
    boost::asio::awaitable<result<message_page>> read();
    boost::asio::awaitable<result<message_page>> read_in_time();

    investigate where_;
    message_filter which_;
    call_options options_;
    std::chrono::milliseconds left_;           // of the time for all pages
    std::string cursor_;                       // of the page to read; empty: the first
    std::string location_;                     // where the pending page is
    std::unordered_set<std::size_t> cursors_;  // hashes of all that the server gave
    bool ended_ = false;
};

}  // namespace cloudflare::inline v0::email_security
