#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace cloudflare {

/// Reads one page: its number, from 1, and its size.
template <class T>
using page_reader =
    std::function<boost::asio::awaitable<result<page<T>>>(std::int64_t number, std::int64_t size)>;

/// A list of more pages than this ends in an error: no account has so many entries, but a broken
/// server may never end.
inline constexpr std::int64_t max_list_pages = 100'000;

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
    static constexpr std::int64_t max_pages = max_list_pages;

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

/// Pages read by `read_page(filter)`, from the filter's page on, of its size.
template <class T, class Filter, class Read>
pager<T> pages_of(Filter which, Read read_page) {
    constexpr std::int64_t default_page_size = 100;
    auto const first = which.page().value_or(1);
    auto const size = which.per_page().value_or(default_page_size);
    auto fetch = [which = std::move(which), read_page = std::move(read_page)](
                     std::int64_t number, std::int64_t per_page) {
        auto one = which;
        return read_page(std::move(one.page(number).per_page(per_page)));
    };
    return pager<T>{std::move(fetch), first, size};
}

}  // namespace cloudflare
