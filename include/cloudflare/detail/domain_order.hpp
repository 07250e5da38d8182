#pragma once

#include <cloudflare/open_enum.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// What lists of domains are sorted by.
enum class domain_order { domain, created_at };
constexpr auto wire_names(domain_order) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{domain_order::domain, "domain"sv},
                      std::pair{domain_order::created_at, "created_at"sv}};
}

}  // namespace cloudflare::inline v0::email_security
