#include "http/pool.hpp"

#include "http/no_proxy.hpp"
#include "memory/secret_text.hpp"
#include "quota/time.hpp"

#include <cloudflare/version.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <random>
#include <utility>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

// A look into the socket costs a system call, one of four that a busy client makes for a request.
// What a server does in this time after its answer may as well happen while the next request is on
// its way.
constexpr std::chrono::microseconds unnoticed{10};

// So long a dial goes on that nobody waits for any more: a connection that is nearly there serves
// the next call, and the context of a program whose only call was given up ends soon after it.
constexpr std::chrono::milliseconds grace{50};

error closed_error() {
    return error{errc::closed, "the client is closed"};
}

std::unique_ptr<connection> own(std::unique_ptr<pooled_connection> from_machine) {
    return std::unique_ptr<connection>{static_cast<connection*>(from_machine.release())};
}

/// What the end of an exchange says of the server, if it has kept us waiting for the first answer
/// over this connection.
pool_use use_of(result<void> const& done, attempt_facts const& facts) {
    if (done) return pool_use::answered;
    if (facts.response_started) return pool_use::neutral;
    auto const was_closed = facts.refused || done.error().code() == errc::connection_lost;
    return was_closed ? pool_use::unanswered : pool_use::neutral;
}

}  // namespace

/// One wait, which others may end at any time, also when whoever waited is gone, and with it the
/// context that the wait belongs to.
class pool::shared_wait {
public:
    explicit shared_wait(asio::any_io_executor const& executor) { wait_.emplace(executor, mutex_); }
    shared_wait(shared_wait const&) = delete;
    shared_wait& operator=(shared_wait const&) = delete;

    void wake() {
        std::lock_guard const lock{mutex_};
        if (wait_) wait_->wake();
    }
    /// By whoever waits, as the rest.
    void reset() {
        std::lock_guard const lock{mutex_};
        wait_->reset();
    }
    void end() {
        std::lock_guard const lock{mutex_};
        wait_.reset();
    }
    waiter& operator*() noexcept { return *wait_; }

private:
    std::mutex mutex_;
    std::optional<waiter> wait_;
};

/// Ends a wait with whoever waits.
class pool::wait_guard {
public:
    explicit wait_guard(shared_wait& wait) : wait_{wait} {}
    ~wait_guard() { wait_.end(); }
    wait_guard(wait_guard const&) = delete;
    wait_guard& operator=(wait_guard const&) = delete;

private:
    shared_wait& wait_;
};

struct pool::waiting_call : pool_waiter, std::enable_shared_from_this<waiting_call> {
    explicit waiting_call(asio::any_io_executor const& executor) : wait{executor} {}

    shared_wait wait;
    dial_failure failure;  // when it has failed
};

class pool::lease {
public:
    lease(pool& owner, std::unique_ptr<connection> held) : owner_{owner}, held_{std::move(held)} {}
    ~lease() { owner_.give_back(std::move(held_), use_); }
    lease(lease const&) = delete;
    lease& operator=(lease const&) = delete;

    connection* operator->() const noexcept { return held_.get(); }
    void ended(pool_use how) noexcept { use_ = how; }

private:
    pool& owner_;
    std::unique_ptr<connection> held_;
    pool_use use_ = pool_use::neutral;
};

class pool::queue_guard {
public:
    queue_guard(pool& owner, waiting_call& call) : owner_{owner}, call_{call}, wait_{call.wait} {}
    ~queue_guard() {
        if (auto unused = owner_.leave(call_)) {
            owner_.give_back(std::move(unused), pool_use::neutral);
        }
    }
    queue_guard(queue_guard const&) = delete;
    queue_guard& operator=(queue_guard const&) = delete;

private:
    pool& owner_;
    waiting_call& call_;
    wait_guard const wait_;
};

