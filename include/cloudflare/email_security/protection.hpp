#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What must not be blocked, whatever a feed says.
namespace cloudflare::inline v0::email_security {

/// Names that must not be blocked, each with the reason. An entry is held back that is one of them,
/// lies in one, or takes one in. A regular expression is tried on them, and on senders that have
/// nothing in common; one that cannot be tried, or not within a minute, is held back.
class CLOUDFLARE_EXPORT protection {
public:
    /// Protects public suffixes, and blocks wider than /16 (IPv6: /32).
    protection();
    ~protection();
    /// What was moved from may only go.
    protection(protection&&) noexcept;
    protection& operator=(protection&&) noexcept;  ///< What was moved from may only go.

    /// Whether public suffixes and wide blocks may be blocked; default false.
    protection& allow_wide(bool value);
    /// Protects a pattern. `with_addresses`: also the single addresses at a domain.
    void add(recognised_pattern what, std::string reason, bool with_addresses = true);
    /// Protects what a regular expression matches. Errors: `errc::invalid_argument` when it cannot
    /// be tried, as one that looks around.
    std::optional<error> add_expression(std::string_view expression, pattern_type type,
                                        std::string reason);
    /// Protects the mail providers that everybody has mail from, but not single addresses at them:
    /// those of the library, or of a file, which is read as by `add_file`. What stands beside a
    /// name, as a line's note, is the reason.
    void add_mail_providers();
    /// Those of a file.
    std::optional<error> add_mail_providers(std::filesystem::path const& path);
    /// Protects all that a file names, in any form of a feed, MISP warning lists too, also what the
    /// API does not take: private networks, top-level domains. Errors: `errc::invalid_argument`
    /// when it cannot be read, a line in it is none, or it names nothing.
    std::optional<error> add_file(std::filesystem::path const& path);

    /// An entry that must not be blocked.
    struct finding {
        std::uint32_t entry = 0;  ///< by its number
        std::string reason;       ///< names the option that lets it through
    };
    /// Which of the entries below `count` must not be blocked, and why; in their order.
    /// `exceptions` are protected besides.
    std::vector<finding> find_held(key_source const& entries, std::size_t count,
                                   std::vector<feed_exception> const& exceptions) const;
    /// Adds the other blocks of the ranges that have one of them.
    static void hold_whole_ranges(std::vector<finding>& held,
                                  std::vector<split_range> const& ranges);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Protects the domains of an account and the people of its impersonation registry.
///
/// `GET` of both lists; permission: Cloud Email Security Read. Errors: as `collection::list_all`.
/// Cancellation: all types; nothing is added then.
CLOUDFLARE_EXPORT boost::asio::awaitable<std::optional<error>> protect_account(client with,
                                                                               std::string account,
                                                                               protection& into);

/// Moves the entries that must not be blocked from `feed::entries` to `feed::held_back`. They are
/// spared, too: whoever has them on the list is told, and a sync neither creates nor deletes them.
template <class Traits>
void hold_back(feed<Traits>& from, protection const& by) {
    using item = typename Traits::new_item;
    entry_keys<item> const keys{from.entries};
    auto held = by.find_held(keys, from.entries.size(), from.exceptions);
    protection::hold_whole_ranges(held, from.ranges);
    if (held.empty()) return;
    std::vector<bool> goes(from.entries.size());
    for (auto const& each : held) {
        auto const& entry = from.entries[each.entry];
        goes[each.entry] = true;
        from.held_back.push_back({entry.line, pattern_of(entry.item), each.reason});
        from.spared.push_back(pattern_of(entry.item));
    }
    drop_entries(from, goes);
}

}  // namespace cloudflare::inline v0::email_security
