#pragma once

#include <cloudflare/error.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0 {

/// The envelope's `result_info`, as far as the server gave it.
struct page_info {
    std::optional<std::int64_t> count;  ///< items on this page
    std::optional<std::int64_t> page;   ///< from 1; 0 where there are cursors
    std::optional<std::int64_t> per_page;  ///< items on a full page
    /// Of the whole collection, without filters; 0 where there are cursors.
    std::optional<std::int64_t> total_count;
    std::optional<std::string> next;  ///< the next page's cursor, where there are cursors
    std::optional<std::string> previous;  ///< the previous page's cursor
};
BOOST_DESCRIBE_STRUCT(page_info, (), (count, page, per_page, total_count, next, previous))

/// One page of a list.
template <class T>
struct page {
    std::vector<T> items;  ///< in the order of the list
    page_info info;        ///< what the answer said of the list
};

}  // namespace cloudflare::inline v0
