#pragma once

#include "email_security/sync/batch_work.hpp"
#include "email_security/sync/journal_lines.hpp"

#include <cloudflare/email_security/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Keeps the journal of one application of a plan; without a sink it does nothing.
///
/// A change is known by its number in the journal. An entry that has to be created keeps its number
/// as long as it has to be created; other changes get a new one where the list was read again.
class change_log {
public:
    change_log(std::shared_ptr<journal_sink> to, sync_type const& of, feed_view const& desired,
               std::string const& owner);

    bool is_kept() const noexcept { return to_ != nullptr; }
    bool has_begun() const noexcept { return has_begun_; }

    /// All that is going to be changed. Nothing may be sent before.
    result<void> begin(journal_header header, sync_changes const& plan);
    /// What is still to be changed after the list was read again.
    result<void> plan_again(sync_changes const& plan);
    /// Entries that a batch which was sent twice made twice.
    result<void> remove_doubles(std::span<planned_removal const> doubles);

    /// The numbers of changes of the plan as it is now.
    journal_numbers numbers_of(sync_changes const& plan, std::span<work_item const> items) const;

    result<void> sent(journal_numbers const& which);
    result<void> done(journal_numbers const& which, std::vector<identifier> ids);
    result<void> failed(journal_numbers const& which, error const& why);
    result<void> end(sync_report const& report);

private:
    result<void> write_changes(sync_changes const& plan);
    result<void> write_removal(planned_removal const& removal, bool is_repeated);
    result<void> add(std::string_view line);
    result<void> write_out();
    result<void> flush();

    std::shared_ptr<journal_sink> to_;
    sync_type const& of_;
    feed_view const& desired_;
    std::string const& owner_;
    bool has_begun_ = false;
    std::string text_;
    std::uint32_t count_ = 0;
    // By entry of the feed; which of them are creates.
    std::vector<std::uint32_t> entries_;
    std::vector<bool> is_create_;
    // By update and removal of the plan as it is now.
    std::vector<std::uint32_t> updates_;
    std::vector<std::uint32_t> removals_;
};

}  // namespace cloudflare::inline v0::email_security
