#pragma once

#include "call/list_pages.hpp"

#include <cloudflare/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cloudflare::inline v0::detail {

/// Reads a list, the oldest first, in one pass, whatever others create and delete meanwhile; why
/// nothing is missed that was there all the time is told in the source.
class oldest_first_reading {
public:
    /// The first page was read, is full with `size` entries, and told the length of the list; 0
    /// where that is not known. `seen` has what was read so far, and must outlive this.
    oldest_first_reading(page_keys first, std::int64_t size, std::int64_t length,
                         std::size_t concurrency, key_set const& seen);

    bool is_done() const noexcept { return phase_ == phase::done; }
    /// Whether the server shuffles entries, so that their order tells nothing.
    bool is_shuffled() const noexcept { return is_shuffled_; }
    /// `moving_list::last`.
    key_list const& last() const noexcept { return tail_.keys.empty() ? first_.keys : tail_.keys; }
    /// As of `moving_list`.
    std::optional<list_page> next();
    std::optional<error> take(list_page const& asked, page_keys got,
                              std::vector<bool> const& known);

private:
    enum class phase { tail, climb, lanes, closing, done };
    enum class next_thing { step, settle, finish };

    /// Pages one after the other, each right before the one above it.
    struct lane {
        std::int64_t from = 0;   ///< where the page above its first one begins
        std::int64_t below = 0;  ///< where the page above the next one begins
        std::int64_t floor = 0;  ///< it ends with the page that begins here, or before
        bool is_busy = false;
        bool has_ended = false;
        int repeats = 0;
        std::int64_t shift = 0;  ///< by how much entries moved between two pages, of all pages
        page_keys above;         ///< what was read last
        page_keys top;           ///< what was read first, where another lane's page lies above
        bool has_joint = false;  ///< whether there is such a page
        key_list target;         ///< it ends when it shares one of these, if there are any
    };

    void ask(std::int64_t first, std::int64_t size) { pending_ = page_with(first, size); }
    list_page tail_of(std::int64_t length);
    std::optional<error> take_tail(list_page const& asked, page_keys got);
    void climb_from(page_keys const& base);
    void step_up();
    std::optional<error> take_step(list_page const& asked, page_keys got);
    void finish_step();
    void read_lanes();
    std::optional<error> take_lane(std::size_t number, page_keys got,
                                   std::vector<bool> const& known);
    void note_shared(lane& in, page_keys const& got, std::vector<bool> const& known);
    static bool is_in_place(lane const& in, page_keys const& got);
    void note_first(page_keys const& got);
    void end_lanes();
    void settle();
    std::int64_t lacking_without_first() const;
    bool is_lacking() const;
    std::optional<error> take_closing(page_keys const& got);
    bool has_lost_some() const;
    void link();
    void end_link();
    void finish();
    void finish_shuffled();

    phase phase_ = phase::tail;
    /// The most entries on a page.
    std::int64_t size_;
    std::size_t concurrency_;
    key_set const& seen_;
    std::optional<list_page> pending_;
    std::int64_t grid_;      ///< the length of pages between the first and the last
    std::int64_t top_ = 0;   ///< where the grid ends, and the last page is to begin
    std::int64_t base_ = 0;  ///< where it was begun to read upwards
    int steps_down_ = 0;
    int repeats_ = 0;
    page_keys first_;
    page_keys tail_;
    page_keys frontier_;
    std::optional<std::int64_t> exact_;  ///< the entries there were when the last page was read
    std::int64_t first_shift_ = 0;
    std::int64_t shift_ = 0;
    std::optional<std::int64_t> moved_;  ///< how far the last page has
    bool has_linked_ = false;
    bool has_climbed_to_end_ = false;
    bool has_closing_page_ = false;
    bool is_first_closed_ = false;
    bool is_closed_ = false;
    bool is_shuffled_ = false;
    std::vector<lane> lanes_;
    std::vector<lane> joints_;
    next_thing after_lanes_ = next_thing::settle;
};

}  // namespace cloudflare::inline v0::detail
