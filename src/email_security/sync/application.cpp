#include "email_security/sync/application.hpp"

#include "call/cancelled_as_result.hpp"
#include "email_security/sync/diff.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/waiting.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/concurrent.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;
using cloudflare::detail::any_list_visitor;
using cloudflare::detail::object_list;

namespace {

constexpr int max_attempts_at_doubles = 3;
/// Of a list, as changes are not done again for want of one; each request has its retries.
constexpr int max_reads = 5;

/// What the list has of the changes whose batches had no clear outcome.
class settlement final : public diff {
public:
    settlement(sync_type const& of, feed_view const& all, std::vector<std::uint32_t> subset,
               diff_options how, std::vector<planned_removal> const& removed)
        : diff{of, all, std::move(subset), how} {
        for (auto const& each : removed) to_remove_.emplace(each.id.text(), each.kept);
    }

    void restart() override {
        diff::restart();
        removals.clear();
    }

    std::vector<planned_removal> removals;  ///< those that are still there

private:
    void visit(listed_entry const& there, std::optional<std::uint32_t>, std::uint32_t) override {
        auto const found = to_remove_.find(there.id->text());
        if (found == to_remove_.end()) return;
        auto& removal = removals.emplace_back();
        removal.id = *there.id;
        removal.pattern = there.key.pattern;
        removal.kept = found->second;
        if (keeps_entries()) removal.before = json_of_existing(type(), there.model);
    }

    /// With the one that stays, of a double.
    std::unordered_map<std::string, identifier, keyed_text_hash> to_remove_;
};

/// What the list has twice of what was sent twice.
class search_for_doubles final : public any_list_visitor {
public:
    /// The references must outlive it.
    search_for_doubles(sync_type const& of, feed_view const& desired, sync_changes const& plan,
                       std::vector<std::uint32_t> const& sent_again, std::string const& owner)
        : of_{of},
          desired_{desired},
          plan_{plan},
          owner_{owner},
          lookup_{of, desired, sent_again} {}

    void restart() override {
        kept_.clear();
        doubles_.clear();
    }
    void take(std::size_t, object_list there) override {
        for (std::size_t i = 0; i != there.size(); ++i) {
            auto const each = of_.look_at(there[i]);
            auto const number = lookup_.find(each);
            if (!number) continue;
            // What differs is not from here, whoever made it.
            if (!is_as_created(of_, plan_, each, desired_.item(*number), desired_.given(*number),
                               owner_)) {
                continue;
            }
            auto const [kept, is_first] = kept_.try_emplace(*number, *each.id);
            if (is_first) continue;
            auto& stays = kept->second;
            auto& goes = doubles_.emplace_back(*number, *each.id).second;
            if (comes_before(goes, stays)) std::swap(goes, stays);
        }
    }

    /// Those that go.
    std::vector<planned_removal> doubles() const {
        std::vector<planned_removal> all;
        for (auto const& [number, id] : doubles_) {
            auto& removal = all.emplace_back();
            removal.id = id;
            removal.pattern = desired_.pattern(number);
            removal.kept = kept_.find(number)->second;
        }
        return all;
    }

private:
    sync_type const& of_;
    feed_view const& desired_;
    sync_changes const& plan_;
    std::string const& owner_;
    feed_lookup lookup_;
    /// The one of each that stays.
    std::unordered_map<std::uint32_t, identifier> kept_;
    std::vector<std::pair<std::uint32_t, identifier>> doubles_;
};

}  // namespace

sync_application::sync_application(sync_target where, std::unique_ptr<feed_view> desired,
                                   sync_changes changes, sync_options options,
                                   sync_clock const& clock, std::string operation)
    : batch_work{std::move(options), where.where.client().options().retry(),
                 changes.creates.size() + changes.updates.size() + changes.removals.size()},
      target_{std::move(where)},
      desired_{std::move(desired)},
      changes_{std::move(changes)},
      clock_{clock},
      operation_{std::move(operation)},
      log_{this->options().journal(), *target_.type, *desired_, this->options().owner()} {
    auto const total = report().left;
    report() = changes_.report;
    report().created = report().updated = report().deleted = 0;
    report().left = total;
}

asio::awaitable<void> sync_application::run() {
    if (!begin_journal()) co_return;
    auto running = call::cancelled_as_result(run_to_the_end());
    auto const ended = co_await std::move(running);
    if (!ended) fail(ended.error());
}

