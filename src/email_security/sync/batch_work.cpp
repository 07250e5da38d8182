#include "email_security/sync/batch_work.hpp"

#include "call/under_way.hpp"
#include "email_security/sync/entries.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

namespace cloudflare::inline v0::email_security {

namespace {

/// Rounds in a row in which nothing could be settled.
constexpr int max_rounds_without_progress = 5;
/// Halvings, or changes that are too large alone, in a row with nothing accepted: then it may not
/// be the entries that are at fault, but a limit that the list has reached, for one. What was
/// refused is set aside, and others are tried.
constexpr int max_fruitless_halvings = 64;
/// So many of those in a row, and it is certain.
constexpr int max_fruitless_probes = 16;
/// But that few are tried one by one.
constexpr std::size_t few_items = 256;
/// The status for a body that is over the server's limit.
constexpr unsigned content_too_large = 413;

constexpr std::size_t index_of(change_kind kind) {
    return static_cast<std::size_t>(kind);
}

/// Where in the batch a JSON pointer like `/posts/17/pattern` points; empty when at no item of it.
std::optional<std::size_t> locate(std::string_view pointer, work_items const& items) {
    static constexpr std::array prefixes{
        std::string_view{"/deletes/"}, std::string_view{"/patches/"}, std::string_view{"/posts/"}};
    for (auto const kind : {change_kind::remove, change_kind::update, change_kind::create}) {
        auto const prefix = prefixes[index_of(kind)];
        if (!pointer.starts_with(prefix)) continue;
        std::size_t number{};
        auto const* const end = pointer.data() + pointer.size();
        auto const [stop, failed] = std::from_chars(pointer.data() + prefix.size(), end, number);
        if (failed != std::errc{} || (stop != end && *stop != '/')) return std::nullopt;
        auto const is_kind = [kind](work_item const& each) { return each.kind == kind; };
        auto const first = std::ranges::find_if(items, is_kind);
        auto const count = static_cast<std::size_t>(std::ranges::count_if(items, is_kind));
        if (number >= count) return std::nullopt;
        return static_cast<std::size_t>(first - items.begin()) + number;
    }
    return std::nullopt;
}

/// Whether the whole sync is refused, and not one batch: no other would fare better.
bool concerns_all(error const& why) {
    for (auto const each :
         {errc::unauthorized, errc::forbidden, errc::not_entitled, errc::rate_limited,
          errc::tls_failed, errc::cancelled, errc::closed, errc::journal_failed}) {
        if (why.code() == each) return true;
    }
    return false;
}

/// Whether it is certain that nothing of the batch was applied, because of the batch.
bool is_refusal(error const& why) {
    if (why.code() == errc::invalid_argument) return true;
    if (why.outcome() != outcome::rejected) return false;
    return why.code() == errc::request_rejected || why.code() == errc::conflict ||
           why.code() == errc::not_found;
}

std::string reason_of(error const& why, api_message const* message) {
    if (message) return message->message + " (code " + std::to_string(message->code) + ')';
    if (why.errors().empty()) return why.message();
    std::string reason;
    for (auto const& each : why.errors()) {
        if (!reason.empty()) reason += "; ";
        reason += each.message + " (code " + std::to_string(each.code) + ')';
    }
    return reason;
}

}  // namespace

batch_work::batch_work(sync_options options, retry_options backoff, std::size_t total)
    : options_{std::move(options)}, backoff_{backoff}, total_{static_cast<std::int64_t>(total)} {
    report_.left = total_;
}

sync_progress batch_work::progress() const {
    sync_progress now;
    now.done = done_;
    now.unknown = report_.unknown;
    now.total = total_;
    return now;
}

void batch_work::begin_round(std::size_t creates, std::size_t updates, std::size_t removals) {
    counts_[index_of(change_kind::create)] = creates;
    counts_[index_of(change_kind::update)] = updates;
    counts_[index_of(change_kind::remove)] = removals;
    std::ranges::fill(taken_, 0U);
    done_before_round_ = done_;
}

std::optional<work_batch> batch_work::next_batch() {
    waits_for_answer_ = false;
    auto next = choose_batch();
    if (next) ++under_way_;
    return next;
}

std::optional<work_batch> batch_work::choose_batch() {
    if (has_failed()) return std::nullopt;
    if (is_probing()) return next_probe();
    if (!waiting_.empty()) return take_waiting(waiting_.size() - 1);
    auto next = fresh_batch();
    if (next.items.empty()) return std::nullopt;
    return next;
}

bool batch_work::is_probing() const noexcept {
    return fruitless_halvings_ > max_fruitless_halvings;
}

// The largest first: of the fewest requests it says the most.
std::optional<work_batch> batch_work::next_probe() {
    auto const size = [](work_batch const& each) {
        return each.is_set_aside ? 0 : each.items.size();
    };
    auto const largest = std::ranges::max_element(waiting_, {}, size);
    if (largest != waiting_.end() && size(*largest) > 0) {
        return take_waiting(static_cast<std::size_t>(largest - waiting_.begin()));
    }
    auto next = fresh_batch();
    if (!next.items.empty()) return next;
    if (waiting_.empty()) return std::nullopt;
    if (waiting_items() > few_items) {
        // What is under way may yet be accepted, and prove that entries are at fault.
        waits_for_answer_ = under_way_ > 0;
        if (!waits_for_answer_) fail(*last_refusal_);
        return std::nullopt;
    }
    return take_waiting(waiting_.size() - 1);
}

bool batch_work::has_fresh_items() const noexcept {
    return !std::ranges::equal(taken_, counts_);
}

std::size_t batch_work::waiting_items() const noexcept {
    std::size_t count = 0;
    for (auto const& each : waiting_) count += each.items.size();
    return count;
}

work_batch batch_work::take_waiting(std::size_t position) {
    auto const at = waiting_.begin() + static_cast<std::ptrdiff_t>(position);
    auto next = std::move(*at);
    waiting_.erase(at);
    for (; is_too_large(next.items); waiting_.pop_back()) {
        halve(next.items, nullptr);
        next = std::move(waiting_.back());
    }
    return next;
}

work_batch batch_work::fresh_batch() {
    bool const counts_bytes = byte_limit_ != no_limit;
    work_batch next;
    std::size_t bytes = 0;
    for (auto const kind : {change_kind::remove, change_kind::update, change_kind::create}) {
        auto& taken = taken_[index_of(kind)];
        auto const end = std::min(counts_[index_of(kind)], taken + options_.batch_size());
        for (; taken != end && next.items.size() < item_limit_; ++taken) {
            work_item const item{kind, static_cast<std::uint32_t>(taken)};
            if (counts_bytes) {
                bytes += encoded_size(item);
                // One goes in any case, or there would be no end.
                if (bytes > byte_limit_ && !next.items.empty()) return next;
            }
            next.items.push_back(item);
        }
    }
    return next;
}

std::optional<std::chrono::milliseconds> batch_work::end_round() {
    if (has_failed() || unsettled_.empty()) return std::nullopt;
    if (done_ > done_before_round_) {
        rounds_without_progress_ = 0;
    } else if (++rounds_without_progress_ > max_rounds_without_progress) {
        fail(*last_error_);
        return std::nullopt;
    }
    // Time for the server to come to an end. Read too early, the list lacks what is then sent
    // twice.
    if (std::exchange(may_be_under_way_, false)) return call::settling_time(backoff_);
    // The first time the list is read at once: the answer was lost, and mostly all is there.
    if (rounds_without_progress_ <= 1) return std::chrono::milliseconds{0};
    auto const longest =
        std::min(backoff_.backoff_cap(), backoff_.backoff_base() * (1 << rounds_without_progress_));
    std::minstd_rand generator{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> jitter{0, longest.count()};
    return std::chrono::milliseconds{jitter(generator)};
}

bool batch_work::may_pass(error const& why) {
    return !concerns_all(why) && why.code() != errc::invalid_argument &&
           why.code() != errc::request_rejected && why.code() != errc::not_found;
}

void batch_work::fail(error why) {
    if (!report_.failure) report_.failure = std::move(why);
}

void batch_work::finish_batch(work_batch const& done) {
    --under_way_;
    fruitless_halvings_ = fruitless_probes_ = 0;
    for (auto& each : waiting_) each.is_set_aside = false;
    for (auto const& each : done.items) {
        bool const is_edit = each.kind == change_kind::update;
        count(each.kind, is_edit ? purpose_of(each) : edit_purpose::update);
    }
    if (!done.half_of || ++done.half_of->accepted < 2) return;
    // Nothing in it was at fault, so it was too much.
    item_limit_ = std::min(item_limit_, (done.half_of->items + 1) / 2);
}

void batch_work::count(change_kind kind, edit_purpose purpose) {
    ++(kind == change_kind::create   ? report_.created
       : kind == change_kind::update ? count_of(report_, purpose)
                                     : report_.deleted);
    ++done_;
    --report_.left;
}

void batch_work::take_failure(error const& why, work_batch const& failed) {
    --under_way_;
    auto const& items = failed.items;
    if (concerns_all(why)) {
        count_unknown(why, items.size());
        fail(why);
    } else if (why.status() == content_too_large) {
        shrink(why, failed);
    } else if (is_refusal(why)) {
        isolate(why, failed);
    } else {
        last_error_ = why;
        count_unknown(why, items.size());
        may_be_under_way_ = may_be_under_way_ || call::may_be_under_way(why);
        for (auto const& each : items) {
            bool const is_doubtful =
                each.kind == change_kind::create && why.outcome() == outcome::unknown;
            if (is_doubtful) doubtful_.insert(entry_of(each));
        }
        unsettled_.insert(unsettled_.end(), items.begin(), items.end());
    }
}

std::size_t batch_work::encoded_size(work_items const& items) const {
    std::size_t bytes = 0;
    for (auto const& each : items) bytes += encoded_size(each);
    return bytes;
}

bool batch_work::is_too_large(work_items const& items) const {
    if (items.size() == 1) return false;
    return items.size() > item_limit_ ||
           (byte_limit_ != no_limit && encoded_size(items) > byte_limit_);
}

void batch_work::halve(work_items const& items, std::shared_ptr<work_batch::halving> of) {
    auto const middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    waiting_.push_back({{middle, items.end()}, of});
    waiting_.push_back({{items.begin(), middle}, std::move(of)});
}

bool batch_work::sets_aside(error const& why, work_batch const& failed) {
    last_refusal_ = why;
    ++fruitless_halvings_;
    if (!is_probing()) return false;
    if (!has_fresh_items() && waiting_items() + failed.items.size() <= few_items) return false;
    waiting_.push_back(failed);
    waiting_.back().is_set_aside = true;
    if (++fruitless_probes_ > max_fruitless_probes) fail(why);
    return true;
}

void batch_work::shrink(error const& why, work_batch const& failed) {
    if (failed.items.size() == 1) {
        if (!sets_aside(why, failed)) refuse(failed.items.front(), why, nullptr);
        return;
    }
    byte_limit_ = std::min(byte_limit_, encoded_size(failed.items) / 2);
    halve(failed.items, nullptr);
}

void batch_work::isolate(error const& why, work_batch const& failed) {
    auto const& items = failed.items;
    std::vector<api_message const*> faults(items.size());
    bool located = false;
    for (auto const& message : why.errors()) {
        if (auto const at = locate(message.source_pointer, items)) {
            if (!faults[*at]) faults[*at] = &message;
            located = true;
        }
    }
    if (!located && items.size() > 1) {
        if (sets_aside(why, failed)) return;
        auto from = std::make_shared<work_batch::halving>();
        from->items = items.size();
        halve(items, std::move(from));
        return;
    }
    work_items rest;
    for (std::size_t i = 0; i != items.size(); ++i) {
        if (located && !faults[i]) {
            rest.push_back(items[i]);
        } else {
            refuse(items[i], why, faults[i]);
        }
    }
    if (!rest.empty()) waiting_.push_back({std::move(rest), {}});
}

void batch_work::refuse(work_item const& each, error const& why, api_message const* message) {
    // The list has changed since it was read: an entry came or went. Reading it again tells. Where
    // the one and the other happened to a batch, its answer has a code for one of them.
    bool const is_create = each.kind == change_kind::create;
    bool const came = is_create &&
                      (why.code() == errc::conflict ||
                       (message && why.code() == errc::not_found)) &&
                      conflicts_.insert(entry_of(each)).second;
    bool const went = !is_create && why.code() == errc::not_found;
    if (came || went) {
        last_error_ = why;
        unsettled_.push_back(each);
        return;
    }
    auto about = describe(each);
    about.reason = reason_of(why, message);
    report_.rejected.push_back(std::move(about));
    ++done_;
    --report_.left;
}

work_items batch_work::take_unsettled() {
    return std::exchange(unsettled_, {});
}

void batch_work::count_unknown(error const& why, std::size_t changes) {
    if (why.outcome() != outcome::unknown) return;
    report_.unknown += static_cast<std::int64_t>(changes);
    report_.left -= static_cast<std::int64_t>(changes);
}

void batch_work::end_doubt() {
    report_.left += std::exchange(report_.unknown, 0);
}

void batch_work::count_needless() {
    ++done_;
    --report_.left;
}

void batch_work::count_settled(change_kind kind, edit_purpose purpose, std::uint32_t entry) {
    if (kind == change_kind::create && conflicts_.contains(entry)) {
        ++report_.unchanged;
        ++done_;
        --report_.left;
        return;
    }
    count(kind, purpose);
}

}  // namespace cloudflare::inline v0::email_security
