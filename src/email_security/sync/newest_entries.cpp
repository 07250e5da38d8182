#include "email_security/sync/newest_entries.hpp"

#include <cloudflare/detail/whole_list.hpp>

#include <algorithm>
#include <unordered_set>

namespace cloudflare::email_security {

newest_entries::newest_entries(sync_type const& of, feed_view const& desired,
                               std::vector<std::uint32_t> const& wanted, std::int64_t expected,
                               std::int64_t created)
    : of_{of},
      lookup_{of, desired, wanted},
      is_oldest_first_{of.collection->is_oldest_first(
          cloudflare::detail::any_object{*of.collection->filter}.get())},
      expected_{std::max<std::int64_t>(expected, 0)},
      created_{created} {
    // Of all lengths, the one whose last page has the most entries; no more than are of interest.
    auto const enough = std::min(created_ + 1, max_page_size - 1);
    for (std::int64_t size = 1; size <= max_page_size; ++size) {
        if (expected_ % size <= expected_ % page_.size && size > 1) continue;
        page_.size = size;
        if (expected_ % size >= enough) break;
    }
    page_.number = expected_ / page_.size + 1;
}

bool newest_entries::are_own(cloudflare::detail::object_list const& entries) const {
    auto const count = static_cast<std::int64_t>(entries.size());
    if (count != expected_ - page_.first()) return false;
    std::unordered_set<std::uint32_t> seen;
    for (std::int64_t i = 0; i != count; ++i) {
        auto const number = lookup_.find(of_.look_at(entries[static_cast<std::size_t>(i)]));
        if (number && !seen.insert(*number).second) return false;
        if (!number && is_oldest_first_ && count - i <= created_) return false;
    }
    return true;
}

}  // namespace cloudflare::email_security
