#include "cfes/terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <pty.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace test {

namespace {

/// The lines of a terminal.
class lines_of_terminal {
public:
    explicit lines_of_terminal(std::size_t columns) : columns_{columns} {}

    void put(std::string const& character, std::size_t width) {
        if (width == 0) {
            auto& cells = line();
            if (column_ > 0 && column_ <= cells.size()) cells[column_ - 1] += character;
            return;
        }
        // Only what comes after the last column wraps.
        if (column_ + width > columns_) {
            feed();
            column_ = 0;
        }
        auto& cells = line();
        if (cells.size() < column_ + width) cells.resize(column_ + width, " ");
        cells[column_] = character;
        for (std::size_t i = 1; i != width; ++i) cells[column_ + i].clear();
        column_ += width;
    }
    void feed() {
        ++row_;
        if (lines_.size() <= row_) lines_.resize(row_ + 1);
    }
    void go_to_begin() { column_ = 0; }
    void erase_to_end() {
        auto& cells = line();
        if (cells.size() > column_) cells.resize(column_);
    }
    void go_up(std::size_t count) { row_ -= std::min(row_, count); }

    std::string text() const {
        std::string all;
        for (auto const& cells : lines_) {
            std::string shown;
            for (auto const& each : cells) shown += each;
            shown.erase(shown.find_last_not_of(' ') + 1);
            all += shown + '\n';
        }
        // A line that was begun only is none.
        while (all.ends_with("\n\n")) all.pop_back();
        return all == "\n" ? "" : all;
    }

private:
    std::vector<std::string>& line() { return lines_[row_]; }

    std::size_t columns_;
    std::vector<std::vector<std::string>> lines_ = std::vector<std::vector<std::string>>(1);
    std::size_t row_ = 0;
    std::size_t column_ = 0;
};

/// Columns of a character, for those that the tests use.
std::size_t width_of(std::uint32_t point) {
    bool const is_combining = point >= 0x300 && point < 0x370;
    bool const is_wide =
        (point >= 0x1100 && point < 0x1160) || (point >= 0x2E80 && point < 0xA4D0) ||
        (point >= 0xAC00 && point < 0xD7A4) || (point >= 0x1F300 && point < 0x1FB00);
    return is_combining ? 0 : is_wide ? 2 : 1;
}

}  // namespace

std::string screen_of(std::string_view written, std::size_t columns) {
    lines_of_terminal lines{columns};
    for (std::size_t at = 0; at < written.size();) {
        auto const c = static_cast<unsigned char>(written[at]);
        if (c == '\x1b' && at + 1 < written.size() && written[at + 1] == '[') {
            auto const end = written.find_first_not_of("0123456789;?", at + 2);
            if (end == std::string_view::npos) break;
            auto const number = std::string{written.substr(at + 2, end - at - 2)};
            if (written[end] == 'K') lines.erase_to_end();
            if (written[end] == 'A') lines.go_up(number.empty() ? 1 : std::stoul(number));
            at = end + 1;
            continue;
        }
        std::size_t const size = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        std::uint32_t point = size == 1 ? c : c & (0xFFU >> (size + 1));
        for (std::size_t i = 1; i < size && at + i < written.size(); ++i) {
            point = point << 6U | (static_cast<unsigned char>(written[at + i]) & 0x3FU);
        }
        if (c == '\n') {
            lines.feed();
        } else if (c == '\r') {
            lines.go_to_begin();
        } else {
            lines.put(std::string{written.substr(at, size)}, width_of(point));
        }
        at += size;
    }
    return lines.text();
}

terminal::terminal(std::vector<std::string> command, program::environment const& variables,
                   std::size_t columns)
    : columns_{columns} {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 24;
    std::vector<char*> argv;
    for (auto& each : command) argv.push_back(each.data());
    argv.push_back(nullptr);
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

terminal::~terminal() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (master_ >= 0) ::close(master_);
}

bool terminal::read_some() {
    std::array<char, 4096> part{};
    auto size = ::read(master_, part.data(), part.size());
    while (size < 0 && errno == EINTR) size = ::read(master_, part.data(), part.size());
    // The end is an error when nobody has the other side open any more.
    if (size <= 0) return false;
    written_.append(part.data(), static_cast<std::size_t>(size));
    return true;
}

void terminal::await(std::string_view text) {
    for (;;) {
        if (auto const at = written_.find(text, seen_); at != std::string::npos) {
            seen_ = at + text.size();
            return;
        }
        if (!read_some()) {
            throw std::runtime_error("ended without '" + std::string{text} + "': " + written_);
        }
    }
}

void terminal::type(std::string_view keys) const {
    if (::write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
        throw std::runtime_error("write");
    }
}

void terminal::resize(std::size_t columns) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 24;
    if (::ioctl(master_, TIOCSWINSZ, &size) != 0) throw std::runtime_error("ioctl");
    columns_ = columns;
}

void terminal::signal(int number) const {
    ::kill(pid_, number);
}

int terminal::wait() {
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

shown show_on_terminal(std::vector<std::string> const& command,
                       program::environment const& variables, std::size_t columns) {
    terminal on{command, variables, columns};
    auto const status = on.wait();
    return {on.screen(), on.written(), status};
}

}  // namespace test
