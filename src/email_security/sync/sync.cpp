#include "call/cancelled_as_result.hpp"
#include "email_security/sync/application.hpp"
#include "email_security/sync/owner_marks.hpp"
#include "email_security/sync/plan_checker.hpp"
#include "email_security/sync/plan_maker.hpp"
#include "email_security/sync/reading.hpp"
#include "email_security/sync/undo.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <utility>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;

namespace {

/// A hundred years.
constexpr int max_keep_days = 36'500;

}  // namespace

result<void> sync_options::validate() const {
    if (!owner_.empty() && !is_owner_name(owner_)) {
        return invalid_field("owner", "must be 1 to 64 letters, digits, '.', '_' or '-'");
    }
    if (prune_ && owner_.empty()) {
        return invalid_field("prune", "needs an owner: only what is the owner's is deleted");
    }
    if (keep_days_ && owner_.empty()) {
        return invalid_field("keep_days", "needs an owner: only what is the owner's can age");
    }
    if (auto const valid = check_range("keep_days", keep_days_.value_or(0), 0, max_keep_days);
        !valid) {
        return valid;
    }
    if (auto const valid = check_range("max_delete_percent", max_delete_percent_, 0, 100); !valid) {
        return valid;
    }
    if (auto const valid = check_range("max_rejected_percent", max_rejected_percent_, 0, 100);
        !valid) {
        return valid;
    }
    if (min_entries_ < 0) return invalid_field("min_entries", "must not be negative");
    if (max_delete_.value_or(0) < 0) return invalid_field("max_delete", "must not be negative");
    if (max_create_.value_or(0) < 0) return invalid_field("max_create", "must not be negative");
    if (batch_size_ < 1 || batch_size_ > 1000) {
        return invalid_field("batch_size", "must be from 1 to 1000");
    }
    if (concurrency_ < 1) return invalid_field("concurrency", "must be at least 1");
    return {};
}

namespace {

/// The report of a plan that is not applied, with all that it would have done left.
sync_report unplanned(sync_report report, error why) {
    report.left = 0;
    for (auto* const each : {&report.created, &report.updated, &report.deleted, &report.shared,
                             &report.unmarked, &report.retired}) {
        report.left += std::exchange(*each, 0);
    }
    report.failure = std::move(why);
    return report;
}

/// Reads the list into what compares it with a plan, and finishes that.
template <class Visitor, class Finish>
asio::awaitable<std::optional<error>> compare(sync_target const& where, Visitor& visitor,
                                              sync_options const& options, sync_clock const& clock,
                                              sync_changes& changes, Finish finish) {
    sync_progress now;
    now.phase = sync_phase::reading;
    auto reading = call::cancelled_as_result(
        read_with_progress(where, visitor, options, clock, now, &changes.last));
    auto const read = co_await std::move(reading);
    if (!read) co_return read.error();
    co_return finish();
}

/// `errc::invalid_argument` when a plan or a journal was made for another list.
std::optional<error> check_place(std::string const& what, std::string const& account_id,
                                 std::string const& base_url, sync_target const& where) {
    if (account_id != where.where.account_id()) {
        return error{errc::invalid_argument, "the " + what + " is for another account"};
    }
    auto const here = base_url_of(where.where.client());
    if (base_url == here) return std::nullopt;
    return error{errc::invalid_argument,
                 "the " + what + " was made at " +
                     (base_url.empty() ? "a base URL that it does not name" : base_url) +
                     ", and this is " + here};
}

asio::awaitable<std::optional<error>> check_changes(sync_target const& where,
                                                    feed_view const& desired, sync_changes& changes,
                                                    plan_header const& header, sync_options options,
                                                    plan_check how) {
    sync_clock const clock{options};
    if (auto const valid = options.validate(); !valid) co_return valid.error();
    if (auto wrong = check_place("plan", header.account_id, header.base_url, where)) {
        co_return std::move(*wrong);
    }
    plan_checker checker{*where.type, desired, changes, header.owner, how};
    auto const finish = [&checker] { return checker.finish(); };
    auto failed = co_await compare(where, checker, options, clock, changes, finish);
    clock.stop(changes.report);
    co_return failed;
}

}  // namespace

