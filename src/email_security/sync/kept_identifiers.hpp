#pragma once

#include <cloudflare/identifier.hpp>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// One identifier for each entry of a feed that has one, in little memory.
class kept_identifiers {
public:
    explicit kept_identifiers(std::size_t entries) : all_(entries) {}

    void clear() {
        all_.assign(all_.size(), kept{});
        texts_.release();
    }
    bool has(std::uint32_t number) const noexcept { return all_[number].size != 0; }
    /// Empty where there is none.
    identifier get(std::uint32_t number) const;
    void set(std::uint32_t number, identifier const& id);

private:
    struct kept {
        char const* text = nullptr;
        std::uint32_t size = 0;
        bool is_integer = false;
    };

    std::vector<kept> all_;
    std::pmr::monotonic_buffer_resource texts_;
};

}  // namespace cloudflare::inline v0::email_security
