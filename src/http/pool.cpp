#include "http/pool.hpp"

#include "http/no_proxy.hpp"
#include "memory/secret_text.hpp"
#include "quota/time.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cloudflare::http {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

// A look into the socket costs a system call, one of four that a busy client makes for a request.
// What a server does in this time after its answer may as well happen while the next request is on
// its way.
constexpr std::chrono::microseconds unnoticed{10};

error closed_error() {
    return error{errc::closed, "the client is closed"};
}

}  // namespace

class pool::lease {
public:
    lease(pool& owner, std::unique_ptr<connection> held) : owner_{owner}, held_{std::move(held)} {}
    ~lease() { owner_.give_back(std::move(held_)); }
    lease(lease const&) = delete;
    lease& operator=(lease const&) = delete;

    connection* operator->() const noexcept { return held_.get(); }

private:
    pool& owner_;
    std::unique_ptr<connection> held_;
};

class pool::pool_waiter {
public:
    pool_waiter(pool& owner, asio::any_io_executor const& executor)
        : waits{executor, owner.mutex_}, owner_{owner} {}
    ~pool_waiter() {
        std::unique_lock lock{owner_.mutex_};
        if (is_queued) owner_.queue_.erase(position);
        auto unused = answer ? std::move(answer->opened) : nullptr;
        lock.unlock();
        if (unused) owner_.give_back(std::move(unused));
    }
    pool_waiter(pool_waiter const&) = delete;
    pool_waiter& operator=(pool_waiter const&) = delete;

    waiter waits;
    std::optional<dialed> answer;
    std::list<pool_waiter*>::iterator position;
    bool is_queued = false;

private:
    pool& owner_;
};

pool::pool(asio::any_io_executor executor, client_options const& options, origin to,
           std::shared_ptr<telemetry> telemetry)
    : executor_{std::move(executor)},
      limits_{options.pool()},
      to_{std::make_shared<origin const>(std::move(to))},
      credentials_{options.credentials()},
      tls_{tls_context::shared(options.tls())},
      telemetry_{std::move(telemetry)},
      deadlines_{std::make_shared<deadline_queue>(executor_)} {
    if (!is_excepted(options.proxy().exceptions(), *to_)) proxy_ = options.proxy();
    fixed_fields_ = "Host: " + to_->authority + "\r\nUser-Agent: ";
    if (!options.user_agent().empty()) fixed_fields_ += options.user_agent() + ' ';
    fixed_fields_ +=
        "cloudflare-email-security-cpp/" CLOUDFLARE_VERSION "\r\nAccept: application/json\r\n";
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
    lease const held{*this, std::move(taken)};
    // What follows begins without waiting, and only a wait would notice it.
    auto const& root = co_await this_root{};
    if (root.is_cancelled()) co_return error{errc::cancelled, {}};
    if (now >= facts.deadline) {
        co_return error{errc::timed_out, "the time was over before the request was sent"};
    }
    write_request(message, held->outgoing());
    count(telemetry_->bytes_sent, held->outgoing().size());
    auto const deadline = std::min(facts.deadline, policy::after(now, limits_.exchange_timeout()));
    auto done = co_await held->exchange(limits_, facts, *deadlines_, deadline, answer);
    count(telemetry_->bytes_received, held->bytes_received());
    // When one idle connection has died, the others most likely have too: a restart, a deploy.
    if (!done && facts.reused && !facts.response_started &&
        done.error().code() == errc::connection_lost) {
        close_idle("another one was stale");
    }
    co_return done;
}

std::unique_ptr<connection> pool::take_idle(time_point now) {
    std::vector<std::unique_ptr<connection>> stale;
    std::unique_ptr<connection> found;
    {
        std::lock_guard const lock{mutex_};
        found = pop_idle(now, stale);
    }
    discard(std::move(stale), "stale");
    return found;
}

std::unique_ptr<connection> pool::pop_idle(time_point now,
                                           std::vector<std::unique_ptr<connection>>& stale) {
    while (!idle_.empty()) {
        auto last = std::move(idle_.back());
        idle_.pop_back();
        if (!is_stale(*last, now)) {
            ++leased_;
            return last;
        }
        stale.push_back(std::move(last));
    }
    return nullptr;
}

bool pool::is_stale(connection& idle, time_point now) const {
    return now >= policy::after(idle.opened(), limits_.max_lifetime()) ||
           now >= policy::after(idle.last_used(), limits_.idle_timeout()) || has_died(idle, now);
}

bool pool::has_died(connection& unused, time_point now) {
    return now - unused.last_used() > unnoticed && unused.is_dead();
}

