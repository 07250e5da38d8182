#pragma once

namespace cloudflare::inline v0 {

/// An object that each thread has for itself, until its end.
template <class T>
class thread_owned {
public:
    /// Null once the thread has let go of it: what is static, a context with calls in flight for
    /// instance, is destroyed after all that the main thread owns.
    static T* get() {
        if (is_gone_) return nullptr;
        thread_local thread_owned owned;
        return &owned.value_;
    }

private:
    thread_owned() = default;
    ~thread_owned() { is_gone_ = true; }

    // Not a member of the object, as it outlives it.
    static constinit inline thread_local bool is_gone_ = false;

    T value_;
};

}  // namespace cloudflare::inline v0
