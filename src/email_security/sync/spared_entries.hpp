#pragma once

#include "email_security/feed/ip_block.hpp"

#include <cloudflare/detail/pattern_index.hpp>

#include <string>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What a prune spares: entries that rejected lines name, in whatever case, and what is in a block
/// that one names, if the block is not wider than a feed may have.
class spared_entries {
public:
    spared_entries() = default;
    /// The names as `feed::spared` has them.
    explicit spared_entries(std::vector<std::string> names);

    bool has(pattern_key const& key, bool has_types) const;

private:
    std::vector<std::string> names_;  // sorted
    std::vector<ip_block> blocks_;    // sorted, none in another
};

}  // namespace cloudflare::inline v0::email_security
