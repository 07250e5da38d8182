#include "call/cancelled_as_result.hpp"

#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/make_request.hpp>
#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::detail {

namespace asio = boost::asio;

namespace {

/// What tells an item from others: the identifier, or all that was read where there is none.
class item_keys {
public:
    explicit item_keys(object_type const& type) {
        for (auto const& each : type.fields()) {
            if (each.name == "id" && each.how == &wire::codec_for<identifier>()) id_ = &each;
        }
    }

    std::vector<std::size_t> of(object_list const& items) const {
        std::vector<std::size_t> keys(items.size());
        for (std::size_t i = 0; i != keys.size(); ++i) keys[i] = of(items, i);
        return keys;
    }

private:
    std::size_t of(object_list const& items, std::size_t index) const {
        // Members are only read through the address.
        auto* const item = const_cast<void*>(items[index]);
        if (id_) {
            auto const& id = *static_cast<identifier const*>(id_->address(item));
            if (!id.empty()) return moving_list::key_of(id.text());
        }
        std::string text;
        wire::append_json(items.how(), item, text);
        return moving_list::key_of(text);
    }

    wire::field const* id_ = nullptr;
};

/// Reads the pages that a `moving_list` asks for, and gives each entry on once.
class list_reading {
public:
    /// The references must outlive it.
    list_reading(any_collection const& where, any_object const& filter, std::size_t concurrency,
                 call_options const& options, wire::codec const* how, any_list_visitor& visitor)
        : where_{where},
          filter_{filter},
          concurrency_{concurrency},
          options_{options},
          how_{how},
          visitor_{visitor},
          keys_{*where.type().model},
          list_{facts()} {}

    asio::awaitable<result<void>> run() {
        // The first page tells whether there are others.
        if (auto const asked = list_.next()) co_await read(*asked);
        if (concurrency_ == 1) {
            co_await read_on();
        } else if (!has_ended()) {
            news_.emplace(co_await asio::this_coro::executor,
                          asio::steady_timer::time_point::max());
            std::function<asio::awaitable<void>(std::size_t)> work = [this](std::size_t) {
                return read_on();
            };
            auto reading = for_each_concurrently(concurrency_, concurrency_, std::move(work));
            co_await std::move(reading);
        }
        if (failed_) co_return std::move(*failed_);
        visitor_.end(list_.last());
        co_return result<void>{};
    }

private:
    list_facts facts() const {
        auto const& type = where_.type();
        list_facts known;
        known.is_oldest_first = type.is_oldest_first(filter_.get());
        known.is_counted = !type.is_restricted(filter_.get());
        known.concurrency = concurrency_;
        return known;
    }

    bool has_ended() const { return failed_ || list_.is_done(); }

    asio::awaitable<void> read_on() {
        while (!has_ended()) {
            auto const asked = list_.next();
            if (asked) {
                co_await read(*asked);
                if (news_) news_->cancel();
                continue;
            }
            // All that read are on one strand, and so is the timer's end.
            boost::system::error_code ended;
            co_await news_->async_wait(asio::redirect_error(asio::use_awaitable, ended));
        }
    }

    asio::awaitable<void> read(list_page asked) {
        auto items = object_list{*where_.type().model, how_};
        page_info info;
        auto which = filter_;
        where_.type().set_page(which.get(), asked.order, asked.number, asked.size);
        auto const got = co_await where_.read_page(which, items, info, options_);
        if (failed_) co_return;
        if (!got) {
            failed_ = got.error();
            co_return;
        }
        bool const is_first = !list_.total_count();
        std::vector<bool> known;
        failed_ = list_.take(asked, keys_.of(items), info, known);
        if (failed_) co_return;
        if (auto const total = list_.total_count(); total && is_first) {
            visitor_.expect(static_cast<std::size_t>(*total));
        }
        auto const first_new = std::ranges::find(known, false) - known.begin();
        if (std::ranges::find(known, true) != known.end()) items.drop_marked(known);
        if (!items.empty()) {
            visitor_.take(static_cast<std::size_t>(asked.first() + first_new), std::move(items));
        }
    }

