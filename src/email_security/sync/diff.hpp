#pragma once

#include "email_security/sync/entries.hpp"

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <cstdint>
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

/// How a comparison is made, and what it keeps.
struct diff_options {
    owner_marks marks = owner_marks::ignored;
    bool keeps_entries = false;  ///< the whole of an entry that differs
};

/// Compares what a feed wants with what a collection has, of which it keeps the differences only.
class diff : public cloudflare::detail::any_list_visitor {
public:
    /// The references must outlive it. Only the entries in `subset` are compared.
    diff(sync_type const& of, feed_view const& all, std::vector<std::uint32_t> subset,
         diff_options how);

    // What came of it, once the list was read.
    std::vector<planned_update> const& updates() const noexcept { return updates_; }
    /// The entries of the subset that are not there.
    std::vector<std::uint32_t> creates() const { return in_state(state::absent); }
    /// Those that are there as wanted.
    std::vector<std::uint32_t> unchanged() const { return in_state(state::as_wanted); }

    void restart() override;
    void take(std::size_t position, cloudflare::detail::object_list there) override;
    /// To be called when the list was read.
    void finish();

protected:
    /// Any entry that is there; which one of the feed it is, and which of its fields differ.
    virtual void visit(listed_entry const& there, std::optional<std::uint32_t> number,
                       std::uint32_t differing) = 0;
    sync_type const& type() const noexcept { return of_; }
    bool keeps_entries() const noexcept { return how_.keeps_entries; }
    std::vector<planned_update>& open_updates() noexcept { return updates_; }

private:
    enum class state : std::uint8_t { absent, differs, as_wanted };

    std::vector<std::uint32_t> in_state(state wanted) const;
    std::uint32_t compare(std::uint32_t number, listed_entry const& there);

    sync_type const& of_;
    feed_view const& all_;
    std::vector<std::uint32_t> subset_;
    diff_options how_;
    feed_lookup lookup_;
    std::vector<state> states_;
    std::vector<planned_update> updates_;
};

}  // namespace cloudflare::inline v0::email_security
