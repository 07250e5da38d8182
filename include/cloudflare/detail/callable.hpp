#pragma once

#include <type_traits>

namespace cloudflare::inline v0::detail {

/// Whether GCC 12 destroys such an argument twice, and so corrupts memory, where it is a temporary
/// in a `co_await` expression: closures with captures, and aggregates. Nothing that a function does
/// with its argument helps against that. `Callable` is as deduced for a forwarding reference; what
/// was moved looks like a temporary.
template <class Callable>
constexpr bool is_destroyed_twice() noexcept {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    using object = std::remove_cvref_t<Callable>;
    // No closure with captures has a default constructor; what has constructors is not affected.
    return !std::is_lvalue_reference_v<Callable> && !std::is_trivially_destructible_v<object> &&
           (std::is_aggregate_v<object> || !std::is_default_constructible_v<object>);
#else
    return false;
#endif
}

/// What a setter returns that was given such a callable, in place of the object it is of: by itself
/// in a statement it is harmless, and more than that it must not be.
struct name_the_callable_first {
    template <class Wanted>
    operator Wanted() const {
        static_assert(std::is_void_v<Wanted>,
                      "GCC 12 destroys a temporary callable with captures twice in a co_await "
                      "expression; give it a name first: auto const hook = [...] {...};");
    }
};

/// What a setter returns.
template <class Self, class Callable>
using setter_result =
    std::conditional_t<is_destroyed_twice<Callable>(), name_the_callable_first, Self&>;

}  // namespace cloudflare::inline v0::detail
