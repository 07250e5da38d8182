#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// A number and what it counts: `1 entry`, `2 entries`. Without `many`, an `s` makes the plural.
template <std::integral Count>
std::string counted(Count count, std::string_view one, std::string_view many = {}) {
    auto text = std::to_string(count) + ' ';
    if (count == 1) return text.append(one);
    if (!many.empty()) return text.append(many);
    return text.append(one).append("s");
}

}  // namespace cloudflare::inline v0
