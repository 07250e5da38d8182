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
/// as an entry that was there then. Why none is missed is told in `call/oldest_first_reading.cpp` (1).
class newer_pages {
public:
    /// `last` ended the list when it was read, and must outlive this; now the list has about
    /// `length` entries.
    newer_pages(sync_type const& of, last_entries const& last, std::int64_t length)
        : of_{of}, last_{last}, length_{length} {}

    /// The page to read next; empty at the end.
    std::optional<cloudflare::detail::list_page> next() const;
    /// The answer to it. `errc::malformed_response` when the list does not end.
    std::optional<error> take(cloudflare::detail::object_list const& entries,
                              page_info const& info);

private:
    sync_type const& of_;
    last_entries const& last_;
    std::int64_t length_;
    std::int64_t size_ = max_page_size;
    std::int64_t number_ = length_ / size_ + 1;
    bool has_end_ = false;  ///< and goes downwards from there
    bool is_done_ = false;
};

}  // namespace cloudflare::inline v0::email_security
