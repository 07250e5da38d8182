#pragma once

#include <cloudflare/call_options.hpp>

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cloudflare::inline v0 {

/// Those who wait for the same thing, in a line for each `call_priority`: the first of the highest
/// line is served next. So that nobody starves, a line that was passed over eight times in a row
/// has its turn. A `T` is a hook of Boost.Intrusive's list, and stands in one line at most.
template <class T>
class priority_lines {
public:
    struct line {
        boost::intrusive::list<T> waiting;
        std::uint64_t entered = 0;    ///< for whoever numbers those who come
        std::uint64_t overtaken = 0;  ///< in a row, by higher priorities
    };

    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept {
        std::size_t all = 0;
        for (auto const& each : lines_) all += each.waiting.size();
        return all;
    }

    line& of(call_priority priority) noexcept {
        auto const level = static_cast<std::size_t>(priority);
        return lines_[lines_.size() - 1 - std::min(level, lines_.size() - 1)];
    }

    /// The line whose first one is next; null when nobody waits.
    line* next() noexcept {
        line* highest = nullptr;
        for (auto& each : lines_) {
            if (each.waiting.empty()) continue;
            if (each.overtaken >= most_overtaking) return &each;
            if (!highest) highest = &each;
        }
        return highest;
    }

    /// Takes the first one out of that line, as it is served.
    T& serve(line& from) noexcept {
        auto& first = from.waiting.front();
        from.waiting.pop_front();
        from.overtaken = 0;
        for (auto* lower = &from + 1; lower != lines_.data() + lines_.size(); ++lower) {
            if (!lower->waiting.empty()) ++lower->overtaken;
        }
        return first;
    }

    // The highest priority first.
    auto begin() noexcept { return lines_.begin(); }
    auto end() noexcept { return lines_.end(); }

private:
    static constexpr std::uint64_t most_overtaking = 8;

    std::array<line, 3> lines_;
};

}  // namespace cloudflare::inline v0
