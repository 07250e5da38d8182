#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/detail/make_request.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace cloudflare::detail {

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
    asio::awaitable<result<bool>> run_in_turn() {
        std::string previous;
        for (std::int64_t number = 1;; ++number) {
            if (number > max_list_pages) {
                co_return error{errc::malformed_response, "the list does not end"};
            }
            auto items = new_page();
            page_info info;
            auto const read = co_await read_page(number, max_page_size, items, info);
            if (!read) co_return read.error();
            if (items.empty()) co_return true;
            auto key = keys_.of(items, 0);
            if (key == previous) {
                co_return error{errc::malformed_response, "the server repeats a page of the list"};
            }
            previous = std::move(key);
            auto const count = static_cast<std::int64_t>(items.size());
            if (!pass_on(seen_.size(), std::move(items))) co_return false;
            // A server may allow less per page than asked for, and says so.
            if (count < std::min(max_page_size, info.per_page.value_or(max_page_size))) {
                co_return true;
            }
        }
    }

    /// The pages after the first concurrently, as the length of the list is `total_count`. False
    /// when they are not of one state of the list.
    asio::awaitable<result<bool>> run_at_once(std::size_t concurrency) {
        auto first = new_page();
        page_info info;
        auto const read = co_await read_page(1, max_page_size, first, info);
        if (!read) co_return read.error();
        if (!info.total_count) co_return co_await run_in_turn();

        auto const total = *info.total_count;
        auto const size =
            std::clamp<std::int64_t>(info.per_page.value_or(max_page_size), 1, max_page_size);
        // Before anything is reckoned with it.
        if (total < 0 || total > max_list_pages * size) {
            co_return error{errc::malformed_response,
                            "/result_info/total_count is " + std::to_string(total)};
        }
        auto const pages = std::max<std::int64_t>((total + size - 1) / size, 1);
        visitor_.expect(static_cast<std::size_t>(total));
        if (!pass_on(0, std::move(first))) co_return false;

        // An error, or a list that changed, makes all further pages useless.
        bool one_state = true;
        std::optional<error> failed;
        auto read_one = [&](std::size_t index) -> asio::awaitable<void> {
            if (failed || !one_state) co_return;
            auto const number = static_cast<std::int64_t>(index) + 2;
            auto items = new_page();
            page_info its_info;
            auto const got = co_await read_page(number, size, items, its_info);
            if (failed || !one_state) co_return;
            if (!got) {
                failed = got.error();
            } else {
                one_state =
                    its_info.total_count == total &&
                    pass_on(static_cast<std::size_t>((number - 1) * size), std::move(items));
            }
        };
        std::function<asio::awaitable<void>(std::size_t)> const work = std::ref(read_one);
        co_await for_each_concurrently(static_cast<std::size_t>(pages - 1), concurrency, work);
        if (failed) co_return std::move(*failed);
        co_return one_state&& static_cast<std::int64_t>(seen_.size()) == total;
    }

private:
    object_list new_page() const { return object_list{*where_.type().model, how_}; }

    asio::awaitable<result<void>> read_page(std::int64_t number, std::int64_t size,
                                            object_list& into, page_info& info) const {
        auto which = filter_;
        where_.type().set_page(which.get(), time_, number, size);
        co_return co_await where_.read_page(which, into, info, options_);
    }

    /// False when one of the items was seen already; the page is not given on then.
    bool pass_on(std::size_t position, object_list items) {
        for (std::size_t i = 0; i != items.size(); ++i) {
            if (!seen_.insert(std::hash<std::string>{}(keys_.of(items, i))).second) return false;
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
    co_return co_await client_.send(std::move(*message), options, answer);
}

namespace {

// Again when the list changed meanwhile, three times at most.
asio::awaitable<result<void>> read_whole_list(any_collection where, any_list_visitor& visitor,
                                              any_object filter, call_options options,
                                              std::size_t concurrency, wire::codec const* how) {
    bool const is_filtered = where.type().is_restricted(filter.get());
    try {
        for (int time = 0; time < 3; ++time) {
            visitor.restart();
            list_reading reading{where, filter, time, options, how, visitor};
            // The choice is made outside of the co_await: GCC 12 destroys what a conditional one
            // gives twice.
            auto run = is_filtered ? reading.run_in_turn() : reading.run_at_once(concurrency);
            auto const is_one_state = co_await std::move(run);
            if (!is_one_state) {
                // Whatever failed at the same moment, one who cancelled must not take it for a
                // timeout.
                auto const caller = co_await asio::this_coro::cancellation_state;
                if (caller.cancelled() != asio::cancellation_type::none) {
                    co_return error{errc::cancelled, "between two pages"};
                }
                co_return is_one_state.error();
            }
            if (*is_one_state) co_return result<void>{};
        }
    } catch (boost::system::system_error const& thrown) {
        // Asio throws this where a coroutine that was cancelled awaits something new.
        if (thrown.code() != asio::error::operation_aborted) throw;
        co_return error{errc::cancelled, "between two pages"};
    }
    co_return error{errc::conflict, "the list kept changing while it was read"};
}

asio::awaitable<result<void>> read_into_own(any_collection where,
                                            std::unique_ptr<any_list_visitor> visitor,
                                            any_object filter, call_options options,
                                            std::size_t concurrency) {
    auto reading = read_whole_list(std::move(where), *visitor, std::move(filter),
                                   std::move(options), concurrency, nullptr);
    co_return co_await std::move(reading);
}

asio::awaitable<result<void>> send_made(client with, result<request> message, wire::slot answer,
                                        call_options options) {
    if (!message) co_return message.error();
    reply into;
    into.result = answer;
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

asio::awaitable<result<void>> any_collection::send_batch(wire::slot body, wire::slot answer,
                                                         call_options options) const {
    auto message = make_request(type_->batch, account_, {});
    if (message) wire::append_json(*body.how, body.where, message->body);
    return send_made(client_, std::move(message), answer, std::move(options));
}

}  // namespace cloudflare::detail
