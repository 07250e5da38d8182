#pragma once

#include <cloudflare/client_options.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace cloudflare::inline v0::email_security {

enum class change_kind : std::uint8_t { remove, update, create };

/// One change of a plan.
struct work_item {
    change_kind kind = change_kind::create;
    std::uint32_t index = 0;  ///< in the plan's changes of that kind
};

/// Changes in the order in which the API applies the kinds.
using work_items = std::vector<work_item>;

/// The changes of one request.
struct work_batch {
    work_items items;
    /// Of one that was refused as a whole: how many items it had, and how many of its halves were
    /// accepted.
    struct halving {
        std::size_t items = 0;
        int accepted = 0;
    };
    std::shared_ptr<halving> half_of;
    /// Whether it waits for others to be accepted, see `max_fruitless_halvings`.
    bool is_set_aside = false;
};

/// The changes of an application, in rounds of batches: which are done, refused or unsettled. After
/// each round the unsettled ones are compared with the list, and the rest makes the next round.
///
/// A batch is as large as the options, and what the server has shown of its own limits, allow.
class batch_work {
public:
    batch_work(sync_options options, retry_options backoff, std::size_t total);

    sync_options const& options() const noexcept { return options_; }
    sync_report& report() noexcept { return report_; }
    sync_report const& report() const noexcept { return report_; }
    sync_progress progress() const;

    void begin_round(std::size_t creates, std::size_t updates, std::size_t removals);
    /// What is to be sent next; empty when nothing is left to send in this round, or nothing
    /// before another answer.
    std::optional<work_batch> next_batch();
    /// Whether there may be more to send once a batch that is under way is answered.
    bool waits_for_answer() const noexcept { return waits_for_answer_ && !has_failed(); }
    /// Whether there is something to settle, and how long to wait before; empty when this was the
    /// last round.
    std::optional<std::chrono::milliseconds> end_round();

    bool has_failed() const noexcept { return report_.failure.has_value(); }
    /// Whether an error may pass, so that a read is worth another try.
    static bool may_pass(error const& why);
    /// Ends the application. The first reason counts.
    void fail(error why);
    /// The batch was applied.
    void finish_batch(work_batch const& done);
    /// The batch was not applied, or not known to be: its changes make smaller batches, are
    /// unsettled, or are refused.
    void take_failure(error const& why, work_batch const& failed);

    /// What is to be compared with the list.
    work_items take_unsettled();
    /// The list was read: of all changes it is known whether they are done.
    void end_doubt();
    /// Whether a batch with this create had an unknown outcome: it may yet be applied.
    bool is_doubtful(std::uint32_t entry) const { return doubtful_.contains(entry); }
    /// Whether a create was refused because the entry is there.
    bool was_refused(std::uint32_t entry) const { return conflicts_.contains(entry); }
    /// Whether a create was refused because the entry is there, and nobody can have made it but
    /// somebody else.
    bool is_of_others(std::uint32_t entry) const {
        return conflicts_.contains(entry) && !doubtful_.contains(entry);
    }
    /// An unsettled change that proves to be there.
    void count_settled(change_kind kind, edit_purpose purpose, std::uint32_t entry);
    /// One that is not to be done any more, as others have changed what it is about.
    void count_needless();

protected:
    ~batch_work() = default;

    /// The entry of the feed that a create is about.
    virtual std::uint32_t entry_of(work_item const& each) const = 0;
    /// What an update is for.
    virtual edit_purpose purpose_of(work_item const& each) const = 0;
    /// The line and the pattern of a change.
    virtual rejection describe(work_item const& each) const = 0;
    /// About how many bytes it adds to the request.
    virtual std::size_t encoded_size(work_item const& each) const = 0;

private:
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

    std::size_t encoded_size(work_items const& items) const;
    /// For the server, as far as it has shown.
    bool is_too_large(work_items const& items) const;
    bool is_probing() const noexcept;
    std::optional<work_batch> choose_batch();
    std::optional<work_batch> next_probe();
    bool has_fresh_items() const noexcept;
    std::size_t waiting_items() const noexcept;
    work_batch take_waiting(std::size_t position);
    work_batch fresh_batch();
    void halve(work_items const& items, std::shared_ptr<work_batch::halving> of);
    /// Whether a refused batch is set aside, as so many were refused in a row.
    bool sets_aside(error const& why, work_batch const& failed);
    /// It was too large.
    void shrink(error const& why, work_batch const& failed);
    /// Something in it is at fault.
    void isolate(error const& why, work_batch const& failed);
    void refuse(work_item const& each, error const& why, api_message const* message);
    void count(change_kind kind, edit_purpose purpose);
    void count_unknown(error const& why, std::size_t changes);

    sync_options options_;
    retry_options backoff_;
    sync_report report_;
    std::int64_t total_;
    std::int64_t done_ = 0;
    std::size_t counts_[3] = {};  // of the round, by kind
    std::size_t taken_[3] = {};   // of those, what batches were made of
    std::vector<work_batch> waiting_;
    int under_way_ = 0;
    bool waits_for_answer_ = false;
    // What the server takes at once, as far as it has shown.
    std::size_t item_limit_ = no_limit;
    std::size_t byte_limit_ = no_limit;
    work_items unsettled_;
    std::optional<error> last_error_;
    /// Creates that the API said to be there already, although the list has none.
    std::set<std::uint32_t> conflicts_;
    std::set<std::uint32_t> doubtful_;
    bool may_be_under_way_ = false;
    std::int64_t done_before_round_ = 0;
    int rounds_without_progress_ = 0;
    int fruitless_halvings_ = 0;
    int fruitless_probes_ = 0;
    std::optional<error> last_refusal_;
};

}  // namespace cloudflare::inline v0::email_security
