#pragma once

#include "progress.hpp"
#include "session.hpp"

#include <cloudflare/detail/sync/engine.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>

/// How a sync shows its plan and asks, before it changes anything.
namespace cfes {

namespace es = cloudflare::email_security;

/// What makes the plan of a sync, as often as it is asked.
class plan_source {
public:
    virtual ~plan_source() = default;
    plan_source() = default;
    plan_source(plan_source const&) = delete;
    plan_source& operator=(plan_source const&) = delete;

    /// Fills an empty plan; the result is what keeps it from that, or from being carried out.
    virtual boost::asio::awaitable<std::optional<cloudflare::error>> make(
        es::sync_options const& options, es::sync_changes& made) = 0;
    /// What the plan that was made last is for.
    virtual es::feed_view const& desired() const = 0;
    /// The same, given away.
    virtual std::unique_ptr<es::feed_view> take_desired() = 0;
    /// Tells what is to be said of the feed; called once.
    virtual void tell_notes() const {}
};

/// What was said while a sync was agreed on.
struct sync_dialogue {
    bool has_told = false;     ///< the complaints of the plan
    std::size_t rejected = 0;  ///< of these, rejected lines
    bool is_declined = false;
};

/// Whether a sync asks: somebody is there to answer, and --yes has not answered already.
bool asks_before_sync(session const& with);

/// Whether a plan was made, and a guard keeps it from being carried out.
bool is_refused_by_guard(es::sync_changes const& plan, cloudflare::error const& why);

/// Makes a plan, shows it on stderr and asks, unless there is nothing to do. Carries it out if the
/// answer is yes and the list is then still as it was; otherwise it shows the new plan and asks
/// again. The references must outlive the call.
boost::asio::awaitable<es::sync_report> sync_when_agreed(
    session const& with, es::sync_type const& type, plan_source& from, es::sync_options options,
    bool show_all, progress_display& display, sync_dialogue& dialogue);

}  // namespace cfes
