#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/page.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::detail {

/// A page of a list that is to be read.
struct list_page {
    std::int64_t number = 1;
    std::int64_t size = 1;
    /// 0: the oldest first, where the list can be read so; 1: in the other order.
    int order = 0;
    /// The list's own: what the page is read for.
    std::size_t purpose = 0;
    unsigned plan = 0;

    /// The position of its first entry, from 0.
    std::int64_t first() const noexcept { return (number - 1) * size; }
};

/// What there is to know of a list before it is read.
struct list_facts {
    /// Entries are appended at the end and never change places: oldest first.
    bool is_oldest_first = false;
    /// `total_count` counts it; about, as it may lag.
    bool is_counted = false;
    /// The most pages to be read at a time.
    std::size_t concurrency = 1;
};

/// What a filter tells of its list.
template <class Filter>
list_facts facts_of_list(Filter const& which, std::size_t concurrency) {
    list_facts facts;
    facts.is_oldest_first = which.is_oldest_first();
    // The count is of all entries.
    facts.is_counted = !which.is_restricted();
    facts.concurrency = concurrency;
    return facts;
}

/// Says which pages of a list to read that others change meanwhile, until all that was there all
/// the time is among what was read. Pure: it neither sends nor waits. Why that holds, and what it
/// costs, is told in `oldest_first_reading.cpp` and `counted_reading.cpp`.
class CLOUDFLARE_EXPORT moving_list {
public:
    explicit moving_list(list_facts const& facts);
    moving_list(moving_list&& other) noexcept;
    moving_list& operator=(moving_list&& other) noexcept;
    ~moving_list();

    /// What `take` knows an entry by: a hash of what tells it from others. Two of a million that
    /// differ have the same one in one of thirty million lists.
    static std::size_t key_of(std::string_view text) noexcept;

    bool is_done() const noexcept;
    /// The next page to ask for; empty when an answer has to be taken first, and at the end.
    std::optional<list_page> next();
    /// The answer to a page that `next` gave, in whatever order they come. `known` tells which of
    /// the entries were read before, one way or another.
    ///
    /// Errors: `errc::malformed_response` when the list does not end; `errc::conflict` when it
    /// keeps changing and its order does not tell what was there all the time.
    std::optional<error> take(list_page const& asked, std::vector<std::size_t> keys,
                              page_info const& info, std::vector<bool>& known);
    /// Entries of the last page, oldest first, as it was read first: whatever comes before one of
    /// them, and was there at that moment and to the end, has been read. Empty when the order of
    /// the list does not tell that.
    std::vector<std::size_t> last() const;
    /// What the list said of its length first.
    std::optional<std::int64_t> total_count() const noexcept;

private:
    class rule;
    std::unique_ptr<rule> rule_;
};

}  // namespace cloudflare::inline v0::detail
