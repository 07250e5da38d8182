#pragma once

#include "email_security/sync/entries.hpp"
#include "email_security/sync/owner_rules.hpp"

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

/// What a feed wants against what a collection has.
namespace cloudflare::inline v0::email_security {

/// Finds the entry of a feed that describes one of the collection.
class feed_lookup {
public:
    /// The references must outlive it. Only the entries in `subset` are found.
    feed_lookup(sync_type const& of, feed_view const& all,
                std::vector<std::uint32_t> const& subset);

    std::optional<std::uint32_t> find(listed_entry const& there) const;

private:
    sync_type const& of_;
    pattern_index index_;
};

/// An entry of the feed that is there and needs a change, or would need one that the sync may not
/// make.
struct differing_entry {
    verdict what = verdict::edit;
    planned_update change;
};

/// How a comparison is made, and what it keeps.
struct diff_options {
    sync_options const& options;
    bool is_exact = false;       ///< see `sync_changes`
    bool keeps_entries = false;  ///< the whole of an entry that differs
};

/// Compares what a feed wants with what a collection has, of which it keeps the differences only.
/// What is to be done about each is for `owner_rules` to say.
class diff : public cloudflare::detail::any_list_visitor {
public:
    /// The references must outlive it. Only the entries in `subset` are compared.
    diff(sync_type const& of, feed_view const& all, std::vector<std::uint32_t> subset,
         diff_options how);

    // What came of it, once the list was read.
    // At most one for each entry of the feed, in the feed's order.
    std::vector<planned_update> const& updates() const noexcept { return updates_; }
    /// Those that differ and stay so.
    std::vector<planned_update> const& left_alone() const noexcept { return left_alone_; }
    /// The entries of the subset that are not there, and wanted today.
    std::vector<std::uint32_t> creates() const;
    /// Those that are there as wanted.
    std::vector<std::uint32_t> unchanged() const { return in_state(verdict::fits); }
    /// Those that are not wanted any more.
    std::vector<std::uint32_t> expired() const;

    void restart() override;
    void take(std::size_t position, cloudflare::detail::object_list there) override;
    /// To be called when the list was read.
    void finish();

protected:
    /// Any entry that is there, and what becomes of it by itself.
    struct found_entry {
        /// Of the feed; none if that lacks it.
        std::optional<std::uint32_t> number;
        /// Whether the feed has it, and does not want it any more.
        bool has_ended = false;
        mark_view marks;
        ruling made;
    };
    virtual void visit(listed_entry const& there, found_entry const& found) = 0;
    sync_type const& type() const noexcept { return of_; }
    bool keeps_entries() const noexcept { return keeps_entries_; }
    owner_rules const& rules() const noexcept { return rules_; }
    std::vector<differing_entry>& open_differences() noexcept { return differing_; }

private:
    static constexpr std::uint8_t absent = std::numeric_limits<std::uint8_t>::max();

    std::vector<std::uint32_t> in_state(verdict wanted) const;
    void note(std::uint32_t number, listed_entry const& there, ruling const& made);
    /// Whether one of the same key makes a change of this one needless.
    bool is_needless(differing_entry const& each) const;

    sync_type const& of_;
    feed_view const& all_;
    std::vector<std::uint32_t> subset_;
    bool keeps_entries_;
    std::shared_ptr<call_counters> clock_;
    owner_rules rules_;
    feed_lookup lookup_;
    /// The verdict of each entry of the feed: of several that are the same, that which says most.
    std::vector<std::uint8_t> states_;
    std::vector<differing_entry> differing_;
    std::vector<planned_update> updates_;
    std::vector<planned_update> left_alone_;
};

}  // namespace cloudflare::inline v0::email_security
