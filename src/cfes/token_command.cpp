#include "token_command.hpp"

#include "files.hpp"
#include "globals.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cfes {

namespace {

/// Starts it with a pipe for its stdout; the end to read from.
int start(std::string const& command, pid_t& child) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    // This process ignores SIGPIPE; what it runs need not know how to live with that.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::array<char*, 4> words{const_cast<char*>("sh"), const_cast<char*>("-c"),
                               const_cast<char*>(command.c_str()), nullptr};
    auto const why = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, words.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (why == 0) return ends[0];
    ::close(ends[0]);
    errno = why;
    return -1;
}

/// Up to one byte more than that.
std::string read_from(int descriptor, std::size_t longest) {
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= longest) {
        auto const size = ::read(descriptor, part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace

std::string run_token_command(std::string const& name, std::string const& command,
                              std::size_t longest) {
    pid_t child = 0;
    auto const from = start(command, child);
    if (from < 0) throw usage_error(name + ": cannot run it: " + reason_of(errno));
    auto token = read_from(from, longest);
    ::close(from);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    // What was not read to its end has died of that.
    if (token.size() > longest) throw usage_error(name + ": it prints too much for a token");
    if (WIFSIGNALED(status)) {
        throw usage_error(name + ": it was ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        throw usage_error(name + ": it exited with " + std::to_string(WEXITSTATUS(status)));
    }
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    token.erase(0, token.find_first_not_of(" \t\r\n"));
    if (token.empty()) throw usage_error(name + ": it prints nothing");
    return token;
}

}  // namespace cfes
