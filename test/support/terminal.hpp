#pragma once

#include "program.hpp"

#include <cerrno>
#include <csignal>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace test {

/// A program on a terminal of its own: stdin, stdout and stderr, and the signals of its keys.
class terminal {
public:
    explicit terminal(std::vector<std::string> command, program::environment const& variables = {},
                      unsigned short columns = 80) {
        std::vector<char*> argv;
        for (auto& each : command) argv.push_back(each.data());
        argv.push_back(nullptr);
        winsize size{};
        size.ws_col = columns;
        size.ws_row = 24;
        // What the child does may only be what is safe after a fork of a process with threads.
        std::vector<std::string> texts;
        for (auto** each = environ; *each; ++each) {
            std::string const text{*each};
            if (!variables.contains(text.substr(0, text.find('=')))) texts.push_back(text);
        }
        for (auto const& [name, value] : variables) {
            if (!value.empty()) texts.push_back(name + '=' + value);
        }
        std::vector<char*> envp;
        for (auto& each : texts) envp.push_back(each.data());
        envp.push_back(nullptr);
        pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
        if (pid_ < 0) throw std::runtime_error("forkpty");
        if (pid_ == 0) {
            ::execve(argv[0], argv.data(), envp.data());
            ::_exit(127);
        }
    }
    ~terminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        if (master_ >= 0) ::close(master_);
    }
    terminal(terminal const&) = delete;
    terminal& operator=(terminal const&) = delete;

    /// Reads until the screen has shown this, or the program has ended; all that was shown.
    std::string const& read_until(std::string const& text) {
        while (shown_.find(text) == std::string::npos && read_some()) {
        }
        return shown_;
    }
    /// Reads until the program has ended; all that was shown.
    std::string const& read_all() {
        while (read_some()) {
        }
        return shown_;
    }
    void type(std::string const& keys) {
        if (::write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
            throw std::runtime_error("write");
        }
    }
    /// The exit status, or minus the signal that ended it. What it shows is to be read before: a
    /// terminal that nobody reads holds its program up.
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    bool read_some() {
        char part[4096];
        auto const size = ::read(master_, part, sizeof part);
        // EIO is how the end of the other side is told.
        if (size <= 0) return size < 0 && errno == EINTR;
        shown_.append(part, static_cast<std::size_t>(size));
        return true;
    }

    pid_t pid_ = 0;
    int master_ = -1;
    std::string shown_;
};

}  // namespace test
