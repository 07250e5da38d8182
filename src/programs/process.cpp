#include "process.hpp"

#include <csignal>
#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

namespace programs {

void prepare_process() noexcept {
    // The lowest that is free is taken, so from the first on.
    for (int const each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(each, F_GETFD) >= 0) continue;
        // The wrong way round: what is written must not be taken for written, nor a feed for empty.
        auto const way = each == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (::open("/dev/null", way) != each) ::_exit(1);
    }
    std::signal(SIGPIPE, SIG_IGN);
}

void die_by(int signal) noexcept {
    std::signal(signal, SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    std::raise(signal);
    // Only a signal whose default is to be ignored comes here.
    ::_exit(128 + signal);
}

}  // namespace programs
