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

newer_pages::newer_pages(sync_type const& of, last_entries const& last, std::int64_t length,
                         bool has_joints)
    : of_{of},
      last_{last},
      length_{length},
      has_joints_{has_joints},
      page_{page_of(length / max_page_size + 1, max_page_size)} {}

std::optional<list_page> newer_pages::next() const {
    if (is_done_ || has_moved_) return std::nullopt;
    return page_;
}

std::optional<error> newer_pages::take(object_list const& entries, page_info const& info) {
    auto const count = static_cast<std::int64_t>(entries.size());
    // A server may lower the length of its pages; an empty page does not show to what.
    auto const full = info.per_page ? full_page_size(info, page_.size, count) : page_.size;
    if (full >= 1 && full < page_.size) {
        size_ = full;
        page_ = page_of(length_ / size_ + 1, size_);
        has_end_ = false;
        ending_.clear();
        above_.reset();
        return std::nullopt;
    }
    if (!has_end_ && count >= page_.size) {
        if (page_.number == max_list_pages) {
            return error{errc::malformed_response, "the list does not end"};
        }
        ++page_.number;
        return std::nullopt;
    }
    has_end_ = true;
    std::vector<std::size_t> keys;
    bool is_known = false;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        auto const& id = *of_.look_at(entries[i]).id;
        is_known = is_known || last_.has(id);
        keys.push_back(cloudflare::detail::moving_list::key_of(id.text()));
    }
    has_moved_ = has_joints_ && above_ && std::ranges::find(keys, *above_) == keys.end();
    if (!keys.empty()) above_ = keys.front();
    if (ending_.empty()) {
        ending_ = std::move(keys);
        end_ = page_.first() + count;
    }
    is_done_ = is_known || page_.number == 1;
    if (!is_done_) step_down();
    return std::nullopt;
}

// With joints, to the page that has the lowest entry of this one and begins farthest below it.
void newer_pages::step_down() {
    auto const position = page_.first();
    if (!has_joints_ || !above_) {
        page_ = page_of((position - 1) / size_ + 1, size_);
        return;
    }
    auto best = page_;
    for (auto size = size_; size > 0; --size) {
        auto const next = page_of(position / size + 1, size);
        if (next.first() < best.first()) best = next;
    }
    // Of very short pages there may be none.
    has_moved_ = has_moved_ || best.first() == position;
    page_ = best;
}

}  // namespace cloudflare::inline v0::email_security
