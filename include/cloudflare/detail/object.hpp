#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/result.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// Objects of described types, for code that is compiled once for all of them.
namespace cloudflare::inline v0::detail {

/// What such code needs to know of a described type.
struct object_type {
    std::size_t size;
    std::size_t alignment;
    void (*construct)(void* at);
    void (*copy)(void* at, void const* from);
    void (*move)(void* at, void* from) noexcept;
    void (*destroy)(void* at) noexcept;
    wire::codec const* how;
    std::span<wire::field const> (*fields)() noexcept;
    /// Checks the API's limits; null for a type that has none.
    result<void> (*validate)(void const* object);
};

template <class T>
constexpr auto validate_of() noexcept {
    result<void> (*check)(void const*) = nullptr;
    if constexpr (requires(T const& object) { object.validate(); }) {
        check = [](void const* at) -> result<void> {
            return static_cast<T const*>(at)->validate();
        };
    }
    return check;
}

template <class T>
object_type const& object_type_of() noexcept {
    static_assert(std::is_nothrow_move_constructible_v<T>);
    static object_type const type{
        sizeof(T),
        alignof(T),
        [](void* at) { new (at) T{}; },
        [](void* at, void const* from) { new (at) T{*static_cast<T const*>(from)}; },
        [](void* at, void* from) noexcept { new (at) T{std::move(*static_cast<T*>(from))}; },
        [](void* at) noexcept { static_cast<T*>(at)->~T(); },
        &wire::codec_for<T>(),
        &wire::fields_of<T>,
        validate_of<T>()};
    return type;
}

/// An object of any described type, or none when it was moved from.
class CLOUDFLARE_EXPORT any_object {
public:
    /// As the type's default constructor makes it.
    explicit any_object(object_type const& type);
    any_object(object_type const& type, void const* copied);
    any_object(any_object const& other);
    any_object(any_object&& other) noexcept;
    any_object& operator=(any_object other) noexcept;
    ~any_object();

    object_type const& type() const noexcept { return *type_; }
    void* get() noexcept { return at_; }
    void const* get() const noexcept { return at_; }
    /// The object as what it is.
    template <class T>
    T& as() noexcept {
        return *static_cast<T*>(at_);
    }
    template <class T>
    T const& as() const noexcept {
        return *static_cast<T const*>(at_);
    }
    /// Puts a copy of another object of the type in its place.
    void assign(void const* other);
    result<void> validate() const;

private:
    object_type const* type_;
    void* at_;
};

template <class T>
any_object make_any(T const& object) {
    return any_object{object_type_of<T>(), &object};
}

/// Objects of one type in a row.
class CLOUDFLARE_EXPORT object_list {
public:
    /// @param how reads and writes an element; by default all of its fields
    explicit object_list(object_type const& type, wire::codec const* how = nullptr) noexcept;
    object_list(object_list&& other) noexcept;
    object_list& operator=(object_list other) noexcept;
    ~object_list();

    object_type const& type() const noexcept { return *type_; }
    wire::codec const& how() const noexcept { return *how_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    void* operator[](std::size_t index) noexcept { return first_ + index * type_->size; }
    void const* operator[](std::size_t index) const noexcept {
        return first_ + index * type_->size;
    }
    void clear() noexcept;
    /// One more, as the default constructor makes it.
    void* add();
    void drop_last() noexcept;
    /// Drops those whose mark is set.
    void drop_marked(std::vector<bool> const& marks) noexcept;
    /// Moves the objects of another list of the type to the end.
    void append(object_list&& other);
    /// The objects, which are of type `T`, moved to the end of a vector.
    template <class T>
    void move_to(std::vector<T>& all) {
        all.reserve(all.size() + size_);
        for (std::size_t i = 0; i != size_; ++i) {
            all.push_back(std::move(*static_cast<T*>((*this)[i])));
        }
    }

private:
    void reserve(std::size_t capacity);

    object_type const* type_;
    wire::codec const* how_;
    std::byte* first_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace cloudflare::inline v0::detail

namespace cloudflare::inline v0 {

template <>
struct CLOUDFLARE_EXPORT wire::codec_of<detail::any_object> final : codec {
    bool on_null(void* at) const override;
    slot on_object(void* at) const override;
    void clear(void* at) const override;
    bool is_present(void const* at) const override;
    void write(void const* at, sink& out) const override;
};

template <>
struct CLOUDFLARE_EXPORT wire::codec_of<detail::object_list> final : codec {
    slot on_array(void* at) const override;
    slot element(void* at) const override;
    std::size_t element_size(void const* at) const override;
    bool is_list() const override { return true; }
    void write(void const* at, sink& out) const override;
};

}  // namespace cloudflare::inline v0
