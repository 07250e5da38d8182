#pragma once

#include "email_security/sync/diff.hpp"

#include <cloudflare/detail/moving_list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// The end of a list, oldest first: whatever is created comes after the entries that ended it
/// before. `test/email_security/sync/shared_list.pml` has what is made of that as a model, which
/// the tests check exhaustively.
namespace cloudflare::inline v0::email_security {

/// The entries of a list that ended it when it was read (`moving_list::last`).
class last_entries {
public:
    last_entries() = default;
    explicit last_entries(std::vector<std::size_t> keys);

    /// The list had none, or its order tells nothing.
    bool is_empty() const noexcept { return keys_.empty(); }
    bool has(identifier const& id) const;

private:
    std::vector<std::size_t> keys_;
};

/// Tells by one page, or two, whether others have written to a list beside a sync.
///
/// It was read, and must be as long now as the changes made it since. If others deleted as many
/// entries as they created, it is that long as well; but then fewer of the old ones are left, and
/// what stands where the last of them must stand was created since. So nobody else wrote when the
/// last old one is in its place, all that come after it are what the sync created, each once, and
/// the list ends there.
class newest_entries {
public:
    /// `last` ended the list when it was read. The references must outlive it.
    newest_entries(sync_type const& of, feed_view const& desired,
                   std::vector<std::uint32_t> const& wanted, last_entries const& last,
                   std::int64_t expected, std::int64_t created);

    /// The pages to look at, oldest first.
    static std::vector<cloudflare::detail::list_page> pages(std::int64_t expected,
                                                            std::int64_t created);
    std::vector<cloudflare::detail::list_page> pages() const { return pages(expected_, created_); }
    /// Whether one of the pages shows nobody else's entries.
    bool are_own(cloudflare::detail::list_page const& page,
                 cloudflare::detail::object_list const& entries) const;

private:
    sync_type const& of_;
    feed_lookup lookup_;
    last_entries const& last_;
    bool is_oldest_first_;  ///< where the API says so
    std::int64_t expected_;
    std::int64_t created_;
};

/// Says which pages hold all that came to a list since it was read: from its end downwards, as far
/// as an entry that was there then. Why none is missed is told in `call/oldest_first_reading.cpp`
/// (1). When all are there, whatever comes before an entry that one of them shows has been read: so
/// the next time it is read as far as one of these.
///
/// Where entries may also come in between, as an edit puts them into the list of a search, they may
/// move up, and out of a page that is still to be read. Then each page has to have a *joint*: the
/// lowest entry x of the page above. One that moved up to there would have moved x up as well, and
/// out of the page. So when x is on it none has; else nobody knows.
class newer_pages {
public:
    /// `last` ended the list when it was read, and must outlive this; now the list has about
    /// `length` entries.
    newer_pages(sync_type const& of, last_entries const& last, std::int64_t length,
                bool has_joints);

    /// The page to read next; empty at the end.
    std::optional<cloudflare::detail::list_page> next() const;
    /// The answer to it. `errc::malformed_response` when the list does not end.
    std::optional<error> take(cloudflare::detail::object_list const& entries,
                              page_info const& info);
    /// Whether a joint is missing.
    bool has_moved() const noexcept { return has_moved_; }
    /// How many entries the list had when its end was read.
    std::int64_t end() const noexcept { return end_; }
    /// Entries that end the list, as it was then.
    last_entries last() const { return last_entries{ending_}; }

private:
    void step_down();

    sync_type const& of_;
    last_entries const& last_;
    std::int64_t length_;
    bool has_joints_;
    std::int64_t size_ = max_page_size;
    cloudflare::detail::list_page page_;
    bool has_end_ = false;  ///< and goes downwards from there
    bool is_done_ = false;
    bool has_moved_ = false;
    std::vector<std::size_t> ending_;
    std::int64_t end_ = 0;
    std::optional<std::size_t> above_;  ///< the lowest entry of the page above
};

}  // namespace cloudflare::inline v0::email_security
