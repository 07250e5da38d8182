#pragma once

#include "support/program.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace test {

/// What a terminal of so many columns shows of what was written to it: its lines, those that have
/// scrolled away too. It knows what the command uses: line ends, carriage returns, the erasure of a
/// line, colours (which it leaves out), wide characters, and lines that wrap.
std::string screen_of(std::string_view written, std::size_t columns);

/// A program that runs as a child on a terminal of its own, which is its stdin, stdout and stderr.
class terminal {
public:
    explicit terminal(std::vector<std::string> command, program::environment const& variables = {},
                      std::size_t columns = 80);
    ~terminal();
    terminal(terminal const&) = delete;
    terminal& operator=(terminal const&) = delete;

    /// Waits until a text was written after what earlier calls saw; throws at the end of output.
    void await(std::string_view text);
    /// Types it.
    void type(std::string_view keys) const;
    /// Makes the window another size, which the program is told.
    void resize(std::size_t columns);
    void signal(int number) const;
    /// Reads to the end; the exit status, or minus the signal that ended it.
    int wait();

    /// All that was written so far, and what the terminal shows of it.
    std::string const& written() const noexcept { return written_; }
    std::string screen() const { return screen_of(written_, columns_); }

private:
    bool read_some();

    std::size_t columns_;
    int master_ = -1;
    pid_t pid_ = 0;
    std::string written_;
    std::size_t seen_ = 0;
};

/// What the program showed on a terminal of so many columns, and how it ended.
struct shown {
    std::string screen;
    std::string written;
    int status = 0;
};
shown show_on_terminal(std::vector<std::string> const& command,
                       program::environment const& variables, std::size_t columns);

}  // namespace test