pool::pool(asio::any_io_executor executor, client_options const& options, origin to,
           std::shared_ptr<telemetry> telemetry)
    : executor_{std::move(executor)},
      limits_{options.pool()},
      to_{std::make_shared<origin const>(std::move(to))},
      credentials_{options.credentials()},
      tls_{tls_context::shared(options.tls())},
      telemetry_{std::move(telemetry)},
      deadlines_{std::make_shared<deadline_queue>(executor_)},
      machine_{{limits_.max_connections(), limits_.idle_timeout(), limits_.max_lifetime()},
               std::random_device{}()},
      dial_alarm_{executor_},
      grace_{executor_} {
    if (!is_excepted(options.proxy().exceptions(), *to_)) proxy_ = options.proxy();
    fixed_fields_ = "Host: " + to_->authority + "\r\nUser-Agent: ";
    if (!options.user_agent().empty()) fixed_fields_ += options.user_agent() + ' ';
    fixed_fields_ +=
        "cloudflare-email-security-cpp/" CLOUDFLARE_VERSION_STRING "\r\nAccept: application/json\r\n";
}

pool::~pool() {
    // Nobody would take their connections, and they keep the context running.
    for (auto const& each : dialers_) {
        if (auto const under_way = each.lock()) under_way->abandon();
    }
}

task<result<void>> pool::send(request const& message, attempt_facts& facts, response& answer) {
    auto now = clock::now();
    auto taken = take_idle(now);
    if (taken) {
        emit_reused(facts);
    } else {
        auto got = co_await wait_for_connection(facts);
        if (!got) co_return got.error();
        taken = std::move(*got);
        now = clock::now();
    }
    lease held{*this, std::move(taken)};
    // What follows begins without waiting, and only a wait would notice it.
    auto const& root = co_await this_root{};
    if (root.is_cancelled()) co_return error{errc::cancelled, {}};
    if (now >= facts.deadline) {
        co_return error{errc::timed_out, "the time was over before the request was sent"};
    }
    write_request(message, held->outgoing());
    count(telemetry_->bytes_sent, held->outgoing().size());
    auto const deadline = std::min(facts.deadline, quota::after(now, limits_.exchange_timeout()));
    auto done = co_await held->exchange(limits_, facts, *deadlines_, deadline, answer);
    held.ended(use_of(done, facts));
    count(telemetry_->bytes_received, held->bytes_received());
    // When one idle connection has died, the others most likely have too: a restart, a deploy.
    if (!done && facts.reused && !facts.response_started &&
        done.error().code() == errc::connection_lost) {
        close_idle("another one was stale");
    }
    co_return done;
}

std::unique_ptr<connection> pool::take_idle(time_point now) {
    for (;;) {
        connections expired;
        std::unique_ptr<pooled_connection> found;
        {
            std::lock_guard const lock{mutex_};
            found = machine_.take_idle(now, expired);
        }
        discard(std::move(expired), "stale");
        auto idle = own(std::move(found));
        if (!idle || !has_died(*idle, now)) return idle;
        drop(std::move(idle), pool_use::neutral, "stale");
    }
}

bool pool::has_died(connection& unused, time_point now) {
    return now - unused.last_used > unnoticed && unused.is_dead();
}

task<result<std::unique_ptr<connection>>> pool::wait_for_connection(attempt_facts& facts) {
    auto& root = co_await this_root{};
    auto const call = std::make_shared<waiting_call>(root.executor);
    call->deadline = facts.deadline;
    call->priority = facts.priority;
    queue_guard const place{*this, *call};
    for (bool had_its_turn = false;;) {
        call->wait.reset();
        if (auto idle = enqueue(*call, had_its_turn)) {
            if (has_died(*idle, clock::now())) {
                drop(std::move(idle), pool_use::neutral, "stale");
                continue;
            }
            emit_reused(facts);
            co_return std::move(idle);
        }
        auto const ec = co_await (*call->wait).wait(facts.deadline);
        auto got = take_result(*call, ec, facts);
        // Until this coroutine's executor came to it, the connection was as good as idle.
        if (!got || !(*got)->has_served() || !has_died(**got, clock::now())) co_return got;
        drop(std::move(*got), pool_use::neutral, "stale");
        had_its_turn = true;
    }
}

std::unique_ptr<connection> pool::enqueue(waiting_call& call, bool at_front) {
    connections expired;
    std::unique_ptr<pooled_connection> idle;
    dials due;
    bool has_failed = false;
    {
        std::lock_guard const lock{mutex_};
        auto const now = clock::now();
        // Another thread may have given one back since the last look, when nobody was waiting.
        if (!machine_.is_closed()) idle = machine_.take_idle(now, expired);
        if (!idle) {
            machine_.enqueue(call, at_front, now);
            due = begin_dials(now);
            has_failed = call.now == pool_waiter::state::failed;
            if (has_failed) call.failure = why_failed();
        }
    }
    discard(std::move(expired), "stale");
    if (idle) return own(std::move(idle));
    if (has_failed) call.wait.wake();
    dial(due);
    set_dial_alarm();
    return nullptr;
}

