#pragma once

#include <cloudflare/error.hpp>

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>

namespace cloudflare::inline v0::email_security {

/// Opens a file and gives it to `read`; whatever fails is `errc::invalid_argument` and names it.
std::optional<error> read_input_file(
    std::filesystem::path const& path,
    std::function<std::optional<error>(std::istream&)> const& read);

}  // namespace cloudflare::inline v0::email_security
