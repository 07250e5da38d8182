#pragma once

#include <optional>
#include <utility>

namespace cloudflare::inline v0 {

/// One field of a PATCH: left as it is (the default) or set; a nullable one can also be cleared
/// (null on the wire).
template <class T, bool Nullable = false>
class patch_field {
public:
    patch_field() noexcept = default;
    /// Sets the field.
    patch_field(T value) : value_{std::move(value)}, given_{true} {}
    /// Clears the field.
    patch_field(std::nullopt_t) noexcept requires Nullable : given_{true} {}

    /// Whether it stays as it is.
    bool is_left() const noexcept { return !given_; }
    bool is_cleared() const noexcept { return given_ && !value_; }
    bool is_set() const noexcept { return value_.has_value(); }
    /// Precondition: `is_set()`.
    T const& value() const noexcept { return *value_; }
    /// Sets the field to a fresh value, to be filled in.
    T& emplace() {
        given_ = true;
        return value_.emplace();
    }

private:
    std::optional<T> value_;
    bool given_ = false;
};

/// A field that can be cleared.
template <class T>
using nullable_patch_field = patch_field<T, true>;

}  // namespace cloudflare::inline v0
