#pragma once

#include "email_security/sync/diff.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/kept_identifiers.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

/// Entries that a list has more than once.
namespace cloudflare::inline v0::email_security {

/// Finds those entries of a list that are the same one of the feed, and says which of them a sync
/// may delete: see `sync_options::keep_duplicates`.
///
/// Of most entries there is one, and only its identifier is kept.
class duplicate_search {
public:
    /// One of several.
    struct holder {
        planned_update change;  ///< what is to be changed of it; no fields when it is as wanted
        bool is_own = false;    ///< whether it may be deleted, if another such one stays
        identifier kept;        ///< the one that stays; empty for that one
    };

    /// The references must outlive it.
    duplicate_search(sync_type const& of, feed_view const& all, sync_options const& options,
                     plan_use use, bool keeps_entries)
        : of_{of},
          all_{all},
          options_{options},
          use_{use},
          keeps_entries_{keeps_entries},
          first_(all.size()),
          ids_{all.size()} {}

    void restart();
    /// To be called for each entry of the list that the feed has.
    void add(std::uint32_t number, listed_entry const& there, mark_view const& marks,
             ruling const& made);
    /// All but the ones that stay. Of each that differs, `differing` has the change; where another
    /// one stays, it gets that one's.
    std::vector<holder> finish(std::vector<differing_entry>& differing);

private:
    struct first_holder {
        std::uint64_t seen = 0;
        bool is_own = false;
    };

    bool is_own_one(std::uint32_t number, listed_entry const& there, mark_view const& marks,
                    bool fits) const;
    holder first_of(std::uint32_t number) const;
    static std::vector<holder>::iterator kept_of(std::vector<holder>& several);

    sync_type const& of_;
    feed_view const& all_;
    sync_options const& options_;
    plan_use use_;
    /// The whole of each, but for the first one that needs no update: mostly it is the only one.
    bool keeps_entries_;
    std::vector<first_holder> first_;
    kept_identifiers ids_;  ///< those of the first ones
    std::unordered_map<std::uint32_t, std::vector<holder>> others_;
};

}  // namespace cloudflare::inline v0::email_security
