#pragma once

#include "email_security/sync/batch_work.hpp"
#include "email_security/sync/journal_lines.hpp"

#include <cloudflare/detail/object.hpp>
#include <cloudflare/email_security/journal.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A journal as it was read.
namespace cloudflare::inline v0::email_security {

/// One change of a journal, and what it tells of it.
struct journal_change {
    enum class status : std::uint8_t { none, sent, done, refused, unknown };

    change_kind kind = change_kind::create;
    status last = status::none;
    bool was_unknown = false;  ///< at any time
    bool is_repeated = false;  ///< the removal of what a batch made twice
    identifier id;             ///< of the entry; of a created one only where an answer told it
    std::string pattern;       ///< of an entry that was deleted
    /// The new item, or what was set.
    std::optional<cloudflare::detail::any_object> item;
    /// The entry as it was.
    std::optional<cloudflare::detail::any_object> before;
};

struct sync_journal::content {
    journal_header header;
    std::vector<journal_change> changes;
    bool is_planned = false;  ///< whether anything may have been sent
    bool has_ended = false;

    /// Whether a change may have been made.
    bool may_be_done(journal_change const& which) const;
};

}  // namespace cloudflare::inline v0::email_security
