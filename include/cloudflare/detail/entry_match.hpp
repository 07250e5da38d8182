#pragma once

namespace cloudflare::inline v0 {

/// What an entry of a list is to one that somebody wants there.
enum class entry_match {
    same,     ///< the entry that is wanted
    differs,  ///< another one with the same key: the key alone cannot tell them apart
    other,    ///< has nothing to do with it
};

}  // namespace cloudflare::inline v0
