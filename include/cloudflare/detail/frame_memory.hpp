#pragma once

#include <cloudflare/detail/export.hpp>

#include <cstddef>

namespace cloudflare::inline v0::detail {

/// Memory for coroutine frames and what lives as long: a thread keeps what was freed for the next
/// of about the same size.
CLOUDFLARE_EXPORT void* allocate_frame(std::size_t size);
CLOUDFLARE_EXPORT void free_frame(void* frame, std::size_t size) noexcept;

/// A base for what is allocated there.
struct recycled_frame {
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
};

}  // namespace cloudflare::inline v0::detail
