#include "http/pool_machine.hpp"

#include "quota/time.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::http {

pool_machine::pool_machine(limits bounds, std::uint32_t seed) : limits_{bounds}, random_{seed} {}

std::unique_ptr<pooled_connection> pool_machine::take_idle(time_point now, connections& expired) {
    if (now >= next_sweep_) sweep(now, expired);
    if (idle_.empty()) return nullptr;
    auto last = std::move(idle_.back());
    idle_.pop_back();
    ++in_use_;
    return last;
}

void pool_machine::enqueue(pool_waiter& who, bool at_front, time_point now) {
    auto const is_hopeless = failures_ > 0 && has_none() && dialing_ == 0 && now < next_dial_;
    if (closed_ || (is_hopeless && who.deadline <= next_dial_)) {
        who.now = pool_waiter::state::failed;
        return;
    }
    auto& waiting = lines_.of(who.priority).waiting;
    waiting.insert(at_front ? waiting.begin() : waiting.end(), who);
    who.now = pool_waiter::state::queued;
}

void pool_machine::leave(pool_waiter& who) {
    take_out(who);
    who.now = pool_waiter::state::away;
}

std::size_t pool_machine::begin_dials(time_point now) {
    std::size_t begun = 0;
    while (is_dial_wanted()) {
        if (is_failing()) {
            if (dialing_in_round_ > 0 || now < next_dial_) break;
            next_dial_ = now + pause();
        }
        ++dialing_;
        ++dialing_in_round_;
        ++begun;
    }
    return begun;
}

bool pool_machine::is_dial_wanted() const {
    return !closed_ && dialing_ < lines_.size() &&
           idle_.size() + in_use_ + dialing_ < limits_.max_connections;
}

pool_machine::time_point pool_machine::next_dial() const {
    auto const is_held_back = is_failing() && dialing_in_round_ == 0 && is_dial_wanted();
    return is_held_back ? next_dial_ : time_point::max();
}

void pool_machine::dial_succeeded(std::unique_ptr<pooled_connection> opened, waiters& woken) {
    end_dial(opened->round);
    serve_or_keep(std::move(opened), woken);
}

void pool_machine::dial_failed(std::uint64_t round, bool refused, time_point now, waiters& woken) {
    end_dial(round);
    note_failure(round, now);
    if (!has_none()) return;
    if (dialing_ == 0) {
        fail_waiters(refused ? lines_.size() : limits_.max_connections, woken);
    } else if (refused) {
        fail_first(woken);
    }
}

void pool_machine::end_dial(std::uint64_t round) {
    --dialing_;
    if (round == round_) --dialing_in_round_;
}

void pool_machine::give_back(std::unique_ptr<pooled_connection> used, pool_use how,
                             waiters& woken) {
    --in_use_;
    if (how == pool_use::answered && !used->has_answered) {
        used->has_answered = true;
        note_answer(used->round);
    }
    serve_or_keep(std::move(used), woken);
}

void pool_machine::drop(std::uint64_t round, pool_use how, time_point now, waiters& woken) {
    --in_use_;
    if (how == pool_use::answered) note_answer(round);
    if (how != pool_use::unanswered) return;
    note_failure(round, now);
    // Whoever had it has failed with it; nobody else had a part in it.
    if (has_none() && dialing_ == 0) fail_waiters(0, woken);
}

void pool_machine::note_answer(std::uint64_t round) {
    if (round == round_) failures_ = 0;
}

void pool_machine::note_failure(std::uint64_t round, time_point now) {
    // Of dials that began together, the first failure says what the others would.
    if (round != round_) return;
    ++round_;
    dialing_in_round_ = 0;
    failures_ = std::min(failures_ + 1, unreachable_after);
    next_dial_ = now + pause();
}

pool_machine::duration pool_machine::pause() {
    auto limit = first_pause;
    for (int i = 1; i < failures_; ++i) limit = std::min(limit * 2, longest_pause);
    auto const half = duration{limit}.count() / 2;
    return duration{half + std::uniform_int_distribution<duration::rep>{0, half}(random_)};
}

void pool_machine::fail_waiters(std::size_t first, waiters& woken) {
    if (failures_ >= unreachable_after) first = lines_.size();
    for (auto& line : lines_) {
        for (auto each = line.waiting.begin(); each != line.waiting.end();) {
            auto& who = *each++;
            auto const is_for_it = first > 0;
            if (is_for_it) --first;
            if (is_for_it || who.deadline <= next_dial_) fail(who, woken);
        }
    }
}

void pool_machine::fail_first(waiters& woken) {
    if (auto* const next = lines_.next()) fail(next->waiting.front(), woken);
}

void pool_machine::take_out(pool_waiter& who) {
    auto& waiting = lines_.of(who.priority).waiting;
    waiting.erase(waiting.iterator_to(who));
}

void pool_machine::fail(pool_waiter& who, waiters& woken) {
    take_out(who);
    who.now = pool_waiter::state::failed;
    woken.push_back(&who);
}

void pool_machine::serve_or_keep(std::unique_ptr<pooled_connection> ready, waiters& woken) {
    auto* const next = lines_.next();
    if (!next) {
        next_sweep_ = std::min(next_sweep_, expiry_of(*ready));
        idle_.push_back(std::move(ready));
        return;
    }
    auto& first = lines_.serve(*next);
    first.granted = std::move(ready);
    first.now = pool_waiter::state::served;
    woken.push_back(&first);
    ++in_use_;
}

void pool_machine::sweep(time_point now, connections& expired) {
    next_sweep_ = time_point::max();
    std::size_t kept = 0;
    for (auto& each : idle_) {
        auto const expiry = expiry_of(*each);
        if (now >= expiry) {
            expired.push_back(std::move(each));
        } else {
            next_sweep_ = std::min(next_sweep_, expiry);
            std::swap(idle_[kept++], each);
        }
    }
    idle_.resize(kept);
}

pool_machine::time_point pool_machine::expiry_of(pooled_connection const& idle) const noexcept {
    return std::min(quota::after(idle.last_used, limits_.idle_timeout),
                    quota::after(idle.opened, limits_.max_lifetime));
}

pool_machine::connections pool_machine::take_all_idle() {
    return std::exchange(idle_, {});
}

void pool_machine::close(waiters& woken) {
    closed_ = true;
    while (!lines_.empty()) fail_first(woken);
}

}  // namespace cloudflare::inline v0::http
