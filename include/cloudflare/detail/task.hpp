#pragma once

#include <cloudflare/detail/frame_memory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

/// The coroutines between a call and its socket. A call passes several of them, and as `awaitable`s
/// each would cost an allocation and Asio's bookkeeping. A `task` does no more than go on where its
/// callee ended, and its frame comes from `frame_memory`.
///
/// All tasks of a call hang on one root, which Asio's side makes by `as_operation`. One operation
/// is pending at any time, and its handler owns the root: when Asio drops the handler, as it does
/// when the context is destroyed, all of it is destroyed. As in an `awaitable`, awaiting an
/// operation in a call that was cancelled throws `operation_aborted`.
namespace cloudflare::inline v0::detail {

/// What the tasks of one call share.
class task_root : public recycled_frame {
public:
    task_root(boost::asio::any_io_executor its_executor,
              boost::asio::cancellation_state its_cancellation)
        : executor{std::move(its_executor)}, cancellation{std::move(its_cancellation)} {}
    virtual ~task_root() = default;
    task_root(task_root const&) = delete;
    task_root& operator=(task_root const&) = delete;

    /// The outermost task has ended: frees everything and calls the handler.
    virtual void complete() = 0;

    bool is_cancelled() const noexcept {
        return cancellation.cancelled() != boost::asio::cancellation_type::none;
    }
    void throw_if_cancelled() const {
        if (is_cancelled()) {
            throw boost::system::system_error{boost::asio::error::operation_aborted};
        }
    }

    boost::asio::any_io_executor const executor;  ///< on which everything runs
    boost::asio::cancellation_state const cancellation;
    task_root** ended = nullptr;  ///< where whoever resumes a task learns that the outermost ended
};

/// What the promises of all tasks have.
struct task_promise : recycled_frame {
    task_root* root = nullptr;
    std::coroutine_handle<> caller;  // none: this is the outermost

    struct return_to_caller {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            auto const& promise = self.promise();
            if (promise.caller) return promise.caller;
            *promise.root->ended = promise.root;
            return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    return_to_caller final_suspend() const noexcept { return {}; }
};

/// What a coroutine came to.
template <class T>
struct awaited {
    awaited() = default;
    awaited(std::exception_ptr the_thrown, T the_value)
        : thrown{std::move(the_thrown)}, value{std::move(the_value)} {}

    T take() {
        if (thrown) std::rethrow_exception(thrown);
        return std::move(value);
    }

    std::exception_ptr thrown;
    T value{};
};

/// A coroutine that begins when another task awaits it, once.
template <class T>
class [[nodiscard]] task {
public:
    struct promise_type : task_promise {
        std::optional<T> value;
        std::exception_ptr thrown;

        task get_return_object() noexcept {
            return task{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        template <class U>
        void return_value(U&& returned) {
            value.emplace(std::forward<U>(returned));
        }
        void unhandled_exception() noexcept { thrown = std::current_exception(); }
    };

    task(task&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
    ~task() {
        if (handle_) handle_.destroy();
    }
    task& operator=(task&&) = delete;

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> caller) noexcept {
        handle_.promise().root = caller.promise().root;
        handle_.promise().caller = caller;
        return handle_;
    }
    T await_resume() {
        if (auto const& thrown = handle_.promise().thrown) std::rethrow_exception(thrown);
        return std::move(*handle_.promise().value);
    }

    /// Begins it as the outermost.
    void start(task_root& root) {
        handle_.promise().root = &root;
        handle_.resume();
    }
    /// What it came to, when it has ended.
    awaited<T> take() {
        auto& promise = handle_.promise();
        awaited<T> came_to;
        came_to.thrown = std::move(promise.thrown);
        if (promise.value) came_to.value = std::move(*promise.value);
        return came_to;
    }

private:
    explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_{handle} {}

    std::coroutine_handle<promise_type> handle_;
};

/// Awaited in a task: its root.
class this_root {
public:
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> asking) noexcept {
        root_ = asking.promise().root;
        return false;
    }
    task_root& await_resume() const noexcept { return *root_; }

private:
    task_root* root_ = nullptr;
};

/// The handler of the pending operation: puts the result where it is awaited, and goes on there.
template <class Result>
class task_handler {
public:
    using executor_type = boost::asio::any_io_executor;
    using cancellation_slot_type = boost::asio::cancellation_slot;

    task_handler(task_root& root, std::coroutine_handle<> waiting, std::optional<Result>& into)
        : root_{&root}, waiting_{waiting}, into_{&into} {}

    executor_type const& get_executor() const noexcept { return root_->executor; }
    cancellation_slot_type get_cancellation_slot() const noexcept {
        return root_->cancellation.slot();
    }