sync_report sync_application::finish() {
    record(log_.end(report()));
    clock_.stop(report());
    return std::move(report());
}

// False when that failed, and the application with it.
bool sync_application::begin_journal() {
    if (changes_.is_empty()) return true;
    journal_header header;
    header.collection = target_.type->collection->name;
    header.base_url = base_url_of(target_.where.client());
    header.account_id = target_.where.account_id();
    header.owner = options().owner();
    header.operation = operation_;
    header.began_at =
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    record(log_.begin(std::move(header), changes_));
    return !has_failed();
}

// What cannot be written down is not done.
void sync_application::record(result<void> const& written) {
    if (!written) fail(written.error());
}

// False when that failed, and the application with it.
asio::awaitable<bool> sync_application::read_list(any_list_visitor& visitor) {
    for (int attempts = 1;; ++attempts) {
        auto now = progress();
        now.phase = sync_phase::settling;
        auto const read = co_await read_with_progress(target_, visitor, options(), clock_, now);
        if (read) co_return true;
        if (attempts == max_reads || !may_pass(read.error())) {
            fail(read.error());
            co_return false;
        }
        co_await wait_for(target_.where.client().options().retry().backoff_cap());
    }
}

asio::awaitable<result<void>> sync_application::run_to_the_end() {
    co_await run_rounds();
    if (!has_failed() && !sent_again_.empty()) co_await remove_doubles();
    co_return result<void>{};
}

asio::awaitable<void> sync_application::run_rounds() {
    report_progress();
    auto const here = co_await asio::this_coro::executor;
    answer_.emplace(here, asio::steady_timer::time_point::max());
    for (;;) {
        begin_round(changes_.creates.size(), changes_.updates.size(), changes_.removals.size());
        auto work = [this](std::size_t) { return send_batches(); };
        co_await for_each_concurrently(options().concurrency(), options().concurrency(), work);
        auto const pause = end_round();
        if (!pause) co_return;
        if (pause->count() > 0) co_await wait_for(*pause);
        co_await settle();
    }
}

asio::awaitable<void> sync_application::send_batches() {
    for (;;) {
        auto const next = next_batch();
        if (!next) {
            if (!waits_for_answer()) co_return;
            co_await next_answer();
            continue;
        }
        auto sending = send_batch(*next);
        auto const answer = co_await std::move(sending);
        if (answer) {
            finish_batch(*next);
        } else {
            take_failure(answer.error(), *next);
        }
        answer_->cancel();
        report_progress();
    }
}

