#include "spare_text.hpp"

#include <utility>
#include <vector>

namespace cloudflare {

namespace {

// Lists and batches are large, and so is what their texts cost beside an allocation.
constexpr std::size_t max_capacity = std::size_t{16} * 1024;
constexpr std::size_t max_texts = 64;

std::vector<std::string>& texts() {
    thread_local std::vector<std::string> kept;
    return kept;
}

}  // namespace

std::string spare_text() {
    auto& kept = texts();
    if (kept.empty()) return {};
    auto text = std::move(kept.back());
    kept.pop_back();
    return text;
}

void keep_spare(std::string&& used) noexcept {
    static auto const inside = std::string{}.capacity();
    auto& kept = texts();
    if (used.capacity() <= inside || used.capacity() > max_capacity || kept.size() == max_texts) {
        return;
    }
    if (kept.capacity() == 0) {
        try {
            kept.reserve(max_texts);
        } catch (std::bad_alloc const&) {
            return;
        }
    }
    used.clear();
    kept.push_back(std::move(used));
}

}  // namespace cloudflare
