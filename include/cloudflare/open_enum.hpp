#pragma once

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// An enumeration whose wire names are known: `wire_names(E)` is found by argument-dependent lookup
/// and returns a range of pairs of enumerator and name.
template <class E>
concept wire_enum = std::is_enum_v<E> && requires {
    wire_names(E{}).size();
};

/// The name of an enumerator on the wire.
template <wire_enum E>
constexpr std::string_view wire_name(E value) noexcept {
    for (auto const& [enumerator, name] : wire_names(E{})) {
        if (enumerator == value) return name;
    }
    return {};
}

/// An enumeration of which older names are still understood, but never written: `former_names(E)`
/// returns such a range of them.
template <class E>
concept has_former_names = wire_enum<E> && requires {
    former_names(E{}).size();
};

/// The enumerator of a wire name; empty for a name this version does not know.
template <wire_enum E>
constexpr std::optional<E> from_wire_name(std::string_view text) noexcept {
    for (auto const& [enumerator, name] : wire_names(E{})) {
        if (name == text) return enumerator;
    }
    if constexpr (has_former_names<E>) {
        for (auto const& [enumerator, name] : former_names(E{})) {
            if (name == text) return enumerator;
        }
    }
    return std::nullopt;
}

/// A value of an enumeration that the server may extend: what this version does not know stays
/// readable as text.
template <wire_enum E>
class open_enum {
public:
    open_enum() noexcept = default;
    /// A value that is known.
    open_enum(E value) noexcept : value_{value} {}
    /// By its name on the wire, known or not.
    explicit open_enum(std::string_view text) : value_{from_wire_name<E>(text)} {
        if (!value_) unrecognised_ = text;
    }

    /// The enumerator; empty when the server sent a name that is not known here.
    std::optional<E> value() const noexcept { return value_; }
    /// The name on the wire, known or not.
    std::string_view text() const noexcept { return value_ ? wire_name(*value_) : unrecognised_; }

    friend bool operator==(open_enum const& a, open_enum const& b) noexcept {
        return a.text() == b.text();
    }
    friend bool operator==(open_enum const& a, E b) noexcept { return a.value_ == b; }
    friend std::ostream& operator<<(std::ostream& out, open_enum const& value) {
        return out << value.text();
    }

private:
    std::optional<E> value_;
    std::string unrecognised_;
};

}  // namespace cloudflare::inline v0
