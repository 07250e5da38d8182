#include "http/resolver.hpp"

#include "memory/waiter.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace cloudflare::inline v0::http {

namespace asio = boost::asio;

namespace {

using boost::system::error_code;

constexpr std::size_t max_threads = 4;

template <class Tag>
using auto_unlinked =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

template <class T, class Tag>
using list_of = boost::intrusive::list<T, boost::intrusive::base_hook<auto_unlinked<Tag>>,
                                       boost::intrusive::constant_time_size<false>>;

/// Blocks.
resolver::answer look_up(std::string const& host, std::string const& port) noexcept {
    resolver::answer found;
    try {
        asio::io_context never_run;
        asio::ip::tcp::resolver blocking{never_run};
        for (auto const& each : blocking.resolve(host, port, found.ec)) {
            found.addresses.push_back(each.endpoint());
        }
    } catch (std::bad_alloc const&) {
        found.ec = asio::error::no_memory;
    } catch (std::exception const&) {
        found.ec = asio::error::no_recovery;
    }
    return found;
}

/// What this thread begins is not disturbed by the program's signals.
class signals_blocked {
public:
    signals_blocked() {
        ::sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(signals_blocked const&) = delete;
    signals_blocked& operator=(signals_blocked const&) = delete;

private:
    ::sigset_t before_{};
};

struct in_lookup;
struct in_context;

}  // namespace

/// Somebody who waits for a lookup. What is not `const` is touched under the mutex of the threads.
struct resolver::subscriber : auto_unlinked<in_lookup>, auto_unlinked<in_context> {
    subscriber(asio::any_io_executor const& executor, std::shared_ptr<threads> threads);
    ~subscriber();
    subscriber(subscriber const&) = delete;
    subscriber& operator=(subscriber const&) = delete;

    /// Nobody looks the name up for it any more.
    void unsubscribe() {
        if (auto_unlinked<in_lookup>::is_linked()) auto_unlinked<in_lookup>::unlink();
    }

    std::shared_ptr<threads> const all;
    waiter wait;
    std::shared_ptr<lookup const> of;
};

struct resolver::lookup {
    std::string host;
    std::string port;
    answer found;
    bool is_done = false;
    list_of<subscriber, in_lookup> subscribers;
};

/// The threads, and what they share. Each thread owns all of it, as it may outlive everything else.
class resolver::threads : public std::enable_shared_from_this<threads> {
public:
    static std::shared_ptr<threads> shared() {
        static auto const only = std::make_shared<threads>();
        return only;
    }

    std::mutex mutex;

    // The caller holds the mutex.
    void subscribe(subscriber& who, std::string host, std::string port) {
        auto& known = known_[{host, port}];
        if (!known) {
            auto const added = std::make_shared<lookup>();
            added->host = std::move(host);
            added->port = std::move(port);
            queue_.push_back(added);
            known = added;
        }
        known->subscribers.push_back(who);
        who.of = known;
        begin_thread();
    }

private:
    void begin_thread() {
        if (queue_.empty() || running_ == max_threads) return;
        try {
            signals_blocked const blocked;
            std::thread{[self = shared_from_this()] { self->work(); }}.detach();
            ++running_;
        } catch (std::system_error const&) {
            // The others come to it; when there are none, it is as if the lookup had failed.
            if (running_ == 0) fail_all();
        }
    }

    void work() {
        std::unique_lock lock{mutex};
        while (!queue_.empty()) {
            auto const next = std::move(queue_.front());
            queue_.pop_front();
            if (!next->subscribers.empty()) {
                lock.unlock();
                auto found = look_up(next->host, next->port);
                lock.lock();
                next->found = std::move(found);
            }
            finish(*next);
        }
        --running_;
    }

    void fail_all() {
        while (!queue_.empty()) {
            auto const next = std::move(queue_.front());
            queue_.pop_front();
            next->found.ec = asio::error::try_again;
            finish(*next);
        }
    }

    void finish(lookup& which) {
        which.is_done = true;
        std::erase_if(known_, [&](auto const& each) { return each.second.get() == &which; });
        for (auto& each : which.subscribers) each.wait.wake();
    }

    std::map<std::pair<std::string, std::string>, std::shared_ptr<lookup>> known_;  // not done
    std::deque<std::shared_ptr<lookup>> queue_;
    std::size_t running_ = 0;
};

resolver::subscriber::subscriber(asio::any_io_executor const& executor,
                                 std::shared_ptr<threads> threads)
    : all{std::move(threads)}, wait{executor, all->mutex} {}

resolver::subscriber::~subscriber() {
    std::lock_guard const lock{all->mutex};
    unsubscribe();
    if (auto_unlinked<in_context>::is_linked()) auto_unlinked<in_context>::unlink();
}

/// Cuts the subscribers of an execution context off from the threads when its end begins: what they
/// wait on is the context's.
class resolver::service final : public asio::execution_context::service {
public:
    using key_type = service;
    static inline asio::execution_context::id id;

    explicit service(asio::execution_context& owner)
        : asio::execution_context::service{owner}, all_{threads::shared()} {}

    std::shared_ptr<threads> const& all() const noexcept { return all_; }
    void subscribe(subscriber& who, std::string host, std::string port) {
        std::lock_guard const lock{all_->mutex};
        subscribers_.push_back(who);
        all_->subscribe(who, std::move(host), std::move(port));
    }

private:
    void shutdown() override {
        std::lock_guard const lock{all_->mutex};
        for (auto& each : subscribers_) each.unsubscribe();
        subscribers_.clear();
    }

    std::shared_ptr<threads> const all_;
    list_of<subscriber, in_context> subscribers_;
};

resolver::resolver(asio::any_io_executor executor) : executor_{std::move(executor)} {}

asio::awaitable<resolver::answer> resolver::resolve(std::string host, std::string port) {
    auto& context = asio::use_service<service>(executor_.context());
    subscriber me{executor_, context.all()};
    context.subscribe(me, std::move(host), std::move(port));
    under_way_ = &me;
    error_code woken;
    co_await me.wait.async_wait(waiter::time_point::max(),
                                asio::redirect_error(asio::use_awaitable, woken));
    under_way_ = nullptr;
    std::lock_guard const lock{me.all->mutex};
    if (me.of->is_done) co_return me.of->found;
    answer cancelled;
    cancelled.ec = asio::error::operation_aborted;
    co_return cancelled;
}

void resolver::cancel() {
    if (!under_way_) return;
    std::lock_guard const lock{under_way_->all->mutex};
    under_way_->unsubscribe();
    under_way_->wait.wake();
}

}  // namespace cloudflare::inline v0::http
