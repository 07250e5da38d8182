#include "quota/timer_thread.hpp"

#include <csignal>

namespace cloudflare::inline v0 {

namespace {

/// Signals of the process are for its own threads: one that is made meanwhile takes none.
class without_signals {
public:
    without_signals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~without_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    without_signals(without_signals const&) = delete;
    without_signals& operator=(without_signals const&) = delete;

private:
    sigset_t before_;
};

}  // namespace

std::shared_ptr<timer_thread> timer_thread::of_process() {
    // A limiter may outlive this, and then waits without it.
    struct owner {
        std::shared_ptr<timer_thread> const thread = std::make_shared<timer_thread>();
        ~owner() { thread->stop(); }
    };
    static owner const the_one;
    return the_one.thread;
}

timer_thread::timer_thread() : stays_{context_.get_executor()} {
    without_signals const blocked;
    thread_ = std::thread{[this] { context_.run(); }};
}

timer_thread::~timer_thread() {
    stop();
}

void timer_thread::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace cloudflare::inline v0