task<result<std::unique_ptr<connection>>> pool::wait_for_connection(attempt_facts& facts) {
    auto& root = co_await this_root{};
    pool_waiter place{*this, root.executor};
    for (bool is_first = false;; is_first = true) {
        std::vector<std::unique_ptr<connection>> stale;
        std::unique_ptr<connection> idle;
        {
            std::lock_guard const lock{mutex_};
            if (closed_) co_return closed_error();
            // Another thread may have given one back since the last look, when nobody was waiting.
            idle = pop_idle(clock::now(), stale);
            if (!idle) {
                place.answer.reset();
                place.waits.reset();
                place.position = queue_.insert(is_first ? queue_.begin() : queue_.end(), &place);
                place.is_queued = true;
                dial_for_waiters();
            }
        }
        discard(std::move(stale), "stale");
        if (idle) {
            emit_reused(facts);
            co_return std::move(idle);
        }
        auto const ec = co_await place.waits.wait(facts.deadline);

        std::unique_lock lock{mutex_};
        if (!place.answer) {
            if (ec == asio::error::operation_aborted) co_return error{errc::cancelled, {}};
            co_return error{errc::timed_out, "no connection became free in time"};
        }
        if (!place.answer->opened) {
            facts.refused = place.answer->refused;
            co_return place.answer->failure;
        }
        auto handed_on = std::move(place.answer->opened);
        lock.unlock();
        // Until this coroutine's executor came to it, the connection was as good as idle.
        if (!handed_on->has_served() || !has_died(*handed_on, clock::now())) {
            co_return std::move(handed_on);
        }
        give_back(std::move(handed_on));
    }
}

void pool::give_back(std::unique_ptr<connection> used) {
    auto const now = clock::now();
    used->last_used(now);
    auto const usable =
        used->is_reusable() && now < policy::after(used->opened(), limits_.max_lifetime());
    if (!usable) discard(std::move(used), "not reusable");
    std::unique_lock lock{mutex_};
    --leased_;
    if (used && !closed_) keep(std::move(used));
    if (is_dial_due()) {
        // What gives it back may be the end of the context, on which nothing can begin any more.
        asio::post(executor_, [pool = weak_from_this()] {
            auto const self = pool.lock();
            if (!self) return;
            std::lock_guard const posted{self->mutex_};
            self->dial_for_waiters();
        });
    }
    if (auto const waiting = drained_.lock(); waiting && leased_ == 0) waiting->wake();
    lock.unlock();
    if (used) discard(std::move(used), "the client was closed");
}

void pool::keep(std::unique_ptr<connection> ready) {
    if (queue_.empty()) {
        idle_.push_back(std::move(ready));
    } else {
        dialed answer;
        answer.opened = std::move(ready);
        answer_first_waiter(std::move(answer));
    }
}

void pool::answer_first_waiter(dialed answer) {
    auto& first = *queue_.front();
    queue_.pop_front();
    first.is_queued = false;
    if (answer.opened) ++leased_;
    first.answer = std::move(answer);
    first.waits.wake();
}

bool pool::is_dial_due() const {
    return !closed_ && dialing_ < queue_.size() &&
           idle_.size() + leased_ + dialing_ < limits_.max_connections();
}

void pool::dial_for_waiters() {
    while (is_dial_due()) {
        ++dialing_;
        auto const done = [pool = weak_from_this()](dialed result) {
            if (auto const self = pool.lock()) self->on_dialed(std::move(result));
        };
        auto const started =
            std::make_shared<dialer>(executor_, to_, proxy_, tls_, limits_.connect_timeout(), done);
        std::erase_if(dialers_, [](auto const& each) { return each.expired(); });
        dialers_.push_back(started);
        started->start();
    }
}

void pool::on_dialed(dialed result) {
    if (result.opened) {
        count(telemetry_->connections_opened);
        if (result.resumed) count(telemetry_->connections_resumed);
        emit(event::kind::connection_opened, result.resumed ? "resumed" : "");
    }
    std::unique_lock lock{mutex_};
    --dialing_;
    if (closed_) {
        lock.unlock();
        if (result.opened) discard(std::move(result.opened), "the client was closed");
        return;
    }
    if (result.opened) {
        keep(std::move(result.opened));
    } else if (!queue_.empty()) {
        answer_first_waiter(std::move(result));
    }
    dial_for_waiters();
}

void pool::close_idle(std::string_view reason) {
    std::vector<std::unique_ptr<connection>> closing;
    {
        std::lock_guard const lock{mutex_};
        closing.swap(idle_);
    }
    discard(std::move(closing), reason);
}

asio::awaitable<void> pool::close(time_point deadline) {
    auto const self = shared_from_this();
    auto const drained = std::make_shared<waiter>(co_await asio::this_coro::executor, mutex_);
    {
        std::lock_guard const lock{mutex_};
        closed_ = true;
        while (!queue_.empty()) {
            dialed refusal;
            refusal.failure = closed_error();
            answer_first_waiter(std::move(refusal));
        }
        drained_ = drained;
        if (leased_ == 0) drained->wake();
        for (auto const& each : dialers_) {
            if (auto const under_way = each.lock()) under_way->abandon();
        }
        dialers_.clear();
    }
    close_idle("the client was closed");
    boost::system::error_code ec;
    co_await drained->async_wait(deadline, asio::redirect_error(asio::use_awaitable, ec));
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

void pool::discard(std::unique_ptr<connection> unwanted, std::string_view reason) const {
    unwanted.reset();
    emit(event::kind::connection_closed, reason);
}

void pool::discard(std::vector<std::unique_ptr<connection>> unwanted,
                   std::string_view reason) const {
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

}  // namespace cloudflare::http
