#pragma once

#include "../collection.hpp"

#include <span>

namespace cloudflare::inline v0::simulator {

collection const& block_senders();
collection const& allow_policies();
collection const& trusted_domains();
collection const& content_policies();
collection const& impersonation_registry();
collection const& sending_domain_restrictions();
collection const& url_ignore_patterns();
collection const& domains();

/// All of the above. A new collection is one file beside this one, and a line here.
std::span<collection const* const> all_collections();

}  // namespace cloudflare::inline v0::simulator
