#pragma once

#include "email_security/sync/diff.hpp"

#include <cloudflare/detail/moving_list.hpp>

#include <cstdint>
#include <vector>

/// The end of a list, after a sync has written.
namespace cloudflare::email_security {

/// Tells by one page whether others have written to a list, too.
///
/// The page ends the list, if that is as long as it was before, and with the changes made: then it
/// is as full as expected, the newest entries on it are those that were created, and none of them
/// is there twice. Whoever else creates makes the list longer. Where others have deleted as many as
/// they created it is not, but as long as not more was created than is on the page, their entries
/// stand among or next to the newest ones. Of two syncs that create the same, the one that ends
/// last sees what the other one has done.
class newest_entries {
public:
    /// The references must outlive it.
    newest_entries(sync_type const& of, feed_view const& desired,
                   std::vector<std::uint32_t> const& wanted, std::int64_t expected,
                   std::int64_t created);

    /// The page to read, oldest first.
    cloudflare::detail::list_page page() const noexcept { return page_; }
    /// Whether the page shows nobody else's entries.
    bool are_own(cloudflare::detail::object_list const& entries) const;

private:
    sync_type const& of_;
    feed_lookup lookup_;
    bool is_oldest_first_;  ///< where the API says so
    std::int64_t expected_;
    std::int64_t created_;
    cloudflare::detail::list_page page_;
};

}  // namespace cloudflare::email_security
