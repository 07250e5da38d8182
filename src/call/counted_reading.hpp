#pragma once

#include "call/list_pages.hpp"

#include <cloudflare/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cloudflare::inline v0::detail {

/// Reads a list until as many entries are known to have been there at one moment as there were;
/// why these are all is told in the source.
class counted_reading {
public:
    /// `seen` has what was read so far, and must outlive this.
    counted_reading(bool is_oldest_first, key_set const& seen);

    bool is_done() const noexcept { return is_done_; }
    /// Begins with pages of another length.
    void restart(std::int64_t size);
    /// Reads what follows the first page of a list that has about `length` entries, and then
    /// counts.
    std::optional<error> read_after_first(std::int64_t length);
    /// Reads the list once more, its last page first.
    void count_anew();
    /// As of `moving_list`.
    std::optional<list_page> next();
    std::optional<error> take(page_keys const& got, std::vector<bool> const& known);

private:
    void ask_end(std::int64_t number);
    std::optional<error> take_end(page_keys const& got);
    std::optional<error> read_rest(std::int64_t from);
    std::optional<error> take_rest(page_keys const& got, std::vector<bool> const& known);
    std::optional<error> end_rest();

    int order_;
    key_set const& seen_;
    std::int64_t size_ = 1;
    bool is_done_ = false;
    bool is_counting_ = false;
    std::size_t in_flight_ = 0;
    std::optional<list_page> end_;  ///< the page that may end the list, while that is looked for
    bool is_at_end_ = false;
    int repeats_ = 0;
    key_list full_page_;
    int fruitless_ = 0;
    std::optional<std::int64_t> least_lacking_;
    std::optional<std::int64_t> last_length_;
    std::int64_t there_ = 0;
    std::int64_t present_ = 0;
    std::int64_t next_rest_ = 1;
    std::int64_t last_rest_ = 0;
    key_set now_;
};

}  // namespace cloudflare::inline v0::detail
