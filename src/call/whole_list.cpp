#include "call/cancelled_as_result.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/make_request.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/pager.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string>

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

    /// As `page_key` (pager.hpp).
    std::string of_page(object_list const& items) const {
        if (id_) return of(items, 0);
        std::string all;
        if (items.size() == 1) return all;
        for (std::size_t i = 0; i != items.size(); ++i) all += of(items, i);
        return all;
    }

    std::string of(object_list const& items, std::size_t index) const {
        // Members are only read through the address.
        auto* const item = const_cast<void*>(items[index]);
        if (id_) {
            auto const& id = *static_cast<identifier const*>(id_->address(item));
            if (!id.empty()) return id.text();
        }
        std::string text;
        wire::append_json(items.how(), item, text);
        return text;
    }

private:
    wire::field const* id_ = nullptr;
};

/// One reading of a list: the pages, given on, and whether they are of one state of it.
class list_reading {
public:
    /// The references must outlive it.
    list_reading(any_collection const& where, any_object const& filter, int time,
                 call_options const& options, wire::codec const* how, any_list_visitor& visitor)
        : where_{where},
          filter_{filter},
          time_{time},
          options_{options},
          how_{how},
          visitor_{visitor},
          keys_{*where.type().model} {}

    /// Page after page. False when an entry came twice, as the list changed meanwhile.
    asio::awaitable<result<bool>> run_in_turn(std::int64_t first_page = 1,
                                              std::int64_t page_size = max_page_size) {
        std::string previous;
        std::size_t position = 0;
        for (auto number = first_page;; ++number) {
            if (number - first_page >= max_list_pages) {
                co_return error{errc::malformed_response, "the list does not end"};
            }
            auto items = new_page();
            page_info info;
            auto const read = co_await read_page(number, page_size, items, info);
            if (!read) co_return read.error();
            if (items.empty()) co_return true;
            auto key = keys_.of_page(items);
            if (!key.empty() && key == previous) {
                co_return error{errc::malformed_response, "the server repeats a page of the list"};
            }
            previous = std::move(key);
            auto const count = static_cast<std::int64_t>(items.size());
            if (!pass_on(position, std::move(items))) co_return false;
            position += static_cast<std::size_t>(count);
            if (count < full_page_size(info, page_size, count)) co_return true;
        }
    }

    /// The pages after the first concurrently, as many as `total_count` lets expect. That may lag
    /// behind the list, so the pages say where the list ends: by a short one, or an empty one.
    /// False when they are not of one state of the list.
    asio::awaitable<result<bool>> run_at_once(std::size_t concurrency) {
        auto first = new_page();
        page_info info;
        auto const read = co_await read_page(1, max_page_size, first, info);
        if (!read) co_return read.error();
        if (!info.total_count) co_return co_await run_in_turn();

        total_ = *info.total_count;
        auto const size =
            full_page_size(info, max_page_size, static_cast<std::int64_t>(first.size()));
        size_ = std::clamp<std::int64_t>(size, 1, max_page_size);
        // Before anything is reckoned with it.
        if (total_ < 0 || total_ > max_list_pages * size_) {
            co_return error{errc::malformed_response,
                            "/result_info/total_count is " + std::to_string(total_)};
        }
        visitor_.expect(static_cast<std::size_t>(total_));
        take_page(1, std::move(first));

        // Full pages, and the one that ends the list.
        auto const further = total_ / size_;
        std::function<asio::awaitable<void>(std::size_t)> work = [this](std::size_t index) {
            return read_further_page(static_cast<std::int64_t>(index) + 2);
        };
        auto reading =
            for_each_concurrently(static_cast<std::size_t>(further),
                                  std::max<std::size_t>(concurrency, 1), std::move(work));
        co_await std::move(reading);
        for (auto number = further + 2; is_worth_reading() && !has_ended(); ++number) {
            if (number > max_list_pages) {
                co_return error{errc::malformed_response, "the list does not end"};
            }
            co_await read_further_page(number);
        }
        if (failed_) co_return std::move(*failed_);
        co_return is_one_state_ && !has_count_changed_;
    }

    /// Whether the pages were of one state, and only what they said of the list's length was not.
    bool has_only_its_count_changed() const noexcept { return is_one_state_ && has_count_changed_; }
    /// Two readings of the same items have the same one.
    std::pair<std::size_t, std::size_t> digest() const {
        std::size_t sum = 0;
        for (auto const each : seen_) sum += each;
        return {seen_.size(), sum};
    }

private:
    object_list new_page() const { return object_list{*where_.type().model, how_}; }

    asio::awaitable<result<void>> read_page(std::int64_t number, std::int64_t size,
                                            object_list& into, page_info& info) const {
        auto which = filter_;
        where_.type().set_page(which.get(), time_, number, size);
        co_return co_await where_.read_page(which, into, info, options_);
    }

