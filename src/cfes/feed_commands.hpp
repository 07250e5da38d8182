#pragma once

#include "collection_commands.hpp"

#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <type_traits>
#include <vector>

/// The verbs that feeds make possible: plan, sync, export.
namespace cfes {

/// What these verbs need to know of a collection; they are compiled once for all of them.
struct feed_verbs {
    using conflicts = cf::result<es::conflict_report>;

    es::sync_type const* type;
    /// Reads what a feed may be in conflict with, and looks for that; null where there is nothing.
    asio::awaitable<conflicts> (*check_conflicts)(session const& with, es::feed_view const& desired,
                                                  es::sync_options const& options);
    bool has_breadth;     ///< whether a pattern may be too wide
    bool has_protection;  ///< whether its entries block somebody
};

/// The list that a feed may be in conflict with: allow policies of what is blocked, and the
/// reverse.
template <class Traits>
using opposite = std::conditional_t<std::is_same_v<Traits, es::block_senders_traits>,
                                    es::allow_policies_traits, es::block_senders_traits>;

template <class Traits>
inline constexpr bool has_opposite = std::is_same_v<Traits, es::block_senders_traits> ||
                                     std::is_same_v<Traits, es::allow_policies_traits>;

template <class Traits>
asio::awaitable<feed_verbs::conflicts> check_conflicts(session const& with,
                                                       es::feed_view const& desired,
                                                       es::sync_options const& options) {
    using other = opposite<Traits>;
    es::sender_list<typename other::model> there;
    cf::collection<other> const opposites{with.client(), with.account_id()};
    auto reading = opposites.visit_all(there, {}, options.call(), options.concurrency());
    auto const read = co_await std::move(reading);
    if (!read) co_return read.error();
    co_return es::find_conflicts(desired, there);
}

template <class Traits>
feed_verbs feed_verbs_of() {
    feed_verbs made{};
    made.type = &es::sync_type_of<Traits>();
    if constexpr (has_opposite<Traits>) made.check_conflicts = &check_conflicts<Traits>;
    made.has_breadth = has_opposite<Traits>;
    made.has_protection = std::is_same_v<Traits, es::block_senders_traits>;
    return made;
}

void add_feed_verbs(command_line& line, CLI::App& collection, feed_verbs const& verbs,
                    collection_info const& info);
template <class Traits>
void add_feed_verbs(command_line& line, CLI::App& collection, collection_info const& info) {
    add_feed_verbs(line, collection, feed_verbs_of<Traits>(), info);
}

}  // namespace cfes
