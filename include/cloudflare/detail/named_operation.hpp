#pragma once

#include <cloudflare/transport.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace cloudflare::inline v0 {

/// An operation of the API and the function that carries it out.
struct named_operation {
    operation what;
    std::string_view area;      ///< the type that has the function, as `block_senders`
    std::string_view function;  ///< its name, as `create`
};

/// Several lists of operations as one.
template <std::size_t... N>
constexpr auto join(std::array<named_operation, N> const&... parts) {
    std::array<named_operation, (std::size_t{0} + ... + N)> all{};
    std::size_t next = 0;
    auto const append = [&all, &next](auto const& part) {
        for (auto const& each : part) all[next++] = each;
    };
    (append(parts), ...);
    return all;
}

}  // namespace cloudflare::inline v0