    /// An error, or a list that changed, makes all further pages useless. That its count changed
    /// says so too, but not for sure: it may come from elsewhere than the pages.
    bool is_worth_reading() const noexcept {
        return !failed_ && is_one_state_ && (time_ > 0 || !has_count_changed_);
    }

    asio::awaitable<void> read_further_page(std::int64_t number) {
        if (!is_worth_reading() || number > first_empty_) co_return;
        auto items = new_page();
        page_info info;
        auto const got = co_await read_page(number, size_, items, info);
        if (!is_worth_reading()) co_return;
        if (!got) {
            failed_ = got.error();
            co_return;
        }
        has_count_changed_ = has_count_changed_ || info.total_count != total_;
        take_page(number, std::move(items));
    }

    void take_page(std::int64_t number, object_list items) {
        auto const count = static_cast<std::int64_t>(items.size());
        if (count == 0) {
            first_empty_ = std::min(first_empty_, number);
        } else {
            last_filled_ = std::max(last_filled_, number);
            if (count < size_) first_short_ = std::min(first_short_, number);
            auto const position = static_cast<std::size_t>((number - 1) * size_);
            is_one_state_ = pass_on(position, std::move(items));
        }
        // Nothing comes after the end.
        if (last_filled_ > std::min(first_empty_, first_short_)) is_one_state_ = false;
    }

    /// A short page is the last one, if it is not also the first that lacks entries by the count:
    /// then one more is read to be sure.
    bool has_ended() const {
        if (first_empty_ != none) return true;
        return first_short_ != none && static_cast<std::int64_t>(seen_.size()) >= total_;
    }

    /// False when one of the items was seen already, in a list that is to be of one state; the page
    /// is not given on then.
    bool pass_on(std::size_t position, object_list items) {
        for (std::size_t i = 0; i != items.size(); ++i) {
            auto const is_new = seen_.insert(keyed_hash(keys_.of(items, i), 0)).second;
            if (!is_new && time_ >= 0) return false;
        }
        visitor_.take(position, std::move(items));
        return true;
    }

    any_collection const& where_;
    any_object const& filter_;
    int time_;
    call_options const& options_;
    wire::codec const* how_;
    any_list_visitor& visitor_;
    item_keys keys_;
    // Of a list that is read at once.
    static constexpr auto none = std::numeric_limits<std::int64_t>::max();
    std::int64_t total_ = 0;
    std::int64_t size_ = max_page_size;
    std::int64_t first_empty_ = none;
    std::int64_t first_short_ = none;
    std::int64_t last_filled_ = 0;
    bool is_one_state_ = true;
    bool has_count_changed_ = false;
    std::optional<error> failed_;
    /// By a hash of 64 bits each. That two of a million differ and have the same one happens once
    /// in thirty million lists, which is then read again.
    boost::unordered_flat_set<std::size_t> seen_;
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

// Again when the list changed meanwhile, three times at most.
asio::awaitable<result<void>> read_until_one_state(any_collection where,
                                                   any_list_visitor& visitor, any_object filter,
                                                   call_options options, std::size_t concurrency,
                                                   wire::codec const* how) {
    if (concurrency == 0) co_return invalid_field("concurrency", "must be at least 1");
    bool const is_filtered = where.type().is_restricted(filter.get());
    std::optional<std::pair<std::size_t, std::size_t>> previous;
    for (int time = 0; time < 3; ++time) {
        visitor.restart();
        list_reading reading{where, filter, time, options, how, visitor};
        // The choice is made outside of the co_await: GCC 12 destroys what a conditional one
        // gives twice.
        auto run = is_filtered ? reading.run_in_turn() : reading.run_at_once(concurrency);
        auto const is_one_state = co_await std::move(run);
        if (!is_one_state) co_return is_one_state.error();
        if (*is_one_state) co_return result<void>{};
        if (time == 0 || !reading.has_only_its_count_changed()) continue;
        // A count that never rests is no reason to give up when the same was read twice.
        auto const now = reading.digest();
        if (now == previous) co_return result<void>{};
        previous = now;
    }
    co_return error{errc::conflict, "the list kept changing while it was read"};
}

asio::awaitable<result<void>> read_whole_list(any_collection where, any_list_visitor& visitor,
                                              any_object filter, call_options options,
                                              std::size_t concurrency, wire::codec const* how) {
    return call::cancelled_as_result(
        read_until_one_state(std::move(where), visitor, std::move(filter), std::move(options),
                             concurrency, how),
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
    list_reading reading{where, filter, -1, options, nullptr, visitor};
    auto const read = co_await reading.run_in_turn(first, size);
    if (!read) co_return read.error();
    co_return result<void>{};
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
