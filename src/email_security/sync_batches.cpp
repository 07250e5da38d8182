#include <cloudflare/email_security/sync_batches.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>

namespace cloudflare::email_security {

namespace {

/// Rounds in a row in which nothing could be settled.
constexpr int max_rounds_without_progress = 5;
/// Halvings in a row with nothing accepted: then it is not the entries that are at fault, but a
/// limit that the list has reached, for one.
constexpr int max_fruitless_halvings = 64;

constexpr std::size_t index_of(work_kind kind) {
    return static_cast<std::size_t>(kind);
}

/// Where in the batch a JSON pointer like `/posts/17/pattern` points; empty when at no item of it.
std::optional<std::size_t> locate(std::string_view pointer, work_items const& items) {
    static constexpr std::array prefixes{
        std::string_view{"/deletes/"}, std::string_view{"/patches/"}, std::string_view{"/posts/"}};
    for (auto const kind : {work_kind::remove, work_kind::update, work_kind::create}) {
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
    for (auto const each : {errc::unauthorized, errc::forbidden, errc::not_entitled,
                            errc::rate_limited, errc::tls_failed, errc::cancelled, errc::closed}) {
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

/// Whether the server may still be at work on it. Otherwise its answer was lost or is no good, and
/// what there is to come of the request is there.
bool may_be_under_way(error const& why) {
    if (why.outcome() != outcome::unknown) return false;
    auto const is_timeout = [](api_message const& each) { return each.code == 1000; };
    return why.code() == errc::timed_out || why.status() == 408 || why.status() == 504 ||
           why.status() == 524 || std::ranges::any_of(why.errors(), is_timeout);
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
    now.total = total_;
    return now;
}

void batch_work::begin_round(std::size_t creates, std::size_t updates, std::size_t removals) {
    counts_[index_of(work_kind::create)] = creates;
    counts_[index_of(work_kind::update)] = updates;
    counts_[index_of(work_kind::remove)] = removals;
    done_before_round_ = done_;
}

std::size_t batch_work::batch_count() const noexcept {
    auto const longest = *std::ranges::max_element(counts_);
    return (longest + options_.batch_size() - 1) / options_.batch_size();
}

work_items batch_work::batch(std::size_t number) const {
    work_items items;
    for (auto const kind : {work_kind::remove, work_kind::update, work_kind::create}) {
        auto const count = counts_[index_of(kind)];
        auto const begin = std::min(count, number * options_.batch_size());
        auto const end = std::min(count, begin + options_.batch_size());
        for (auto i = begin; i != end; ++i) {
            items.push_back({kind, static_cast<std::uint32_t>(i)});
        }
    }
    return items;
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
    if (std::exchange(may_be_under_way_, false)) return backoff_.backoff_cap();
    // The first time the list is read at once: the answer was lost, and mostly all is there.
    if (rounds_without_progress_ <= 1) return std::chrono::milliseconds{0};
    auto const longest =
        std::min(backoff_.backoff_cap(), backoff_.backoff_base() * (1 << rounds_without_progress_));
    std::minstd_rand generator{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> jitter{0, longest.count()};
    return std::chrono::milliseconds{jitter(generator)};
}

void batch_work::fail(error why) {
    if (!report_.failure) report_.failure = std::move(why);
}

void batch_work::finish_items(work_items const& items) {
    fruitless_halvings_ = 0;
    for (auto const& each : items) count(each.kind);
}

void batch_work::count(work_kind kind) {
    ++(kind == work_kind::create   ? report_.created
       : kind == work_kind::update ? report_.updated
                                   : report_.deleted);
    ++done_;
    --report_.left;
}

void batch_work::take_failure(error const& why, work_items items,
                              std::vector<work_items>& waiting) {
    if (concerns_all(why)) {
        fail(why);
    } else if (is_refusal(why)) {
        isolate(why, std::move(items), waiting);
    } else {
        last_error_ = why;
        may_be_under_way_ = may_be_under_way_ || may_be_under_way(why);
        for (auto const& each : items) {
            bool const is_doubtful =
                each.kind == work_kind::create && why.outcome() == outcome::unknown;
            if (is_doubtful) doubtful_.insert(entry_of(each));
        }
        unsettled_.insert(unsettled_.end(), items.begin(), items.end());
    }
}

void batch_work::isolate(error const& why, work_items items, std::vector<work_items>& waiting) {
    std::vector<api_message const*> faults(items.size());
    bool located = false;
    for (auto const& message : why.errors()) {
        if (auto const at = locate(message.source_pointer, items)) {
            if (!faults[*at]) faults[*at] = &message;
            located = true;
        }
    }
    if (!located && items.size() > 1) {
        if (++fruitless_halvings_ > max_fruitless_halvings) {
            fail(why);
            return;
        }
        auto const middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
        waiting.emplace_back(middle, items.end());
        waiting.emplace_back(items.begin(), middle);
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
    if (!rest.empty()) waiting.push_back(std::move(rest));
}

void batch_work::refuse(work_item const& each, error const& why, api_message const* message) {
    // The list has changed since it was read: an entry came or went. Reading it again tells.
    bool const came = each.kind == work_kind::create && why.code() == errc::conflict &&
                      conflicts_.insert(entry_of(each)).second;
    bool const went = each.kind != work_kind::create && why.code() == errc::not_found;
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

void batch_work::count_settled(work_kind kind, std::uint32_t entry) {
    if (kind == work_kind::create && conflicts_.contains(entry)) {
        ++report_.unchanged;
        ++done_;
        --report_.left;
        return;
    }
    count(kind);
}

}  // namespace cloudflare::email_security
