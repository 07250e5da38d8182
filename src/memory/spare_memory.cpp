#include "memory/spare_memory.hpp"

#include "memory/thread_owned.hpp"

#include <new>
#include <utility>
#include <vector>

namespace cloudflare::inline v0 {

namespace {

// Lists and batches are large, and so is what their texts cost beside an allocation.
constexpr std::size_t max_capacity = std::size_t{16} * 1024;
constexpr std::size_t most_kept = 64;

template <class T>
using kept_by_thread = thread_owned<std::vector<T>>;

/// Where one more is kept without an allocation; null when there is no room.
template <class T>
std::vector<T>* room_to_keep() noexcept {
    auto* const kept = kept_by_thread<T>::get();
    if (!kept) return nullptr;
    if (kept->capacity() == 0) {
        try {
            kept->reserve(most_kept);
        } catch (std::bad_alloc const&) {
            return nullptr;
        }
    }
    return kept->size() < most_kept ? kept : nullptr;
}

/// The one kept last; empty when there is none.
template <class T>
T take_last() {
    auto* const kept = kept_by_thread<T>::get();
    if (!kept || kept->empty()) return T{};
    auto last = std::move(kept->back());
    kept->pop_back();
    return last;
}

}  // namespace

std::string spare_text() {
    return take_last<std::string>();
}

void keep_spare(std::initializer_list<std::string*> used) noexcept {
    static auto const inside = std::string{}.capacity();
    for (auto* const each : used) {
        if (each->capacity() <= inside || each->capacity() > max_capacity) continue;
        auto* const kept = room_to_keep<std::string>();
        if (!kept) return;
        each->clear();
        kept->push_back(std::move(*each));
    }
}

std::unique_ptr<response> spare_response() {
    auto kept = take_last<std::unique_ptr<response>>();
    return kept ? std::move(kept) : std::make_unique<response>();
}

void keep_spare(std::unique_ptr<response> used) noexcept {
    auto* const kept = room_to_keep<std::unique_ptr<response>>();
    if (!kept) return;
    used->status = 0;
    for (auto* const each :
         {&used->body, &used->ray_id, &used->ratelimit, &used->ratelimit_policy, &used->retry_after,
          &used->retry_after_ms, &used->should_retry, &used->location, &used->date}) {
        if (each->capacity() > max_capacity) {
            *each = {};
        } else {
            each->clear();
        }
    }
    kept->push_back(std::move(used));
}

}  // namespace cloudflare::inline v0
