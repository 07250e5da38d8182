#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/frame_memory.hpp>

#include <memory>
#include <utility>

namespace cloudflare::inline v0 {

namespace detail {

/// The result of a call, which takes no room before it is there: thousands of calls may wait for
/// the quota. Its memory serves the next.
template <class T>
class late_value {
public:
    T& emplace() {
        made_ = std::make_unique<holder>();
        return made_->value;
    }
    void reset() noexcept { made_.reset(); }
    /// Null before it came.
    T const* get() const noexcept { return made_ ? &made_->value : nullptr; }
    /// One that never came is as one that was empty.
    T take() { return made_ ? std::move(made_->value) : T{}; }

private:
    struct holder : recycled_frame {
        T value{};
    };
    std::unique_ptr<holder> made_;
};

}  // namespace detail

/// Reads an object; null leaves it as it is.
template <class T>
struct wire::codec_of<detail::late_value<T>> final : codec {
    slot on_object(void* at) const override {
        auto& made = static_cast<detail::late_value<T>*>(at)->emplace();
        if constexpr (described<T>) {
            return {&codec_for<T>(), &made};  // it need not begin anew
        } else {
            return codec_for<T>().on_object(&made);
        }
    }
    void clear(void* at) const override { static_cast<detail::late_value<T>*>(at)->reset(); }
    void write(void const*, sink&) const override {}  // only answers have it
};

}  // namespace cloudflare::inline v0
