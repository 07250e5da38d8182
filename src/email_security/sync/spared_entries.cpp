#include "email_security/sync/spared_entries.hpp"

#include "email_security/feed/ascii.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

/// Names are compared whatever their case, as the keys of addresses are: what one spares too much
/// of other patterns does no harm.
std::string in_lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), to_lower);
    return text;
}

}  // namespace

spared_entries::spared_entries(std::vector<std::string> names) : names_{std::move(names)} {
    for (auto& each : names_) {
        each = in_lower_case(std::move(each));
        auto const block = parse_ip_block(each);
        // A number in a sentence may be read as a wide one.
        if (block && !is_too_wide(*block)) blocks_.push_back(*block);
    }
    std::ranges::sort(names_);
    std::ranges::sort(blocks_);
    auto const inner = std::ranges::unique(
        blocks_, [](ip_block const& outer, ip_block const& other) { return outer.contains(other); });
    blocks_.erase(inner.begin(), inner.end());
}

bool spared_entries::has(pattern_key const& key, bool has_types) const {
    auto const pattern = in_lower_case(canonical_pattern(key, has_types));
    if (std::ranges::binary_search(names_, pattern)) return true;
    if (blocks_.empty() || key.is_regex) return false;
    auto const what = parse_ip_block(pattern);
    if (!what) return false;
    auto const after = std::ranges::upper_bound(blocks_, *what);
    return after != blocks_.begin() && std::prev(after)->contains(*what);
}

}  // namespace cloudflare::inline v0::email_security
