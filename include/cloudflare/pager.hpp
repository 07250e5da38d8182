#pragma once

#include <cloudflare/codec.hpp>
#include <cloudflare/concurrent.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cloudflare {

/// Reads one page: its number, from 1, and its size.
template <class T>
using page_reader =
    std::function<boost::asio::awaitable<result<page<T>>>(std::int64_t number, std::int64_t size)>;

/// What tells two items apart: the identifier, or the whole item where there is none.
template <class T>
std::string item_key(T const& item) {
    if constexpr (requires { item.id.text(); }) {
        if (!item.id.empty()) return item.id.text();
    }
    return wire::to_json(item);
}

/// The pages of a list, one after the other.
///
/// Not thread-safe: one `next()` at a time, and the pager must outlive it.
template <class T>
class pager {
public:
    /// A list of more pages than this ends in an error: no account has so many entries, but a
    /// broken server may never end.
    static constexpr std::int64_t max_pages = 100'000;

    pager(page_reader<T> read, std::int64_t first, std::int64_t size)
        : read_{std::move(read)}, first_{first}, number_{first}, size_{size} {}

    /// The next page; empty when there is none. A page shorter than asked for is the last one, and
    /// an empty one is never given out. `total_count` plays no part, as it does not count filters.
    ///
    /// Errors: as the list operation; `errc::malformed_response` when the server repeats a page or
    /// does not end. After an error the same page is tried again.
    boost::asio::awaitable<result<std::optional<page<T>>>> next() {
        if (ended_) co_return std::optional<page<T>>{};
        if (number_ - first_ >= max_pages) {
            co_return error{errc::malformed_response, "the list does not end"};
        }
        auto got = co_await read_(number_, size_);
        if (!got) co_return got.error();
        if (got->items.empty()) {
            ended_ = true;
            co_return std::optional<page<T>>{};
        }
        auto key = item_key(got->items.front());
        if (key == previous_) {
            co_return error{errc::malformed_response, "the server repeats a page of the list"};
        }
        previous_ = std::move(key);
        // A server may allow less per page than asked for, and says so.
        auto const full = std::min(size_, got->info.per_page.value_or(size_));
        ended_ = static_cast<std::int64_t>(got->items.size()) < full;
        ++number_;
        co_return std::optional<page<T>>{std::move(*got)};
    }

private:
    page_reader<T> read_;
    std::int64_t first_;
    std::int64_t number_;
    std::int64_t size_;
    std::string previous_;
    bool ended_ = false;
};

/// The most that the API gives on one page.
inline constexpr std::int64_t max_page_size = 1000;

/// Adds a page to the list; false when it holds something that is there already.
template <class T>
bool append_page(std::vector<T>& items, std::unordered_set<std::string>& seen, page<T> more) {
    bool fresh = true;
    for (auto& item : more.items) {
        fresh = seen.insert(item_key(item)).second && fresh;
        items.push_back(std::move(item));
    }
    return fresh;
}

/// Reads a whole list once, page after page; empty when an entry came twice, as the list changed
/// meanwhile.
template <class T>
boost::asio::awaitable<result<std::optional<std::vector<T>>>> read_in_turn(page_reader<T> read) {
    std::vector<T> items;
    std::unordered_set<std::string> seen;
    pager<T> pages{std::move(read), 1, max_page_size};
    for (;;) {
        auto next = co_await pages.next();
        if (!next) co_return next.error();
        if (!*next) break;
        if (!append_page(items, seen, std::move(**next))) {
            co_return std::optional<std::vector<T>>{};
        }
    }
    co_return std::optional<std::vector<T>>{std::move(items)};
}

/// Reads a whole list once, the pages after the first concurrently, as its length is `total_count`;
/// empty when the pages are not of one state of the list.
template <class T>
boost::asio::awaitable<result<std::optional<std::vector<T>>>> read_at_once(
    page_reader<T> read, std::size_t concurrency) {
    auto first = co_await read(1, max_page_size);
    if (!first) co_return first.error();
    if (!first->info.total_count) co_return co_await read_in_turn<T>(std::move(read));

    auto const total = *first->info.total_count;
    auto const size =
        std::clamp<std::int64_t>(first->info.per_page.value_or(max_page_size), 1, max_page_size);
    // Before anything is reckoned with it or made as large as it says.
    if (total < 0 || total > pager<T>::max_pages * size) {
        co_return error{errc::malformed_response,
                        "/result_info/total_count is " + std::to_string(total)};
    }
    auto const pages = std::max<std::int64_t>((total + size - 1) / size, 1);
    std::vector<result<page<T>>> rest(static_cast<std::size_t>(pages) - 1, page<T>{});
    bool useless = false;  // an error, or a list that changed, makes all further pages so
    auto read_one = [&](std::size_t index) -> boost::asio::awaitable<void> {
        if (useless) co_return;
        auto got = co_await read(static_cast<std::int64_t>(index) + 2, size);
        if (!got || got->info.total_count != total) useless = true;
        rest[index] = std::move(got);
    };
    co_await for_each_concurrently(rest.size(), concurrency, read_one);

    for (auto const& each : rest) {
        if (!each) co_return each.error();
    }
    std::vector<T> items;
    std::unordered_set<std::string> seen;
    bool one_state = append_page(items, seen, std::move(*first));
    for (auto& each : rest) {
        one_state = one_state && each->info.total_count == total;
        one_state = append_page(items, seen, std::move(*each)) && one_state;
    }
    if (!one_state || static_cast<std::int64_t>(items.size()) != total) {
        co_return std::optional<std::vector<T>>{};
    }
    co_return std::optional<std::vector<T>>{std::move(items)};
}

/// Reads a whole list; again when it changed meanwhile, three times at most.
template <class T>
boost::asio::awaitable<result<std::vector<T>>> read_whole_list(page_reader<T> read,
                                                               bool is_filtered,
                                                               std::size_t concurrency) {
    try {
        for (int attempt = 0; attempt < 3; ++attempt) {
            // The choice is made outside of the co_await: GCC 12 destroys what a conditional one
            // gives twice.
            auto reading = is_filtered ? read_in_turn<T>(read) : read_at_once<T>(read, concurrency);
            auto got = co_await std::move(reading);
            if (!got) co_return got.error();
            if (*got) co_return std::move(**got);
        }
    } catch (boost::system::system_error const& thrown) {
        // Asio throws this where a coroutine that was cancelled awaits something new.
        if (thrown.code() != boost::asio::error::operation_aborted) throw;
        co_return error{errc::cancelled, "between two pages"};
    }
    co_return error{errc::conflict, "the list kept changing while it was read"};
}

}  // namespace cloudflare
