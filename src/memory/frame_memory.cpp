#include "memory/thread_owned.hpp"

#include <cloudflare/detail/frame_memory.hpp>

#include <array>
#include <new>
#include <utility>

namespace cloudflare::inline v0::detail {

namespace {

constexpr std::size_t step = 16;    // sizes are rounded up to this
constexpr std::size_t sizes = 256;  // larger ones are not kept
#ifdef CLOUDFLARE_KEEPS_NO_MEMORY
constexpr std::size_t most_kept = 0;
#else
constexpr std::size_t most_kept = 64;
#endif

/// Lists of free memory, one for each size.
class free_frames {
public:
    free_frames() = default;
    ~free_frames() {
        for (auto& each : lists_) {
            while (auto* const frame = each.take()) ::operator delete(frame);
        }
    }
    free_frames(free_frames const&) = delete;
    free_frames& operator=(free_frames const&) = delete;

    void* take(std::size_t index) noexcept { return lists_[index].take(); }
    bool keep(std::size_t index, void* frame) noexcept { return lists_[index].keep(frame); }

private:
    struct node {
        node* next;
    };
    struct list {
        node* first = nullptr;
        std::size_t length = 0;

        void* take() noexcept {
            if (!first) return nullptr;
            --length;
            return std::exchange(first, first->next);
        }
        bool keep(void* frame) noexcept {
            if (length == most_kept) return false;
            ++length;
            first = ::new (frame) node{first};
            return true;
        }
    };

    std::array<list, sizes> lists_;
};

std::size_t index_of(std::size_t size) noexcept {
    return (size - 1) / step;
}

}  // namespace

void* allocate_frame(std::size_t size) {
    auto const index = index_of(size);
    if (index >= sizes) return ::operator new(size);
    auto* const kept = thread_owned<free_frames>::get();
    if (auto* const frame = kept ? kept->take(index) : nullptr) return frame;
    return ::operator new((index + 1) * step);
}

void free_frame(void* frame, std::size_t size) noexcept {
    auto const index = index_of(size);
    auto* const kept = index < sizes ? thread_owned<free_frames>::get() : nullptr;
    if (!kept || !kept->keep(index, frame)) ::operator delete(frame);
}

}  // namespace cloudflare::inline v0::detail
