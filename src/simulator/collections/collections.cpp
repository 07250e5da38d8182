#include "collections.hpp"

namespace cloudflare::simulator {

std::span<collection const* const> all_collections() {
    static collection const* const all[] = {&block_senders(), &allow_policies()};
    return all;
}

}  // namespace cloudflare::simulator