result<std::unique_ptr<connection>> pool::take_result(waiting_call& call,
                                                      boost::system::error_code ec,
                                                      attempt_facts& facts) {
    std::lock_guard const lock{mutex_};
    switch (call.now) {
        case pool_waiter::state::served:
            call.now = pool_waiter::state::away;
            return own(std::move(call.granted));
        case pool_waiter::state::failed:
            facts.refused = call.failure.refused;
            return call.failure.why;
        default:
            break;
    }
    if (ec == asio::error::operation_aborted) return error{errc::cancelled, {}};
    std::string detail = "no connection became free in time";
    if (machine_.has_none() && machine_.is_failing()) detail += "; " + last_failure_.why.detail();
    return error{errc::timed_out, std::move(detail)};
}

std::unique_ptr<connection> pool::leave(waiting_call& call) {
    std::unique_ptr<pooled_connection> unused;
    auto was_last = false;
    auto is_dialing = false;
    {
        std::lock_guard const lock{mutex_};
        unused = std::move(call.granted);
        if (call.now == pool_waiter::state::queued) {
            machine_.leave(call);
            was_last = !machine_.has_waiters();
            is_dialing = machine_.is_dialing();
        }
    }
    if (was_last) cancel_dial_alarm();
    if (was_last && is_dialing) let_dials_go_soon();
    return own(std::move(unused));
}

void pool::give_back(std::unique_ptr<connection> used, pool_use how) {
    auto const now = clock::now();
    used->last_used = now;
    if (!used->is_reusable() || now >= quota::after(used->opened, limits_.max_lifetime())) {
        drop(std::move(used), how, "not reusable");
        return;
    }
    waiting_calls woken;
    bool is_dial_due = false;
    bool is_closed = false;
    auto sweep_at = time_point::max();
    {
        std::lock_guard const lock{mutex_};
        is_closed = machine_.is_closed();
        if (!is_closed) {
            pool_machine::waiters ready;
            machine_.give_back(std::move(used), how, ready);
            woken = take_calls(ready);
            is_dial_due = !machine_.is_failing() && machine_.is_dial_wanted();
            sweep_at = next_sweep_alarm();
        }
    }
    if (is_closed) drop(std::move(used), how, "the client was closed");
    if (sweep_at != time_point::max()) set_sweep_alarm(sweep_at);
    wake(woken);
    if (is_dial_due) dial_soon();
}

void pool::drop(std::unique_ptr<connection> unwanted, pool_use how, std::string_view reason) {
    auto const round = unwanted->round;
    if (unwanted->has_answered) how = pool_use::neutral;
    discard(std::move(unwanted), reason);
    waiting_calls woken;
    bool is_dial_due = false;
    std::shared_ptr<shared_wait> drained;
    {
        std::lock_guard const lock{mutex_};
        if (how == pool_use::unanswered) {
            last_failure_ = dial_failure{};
            last_failure_.why = error{errc::connect_failed,
                                      to_->authority + " closes connections without an answer"};
        }
        pool_machine::waiters ready;
        machine_.drop(round, how, clock::now(), ready);
        woken = take_calls(ready);
        is_dial_due = machine_.is_dial_wanted();
        if (machine_.in_use() == 0) drained = drained_.lock();
    }
    wake(woken);
    if (drained) drained->wake();
    if (is_dial_due) dial_soon();
}

pool::waiting_calls pool::take_calls(pool_machine::waiters const& ready) const {
    waiting_calls calls;
    for (auto* const each : ready) {
        auto& call = static_cast<waiting_call&>(*each);
        if (call.now == pool_waiter::state::failed) call.failure = why_failed();
        calls.push_back(call.shared_from_this());
    }
    return calls;
}

pool::dial_failure pool::why_failed() const {
    if (!machine_.is_closed()) return last_failure_;
    dial_failure closed;
    closed.why = closed_error();
    return closed;
}

void pool::wake(waiting_calls const& calls) {
    for (auto const& each : calls) each->wait.wake();
}

