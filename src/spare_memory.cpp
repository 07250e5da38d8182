#include "spare_memory.hpp"

#include <new>
#include <utility>
#include <vector>

namespace cloudflare {

namespace {

// Lists and batches are large, and so is what their texts cost beside an allocation.
constexpr std::size_t max_capacity = std::size_t{16} * 1024;
constexpr std::size_t most_kept = 64;

template <class T>
std::vector<T>& kept_of_this_thread() {
    thread_local std::vector<T> kept;
    return kept;
}

/// Ready to keep one more without an allocation; false when there is no room.
template <class T>
bool has_room(std::vector<T>& kept) noexcept {
    if (kept.capacity() == 0) {
        try {
            kept.reserve(most_kept);
        } catch (std::bad_alloc const&) {
            return false;
        }
    }
    return kept.size() < most_kept;
}

template <class T>
T take_last(std::vector<T>& kept) {
    auto last = std::move(kept.back());
    kept.pop_back();
    return last;
}

}  // namespace

std::string spare_text() {
    auto& kept = kept_of_this_thread<std::string>();
    return kept.empty() ? std::string{} : take_last(kept);
}

void keep_spare(std::initializer_list<std::string*> used) noexcept {
    static auto const inside = std::string{}.capacity();
    auto& kept = kept_of_this_thread<std::string>();
    for (auto* const each : used) {
        if (each->capacity() <= inside || each->capacity() > max_capacity) continue;
        if (!has_room(kept)) return;
        each->clear();
        kept.push_back(std::move(*each));
    }
}

std::unique_ptr<response> spare_response() {
    auto& kept = kept_of_this_thread<std::unique_ptr<response>>();
    return kept.empty() ? std::make_unique<response>() : take_last(kept);
}

void keep_spare(std::unique_ptr<response> used) noexcept {
    auto& kept = kept_of_this_thread<std::unique_ptr<response>>();
    if (!has_room(kept)) return;
    used->status = 0;
    for (auto* const each :
         {&used->body, &used->ray_id, &used->ratelimit, &used->ratelimit_policy, &used->retry_after,
          &used->retry_after_ms, &used->should_retry, &used->location}) {
        if (each->capacity() > max_capacity) {
            *each = {};
        } else {
            each->clear();
        }
    }
    kept.push_back(std::move(used));
}

}  // namespace cloudflare
