#pragma once

#include <optional>
#include <utility>

namespace cloudflare {

/// One field of a PATCH: left as it is (the default), cleared (null on the wire) or set.
template <class T>
class patch_field {
public:
    patch_field() noexcept = default;
    patch_field(T value) : value_{std::move(value)}, given_{true} {}
    /// Clears the field.
    patch_field(std::nullopt_t) noexcept : given_{true} {}

    bool is_left() const noexcept { return !given_; }
    bool is_cleared() const noexcept { return given_ && !value_; }
    bool is_set() const noexcept { return value_.has_value(); }
    /// Precondition: `is_set()`.
    T const& value() const noexcept { return *value_; }

private:
    std::optional<T> value_;
    bool given_ = false;
};

}  // namespace cloudflare
