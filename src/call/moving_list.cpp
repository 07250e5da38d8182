#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <algorithm>

namespace cloudflare::inline v0::detail {

namespace {

/// Readings after which it is said that the list keeps changing.
constexpr int max_readings = 8;
/// No account has so many entries, but a broken server may never end.
constexpr std::int64_t max_pages = 100'000;

}  // namespace

void moving_list::add(std::string_view key) noexcept {
    now_.hash = keyed_hash(key, now_.hash);
    ++now_.count;
}

std::optional<error> moving_list::end_page(std::size_t items, page_info const& info) {
    // A server may allow less per page than asked for, and says so.
    auto const full = std::min(max_page_size, info.per_page.value_or(max_page_size));
    if (static_cast<std::int64_t>(items) >= full && items > 0) {
        if (++page_ <= max_pages) return std::nullopt;
        return error{errc::malformed_response, "the list does not end"};
    }
    is_settled_ = page_ == 1 || (readings_ > 0 && now_ == before_);
    if (!is_settled_ && ++readings_ == max_readings) {
        return error{errc::conflict, "the list kept changing while it was read"};
    }
    before_ = now_;
    now_ = {};
    page_ = 1;
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::detail