    any_collection const& where_;
    any_object const& filter_;
    std::size_t concurrency_;
    call_options const& options_;
    wire::codec const* how_;
    any_list_visitor& visitor_;
    item_keys keys_;
    moving_list list_;
    std::optional<error> failed_;
    /// Cancelled at each answer, for those who wait for one.
    std::optional<asio::steady_timer> news_;
};

}  // namespace

std::size_t list_keeper::size() const noexcept {
    std::size_t count = 0;
    for (auto const& each : pages_) count += each.second.size();
    return count;
}

std::vector<object_list> list_keeper::release() {
    std::ranges::sort(pages_, {}, [](auto const& each) { return each.first; });
    std::vector<object_list> all;
    for (auto& each : pages_) all.push_back(std::move(each.second));
    pages_.clear();
    return all;
}

asio::awaitable<result<void>> any_collection::read_page(any_object const& filter, object_list& into,
                                                        page_info& info,
                                                        call_options const& options) const {
    auto message = make_request(type_->list, account_, {});
    if (!message) co_return message.error();
    if (auto const valid = filter.validate(); !valid) co_return valid.error();
    wire::append_query(filter.type().fields(), filter.get(), message->target);
    reply answer;
    answer.result = {&wire::codec_for<object_list>(), &into};
    answer.info = &info;
    answer.max_elements = page_size_of(message->target);
    co_return co_await client_.send(std::move(*message), options, answer);
}

namespace {

asio::awaitable<result<void>> read_in_one_pass(any_collection where, any_list_visitor& visitor,
                                               any_object filter, call_options options,
                                               std::size_t concurrency, wire::codec const* how) {
    if (concurrency == 0) co_return invalid_field("concurrency", "must be at least 1");
    visitor.restart();
    list_reading reading{where, filter, concurrency, options, how, visitor};
    auto run = reading.run();
    co_return co_await std::move(run);
}

asio::awaitable<result<void>> read_whole_list(any_collection where, any_list_visitor& visitor,
                                              any_object filter, call_options options,
                                              std::size_t concurrency, wire::codec const* how) {
    return call::cancelled_as_result(read_in_one_pass(std::move(where), visitor, std::move(filter),
                                                      std::move(options), concurrency, how),
                                     "between two pages");
}

asio::awaitable<result<void>> read_into_own(any_collection where,
                                            std::unique_ptr<any_list_visitor> visitor,
                                            any_object filter, call_options options,
                                            std::size_t concurrency) {
    auto reading = read_whole_list(std::move(where), *visitor, std::move(filter),
                                   std::move(options), concurrency, nullptr);
    co_return co_await std::move(reading);
}

asio::awaitable<result<void>> read_pages(any_collection where, any_list_visitor& visitor,
                                         any_object filter, std::int64_t first, std::int64_t size,
                                         call_options options) {
    item_keys const keys_of{*where.type().model};
    std::vector<std::size_t> previous;
    std::size_t position = 0;
    for (auto number = first;; ++number) {
        if (number - first >= max_list_pages) {
            co_return error{errc::malformed_response, "the list does not end"};
        }
        auto items = object_list{*where.type().model};
        page_info info;
        auto which = filter;
        where.type().set_page(which.get(), -1, number, size);
        auto const read = co_await where.read_page(which, items, info, options);
        if (!read) co_return read.error();
        if (items.empty()) co_return result<void>{};
        auto keys = keys_of.of(items);
        // Two entries of a log may say the same, and fill a page each.
        if (keys.size() > 1 && keys == previous) {
            co_return error{errc::malformed_response, "the server repeats a page of the list"};
        }
        previous = std::move(keys);
        auto const count = static_cast<std::int64_t>(items.size());
        visitor.take(position, std::move(items));
        position += static_cast<std::size_t>(count);
        if (count < full_page_size(info, size, count)) co_return result<void>{};
    }
}

/// Checks what an operation on a collection, or on an entry of it, is answered with.
class object_check final : public answer_check {
public:
    /// The references must outlive it.
    object_check(collection_type const& of, operation const& what,
                 std::optional<identifier> const& id, any_object const* body, any_object& answer)
        : of_{of}, what_{what}, id_{id}, body_{body}, answer_{answer} {}

