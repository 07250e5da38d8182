#include "email_security/sync/application.hpp"

#include "call/cancelled_as_result.hpp"
#include "email_security/sync/diff.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/newest_entries.hpp"
#include "email_security/sync/owner_marks.hpp"
#include "email_security/sync/waiting.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/concurrent.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace asio = boost::asio;
using cloudflare::detail::any_list_visitor;
using cloudflare::detail::any_object;
using cloudflare::detail::object_list;

namespace {

constexpr int max_attempts_at_doubles = 6;
/// Of a list, as changes are not done again for want of one; each request has its retries.
constexpr int max_reads = 5;

/// Changes of entries that the feed does not have, whose batches had no clear outcome.
struct open_departures {
    std::vector<planned_removal> removals;
    std::vector<planned_update> updates;
};

/// Where a filter has the text that the API is to search for; null where it cannot.
std::optional<std::string>* search_of(any_object& filter) {
    for (auto const& each : filter.type().fields()) {
        if (each.name != "search") continue;
        if (each.how != &wire::codec_for<std::optional<std::string>>()) return nullptr;
        return static_cast<std::optional<std::string>*>(each.address(filter.get()));
    }
    return nullptr;
}

bool can_search(sync_type const& of) {
    any_object filter{*of.collection->filter};
    return search_of(filter) != nullptr;
}

/// What the list has of the changes whose batches had no clear outcome. What others changed
/// meanwhile is judged by what it is now.
class settlement final : public diff {
public:
    settlement(sync_type const& of, feed_view const& all, std::vector<std::uint32_t> subset,
               diff_options how, open_departures const& open)
        : diff{of, all, std::move(subset), how}, is_exact_{how.is_exact} {
        for (auto const& each : open.removals) to_remove_.emplace(each.id.text(), each.kept);
        for (auto const& each : open.updates) to_edit_.emplace(each.id.text(), each.purpose);
    }

    void restart() override {
        diff::restart();
        still = {};
        not_done.clear();
        needless = 0;
    }

    open_departures still;  ///< what is still to be done
    /// The identifiers of what was not done.
    std::unordered_set<std::string, keyed_text_hash> not_done;
    std::int64_t needless = 0;  ///< what is not done, and not to be done any more

private:
    void visit(listed_entry const& there, found_entry const& found) override {
        if (auto const at = to_remove_.find(there.id->text()); at != to_remove_.end()) {
            look_at_removal(there, found.marks, at->second);
        }
        if (auto const at = to_edit_.find(there.id->text()); at != to_edit_.end()) {
            look_at_edit(there, found.marks, at->second);
        }
    }

    void look_at_removal(listed_entry const& there, mark_view const& marks,
                         identifier const& kept) {
        not_done.insert(there.id->text());
        if (kept.empty() && !is_exact_ && !owner_rules::may_remove(marks)) {
            if (marks.is_own) return edit(there, rules().unmark(there));
            ++needless;
            return;
        }
        auto& removal = still.removals.emplace_back();
        removal.id = *there.id;
        removal.pattern = there.key.pattern;
        removal.kept = kept;
        if (keeps_entries()) removal.before = json_of_existing(type(), there.model);
    }

    void look_at_edit(listed_entry const& there, mark_view const& marks, edit_purpose purpose) {
        if (!marks.is_own) return;
        if (purpose == edit_purpose::unmark) {
            edit(there, rules().unmark(there));
        } else if (!marks.gone) {
            edit(there, rules().retire(there, marks));
        }
    }

    void edit(listed_entry const& there, ruling const& made) {
        not_done.insert(there.id->text());
        auto& update =
            still.updates.emplace_back(make_update(planned_update::no_entry, there, made));
        if (keeps_entries()) update.before = json_of_existing(type(), there.model);
    }