asio::awaitable<std::optional<error>> make_changes(sync_target where, feed_view const& desired,
                                                   sync_options const& how, sync_changes& made,
                                                   plan_use use) {
    auto options = how;
    sync_clock const clock{options};
    made.report.desired = static_cast<std::int64_t>(desired.size());
    made.report.rejected = desired.facts().rejected;
    if (auto const valid = options.validate(); !valid) co_return valid.error();
    auto refused = check_feed(desired.facts(), desired.size(), options);
    if (refused) co_return std::move(*refused);
    if (!where.type->comments && !options.owner().empty()) {
        co_return error{errc::invalid_argument,
                        "owner: these entries have neither comments nor notes to mark one in"};
    }
    plan_maker maker{*where.type, desired, options, made, use};
    auto const finish = [&maker] { return maker.fill(); };
    auto failed = co_await compare(where, maker, options, clock, made, finish);
    clock.stop(made.report);
    co_return failed;
}

namespace {

asio::awaitable<sync_report> carry_out(sync_target where, std::unique_ptr<feed_view> desired,
                                       sync_changes changes, sync_options options,
                                       std::string operation) {
    sync_clock const clock{options, changes.report};
    sync_application application{
        std::move(where),    std::move(desired), std::move(changes), std::move(options), clock,
        std::move(operation)};
    co_await application.run();
    co_return application.finish();
}

}  // namespace

asio::awaitable<sync_report> apply_changes(sync_target where, std::unique_ptr<feed_view> desired,
                                           sync_changes changes, sync_options options) {
    std::string operation = changes.is_exact ? "undo" : "apply";
    return carry_out(std::move(where), std::move(desired), std::move(changes), std::move(options),
                     std::move(operation));
}

asio::awaitable<sync_report> sync_feed(sync_target where, std::unique_ptr<feed_view> desired,
                                       sync_options options) {
    sync_changes made;
    auto making = make_changes(where, *desired, options, made, plan_use::applied_now);
    auto failed = co_await std::move(making);
    if (failed) co_return unplanned(std::move(made.report), std::move(*failed));
    std::string operation = "sync";
    auto applying = carry_out(std::move(where), std::move(desired), std::move(made),
                              std::move(options), std::move(operation));
    co_return co_await std::move(applying);
}

asio::awaitable<std::optional<error>> make_undo(sync_target where, sync_journal of,
                                                feed_receiver& entries, sync_options options,
                                                sync_changes& made) {
    sync_clock const clock{options};
    if (auto const valid = options.validate(); !valid) co_return valid.error();
    auto const& header = of.header();
    if (header.collection != where.type->collection->name) {
        co_return error{errc::invalid_argument, "the journal is about another collection"};
    }
    if (auto wrong = check_place("journal", header.account_id, header.base_url, where)) {
        co_return std::move(*wrong);
    }
    undo_maker maker{*where.type, of.all(), entries, made};
    auto const finish = [&maker]() -> std::optional<error> {
        maker.finish();
        return std::nullopt;
    };
    auto failed = co_await compare(where, maker, options, clock, made, finish);
    clock.stop(made.report);
    co_return failed;
}

asio::awaitable<sync_report> apply_saved_changes(sync_target where,
                                                 std::unique_ptr<feed_view> desired,
                                                 sync_changes changes, plan_header header,
                                                 sync_options options, plan_check how) {
    options.owner(header.owner).prune(false).keep_days(std::nullopt);
    auto checking = check_changes(where, *desired, changes, header, options, how);
    auto failed = co_await std::move(checking);
    if (failed) co_return unplanned(std::move(changes.report), std::move(*failed));
    auto applying =
        apply_changes(std::move(where), std::move(desired), std::move(changes), std::move(options));
    co_return co_await std::move(applying);
}

}  // namespace cloudflare::inline v0::email_security