    template <class... Args>
    void operator()(Args&&... args) {
        into_->emplace(std::forward<Args>(args)...);
        task_root* ended = nullptr;
        auto* const root = root_.release();
        root->cancellation.slot().clear();
        root->ended = &ended;
        waiting_.resume();
        if (ended) ended->complete();
    }

private:
    std::unique_ptr<task_root> root_;
    std::coroutine_handle<> waiting_;
    std::optional<Result>* into_;
};

/// An operation of Asio, to be awaited in a task: `initiate` is called with the handler. A `Result`
/// is made of the arguments of the completion.
template <class Result, class Initiate, bool IsCancellable = true>
class task_operation {
public:
    explicit task_operation(Initiate initiate) : initiate_{std::move(initiate)} {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiting) {
        auto& root = *waiting.promise().root;
        if constexpr (IsCancellable) root.throw_if_cancelled();
        // The operation may end on another thread before this returns, and this object with it.
        auto initiate = std::move(initiate_);
        initiate(task_handler<Result>{root, waiting, result_});
    }
    Result await_resume() { return std::move(*result_); }

private:
    Initiate initiate_;
    std::optional<Result> result_;
};

template <class Result, class Initiate>
task_operation<Result, Initiate> operation_of(Initiate initiate) {
    return task_operation<Result, Initiate>{std::move(initiate)};
}

/// The same, but that the call was cancelled neither keeps it from beginning nor ends it.
template <class Result, class Initiate>
auto uncancelled_operation_of(Initiate initiate) {
    auto detached = [initiate = std::move(initiate)](auto handler) {
        initiate(boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot{},
                                                     std::move(handler)));
    };
    return task_operation<Result, decltype(detached), false>{std::move(detached)};
}

/// What an operation that transfers bytes, or waits, came to.
struct io_result {
    io_result() = default;
    explicit io_result(boost::system::error_code the_ec, std::size_t the_size = 0) noexcept
        : ec{the_ec}, size{the_size} {}

    boost::system::error_code ec;
    std::size_t size = 0;
};

/// Passes every type of cancellation through to an awaitable.
template <class T>
boost::asio::awaitable<T> fully_cancellable(boost::asio::awaitable<T> what) {
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    co_return co_await std::move(what);
}

/// Awaits a coroutine of Asio's: what a user's transport, limiter or lookup is.
template <class T>
task<T> from_awaitable(boost::asio::awaitable<T> what) {
    auto& root = co_await this_root{};
    auto wrapped = fully_cancellable(std::move(what));
    auto spawn = operation_of<awaited<T>>([&root, &wrapped](auto handler) {
        boost::asio::co_spawn(root.executor, std::move(wrapped), std::move(handler));
    });
    auto ended = co_await spawn;
    co_return ended.take();
}

/// The root of a call that Asio's side awaits.
template <class T, class Handler>
class call_root final : public task_root {
public:
    call_root(task<T> what, boost::asio::any_io_executor on,
              boost::asio::cancellation_state cancelled_by, Handler handler)
        : task_root{std::move(on), std::move(cancelled_by)},
          handler_{std::move(handler)},
          what_{std::move(what)} {}

    void start() {
        task_root* has_ended = nullptr;
        ended = &has_ended;
        what_.start(*this);
        // A handler is never called from where its operation is begun.
        if (has_ended) {
            boost::asio::post(executor, [self = std::unique_ptr<call_root>{this}]() mutable {
                self.release()->complete();
            });
        }
    }

    void complete() override {
        auto came_to = what_.take();
        auto handler = std::move(handler_);
        delete this;
        std::move(handler)(std::move(came_to));
    }

private:
    // The handler owns the coroutines that wait, and with them what the task may refer to.
    Handler handler_;
    task<T> what_;
};

/// A task as an operation that an awaitable coroutine awaits, once, whose executor it takes over.
/// What the references are to must outlive that. The task learns that the coroutine was cancelled
/// where it first awaits an operation; one that was cancelled before throws, as with any operation,
/// unless `throw_if_cancelled` is off.
template <class T>
auto as_operation(task<T>& what, boost::asio::cancellation_state const& cancellation) {
    // By reference, as Asio copies the operation and what it holds.
    return boost::asio::async_initiate<boost::asio::deferred_t const, void(awaited<T>)>(
        [&what, &cancellation]<class Handler>(Handler&& handler) {
            using root = call_root<T, std::decay_t<Handler>>;
            auto on = boost::asio::get_associated_executor(handler);
            auto made = std::make_unique<root>(std::move(what), std::move(on), cancellation,
                                               std::forward<Handler>(handler));
            made.release()->start();
        },
        boost::asio::deferred);
}
template <class T>
auto as_operation(task<T>& what, boost::asio::cancellation_state const&& cancellation) = delete;

/// The same as an awaitable.
template <class T>
boost::asio::awaitable<T> run(task<T> what) {
    auto const cancellation = co_await boost::asio::this_coro::cancellation_state;
    auto start = as_operation(what, cancellation);
    auto ended = co_await std::move(start);
    co_return ended.take();
}

}  // namespace cloudflare::inline v0::detail