pool::dials pool::begin_dials(time_point now) {
    dials due;
    due.count = machine_.begin_dials(now);
    due.round = machine_.round();
    return due;
}

void pool::dial(dials due) {
    for (; due.count > 0; --due.count) {
        auto const done = [pool = weak_from_this(), round = due.round](dialed came_to) {
            if (auto const self = pool.lock()) self->on_dialed(round, std::move(came_to));
        };
        auto const started =
            std::make_shared<dialer>(executor_, to_, proxy_, tls_, limits_.connect_timeout(), done);
        {
            std::lock_guard const lock{mutex_};
            if (machine_.is_closed()) return;
            std::erase_if(dialers_, [](auto const& each) { return each.expired(); });
            dialers_.push_back(started);
        }
        started->start();
    }
}

void pool::dial_soon() {
    // What gives a connection back may be the end of the context, on which nothing can begin any
    // more.
    asio::post(executor_, [pool = weak_from_this()] {
        if (auto const self = pool.lock()) self->look_after_waiters();
    });
}

void pool::look_after_waiters() {
    dials due;
    {
        std::lock_guard const lock{mutex_};
        due = begin_dials(clock::now());
    }
    dial(due);
    set_dial_alarm();
}

void pool::on_dialed(std::uint64_t round, dialed came_to) {
    if (came_to.opened) {
        came_to.opened->round = round;
        count(telemetry_->connections_opened);
        if (came_to.resumed) count(telemetry_->connections_resumed);
        emit(event::kind::connection_opened, came_to.resumed ? "resumed" : "");
    }
    waiting_calls woken;
    dials due;
    {
        std::lock_guard const lock{mutex_};
        if (!machine_.is_closed()) {
            auto const now = clock::now();
            pool_machine::waiters ready;
            if (came_to.opened) {
                machine_.dial_succeeded(std::move(came_to.opened), ready);
            } else if (came_to.abandoned) {
                machine_.dial_abandoned(round);
            } else {
                last_failure_.why = std::move(came_to.failure);
                last_failure_.refused = came_to.refused;
                machine_.dial_failed(round, came_to.refused, now, ready);
            }
            woken = take_calls(ready);
            due = begin_dials(now);
        }
    }
    if (came_to.opened) discard(std::move(came_to.opened), "the client was closed");
    wake(woken);
    dial(due);
    set_dial_alarm();
}

void pool::set_dial_alarm() {
    std::lock_guard const alarm{alarm_mutex_};
    auto wanted = time_point::max();
    {
        std::lock_guard const lock{mutex_};
        wanted = machine_.next_dial();
    }
    if (wanted == dial_alarm_for_) return;
    dial_alarm_for_ = time_point::max();
    dial_alarm_.cancel();
    if (wanted == time_point::max()) return;
    dial_alarm_.expires_at(wanted);
    dial_alarm_.async_wait([pool = weak_from_this()](boost::system::error_code ec) {
        auto const self = pool.lock();
        if (self && !ec) self->on_dial_alarm();
    });
    dial_alarm_for_ = wanted;
}

void pool::cancel_dial_alarm() {
    std::lock_guard const alarm{alarm_mutex_};
    {
        std::lock_guard const lock{mutex_};
        if (machine_.has_waiters()) return;  // somebody has come meanwhile
    }
    dial_alarm_for_ = time_point::max();
    dial_alarm_.cancel();
}

void pool::on_dial_alarm() {
    {
        std::lock_guard const alarm{alarm_mutex_};
        // It may have been set anew while this was on its way.
        if (dial_alarm_for_ <= clock::now()) dial_alarm_for_ = time_point::max();
    }
    look_after_waiters();
}

void pool::let_dials_go_soon() {
    std::lock_guard const alarm{alarm_mutex_};
    grace_.expires_after(grace);
    grace_.async_wait([pool = weak_from_this()](boost::system::error_code ec) {
        auto const self = pool.lock();
        if (self && !ec) self->let_dials_go();
    });
}

void pool::let_dials_go() {
    std::vector<std::weak_ptr<dialer>> under_way;
    {
        std::lock_guard const lock{mutex_};
        if (machine_.has_waiters()) return;
        under_way.swap(dialers_);
    }
    for (auto const& each : under_way) {
        if (auto const dialing = each.lock()) dialing->abandon();
    }
}

