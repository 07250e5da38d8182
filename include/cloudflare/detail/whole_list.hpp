#pragma once

#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/page.hpp>
#include <cloudflare/pager.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading a list from its first to its last entry, as one state of it.
namespace cloudflare {

/// The most that the API gives on one page.
inline constexpr std::int64_t max_page_size = 1000;

/// Takes a whole list page by page, so that nobody has to hold all of it.
template <class T>
class list_visitor {
public:
    /// The list changed while it was read: what was taken so far does not count, and it is read
    /// again.
    virtual void restart() = 0;
    /// How many entries the list has, before its first page; not told of one that is filtered.
    virtual void expect(std::size_t) {}
    /// A page. Pages may come in any order; `position` is where its first entry stands in the list.
    virtual void take(std::size_t position, std::vector<T> entries) = 0;

protected:
    ~list_visitor() = default;
};

/// A `list_visitor` that keeps the entries.
template <class T>
class list_keeper final : public list_visitor<T> {
public:
    void restart() override { pages_.clear(); }
    void take(std::size_t position, std::vector<T> entries) override {
        pages_.push_back({position, std::move(entries)});
    }

    /// All entries, in the order of the list. The keeper is empty then.
    std::vector<T> release() {
        std::ranges::sort(pages_, {}, &kept_page::position);
        std::vector<T> all;
        std::size_t count = 0;
        for (auto const& each : pages_) count += each.entries.size();
        all.reserve(count);
        for (auto& each : pages_) std::ranges::move(each.entries, std::back_inserter(all));
        pages_.clear();
        return all;
    }

private:
    struct kept_page {
        std::size_t position;
        std::vector<T> entries;
    };
    std::vector<kept_page> pages_;
};

/// Which items were seen, by a hash of 64 bits each. That two of a million differ and have the
/// same one happens once in thirty million lists, which is then read again.
class seen_items {
public:
    seen_items();
    ~seen_items();
    seen_items(seen_items const&) = delete;
    seen_items& operator=(seen_items const&) = delete;

    /// False when it was seen already.
    bool insert(std::string_view key);
    std::size_t size() const noexcept;
    void clear() noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Reads one page for the nth time, from 0, that the list is read: its number, from 1, and its
/// size. Each time may ask for another order.
template <class T>
using list_reader = std::function<boost::asio::awaitable<result<page<T>>>(
    int time, std::int64_t number, std::int64_t size)>;

/// One reading of a list: the pages, given on, and whether they are of one state of it.
template <class T>
class list_reading {
public:
    list_reading(page_reader<T> read, list_visitor<T>& visitor)
        : read_{std::move(read)}, visitor_{visitor} {}

    /// Page after page. False when an entry came twice, as the list changed meanwhile.
    boost::asio::awaitable<result<bool>> run_in_turn() {
        pager<T> pages{read_, 1, max_page_size};
        for (;;) {
            auto next = co_await pages.next();
            if (!next) co_return next.error();
            if (!*next) co_return true;
            if (!pass_on(seen_.size(), std::move((*next)->items))) co_return false;
        }
    }

    /// The pages after the first concurrently, as the length of the list is `total_count`. False
    /// when they are not of one state of the list.
    boost::asio::awaitable<result<bool>> run_at_once(std::size_t concurrency) {
        auto first = co_await read_(1, max_page_size);
        if (!first) co_return first.error();
        if (!first->info.total_count) co_return co_await run_in_turn();

        auto const total = *first->info.total_count;
        auto const size = std::clamp<std::int64_t>(first->info.per_page.value_or(max_page_size), 1,
                                                   max_page_size);
        // Before anything is reckoned with it.
        if (total < 0 || total > pager<T>::max_pages * size) {
            co_return error{errc::malformed_response,
                            "/result_info/total_count is " + std::to_string(total)};
        }
        auto const pages = std::max<std::int64_t>((total + size - 1) / size, 1);
        visitor_.expect(static_cast<std::size_t>(total));
        if (!pass_on(0, std::move(first->items))) co_return false;

        // An error, or a list that changed, makes all further pages useless.
        bool one_state = true;
        std::optional<error> failed;
        auto read_one = [&](std::size_t index) -> boost::asio::awaitable<void> {
            if (failed || !one_state) co_return;
            auto const number = static_cast<std::int64_t>(index) + 2;
            auto got = co_await read_(number, size);
            if (failed || !one_state) co_return;
            if (!got) {
                failed = got.error();
            } else {
                one_state =
                    got->info.total_count == total &&
                    pass_on(static_cast<std::size_t>((number - 1) * size), std::move(got->items));
            }
        };
        co_await for_each_concurrently(static_cast<std::size_t>(pages - 1), concurrency, read_one);
        if (failed) co_return std::move(*failed);
        co_return one_state&& static_cast<std::int64_t>(seen_.size()) == total;
    }

private:
    /// False when one of the items was seen already; the page is not given on then.
    bool pass_on(std::size_t position, std::vector<T> items) {
        for (auto const& each : items) {
            if (!seen_.insert(item_key(each))) return false;
        }
        visitor_.take(position, std::move(items));
        return true;
    }

    page_reader<T> read_;
    list_visitor<T>& visitor_;
    seen_items seen_;
};

/// Reads a whole list into a visitor, which must outlive the call; again when it changed meanwhile,
/// three times at most.
///
/// Errors: as the reader; `errc::conflict` when the list kept changing; `errc::invalid_argument`
/// for a concurrency of 0.
template <class T>
boost::asio::awaitable<result<void>> read_whole_list(list_reader<T> read, bool is_filtered,
                                                     std::size_t concurrency,
                                                     list_visitor<T>& visitor) {
    if (concurrency == 0) co_return invalid_field("concurrency", "must be at least 1");
    try {
        for (int time = 0; time < 3; ++time) {
            visitor.restart();
            list_reading<T> reading{[&read, time](std::int64_t number, std::int64_t size) {
                                        return read(time, number, size);
                                    },
                                    visitor};
            // The choice is made outside of the co_await: GCC 12 destroys what a conditional one
            // gives twice.
            auto run = is_filtered ? reading.run_in_turn() : reading.run_at_once(concurrency);
            auto const is_one_state = co_await std::move(run);
            if (!is_one_state) {
                // Whatever failed at the same moment, one who cancelled must not take it for a
                // timeout.
                auto const caller = co_await boost::asio::this_coro::cancellation_state;
                if (caller.cancelled() != boost::asio::cancellation_type::none) {
                    co_return error{errc::cancelled, "between two pages"};
                }
                co_return is_one_state.error();
            }
            if (*is_one_state) co_return result<void>{};
        }
    } catch (boost::system::system_error const& thrown) {
        // Asio throws this where a coroutine that was cancelled awaits something new.
        if (thrown.code() != boost::asio::error::operation_aborted) throw;
        co_return error{errc::cancelled, "between two pages"};
    }
    co_return error{errc::conflict, "the list kept changing while it was read"};
}

}  // namespace cloudflare
