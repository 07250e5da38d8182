#include "email_security/search_location.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/email_security/investigate.hpp>

namespace cloudflare::email_security {

namespace asio = boost::asio;

namespace {

constexpr std::size_t any_length = std::size_t(-1);

error missing_destination() {
    return invalid_field("destination", "is not given");
}

/// The body of `create_preview`.
struct preview_request {
    std::string postfix_id;

    result<void> validate() const { return check_text("postfix_id", postfix_id, 1, any_length); }
};
BOOST_DESCRIBE_STRUCT(preview_request, (), (postfix_id))

result<void> check_ids(std::vector<identifier> const& ids) {
    if (ids.empty()) return invalid_field("ids", "is empty");
    for (auto const& each : ids) {
        if (each.empty()) return invalid_field("ids", "holds an empty identifier");
    }
    return {};
}

asio::awaitable<result<message_page>> send_search(client with, result<request> message,
                                                  call_options options) {
    if (!message) co_return message.error();
    message_page found;
    unsigned status = 0;
    reply into;
    into.result = {&wire::codec_for<std::vector<email_security::message>>(), &found.items};
    into.info = &found.info;
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
    if (ids_) return check_ids(*ids_);
    if (postfix_ids_ && !postfix_ids_->empty()) return {};
    return invalid_field("ids", "is empty");
}

result<void> reclassify_request::validate() const {
    if (!expected_disposition_) return invalid_field("expected_disposition", "is not given");
    return {};
}

result<void> message_filter::validate() const {
    if (start_ && end_ && *start_ > *end_) return invalid_field("start", "is after end");
    if (page_) {
        if (auto const valid = check_range("page", *page_, 1, INT32_MAX); !valid) return valid;
    }
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

asio::awaitable<result<std::vector<action_entry>>> investigate::action_log(
    identifier id, call_options options) const {
    return invoke<std::vector<action_entry>>(
        client_, make_request(operations::action_log.what, account_, id), std::move(options));
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

asio::awaitable<result<message_preview>> investigate::create_preview(std::string postfix_id,
                                                                     call_options options) const {
    auto message = make_request(operations::create_preview.what, account_, {});
    preview_request body;
    body.postfix_id = std::move(postfix_id);
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
    return invoke<std::vector<moved_message>>(client_, std::move(message), std::move(options));
}

asio::awaitable<result<std::vector<moved_message>>> investigate::move_many(
    move_many_request what, call_options options) const {
    auto message = make_request(operations::move_many.what, account_, {});
    set_body(message, what);
    return invoke<std::vector<moved_message>>(client_, std::move(message), std::move(options));
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
    if (auto const valid = check_ids(ids); !valid) {
        message = valid.error();
    } else if (message) {
        message->body = wire::to_json(ids);
    }
    return invoke<std::vector<released_message>>(client_, std::move(message), std::move(options));
}

message_search::message_search(investigate where, message_filter which, call_options options)
    : where_{std::move(where)}, which_{std::move(which)}, options_{std::move(options)} {}

asio::awaitable<result<message_page>> message_search::read() {
    if (!location_.empty()) return where_.poll(location_, options_);
    auto which = which_;
    if (!cursor_.empty()) which.continue_at(cursor_);
    return where_.search_page(std::move(which), options_);
}

asio::awaitable<result<std::optional<message_page>>> message_search::next() {
    while (!ended_) {
        if (cursors_.size() >= max_pages) {
            co_return error{errc::malformed_response, "the search does not end"};
        }
        auto got = co_await read();
        if (!got) {
            if (got.error().code() == errc::not_found) location_.clear();
            co_return got.error();
        }
        if (got->is_pending) {
            if (!got->location.empty()) location_ = got->location;
            co_return std::optional<message_page>{std::move(*got)};
        }
        auto following = got->info.next.value_or("");
        if (!following.empty() && !cursors_.insert(following).second) {
            co_return error{errc::malformed_response, "the server repeats a cursor"};
        }
        ended_ = following.empty();
        cursor_ = std::move(following);
        location_.clear();
        if (!got->items.empty()) co_return std::optional<message_page>{std::move(*got)};
    }
    co_return std::optional<message_page>{};
}

}  // namespace cloudflare::email_security
