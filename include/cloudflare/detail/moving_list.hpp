#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>
#include <cloudflare/page.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloudflare::inline v0::detail {

/// Says which page of a list to read next, until no entry that was there all the time can have been
/// missed. A list on one page is read once. Of a longer one, an entry that is deleted between two
/// pages lets all others move up, and one of them is on neither page: so it is read until two
/// readings in a row saw the same.
class CLOUDFLARE_EXPORT moving_list {
public:
    /// The page to read, from 1.
    std::int64_t page() const noexcept { return page_; }
    bool is_settled() const noexcept { return is_settled_; }

    /// An entry of the page.
    void add(std::string_view key) noexcept;
    /// The page ends. An error when the list kept changing, or does not end.
    std::optional<error> end_page(std::size_t items, page_info const& info);

private:
    struct digest {
        std::size_t hash = 0;
        std::size_t count = 0;
        bool operator==(digest const&) const = default;
    };

    std::int64_t page_ = 1;
    int readings_ = 0;
    bool is_settled_ = false;
    digest now_;
    digest before_;
};

}  // namespace cloudflare::inline v0::detail
