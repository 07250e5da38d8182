#pragma once

#include <cloudflare/detail/export.hpp>

#include <compare>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0 {

/// The identifier of a resource: a UUID today, an integer in older answers. Both come back to the
/// server in the form in which it gave them.
class CLOUDFLARE_EXPORT identifier {
public:
    /// Empty, as in a result that came without one. No operation takes an empty identifier.
    identifier() noexcept = default;
    /// A text; empty: none.
    identifier(std::string text) noexcept : text_{std::move(text)} {}
    /// A text; empty: none.
    identifier(std::string_view text) : text_{text} {}
    /// A text; empty: none.
    identifier(char const* text) : text_{text} {}
    /// A number.
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
        identifier(Integer number)
        : text_{std::to_string(number)}, is_integer_{std::in_range<std::int64_t>(number)} {}

    bool empty() const noexcept { return text_.empty(); }
    std::string const& text() const noexcept { return text_; }
    /// Whether it is a number on the wire: an integer of 64 bits with a sign.
    bool is_integer() const noexcept { return is_integer_; }

    /// By text: `2402` and `"2402"` name the same resource.
    friend bool operator==(identifier const& a, identifier const& b) noexcept {
        return a.text_ == b.text_;
    }
    friend std::strong_ordering operator<=>(identifier const& a, identifier const& b) noexcept {
        return a.text_ <=> b.text_;
    }

private:
    std::string text_;
    bool is_integer_ = false;
};

/// Prints the text.
CLOUDFLARE_EXPORT std::ostream& operator<<(std::ostream& out, identifier const& value);

}  // namespace cloudflare::inline v0