    bool is_exact_;
    /// With the one that stays, of a double.
    std::unordered_map<std::string, identifier, keyed_text_hash> to_remove_;
    std::unordered_map<std::string, edit_purpose, keyed_text_hash> to_edit_;
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
      wanted_{changes_.creates},
      created_(desired_->size()),
      last_{std::move(changes_.last)},
      owned_{changes_.owned},
      last_read_{last_},
      how_to_read_{*target_.type->collection->model},
      is_searchable_{can_search(*target_.type)},
      operation_{std::move(operation)},
      log_{this->options().journal(), *target_.type, *desired_, this->options().owner()} {
    auto const total = report().left;
    report() = changes_.report;
    report().created = report().updated = report().deleted = 0;
    report().shared = report().unmarked = report().retired = 0;
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
    std::function<asio::awaitable<result<void>>()> reading = [this, &visitor] {
        auto now = progress();
        now.phase = sync_phase::settling;
        return read_with_progress(target_, visitor, options(), clock_, now, nullptr);
    };
    return read_repeatedly(std::move(reading));
}

// Reads what has come to the list since the plan saw it, or since it was read so last, as far as
// this sync may have created it, or another like it. False when that failed, and the application
// with it.
//
// That is all that is new; or of the new entries those with the owner's mark, where they are fewer:
// four owners who write at once need not read each other's. The API's search finds them. What it
// goes by is not said and may change, so nothing is taken from it on trust: it must show every
// entry that is known to have been created, none without the mark, and as many as are known to
// have it. Then it also shows what is the same as one of these in all that can be searched, and
// that is what is looked for: a create of another sync of this owner, or one whose answer was
// lost. Otherwise all that is new is read, and the search is not asked again.
//
// An edit that adds the mark puts an entry into the middle of what the search finds, so that is read
// with joints.
asio::awaitable<bool> sync_application::read_arrivals(any_list_visitor* also) {
    if (!arrivals_) {
        arrivals_.emplace(*target_.type, *desired_, changes_, wanted_, options().owner());
    }
    arrivals_->show_to(also);
    bool is_read = false;
    if (is_owners_part_shorter()) is_read = co_await read_owners_arrivals();
    if (!is_read) is_read = co_await read_all_arrivals();
    if (is_read) arrivals_->finish();
    co_return is_read;
}

asio::awaitable<bool> sync_application::read_all_arrivals() {
    if (last_.is_empty()) {
        arrivals_->forget();
        return read_list(*arrivals_);
    }
    std::function<asio::awaitable<result<void>>()> reading = [this] {
        return visit_arrivals(part_of_list::all);
    };
    return read_repeatedly(std::move(reading));
}

// False when the search does not show what it must.
asio::awaitable<bool> sync_application::read_owners_arrivals() {
    auto const before = last_read_;
    auto reading = visit_arrivals(part_of_list::owners);
    auto const read = co_await std::move(reading);
    // What failed now may well go on with the whole list, or else fails again.
    if (read && !arrivals_->has_others() && arrivals_->has_all(created_)) co_return true;
    last_read_ = before;
    is_searchable_ = false;
    co_return false;
}

// Of the owner's entries those that were there first are read too, if none of them is known.
bool sync_application::is_owners_part_shorter() const {
    bool const has_order = !last_.is_empty() || report().current == 0;
    if (!is_searchable_ || !has_order || !owned_ || options().owner().empty() ||
        changes_.is_exact) {
        return false;
    }
    // Nothing to tell by whether the search shows all.
    if (std::ranges::find(created_, true) == created_.end()) return false;
    auto const new_ones = std::max(length_, expected_length()) - report().current;
    return owners_length() <= new_ones;
}

// About how many entries have the owner's mark now.
std::int64_t sync_application::owners_length() const {
    auto const& now = report();
    return std::max<std::int64_t>(*owned_ + now.created + now.shared - now.deleted - now.unmarked,
                                  0);
}

// From the next reading on, all that has come since the plan saw the list counts again.
void sync_application::forget_arrivals() {
    arrivals_.reset();
    last_read_ = last_;
}

asio::awaitable<bool> sync_application::read_repeatedly(
    std::function<asio::awaitable<result<void>>()> read_once) {
    for (int attempts = 1;; ++attempts) {
        auto reading = read_once();
        auto const read = co_await std::move(reading);
        if (read) co_return true;
        if (attempts == max_reads || !may_pass(read.error())) {
            fail(read.error());
            co_return false;
        }
        co_await wait_for(target_.where.client().options().retry().backoff_cap());
    }
}

asio::awaitable<result<void>> sync_application::visit_arrivals(part_of_list which) {
    arrivals_->restart();
    bool const is_owners = which == part_of_list::owners;
    auto const length = is_owners ? owners_length() : std::max(length_, expected_length());
    newer_pages pages{*target_.type, last_read_, length, is_owners};
    while (auto const asked = pages.next()) {
        auto reading = read_page(*asked, which);
        auto read = co_await std::move(reading);
        if (!read) co_return read.error();
        auto failed = pages.take(read->entries, read->info);
        if (failed) co_return std::move(*failed);
        arrivals_->take(static_cast<std::size_t>(asked->first()), std::move(read->entries));
        if (is_owners && arrivals_->has_others()) break;
    }
    if (pages.has_moved()) co_return error{errc::conflict, "the list changed while it was read"};
    if (is_owners && pages.end() < length) {
        co_return error{errc::conflict, "the search does not show all that there is"};
    }
    if (!pages.last().is_empty()) last_read_ = pages.last();
    co_return result<void>{};
}

asio::awaitable<result<sync_application::list_part>> sync_application::read_page(
    cloudflare::detail::list_page which, part_of_list of) {
    auto const& type = *target_.type->collection;
    any_object filter{*type.filter};
    type.set_page(filter.get(), 0, which.number, which.size);
    if (of == part_of_list::owners) {
        *search_of(filter) = with_owner("", options().owner());
    }
    list_part part{object_list{*type.model, &how_to_read_}, {}};
    auto reading = target_.where.read_page(filter, part.entries, part.info, options().call());
    auto const read = co_await std::move(reading);
    if (!read) co_return read.error();
    // It counts all entries, whichever were asked for.
    length_ = part.info.total_count.value_or(length_);
    co_return std::move(part);
}

// What the list has now, if nobody else wrote.
std::int64_t sync_application::expected_length() const {
    return report().current + report().created - report().deleted;
}

asio::awaitable<result<void>> sync_application::run_to_the_end() {
    co_await run_rounds();
    if (has_failed()) co_return result<void>{};
    bool may_be_double = was_sent_again_;
    if (!may_be_double && report().created > 0) may_be_double = !co_await is_alone();
    if (may_be_double) co_await remove_doubles();
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
            note_created(*next);
            finish_batch(*next);
        } else {
            take_failure(answer.error(), *next);
        }
        answer_->cancel();
        report_progress();
    }
}