// All that send are on one strand, and so is the timer's end.
asio::awaitable<void> sync_application::next_answer() {
    boost::system::error_code ended;
    co_await answer_->async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

asio::awaitable<result<void>> sync_application::send_batch(work_batch const& which) {
    // Other batches may be asked for meanwhile, but the plan stays until all are answered.
    auto const numbers = log_.numbers_of(changes_, which.items);
    if (auto const written = log_.sent(numbers); !written) co_return written.error();
    std::vector<identifier> made;
    auto sending = send(body_of(which.items), &made);
    auto answer = co_await std::move(sending);
    record(answer ? log_.done(numbers, std::move(made)) : log_.failed(numbers, answer.error()));
    co_return answer;
}

asio::awaitable<result<void>> sync_application::send(batch_body body,
                                                     std::vector<identifier>* made) const {
    if (auto const valid = body.validate(); !valid) co_return valid.error();
    bool const keeps_ids = made && log_.has_begun();
    batch_answer answer{body, keeps_ids};
    auto sending = target_.where.send_batch(body.slot(), answer.slot(), answer, options().call());
    auto sent = co_await std::move(sending);
    if (sent && keeps_ids) *made = answer.take_ids();
    co_return sent;
}

// Reads the list again, and keeps of the unsettled changes those that are not there.
asio::awaitable<void> sync_application::settle() {
    std::vector<std::uint32_t> subset;
    std::vector<planned_removal> removals;
    std::vector<bool> was_update(desired_->size());
    auto const unsettled = take_unsettled();
    for (auto const& each : unsettled) {
        if (each.kind == change_kind::remove) {
            removals.push_back(changes_.removals[each.index]);
            continue;
        }
        auto const number = entry_of(each);
        was_update[number] = each.kind == change_kind::update;
        subset.push_back(number);
    }
    settlement now{*target_.type,
                   *desired_,
                   std::move(subset),
                   {.marks = changes_.is_exact ? owner_marks::compared : owner_marks::ignored,
                    .keeps_entries = log_.has_begun()},
                   removals};
    if (!co_await read_list(now)) co_return;
    now.finish();
    end_doubt();
    record_settled(unsettled, now.unchanged(), now.removals);
    for (auto const number : now.unchanged()) {
        count_settled(was_update[number] ? change_kind::update : change_kind::create, number);
    }
    for (auto gone = removals.size() - now.removals.size(); gone > 0; --gone) {
        count_settled(change_kind::remove, 0);
    }
    changes_.creates = now.creates();
    changes_.updates = now.updates();
    changes_.removals = std::move(now.removals);
    for (auto const number : changes_.creates) {
        if (is_doubtful(number)) sent_again_.push_back(number);
    }
    record(log_.plan_again(changes_));
    report_progress();
}

// Of what was not settled, what the list shows to be done. An entry that others made is not.
void sync_application::record_settled(work_items const& unsettled,
                                      std::vector<std::uint32_t> const& unchanged,
                                      std::vector<planned_removal> const& still_there) {
    if (!log_.has_begun()) return;
    std::vector<bool> is_there(desired_->size());
    for (auto const number : unchanged) is_there[number] = !is_of_others(number);
    std::unordered_set<std::string_view, keyed_text_hash> removals;
    for (auto const& each : still_there) removals.insert(each.id.text());
    work_items done;
    for (auto const& each : unsettled) {
        bool const is_done = each.kind == change_kind::remove
                                 ? !removals.contains(changes_.removals[each.index].id.text())
                                 : is_there[entry_of(each)];
        if (is_done) done.push_back(each);
    }
    record(log_.done(log_.numbers_of(changes_, done), {}));
}

// A create that was sent again may be there twice, as the first one was applied late. All but one
// go. None of them was in the list at first, or it would not have been created.
asio::awaitable<void> sync_application::remove_doubles() {
    std::ranges::sort(sent_again_);
    auto const repeated = std::ranges::unique(sent_again_);
    sent_again_.erase(repeated.begin(), repeated.end());
    for (int attempts = 1;; ++attempts) {
        search_for_doubles search{*target_.type, *desired_, changes_, sent_again_,
                                  options().owner()};
        if (!co_await read_list(search)) co_return;
        auto doubles = search.doubles();
        record(log_.remove_doubles(doubles));
        if (has_failed()) co_return;
        auto removing = remove_all(std::move(doubles));
        auto failed = co_await std::move(removing);
        if (!failed) co_return;
        if (attempts == max_attempts_at_doubles) {
            fail(std::move(*failed));
            co_return;
        }
    }
}

asio::awaitable<std::optional<error>> sync_application::remove_all(
    std::vector<planned_removal> doubles) {
    std::vector<identifier> ids;
    for (auto& each : doubles) ids.push_back(std::move(each.id));
    std::span<identifier const> left{ids};
    while (!left.empty()) {
        auto body = body_of({});
        body.removals = left.first(std::min(left.size(), options().batch_size()));
        left = left.subspan(body.removals.size());
        auto sending = send(body, nullptr);
        auto const answer = co_await std::move(sending);
        if (!answer) co_return answer.error();
        report_progress();
    }
    co_return std::nullopt;
}

batch_body sync_application::body_of(std::span<work_item const> items) const {
    batch_body body;
    body.type = target_.type;
    body.desired = desired_.get();
    body.changes = &changes_;
    body.owner = &options().owner();
    body.items = items;
    return body;
}

std::uint32_t sync_application::entry_of(work_item const& each) const {
    return each.kind == change_kind::create ? changes_.creates[each.index]
                                            : changes_.updates[each.index].entry;
}

rejection sync_application::describe(work_item const& each) const {
    rejection about;
    if (each.kind == change_kind::remove) {
        about.pattern = changes_.removals[each.index].pattern;
    } else {
        about.line = desired_->line(entry_of(each));
        about.pattern = desired_->pattern(entry_of(each));
    }
    return about;
}

std::size_t sync_application::encoded_size(work_item const& each) const {
    auto const size_of = [this](std::span<work_item const> items) {
        auto body = body_of(items);
        auto const at = body.slot();
        std::string text;
        wire::append_json(*at.how, at.where, text);
        return text.size();
    };
    return size_of({&each, 1}) - size_of({});
}

void sync_application::report_progress() const {
    email_security::report_progress(progress(), target_.where.client(), clock_, options());
}

}  // namespace cloudflare::inline v0::email_security
