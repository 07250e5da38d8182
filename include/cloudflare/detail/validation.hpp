#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/identifier.hpp>
#include <cloudflare/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Checks of what is known to be refused, before anything is sent. Each returns
/// `errc::invalid_argument` that names the field.
namespace cloudflare::inline v0 {

/// The text must be UTF-8 without NUL, of `min` to `max` characters (code points).
CLOUDFLARE_EXPORT result<void> check_text(std::string_view field, std::string_view value,
                                          std::size_t min, std::size_t max);

/// The number must be within `min` and `max`.
CLOUDFLARE_EXPORT result<void> check_range(std::string_view field, std::int64_t value,
                                           std::int64_t min, std::int64_t max);

/// The text must be able to stand as one segment of a path: not empty, not `.` or `..`, no slash,
/// backslash or control character, at most 1024 bytes.
CLOUDFLARE_EXPORT result<void> check_segment(std::string_view field, std::string_view text);
CLOUDFLARE_EXPORT result<void> check_identifier(identifier const& value);

/// Each kind of operation in a batch is limited to 1000, and there must be one at all.
CLOUDFLARE_EXPORT std::optional<error> check_batch_sizes(std::size_t deletes, std::size_t patches,
                                                         std::size_t puts, std::size_t posts);

/// The error, telling that it is in the item `index` of `kind`.
CLOUDFLARE_EXPORT error within(error const& fault, std::string_view kind, std::size_t index);

/// `errc::invalid_argument` for a field.
CLOUDFLARE_EXPORT error invalid_field(std::string_view field, std::string_view reason);

}  // namespace cloudflare::inline v0
