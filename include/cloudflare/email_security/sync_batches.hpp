#pragma once

#include <cloudflare/client.hpp>
#include <cloudflare/email_security/sync_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// What `sync.hpp` does that does not depend on the collection.
namespace cloudflare::email_security {

/// Comments with the owner's mark; as they are when they have it already.
std::string with_owner(std::string_view comments, std::string_view owner);
/// The text of `wanted`, with the marks of `comments`.
std::string with_text(std::string_view comments, std::string_view wanted);
/// The comments without marks.
std::string text_of(std::string_view comments);
/// Whether the comments have the mark of this owner and of no other.
bool is_owned_by(std::string_view comments, std::string_view owner);

template <class Model>
std::string comments_of(Model const& there) {
    if constexpr (requires { there.comments; }) return there.comments.value_or("");
    return {};
}

/// Which of the given fields differ, but for the natural key; marks in comments do not count. A
/// field that the API leaves out cannot be told to differ.
std::uint32_t differing_fields(std::span<wire::field const> item_fields, void const* item,
                               std::uint32_t given, std::span<wire::field const> model_fields,
                               void const* model);

/// `copy_fields` for the fields of the source that have their bit in `which`.
void copy_some_fields(std::uint32_t which, std::span<wire::field const> from, void const* source,
                      std::span<wire::field const> to, void* target);

/// Refuses to delete more than the options allow.
std::optional<error> check_removals(std::size_t removals, std::size_t owned, std::size_t desired,
                                    sync_options const& options);

/// The report of a plan that is not applied, with all that it would have done left.
sync_report unplanned(sync_report report, error why);

/// Whether it is what Asio throws in a cancelled coroutine.
bool is_cancellation(boost::system::system_error const& thrown);

boost::asio::awaitable<void> wait_for(std::chrono::milliseconds time);

/// Measures time and requests from its construction.
class sync_clock {
public:
    explicit sync_clock(client const& of);
    /// Counts on from an earlier part.
    sync_clock(client const& of, sync_report const& before);

    std::int64_t requests() const;
    void stop(sync_report& report) const;

private:
    client client_;
    metrics before_;
    std::int64_t requests_before_ = 0;
    std::int64_t retries_before_ = 0;
    std::chrono::milliseconds elapsed_before_{};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

enum class work_kind : std::uint8_t { remove, update, create };

/// One change of a plan.
struct work_item {
    work_kind kind = work_kind::create;
    std::uint32_t index = 0;  ///< in the plan's changes of that kind
};

/// The changes of one batch, in the order in which the API applies the kinds.
using work_items = std::vector<work_item>;

/// The changes of an application, in rounds of batches: which are done, refused or unsettled. After
/// each round the unsettled ones are compared with the list, and the rest makes the next round.
class batch_work {
public:
    batch_work(sync_options options, retry_options backoff, std::size_t total);

    sync_options const& options() const noexcept { return options_; }
    sync_report& report() noexcept { return report_; }
    sync_progress progress() const;

    void begin_round(std::size_t creates, std::size_t updates, std::size_t removals);
    std::size_t batch_count() const noexcept;
    work_items batch(std::size_t number) const;
    /// Whether there is something to settle, and how long to wait before; empty when this was the
    /// last round.
    std::optional<std::chrono::milliseconds> end_round();

    bool has_failed() const noexcept { return report_.failure.has_value(); }
    /// Ends the application. The first reason counts.
    void fail(error why);
    /// The batch was applied.
    void finish_items(work_items const& items);
    /// The batch was not applied, or not known to be: what is left of it goes to `waiting`, to
    /// `unsettled`, or is refused.
    void take_failure(error const& why, work_items items, std::vector<work_items>& waiting);

    work_items take_unsettled();
    /// Whether a batch with this create had an unknown outcome: it may yet be applied.
    bool is_doubtful(std::uint32_t entry) const { return doubtful_.contains(entry); }
    /// An unsettled change that proves to be there.
    void count_settled(work_kind kind, std::uint32_t entry);

protected:
    ~batch_work() = default;

    /// The entry of the feed that a create or an update is about.
    virtual std::uint32_t entry_of(work_item const& each) const = 0;
    /// The line and the pattern of a change.
    virtual rejection describe(work_item const& each) const = 0;

private:
    void isolate(error const& why, work_items items, std::vector<work_items>& waiting);
    void refuse(work_item const& each, error const& why, api_message const* message);
    void count(work_kind kind);

    sync_options options_;
    retry_options backoff_;
    sync_report report_;
    std::int64_t total_;
    std::int64_t done_ = 0;
    std::size_t counts_[3] = {};  // of the round, by kind
    work_items unsettled_;
    std::optional<error> last_error_;
    /// Creates that the API said to be there already, although the list has none.
    std::set<std::uint32_t> conflicts_;
    std::set<std::uint32_t> doubtful_;
    bool may_be_under_way_ = false;
    std::int64_t done_before_round_ = 0;
    int rounds_without_progress_ = 0;
    int fruitless_halvings_ = 0;
};

}  // namespace cloudflare::email_security
