#pragma once

#include "email_security/sync/batch_work.hpp"

#include <cloudflare/detail/answer_match.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/detail/sync/syncable.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What a batch of changes says, and what its answer does.
namespace cloudflare::inline v0::email_security {

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

/// The answer to a batch, compared with it: of what it says nothing more than the keys is kept,
/// and, if they are wanted, the identifiers of what was created.
class batch_answer final : public answer_check {
public:
    /// The body must outlive it.
    explicit batch_answer(batch_body const& of, bool keeps_ids = false);

    /// Of what was created, in the order of the body.
    std::vector<identifier> take_ids() { return std::move(ids_); }

    wire::slot slot();
    std::optional<error> check_answer() override;

private:
    struct codecs;
    enum part { deletes, patches, puts, posts };

    void begin_part(part which);
    wire::slot begin_entry();
    void end_entry();

    batch_body const& body_;
    std::vector<work_item> creates_;
    bool keeps_ids_;
    std::vector<identifier> ids_;
    std::vector<cloudflare::detail::batch_part> parts_;
    cloudflare::detail::any_object entry_;
    deleted gone_;
    part current_ = deletes;
    bool is_in_entry_ = false;
};

}  // namespace cloudflare::inline v0::email_security