pool::time_point pool::next_sweep_alarm() {
    if (machine_.next_sweep() == sweep_alarm_for_) return time_point::max();
    return sweep_alarm_for_ = machine_.next_sweep();
}

void pool::set_sweep_alarm(time_point when) {
    deadlines_->call_at(when, [pool = weak_from_this()] {
        if (auto const self = pool.lock()) self->sweep();
    });
}

void pool::sweep() {
    connections expired;
    auto next = time_point::max();
    {
        std::lock_guard const lock{mutex_};
        machine_.sweep(clock::now(), expired);
        next = next_sweep_alarm();
    }
    discard(std::move(expired), "stale");
    if (next != time_point::max()) set_sweep_alarm(next);
}

void pool::close_idle(std::string_view reason) {
    connections closing;
    {
        std::lock_guard const lock{mutex_};
        closing = machine_.take_all_idle();
    }
    discard(std::move(closing), reason);
}

asio::awaitable<void> pool::close(time_point deadline) {
    auto const self = shared_from_this();
    auto const drained = std::make_shared<shared_wait>(co_await asio::this_coro::executor);
    wait_guard const guard{*drained};
    waiting_calls woken;
    std::vector<std::weak_ptr<dialer>> under_way;
    bool is_drained = false;
    {
        std::lock_guard const lock{mutex_};
        pool_machine::waiters ready;
        machine_.close(ready);
        woken = take_calls(ready);
        drained_ = drained;
        is_drained = machine_.in_use() == 0;
        under_way.swap(dialers_);
    }
    if (is_drained) drained->wake();
    wake(woken);
    set_dial_alarm();
    {
        std::lock_guard const alarm{alarm_mutex_};
        grace_.cancel();
    }
    for (auto const& each : under_way) {
        if (auto const dialing = each.lock()) dialing->abandon();
    }
    close_idle("the client was closed");
    boost::system::error_code ec;
    co_await (**drained).async_wait(deadline, asio::redirect_error(asio::use_awaitable, ec));
    deadlines_->cut_off();
}

void pool::write_request(request const& message, std::string& out) const {
    using namespace std::string_view_literals;
    // Growing would leave an unwiped copy of the credentials behind.
    constexpr std::size_t room_for_the_rest = 256;
    auto size = to_->prefix.size() + message.target.size() + fixed_fields_.size() +
                credentials_.header_fields().size() + message.body.size() + room_for_the_rest;
    for (auto const& [name, value] : message.headers) size += name.size() + value.size() + 4;
    if (size > out.capacity()) {
        wipe(out);
        out.reserve(size);
    }
    out.clear();
    out += to_string(message.operation.method);
    out += ' ';
    out += to_->prefix;
    out += message.target;
    out += " HTTP/1.1\r\n"sv;
    out += fixed_fields_;
    out += credentials_.header_fields();
    for (auto const& [name, value] : message.headers) {
        out += name;
        out += ": "sv;
        out += value;
        out += "\r\n"sv;
    }
    if (!message.body.empty() || message.operation.method == http_method::post ||
        message.operation.method == http_method::put ||
        message.operation.method == http_method::patch) {
        char length[24];
        auto const end = std::to_chars(length, length + sizeof length, message.body.size()).ptr;
        if (!message.body.empty()) out += "Content-Type: application/json\r\n"sv;
        out += "Content-Length: "sv;
        out.append(length, end);
        out += "\r\n"sv;
    }
    out += "\r\n"sv;
    out += message.body;
}

void pool::emit_reused(attempt_facts const& by) const {
    count(telemetry_->connections_reused);
    emit(event::kind::connection_reused, {}, &by);
}

void pool::discard(std::unique_ptr<pooled_connection> unwanted, std::string_view reason) const {
    unwanted.reset();
    emit(event::kind::connection_closed, reason);
}

void pool::discard(connections unwanted, std::string_view reason) const {
    for (auto& each : unwanted) discard(std::move(each), reason);
}

void pool::emit(event::kind what, std::string_view reason, attempt_facts const* by) const {
    if (!telemetry_->hook) return;
    event happened;
    happened.what = what;
    happened.reason = reason;
    if (by) {
        happened.call = by->call;
        happened.account = by->account;
        happened.tag = by->tag;
    }
    telemetry_->emit(happened);
}

}  // namespace cloudflare::inline v0::http
