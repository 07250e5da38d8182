#pragma once

#include <cloudflare/detail/callable.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace cloudflare::inline v0 {

/// Reads one page: its number, from 1, and its size.
template <class T>
using page_reader =
    std::function<boost::asio::awaitable<result<page<T>>>(std::int64_t number, std::int64_t size)>;

/// A list of more pages than this ends in an error: no account has so many entries, but a broken
/// server may never end.
inline constexpr std::int64_t max_list_pages = 100'000;

/// How many entries the API gives on a page when it is not asked for a number.
inline constexpr std::int64_t unasked_page_size = 20;

/// How many entries a full page has, where `asked` were asked for: a server may allow less, and
/// says so. Where it does not say, a page of `count` that has at least what the API gives unasked
/// may have been cut, and counts as full.
inline std::int64_t full_page_size(page_info const& info, std::int64_t asked, std::int64_t count) {
    if (info.per_page) return std::min(asked, *info.per_page);
    return count < unasked_page_size ? asked : std::min(asked, count);
}

/// What tells two items apart: the identifier, or the whole item where there is none.
template <class T>
std::string item_key(T const& item) {
    if constexpr (requires { item.id.text(); }) {
        if (!item.id.empty()) return item.id.text();
    }
    return wire::to_json(item);
}

/// What tells a page from the one before it: the first identifier; without one, all that is on it.
/// Empty for a single entry without one: two entries of a log may say the same, and fill a page
/// each.
template <class T>
std::string page_key(std::vector<T> const& items) {
    if constexpr (requires { items.front().id.text(); }) {
        if (!items.front().id.empty()) return items.front().id.text();
    }
    std::string all;
    if (items.size() == 1) return all;
    for (auto const& each : items) all += wire::to_json(each);
    return all;
}

/// The pages of a list, one after the other.
///
/// Not thread-safe: one `next()` at a time, and the pager must outlive it.
template <class T>
class pager {
public:
    static constexpr std::int64_t max_pages = max_list_pages;  ///< as `max_list_pages`

    /// Pages of so many entries by that reader, from the first one asked for on.
    template <std::convertible_to<page_reader<T>> Reader>
    pager(Reader&& read, std::int64_t first, std::int64_t size)
        : read_{std::forward<Reader>(read)}, first_{first}, number_{first}, size_{size} {
        static_assert(!detail::is_destroyed_twice<Reader>(),
                      "GCC 12 destroys a temporary callable with captures twice in a co_await "
                      "expression; give it a name first: auto const read = [...] {...};");
    }

    /// The next page; empty when there is none. A page shorter than asked for is the last one, and
    /// an empty one is never given out. `total_count` plays no part, as it does not count filters.
    /// Where the answer does not say how long its pages are, one of 20 entries or more may have
    /// been cut: only a shorter one is the last then.
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
        auto key = page_key(got->items);
        if (!key.empty() && key == previous_) {
            co_return error{errc::malformed_response, "the server repeats a page of the list"};
        }
        previous_ = std::move(key);
        auto const count = static_cast<std::int64_t>(got->items.size());
        ended_ = count < full_page_size(got->info, size_, count);
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
    page_reader<T> fetch = [which = std::move(which), read_page = std::move(read_page)](
                               std::int64_t number, std::int64_t per_page) {
        auto one = which;
        return read_page(std::move(one.page(number).per_page(per_page)));
    };
    return pager<T>{std::move(fetch), first, size};
}

}  // namespace cloudflare::inline v0
