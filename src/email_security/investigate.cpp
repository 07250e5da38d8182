#include "email_security/eml_content.hpp"
#include "email_security/search_location.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/investigate.hpp>

#include <algorithm>
#include <iterator>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;

namespace {

/// It becomes part of a URL.
constexpr std::size_t longest_cursor = std::size_t{16} * 1024;

error missing_destination() {
    return invalid_field("destination", "is not given");
}

/// The body of `create_preview`.
struct preview_request {
    identifier id;

    result<void> validate() const {
        return id.empty() ? result<void>{invalid_field("id", "is empty")} : result<void>{};
    }
};
BOOST_DESCRIBE_STRUCT(preview_request, (), (id))

result<void> check_ids(std::vector<identifier> const& ids) {
    if (ids.empty()) return invalid_field("ids", "is empty");
    for (auto const& each : ids) {
        if (each.empty()) return invalid_field("ids", "holds an empty identifier");
    }
    return {};
}

/// The body of `release`.
struct release_request {
    std::vector<identifier> ids;

    result<void> validate() const { return check_ids(ids); }
};
BOOST_DESCRIBE_STRUCT(release_request, (), (ids))

asio::awaitable<result<std::vector<action_entry>>> read_all(pager<action_entry> pages) {
    std::vector<action_entry> all;
    for (;;) {
        auto next = co_await pages.next();
        if (!next) co_return next.error();
        if (!*next) co_return std::move(all);
        std::ranges::move((*next)->items, std::back_inserter(all));
    }
}

using moved_messages = std::vector<moved_message>;
using released_messages = std::vector<released_message>;

/// The identifiers, each once.
std::vector<std::string> sorted(std::vector<identifier> const& ids) {
    std::vector<std::string> all;
    for (auto const& each : ids) all.push_back(each.text());
    std::ranges::sort(all);
    auto const repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
    return all;
}

std::optional<error> check_count(std::size_t answered, std::size_t asked) {
    if (answered >= asked) return std::nullopt;
    return error{errc::malformed_response, "the answer is about " + std::to_string(answered) +
                                               " messages instead of " + std::to_string(asked)};
}

/// Of each message that is to be released it must be told what became of it, and of no other.
std::optional<error> check_released(std::vector<std::string> const& asked,
                                    released_messages const& got) {
    std::vector<identifier> told;
    for (auto const& each : got) {
        if (each.id.empty()) continue;
        if (!std::ranges::binary_search(asked, each.id.text())) {
            return error{errc::conflict,
                         "the answer is about another message, '" + each.id.text() + '\''};
        }
        told.push_back(each.id);
    }
    return check_count(sorted(told).size(), asked.size());
}

asio::awaitable<result<message_page>> send_search(client with, result<request> message,
                                                  call_options options) {
    if (!message) co_return message.error();
    message_page found;
    unsigned status = 0;
    reply into;
    into.result = {&wire::codec_for<std::vector<email_security::message>>(), &found.items};
    into.info = &found.info;
    into.max_elements = detail::page_size_of(message->target);
    into.status = &status;
    into.location = &found.location;
    auto const done = co_await with.send(std::move(*message), std::move(options), into);
    if (!done) co_return done.error();
    found.is_pending = status == 202;
    if (!found.is_pending) found.location.clear();
    co_return std::move(found);
}

}  // namespace

result<void> move_request::validate() const {
    return destination_ ? result<void>{} : missing_destination();
}

result<void> move_many_request::validate() const {
    if (!destination_) return missing_destination();
    return check_ids(ids_);
}

result<void> reclassify_request::validate() const {
    if (!expected_disposition_) return invalid_field("expected_disposition", "is not given");
    return check_eml_content(eml_content_);
}

result<void> message_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    return per_page_ ? check_range("per_page", *per_page_, 1, 1000) : result<void>{};
}

investigate::investigate(cloudflare::client client, std::string account_id)
    : client_{std::move(client)}, account_{std::move(account_id)} {}

message_search investigate::search(message_filter which, call_options options) const {
    return message_search{*this, std::move(which), std::move(options)};
}

asio::awaitable<result<message_page>> investigate::search_page(message_filter which,
                                                               call_options options) const {
    auto message = make_request(operations::search.what, account_, {});
    set_query(message, which);
    return send_search(client_, std::move(message), std::move(options));
}

asio::awaitable<result<message_page>> investigate::poll(std::string location,
                                                        call_options options) const {
    auto target = search_target(location, account_);
    auto message = make_request(operations::search.what, account_, {});
    if (!target) {
        message = target.error();
    } else if (message) {
        message->target = std::move(*target);
    }
    return send_search(client_, std::move(message), std::move(options));
}

asio::awaitable<result<message>> investigate::get(identifier id, call_options options) const {
    return invoke<message>(client_, make_request(operations::get.what, account_, id),
                           std::move(options));
}

asio::awaitable<result<message>> investigate::get_submitted(identifier id,
                                                            call_options options) const {
    auto message = make_request(operations::get.what, account_, id);
    if (message) message->target += "?submission=true";
    return invoke<email_security::message>(client_, std::move(message), std::move(options));
}

pager<action_entry> investigate::action_log(identifier id, action_log_filter which,
                                            call_options options) const {
    auto read = [self = *this, id = std::move(id),
                 options = std::move(options)](action_log_filter one) {
        return self.action_log_page(id, std::move(one), options);
    };
    return pages_of<action_entry>(std::move(which), std::move(read));
}

