#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace test {

inline std::string read_file(std::filesystem::path const& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// A directory that goes with the object.
class scratch {
public:
    scratch() {
        auto name = (std::filesystem::temp_directory_path() / "cloudflare-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    ~scratch() { std::filesystem::remove_all(path_); }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;

    std::filesystem::path const& path() const { return path_; }

    /// Writes a file and returns its path.
    std::string file(std::string const& name, std::string const& content) const {
        std::ofstream{path_ / name, std::ios::binary} << content;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// A program that runs as a child, with its output at hand.
class program {
public:
    /// Variables of the environment to set, beside those of this process; empty unsets.
    using environment = std::map<std::string, std::string>;

    explicit program(std::vector<std::string> command, environment const& variables = {}) {
        std::vector<char*> argv;
        for (auto& each : command) argv.push_back(each.data());
        argv.push_back(nullptr);
        auto texts = merged(variables);
        std::vector<char*> envp;
        for (auto& each : texts) envp.push_back(each.data());
        envp.push_back(nullptr);

        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
        auto const errors = (directory_.path() / "stderr").string();
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addclose(&actions, ends[0]);
        auto const failed =
            ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), envp.data());
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
        if (failed != 0) throw std::runtime_error("cannot run " + command[0]);
    }
    ~program() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        if (output_) std::fclose(output_);
    }
    program(program const&) = delete;
    program& operator=(program const&) = delete;

    /// The next line of standard output, without its end.
    std::string read_line() {
        std::string line;
        for (auto c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_)) {
            line += static_cast<char>(c);
        }
        return line;
    }
    /// The rest of standard output, to its end.
    std::string read_all() {
        std::string text;
        for (auto c = std::fgetc(output_); c != EOF; c = std::fgetc(output_)) {
            text += static_cast<char>(c);
        }
        return text;
    }
    /// Reads no more of standard output: the other end is told so when it writes again.
    void stop_reading() {
        std::fclose(output_);
        output_ = nullptr;
    }
    /// Standard error so far.
    std::string errors() const { return read_file(directory_.path() / "stderr"); }

    pid_t pid() const { return pid_; }
    void signal(int number) const { ::kill(pid_, number); }

    /// The exit status, or minus the signal that ended it.
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    static std::vector<std::string> merged(environment const& variables) {
        std::vector<std::string> texts;
        for (auto** each = environ; *each; ++each) {
            std::string const text{*each};
            if (!variables.contains(text.substr(0, text.find('=')))) texts.push_back(text);
        }
        for (auto const& [name, value] : variables) {
            if (!value.empty()) texts.push_back(name + '=' + value);
        }
        return texts;
    }

    scratch directory_;
    pid_t pid_ = 0;
    std::FILE* output_ = nullptr;
};

}  // namespace test
