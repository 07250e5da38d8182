#pragma once

#include "email_security/sync/diff.hpp"
#include "email_security/sync/duplicates.hpp"
#include "email_security/sync/spared_entries.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// The comparison that makes a plan.
class plan_maker final : public diff {
public:
    /// The references must outlive it.
    plan_maker(sync_type const& of, feed_view const& desired, sync_options const& options,
               sync_changes& made, plan_use use = plan_use::kept);

    void restart() override;
    /// Makes the plan, once the list was read.
    std::optional<error> fill();

private:
    void visit(listed_entry const& there, found_entry const& found) override;
    /// Whether what left the feed is to stay as it is, as nobody can tell that it did.
    bool is_spared(listed_entry const& there) const;
    void take_duplicates();
    void leave_alone(planned_update const& each, std::string reason);
    std::string describe_difference(planned_update const& each) const;
    void count();
    void refuse(std::uint32_t number, error const& why);

    feed_view const& desired_;
    sync_options const& options_;
    sync_changes& made_;
    plan_use use_;
    duplicate_search duplicates_;
    /// The feed still names these, though nobody can tell how it wants them; in lower case, sorted.
    spared_entries spared_;
    /// Edits of what left the feed.
    std::vector<planned_update> departures_;
    std::size_t current_ = 0;
    std::size_t owned_ = 0;
    std::int64_t waiting_ = 0;
};

}  // namespace cloudflare::inline v0::email_security
