#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Which patterns take in others: a domain its subdomains and the addresses at it and at them, a
/// CIDR block the blocks and addresses in it. Of regular expressions nobody can tell.
///
/// Cloudflare documents that a block matches its addresses, and of a domain only that it matches a
/// domain name. That it matches subdomains is thus an assumption, and nothing is left out by it
/// unless it is asked for.
namespace cloudflare::inline v0::email_security {

/// Finds wider patterns among numbered ones. It keeps about 40 bytes for each; a question costs the
/// labels of a name, or the logarithm of the number of blocks.
class CLOUDFLARE_EXPORT pattern_cover {
public:
    /// All entries below `count` of the source, which must outlive it; patterns in canonical form.
    pattern_cover(key_source const& source, std::size_t count);
    ~pattern_cover();
    pattern_cover(pattern_cover const&) = delete;
    pattern_cover& operator=(pattern_cover const&) = delete;

    /// The entry with this key.
    std::optional<std::uint32_t> find_same(pattern_key const& key) const;
    /// The narrowest of the entries that are wider than this key.
    std::optional<std::uint32_t> find_wider(pattern_key const& key) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// An entry of a feed that another one makes superfluous.
struct covered_entry {
    std::uint32_t entry = 0;  ///< in `feed::entries`, as the next
    std::uint32_t by = 0;     ///< in `feed::entries`, the wider one
};

/// The same, to be shown.
struct covered_pattern {
    std::int64_t line = 0;     ///< of the feed
    std::string pattern;       ///< that is covered
    std::int64_t by_line = 0;  ///< of the wider one
    std::string by_pattern;    ///< the wider one
};
BOOST_DESCRIBE_STRUCT(covered_pattern, (), (line, pattern, by_line, by_pattern))

/// Whether two items say the same of what their patterns match: all but the key and the comments.
CLOUDFLARE_EXPORT bool have_same_effect(std::span<wire::field const> fields, void const* a,
                                        void const* b);

/// The entries that are covered by the narrowest wider entry of the feed, where that says the same
/// of what it matches. None in a collection whose patterns have no types: there, a domain is that
/// domain alone. n log n in time.
template <class Traits>
std::vector<covered_entry> find_covered(feed<Traits> const& of) {
    using item = typename Traits::new_item;
    std::vector<covered_entry> found;
    if constexpr (requires(item const& each) { each.pattern_type(); }) {
        entry_keys<item> const keys{of.entries};
        pattern_cover const cover{keys, of.entries.size()};
        for (std::uint32_t i = 0; i != of.entries.size(); ++i) {
            auto const by = cover.find_wider(keys.key(i));
            if (by && have_same_effect(wire::fields_of<item>(), &of.entries[i].item,
                                       &of.entries[*by].item)) {
                found.push_back({i, *by});
            }
        }
    }
    return found;
}

/// The same, to be shown: with lines and patterns.
template <class Traits>
std::vector<covered_pattern> describe_covered(feed<Traits> const& of,
                                              std::vector<covered_entry> const& covered) {
    std::vector<covered_pattern> described;
    described.reserve(covered.size());
    for (auto const& each : covered) {
        auto const& entry = of.entries[each.entry];
        auto const& by = of.entries[each.by];
        described.push_back({entry.line, pattern_of(entry.item), by.line, pattern_of(by.item)});
    }
    return described;
}

/// Takes covered entries out of the feed. What a sync with `prune` finds of them is deleted.
template <class Traits>
void drop_covered(feed<Traits>& from, std::vector<covered_entry> const& covered) {
    std::vector<bool> goes(from.entries.size());
    for (auto const& each : covered) goes[each.entry] = true;
    drop_entries(from, goes);
}

}  // namespace cloudflare::inline v0::email_security
