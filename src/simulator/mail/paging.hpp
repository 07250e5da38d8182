#pragma once

#include "parameters.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// A part of a list.
struct window {
    std::size_t first = 0;
    std::size_t count = 20;
};

inline std::uint64_t read_per_page(parameters const& given) {
    return given.number("per_page", 1, 1000).value_or(20);
}

inline std::uint64_t read_page(parameters const& given) {
    // More than a list can have makes no product that wraps.
    return given.number("page", 1, std::numeric_limits<std::uint32_t>::max()).value_or(1);
}

inline window page_window(std::uint64_t page, std::uint64_t per_page) {
    return {static_cast<std::size_t>((page - 1) * per_page), static_cast<std::size_t>(per_page)};
}

/// Shows the items of the window.
template <class T, class Render>
boost::json::array render_window(std::vector<T> const& all, window const& shown, Render render) {
    boost::json::array result;
    std::size_t const first = std::min(shown.first, all.size());
    std::size_t const last = first + std::min(shown.count, all.size() - first);
    for (std::size_t i = first; i != last; ++i) result.push_back(render(*all[i]));
    return result;
}

/// The `result_info` of lists that have pages. The total is of all that there are.
inline boost::json::object page_info(std::size_t count, std::uint64_t page, std::uint64_t per_page,
                                     std::size_t total) {
    return {{"count", count}, {"page", page}, {"per_page", per_page}, {"total_count", total}};
}

/// The `result_info` of lists that have cursors, or take the same form without them. Its page and
/// its total are always 0: this is what the API says.
inline boost::json::object cursor_info(std::size_t count, std::uint64_t per_page) {
    return {{"count", count},   {"page", 0},       {"per_page", per_page},
            {"total_count", 0}, {"next", nullptr}, {"previous", nullptr}};
}

}  // namespace cloudflare::inline v0::simulator