void sync_application::note_created(work_batch const& done) {
    for (auto const& each : done.items) {
        if (each.kind == change_kind::create) created_[entry_of(each)] = true;
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

// Reads the list again, as far as it may show them, and keeps of the unsettled changes those that
// are not there.
asio::awaitable<void> sync_application::settle() {
    std::vector<std::uint32_t> subset;
    open_departures open;
    std::unordered_map<std::uint32_t, edit_purpose> purposes;
    auto const unsettled = take_unsettled();
    for (auto const& each : unsettled) {
        if (each.kind == change_kind::remove) {
            open.removals.push_back(changes_.removals[each.index]);
            continue;
        }
        auto const number = entry_of(each);
        if (number == planned_update::no_entry) {
            open.updates.push_back(changes_.updates[each.index]);
            continue;
        }
        if (each.kind == change_kind::update) purposes.emplace(number, purpose_of(each));
        subset.push_back(number);
    }
    diff_options const how{options(), changes_.is_exact, log_.has_begun()};
    settlement now{*target_.type, *desired_, std::move(subset), how, open};
    if (!co_await read_for(now, unsettled)) co_return;
    now.finish();
    end_doubt();
    std::vector<bool> is_there(desired_->size());
    for (auto const number : now.unchanged()) is_there[number] = !is_of_others(number);
    auto const is_done = [&](work_item const& each) {
        if (each.kind == change_kind::remove) {
            return !now.not_done.contains(changes_.removals[each.index].id.text());
        }
        auto const number = entry_of(each);
        if (number != planned_update::no_entry) return bool{is_there[number]};
        return !now.not_done.contains(changes_.updates[each.index].id.text());
    };
    work_items done;
    std::ranges::copy_if(unsettled, std::back_inserter(done), is_done);
    if (log_.has_begun()) record(log_.done(log_.numbers_of(changes_, done), {}));
    for (auto const number : now.unchanged()) {
        auto const update = purposes.find(number);
        if (update == purposes.end()) {
            created_[number] = created_[number] || !is_of_others(number);
            count_settled(change_kind::create, edit_purpose::update, number);
        } else {
            count_settled(change_kind::update, update->second, number);
        }
    }
    for (auto const& each : done) {
        if (each.kind == change_kind::create) continue;
        if (each.kind == change_kind::update && entry_of(each) != planned_update::no_entry) {
            continue;
        }
        bool const is_edit = each.kind == change_kind::update;
        count_settled(each.kind, is_edit ? purpose_of(each) : edit_purpose::update, 0);
    }
    for (auto needless = now.needless; needless > 0; --needless) count_needless();
    for (auto const& each : now.left_alone()) {
        report().left_alone.push_back({desired_->line(each.entry), desired_->pattern(each.entry),
                                       each.id, "was changed by others meanwhile"});
        count_needless();
    }
    changes_.creates = now.creates();
    changes_.updates = now.updates();
    std::ranges::move(now.still.updates, std::back_inserter(changes_.updates));
    changes_.removals = std::move(now.still.removals);
    for (auto const number : changes_.creates) {
        was_sent_again_ = was_sent_again_ || is_doubtful(number);
    }
    record(log_.plan_again(changes_));
    report_progress();
}

// What was to be created is among what has come to the list, unless the API refused it as there
// although nothing like it has come. False when that failed, and the application with it.
asio::awaitable<bool> sync_application::read_for(diff& unsettled, work_items const& changes) {
    auto const is_create = [](work_item const& each) { return each.kind == change_kind::create; };
    if (std::ranges::all_of(changes, is_create)) {
        if (!co_await read_arrivals(&unsettled)) co_return false;
        auto const lacking = unsettled.creates();
        auto const was_lost = [this](std::uint32_t number) { return !was_refused(number); };
        if (std::ranges::all_of(lacking, was_lost)) co_return true;
    }
    co_return co_await read_list(unsettled);
}

// Whether nobody else wrote since the list was read.
asio::awaitable<bool> sync_application::is_alone() {
    newest_entries const newest{*target_.type, *desired_,         wanted_,
                                last_,         expected_length(), report().created};
    for (auto const& each : newest.pages()) {
        auto reading = read_page(each);
        auto const read = co_await std::move(reading);
        if (!read || !newest.are_own(each, read->entries)) co_return false;
    }
    co_return true;
}

// What was created may be there twice: others created it too, or what was sent again had been
// applied late. All but one go.
asio::awaitable<void> sync_application::remove_doubles() {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (int attempts = 1;; ++attempts) {
        if (!co_await read_arrivals(nullptr)) co_return;
        auto doubles = arrivals_->doubles();
        if (doubles.empty()) co_return;
        // What one reading showed may be gone at the next, and then the last one would go.
        if (!arrivals_->are_of_one_reading()) {
            forget_arrivals();
            continue;
        }
        // Another sync may be at work on the same ones.
        if (doubles.size() < fewest) attempts = 1;
        fewest = std::min(fewest, doubles.size());
        record(log_.remove_doubles(doubles));
        if (has_failed()) co_return;
        auto removing = remove_all(std::move(doubles));
        auto failed = co_await std::move(removing);
        if (!failed) co_return;
        if (attempts == max_attempts_at_doubles) {
            fail(std::move(*failed));
            co_return;
        }
        forget_arrivals();
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

edit_purpose sync_application::purpose_of(work_item const& each) const {
    return changes_.updates[each.index].purpose;
}

rejection sync_application::describe(work_item const& each) const {
    rejection about;
    if (each.kind == change_kind::remove) {
        about.pattern = changes_.removals[each.index].pattern;
    } else if (each.kind == change_kind::update) {
        about.line = line_of(changes_.updates[each.index], *desired_);
        about.pattern = pattern_of(changes_.updates[each.index], *desired_);
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
