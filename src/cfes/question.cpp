#include "question.hpp"

#include "globals.hpp"
#include "output.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace cfes {

namespace asio = boost::asio;

namespace {

/// The terminal that stdin is, opened anew: waiting for it without blocking is a property of what
/// is open, which the shell shares with this process.
int open_terminal() {
    std::array<char, 256> name{};
    if (::ttyname_r(STDIN_FILENO, name.data(), name.size()) != 0) return -1;
    return ::open(name.data(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

std::string describe(session const& with, question const& about) {
    auto text = to_line("About to " + about.what + ", in " + with.place() + ':') + '\n';
    for (auto const& each : about.first) text += "  " + to_line(each) + '\n';
    if (!about.count) {
        text += "  how many is not known beforehand\n";
    } else if (*about.count > about.first.size()) {
        auto const more = std::to_string(*about.count - about.first.size());
        text += about.first.empty() ? "  " + more + " in all\n" : "  and " + more + " more\n";
    }
    return text + "Go on? [y/N] ";
}

bool is_yes(std::string answer) {
    answer.erase(answer.find_last_not_of(" \t\r\n") + 1);
    answer.erase(0, answer.find_first_not_of(" \t"));
    std::ranges::transform(answer, answer.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return answer == "y" || answer == "yes";
}

}  // namespace

bool can_ask() {
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
}

void require_answer(session const& with, std::string const& what) {
    if (with.globals().yes || with.is_rehearsal() || can_ask()) return;
    throw usage_error("to " + what + " needs --yes where nobody can be asked; nothing was sent");
}

asio::awaitable<bool> ask(session const& with, question about) {
    require_answer(with, about.what);
    if (with.globals().yes) co_return true;
    if (with.is_rehearsal()) {
        remark("would ask, without --yes: to " + about.what);
        co_return true;
    }
    auto const here = co_await asio::this_coro::executor;
    auto const terminal = open_terminal();
    if (terminal < 0) {
        complain("the terminal cannot be read: give --yes; nothing was changed");
        co_return false;
    }
    asio::posix::stream_descriptor from{here, terminal};
    std::cerr << describe(with, about) << std::flush;
    std::string answer;
    boost::system::error_code ec;
    constexpr std::size_t longest = 1024;
    auto into = asio::dynamic_buffer(answer, longest);
    co_await asio::async_read_until(from, into, '\n',
                                    asio::redirect_error(asio::use_awaitable, ec));
    if (ec) std::cerr << '\n';
    if (!ec && is_yes(std::move(answer))) co_return true;
    complain("nothing was changed");
    co_return false;
}

}  // namespace cfes
