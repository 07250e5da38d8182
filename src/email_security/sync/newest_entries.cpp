#include "email_security/sync/newest_entries.hpp"

#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/pager.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::list_page;
using cloudflare::detail::object_list;

namespace {

list_page page_of(std::int64_t number, std::int64_t size) {
    list_page made;
    made.number = number;
    made.size = size;
    return made;
}

}  // namespace

last_entries::last_entries(std::vector<std::size_t> keys) : keys_{std::move(keys)} {
    std::ranges::sort(keys_);
}

bool last_entries::has(identifier const& id) const {
    return std::ranges::binary_search(keys_, cloudflare::detail::moving_list::key_of(id.text()));
}

newest_entries::newest_entries(sync_type const& of, feed_view const& desired,
                               std::vector<std::uint32_t> const& wanted, last_entries const& last,
                               std::int64_t expected, std::int64_t created)
    : of_{of},
      lookup_{of, desired, wanted},
      last_{last},
      is_oldest_first_{of.collection->is_oldest_first(
          cloudflare::detail::any_object{*of.collection->filter}.get())},
      expected_{expected},
      created_{created} {}

std::vector<list_page> newest_entries::pages(std::int64_t expected, std::int64_t created) {
    expected = std::max<std::int64_t>(expected, 0);
    auto const old = std::max<std::int64_t>(expected - created, 0);
    auto const enough = expected - std::max<std::int64_t>(old - 1, 0);
    // Of all lengths of a page, the one with which the last page has most of these entries; it must
    // not be full, as it is to show that the list ends there.
    list_page best;
    for (std::int64_t size = 1; size <= max_page_size; ++size) {
        if (size > 1 && expected % size <= expected % best.size) continue;
        best.size = size;
        if (expected % size >= enough) break;
    }
    best.number = expected / best.size + 1;
    std::vector all{best};
    if (best.first() > old - 1 && old > 0) all.push_back(page_of(old, 1));
    return all;
}

bool newest_entries::are_own(list_page const& page, object_list const& entries) const {
    auto const old = expected_ - created_;
    auto const first = page.first();
    auto const count = static_cast<std::int64_t>(entries.size());
    bool const ends_list = first + page.size > expected_;
    if (old < 0 || (ends_list ? count != expected_ - first : count != page.size)) return false;
    std::unordered_set<std::uint32_t> seen;
    for (std::int64_t i = 0; i != count; ++i) {
        auto const there = of_.look_at(entries[static_cast<std::size_t>(i)]);
        auto const number = lookup_.find(there);
        if (number && !seen.insert(*number).second) return false;
        if (!is_oldest_first_) continue;
        auto const place = first + i;
        if (place == old - 1 && !last_.has(*there.id)) return false;
        if (place >= old && !number) return false;
    }
    return true;
}

std::optional<list_page> newer_pages::next() const {
    if (is_done_) return std::nullopt;
    return page_of(number_, size_);
}

std::optional<error> newer_pages::take(object_list const& entries, page_info const& info) {
    auto const count = static_cast<std::int64_t>(entries.size());
    // A server may lower the length of its pages; an empty page does not show to what.
    auto const full = info.per_page ? full_page_size(info, size_, count) : size_;
    if (full >= 1 && full < size_) {
        size_ = full;
        number_ = length_ / size_ + 1;
        has_end_ = false;
        return std::nullopt;
    }
    if (!has_end_ && count >= size_) {
        if (number_ == max_list_pages) {
            return error{errc::malformed_response, "the list does not end"};
        }
        ++number_;
        return std::nullopt;
    }
    has_end_ = true;
    bool is_known = false;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        is_known = is_known || last_.has(*of_.look_at(entries[i]).id);
    }
    is_done_ = is_known || number_ == 1;
    if (!is_done_) --number_;
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::email_security
