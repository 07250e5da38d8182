#pragma once

#include "email_security/sync/batch_work.hpp"

#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <span>
#include <string>

/// What a batch of changes says, and what its answer does.
namespace cloudflare::email_security {

/// The changes of one request, whose items are made as they are written. The pointers are to what
/// must outlive it.
struct batch_body {
    sync_type const* type = nullptr;
    feed_view const* desired = nullptr;
    sync_changes const* changes = nullptr;
    std::string const* owner = nullptr;
    std::span<work_item const> items;
    /// Entries to delete beside those.
    std::span<identifier const> removals;

    /// Checks every item offline.
    result<void> validate() const;
    wire::slot slot();
};

/// The answer to a batch: read, so that it is known to be one, and not kept.
struct batch_answer {
    explicit batch_answer(sync_type const& of) : entry{*of.collection->model} {}

    wire::slot slot();

    cloudflare::detail::any_object entry;
    deleted gone;
};

}  // namespace cloudflare::email_security
