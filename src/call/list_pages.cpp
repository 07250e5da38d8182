#include "call/list_pages.hpp"

#include <algorithm>

namespace cloudflare::inline v0::detail {

key_places::key_places(key_list const& in) {
    all_.reserve(in.size());
    for (std::size_t i = 0; i != in.size(); ++i) all_.emplace_back(in[i], i);
    std::ranges::sort(all_);
}

std::optional<std::size_t> key_places::find(std::size_t key) const {
    auto const at = std::ranges::lower_bound(all_, std::pair{key, std::size_t{0}});
    if (at == all_.end() || at->first != key) return std::nullopt;
    return at->second;
}

bool do_share(key_list const& a, key_list const& b) {
    key_places const in_a{a};
    return std::ranges::any_of(b,
                               [&in_a](std::size_t each) { return in_a.find(each).has_value(); });
}

bool is_one_piece(key_list const& before, key_list const& page, bool is_to_begin) {
    key_places const there{before};
    std::optional<std::size_t> last;
    bool is_over = false;
    for (auto const each : page) {
        auto const at = there.find(each);
        if (!at) {
            is_over = last || is_to_begin;
            continue;
        }
        if (is_over || (last && *at <= *last)) return false;
        last = at;
    }
    return true;
}

bool are_in_order(key_list const& a, key_list const& b) {
    key_places const there{a};
    std::optional<std::size_t> last;
    for (auto const each : b) {
        auto const at = there.find(each);
        if (!at) continue;
        if (last && *at <= *last) return false;
        last = at;
    }
    return true;
}

list_page page_with(std::int64_t position, std::int64_t size) {
    list_page made;
    made.number = position / size + 1;
    made.size = size;
    return made;
}

}  // namespace cloudflare::inline v0::detail
