#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

std::span<collection const* const> all_collections() {
    static collection const* const all[] = {
        &block_senders(),          &allow_policies(),
        &trusted_domains(),        &content_policies(),
        &impersonation_registry(), &sending_domain_restrictions(),
        &url_ignore_patterns(),    &domains()};
    return all;
}

}  // namespace cloudflare::inline v0::simulator
