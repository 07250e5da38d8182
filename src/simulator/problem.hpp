#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// One item of the envelope's `errors`.
struct problem {
    unsigned status = 400;
    int code = 0;
    std::string message;
    /// JSON pointer into the request's body; empty when the body is not at fault.
    std::string pointer;
};

/// Gathers what is wrong with a request, so that one answer names all of it.
class problems {
public:
    /// More than this many are counted no further: an answer stays readable.
    static constexpr std::size_t limit = 100;

    void add(unsigned status, std::string message, std::string pointer);
    bool empty() const noexcept { return list_.empty(); }
    std::size_t size() const noexcept { return list_.size(); }
    bool full() const noexcept { return list_.size() >= limit; }
    std::vector<problem> const& list() const noexcept { return list_; }

private:
    std::vector<problem> list_;
};

}  // namespace cloudflare::inline v0::simulator