    std::optional<error> check_answer() override {
        bool const is_batch = of_.check_batch && what_.path == of_.batch.path;
        if (is_batch && body_) return of_.check_batch(body_->get(), answer_.get());
        // Of what was read nothing is said to be done.
        if (what_.method == http_method::get) return std::nullopt;
        for (auto const& each : answer_.type().fields()) {
            if (each.name != "id" || each.how != &wire::codec_for<identifier>()) continue;
            auto const& told = *static_cast<identifier const*>(each.address(answer_.get()));
            return check_entry(told, id_.value_or(identifier{}));
        }
        return std::nullopt;
    }

private:
    collection_type const& of_;
    operation const& what_;
    std::optional<identifier> const& id_;
    any_object const* body_;
    any_object& answer_;
};

/// `body` must outlive the call.
asio::awaitable<result<any_object>> send_and_read(client with, collection_type const& of,
                                                  result<request> message,
                                                  std::optional<identifier> id,
                                                  any_object const* body, any_object answer,
                                                  call_options options) {
    if (!message) co_return message.error();
    auto const what = message->operation;
    object_check check{of, what, id, body, answer};
    reply into;
    into.result = {&wire::codec_for<any_object>(), &answer};
    into.check = &check;
    auto sending = with.send(std::move(*message), std::move(options), into);
    if (auto const sent = co_await std::move(sending); !sent) co_return sent.error();
    co_return std::move(answer);
}

asio::awaitable<result<void>> send_made(client with, result<request> message, wire::slot answer,
                                        answer_check& check, call_options options) {
    if (!message) co_return message.error();
    reply into;
    into.result = answer;
    into.check = &check;
    auto sending = with.send(std::move(*message), std::move(options), into);
    co_return co_await std::move(sending);
}

}  // namespace

asio::awaitable<result<void>> any_collection::visit_all(any_list_visitor& visitor,
                                                        any_object filter, call_options options,
                                                        std::size_t concurrency,
                                                        wire::codec const* how) const {
    return read_whole_list(*this, visitor, std::move(filter), std::move(options), concurrency, how);
}

asio::awaitable<result<void>> any_collection::visit_all(std::unique_ptr<any_list_visitor> visitor,
                                                        any_object filter, call_options options,
                                                        std::size_t concurrency) const {
    return read_into_own(*this, std::move(visitor), std::move(filter), std::move(options),
                         concurrency);
}

asio::awaitable<result<void>> any_collection::visit_pages(any_list_visitor& visitor,
                                                          any_object filter, std::int64_t first,
                                                          std::int64_t size,
                                                          call_options options) const {
    return read_pages(*this, visitor, std::move(filter), first, size, std::move(options));
}

asio::awaitable<result<any_object>> any_collection::call(operation const& what,
                                                         std::optional<identifier> const& id,
                                                         any_object const* body,
                                                         object_type const& answer,
                                                         call_options options) const {
    auto message = make_request(what, account_, id);
    if (message && body) {
        if (auto const valid = body->validate(); !valid) {
            message = valid.error();
        } else {
            wire::append_json(*body->type().how, body->get(), message->body);
        }
    }
    return send_and_read(client_, *type_, std::move(message), id, body, any_object{answer},
                         std::move(options));
}

asio::awaitable<result<void>> any_collection::send_batch(wire::slot body, wire::slot answer,
                                                         answer_check& check,
                                                         call_options options) const {
    auto message = make_request(type_->batch, account_, {});
    if (message) wire::append_json(*body.how, body.where, message->body);
    return send_made(client_, std::move(message), answer, check, std::move(options));
}

}  // namespace cloudflare::inline v0::detail
