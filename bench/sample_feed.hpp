#pragma once

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

using block_feed =
    cloudflare::email_security::feed<cloudflare::email_security::block_senders_traits>;

/// A feed of `count` domains, from number `first` on. Those before `changed` have other comments.
inline std::string feed_text(std::size_t first, std::size_t count, std::size_t changed) {
    std::string text = "pattern,comments\n";
    for (auto n = first; n != first + count; ++n) {
        text += "mail-" + std::to_string(1'000'000 + n) + ".spam.example,";
        text += n < changed ? "seen again\n" : "seen\n";
    }
    return text;
}

/// What the list has of the feed's entries from `begin` on, synced by the owner `bench`; the
/// comments of a hundredth differ.
inline cloudflare::detail::object_list listed(block_feed const& desired, std::size_t begin,
                                              std::size_t count) {
    using cloudflare::email_security::block_sender;
    cloudflare::detail::object_list page{cloudflare::detail::object_type_of<block_sender>()};
    for (auto i = begin; i != begin + count; ++i) {
        auto const& entry = desired.entries[i].item;
        auto& made = *static_cast<block_sender*>(page.add());
        made.id = std::to_string(i);
        made.pattern = entry.pattern();
        made.pattern_type = entry.pattern_type();
        made.is_regex = false;
        made.comments = i % 100 == 0 ? "other" : "seen [owner:bench]";
    }
    return page;
}

}  // namespace bench
