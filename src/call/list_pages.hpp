#pragma once

#include <cloudflare/detail/moving_list.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// Pages of a list by the keys of their entries, and what two of them tell.
namespace cloudflare::inline v0::detail {

using key_list = std::vector<std::size_t>;
using key_set = boost::unordered_flat_set<std::size_t>;

/// Pages in a row that are all the same: then it is not the list that moved.
inline constexpr int max_repeats = 3;

/// The entries of a page that was read.
struct page_keys {
    std::int64_t first = 0;  ///< the position of the first one
    key_list keys;

    std::int64_t count() const { return static_cast<std::int64_t>(keys.size()); }
    std::int64_t end() const { return first + count(); }
};

/// Where in `in` a key is; empty if it is not there.
class key_places {
public:
    explicit key_places(key_list const& in);

    std::optional<std::size_t> find(std::size_t key) const;

private:
    std::vector<std::pair<std::size_t, std::size_t>> all_;
};

bool do_share(key_list const& a, key_list const& b);
/// Whether what a page shares with one read before is in one piece, in the same order, and begins
/// the page if it is to.
bool is_one_piece(key_list const& before, key_list const& page, bool is_to_begin);
/// Whether what two pages share comes in the same order.
bool are_in_order(key_list const& a, key_list const& b);

/// The page of a size that has a position.
list_page page_with(std::int64_t position, std::int64_t size);

}  // namespace cloudflare::inline v0::detail