asio::awaitable<result<page<action_entry>>> investigate::action_log_page(
    identifier id, action_log_filter which, call_options options) const {
    auto message = make_request(operations::action_log.what, account_, id);
    set_query(message, which);
    return invoke_page<action_entry>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<std::vector<action_entry>>> investigate::action_log_all(
    identifier id, call_options options) const {
    action_log_filter which;
    which.per_page(max_page_size);
    return read_all(action_log(std::move(id), std::move(which), std::move(options)));
}

asio::awaitable<result<message_detections>> investigate::detections(identifier id,
                                                                    call_options options) const {
    return invoke<message_detections>(
        client_, make_request(operations::detections.what, account_, id), std::move(options));
}

asio::awaitable<result<message_preview>> investigate::preview(identifier id,
                                                              call_options options) const {
    return invoke<message_preview>(client_, make_request(operations::preview.what, account_, id),
                                   std::move(options));
}

asio::awaitable<result<message_preview>> investigate::create_preview(identifier id,
                                                                     call_options options) const {
    auto message = make_request(operations::create_preview.what, account_, {});
    preview_request body;
    body.id = std::move(id);
    set_body(message, body);
    if (message) message->is_repeatable = true;
    return invoke<message_preview>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<raw_message>> investigate::raw(identifier id, call_options options) const {
    return invoke<raw_message>(client_, make_request(operations::raw.what, account_, id),
                               std::move(options));
}

asio::awaitable<result<message_trace>> investigate::trace(identifier id,
                                                          call_options options) const {
    return invoke<message_trace>(client_, make_request(operations::trace.what, account_, id),
                                 std::move(options));
}

asio::awaitable<result<std::vector<moved_message>>> investigate::move(identifier id,
                                                                      move_request where,
                                                                      call_options options) const {
    auto message = make_request(operations::move.what, account_, id);
    set_body(message, where);
    // A message may have been moved for several recipients.
    return invoke_checked<moved_messages>(
        client_, std::move(message), [](auto const& got) { return check_count(got.size(), 1); },
        std::move(options));
}

asio::awaitable<result<std::vector<moved_message>>> investigate::move_many(
    move_many_request what, call_options options) const {
    auto message = make_request(operations::move_many.what, account_, {});
    set_body(message, what);
    auto const count = sorted(what.ids()).size();
    return invoke_checked<moved_messages>(
        client_, std::move(message),
        [count](auto const& got) { return check_count(got.size(), count); }, std::move(options));
}

asio::awaitable<result<void>> investigate::reclassify(identifier id, reclassify_request what,
                                                      call_options options) const {
    auto message = make_request(operations::reclassify.what, account_, id);
    set_body(message, what);
    return invoke_nothing(client_, std::move(message), std::move(options));
}

asio::awaitable<result<std::vector<released_message>>> investigate::release(
    std::vector<identifier> ids, call_options options) const {
    auto message = make_request(operations::release.what, account_, {});
    release_request body;
    body.ids = std::move(ids);
    set_body(message, body);
    return invoke_checked<released_messages>(
        client_, std::move(message),
        [asked = sorted(body.ids)](auto const& got) { return check_released(asked, got); },
        std::move(options));
}

message_search::message_search(investigate where, message_filter which, call_options options)
    : where_{std::move(where)},
      which_{std::move(which)},
      options_{std::move(options)},
      left_{options_.timeout().value_or(where_.client().options().timeout())} {}

asio::awaitable<result<message_page>> message_search::read() {
    if (!location_.empty()) return where_.poll(location_, options_);
    auto which = which_;
    if (!cursor_.empty()) which.cursor(cursor_);
    return where_.search_page(std::move(which), options_);
}

asio::awaitable<result<message_page>> message_search::read_in_time() {
    using std::chrono::steady_clock;
    auto const began = steady_clock::now();
    options_.timeout(left_);
    auto reading = read();
    auto got = co_await std::move(reading);
    left_ -= std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
    co_return std::move(got);
}

asio::awaitable<result<std::optional<message_page>>> message_search::next() {
    while (!ended_) {
        if (cursors_.size() >= max_pages) {
            co_return error{errc::malformed_response, "the search does not end"};
        }
        if (left_.count() <= 0) {
            co_return error{errc::timed_out, "the pages of the search take longer than a call may"};
        }
        auto got = co_await read_in_time();
        if (!got) {
            if (got.error().code() == errc::not_found) location_.clear();
            co_return got.error();
        }
        if (got->is_pending) {
            if (!got->location.empty()) location_ = got->location;
            co_return std::optional<message_page>{std::move(*got)};
        }
        auto following = got->info.next.value_or("");
        if (following.size() > longest_cursor) {
            co_return error{errc::malformed_response, "a cursor of the search is too long"};
        }
        if (!following.empty() && !cursors_.insert(keyed_hash(following, 0)).second) {
            co_return error{errc::malformed_response, "the server repeats a cursor"};
        }
        ended_ = following.empty();
        cursor_ = std::move(following);
        location_.clear();
        if (!got->items.empty()) co_return std::optional<message_page>{std::move(*got)};
    }
    co_return std::optional<message_page>{};
}

}  // namespace cloudflare::inline v0::email_security
