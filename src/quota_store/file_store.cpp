#include "quota_store/record_store.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <fcntl.h>
#include <map>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using quota::quota_record;

namespace {

/// The first line of such a file; no other is written to.
constexpr std::string_view heading = "cloudflare quota 1\n";

/// Of a few users; more is another's file.
constexpr std::size_t longest_file = 1U << 20U;

/// How long to wait before the lock is tried again, which others hold for microseconds.
constexpr std::chrono::milliseconds lock_pause{2};

/// The host's own clock: it goes on while the host sleeps, and nobody sets it.
std::int64_t host_time() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

error failure(std::string const& what, std::string const& path, int number) {
    auto const why = std::error_code{number, std::generic_category()}.message();
    return error{errc::quota_unavailable, what + ' ' + path + ": " + why};
}

constexpr std::array members{&quota_record::generation, &quota_record::opened,
                             &quota_record::end,        &quota_record::remaining,
                             &quota_record::out,        &quota_record::told,
                             &quota_record::heard,      &quota_record::granted,
                             &quota_record::blocked,    &quota_record::turn};

/// A record in a line, after its name, each member after a space.
std::string line_of(quota_record const& record, std::int64_t kept_until) {
    std::string line;
    for (auto const member : members) line += ' ' + std::to_string(record.*member);
    line += ' ' + std::to_string(kept_until) + '\n';
    return line;
}

/// Takes a number, after a space, off a text.
bool take_number(std::string_view& text, std::int64_t& into) {
    if (!text.starts_with(' ')) return false;
    auto const* const end = text.data() + text.size();
    auto const [stop, wrong] = std::from_chars(text.data() + 1, end, into);
    if (wrong != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return true;
}

class locked_file {
public:
    explicit locked_file(int descriptor) : descriptor_{descriptor} {}
    ~locked_file() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    locked_file(locked_file&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    locked_file& operator=(locked_file&&) = delete;

    int get() const { return descriptor_; }

private:
    int descriptor_;
};

/// Whether whoever opens the file gets this one: somebody may have deleted it.
bool is_still_there(std::string const& path, int descriptor) {
    struct stat here {};
    struct stat there {};
    return ::fstat(descriptor, &here) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/// Opens the file, which is made if it is not there, and locks it; no value: another has the lock.
result<std::optional<locked_file>> try_lock(std::string const& path) {
    constexpr mode_t for_owner = 0600;
    locked_file file{::open(path.c_str(),
                            O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                            for_owner)};
    if (file.get() < 0) return failure("cannot open", path, errno);
    struct stat about {};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
        return error{errc::quota_unavailable, path + " is not a regular file"};
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EINTR) return std::optional<locked_file>{};
        return failure("cannot lock", path, errno);
    }
    if (!is_still_there(path, file.get())) return std::optional<locked_file>{};
    return std::optional<locked_file>{std::move(file)};
}

result<std::string> read_all(int descriptor, std::string const& path) {
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= longest_file) {
        auto const size =
            ::pread(descriptor, part.data(), part.size(), static_cast<off_t>(text.size()));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure("cannot read", path, errno);
        if (size == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
}

/// In one piece, so that who is killed leaves the old text or the new one.
result<void> write_all(int descriptor, std::string const& text, std::string const& path) {
    ssize_t size = -1;
    do size = ::pwrite(descriptor, text.data(), text.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size != static_cast<ssize_t>(text.size())) {
        return failure("cannot write to", path, size < 0 ? errno : ENOSPC);
    }
    if (::ftruncate(descriptor, static_cast<off_t>(text.size())) != 0) {
        return failure("cannot write to", path, errno);
    }
    return {};
}

class file_store final : public record_store {
public:
    file_store(std::string path, std::string key, quota::record_policy policy)
        : path_{std::move(path)}, key_{std::move(key)}, policy_{policy} {}

    asio::awaitable<result<quota::record_answer>> exchange(quota::record_exchange what) override {
        using clock = std::chrono::steady_clock;
        auto const deadline = clock::now() + store_patience;
        asio::steady_timer timer{co_await asio::this_coro::executor};
        for (;;) {
            auto held = try_lock(path_);
            if (!held) co_return held.error();
            if (*held) co_return exchange_in(**held, what);
            if (clock::now() + lock_pause > deadline) {
                co_return error{errc::quota_unavailable, "another process holds " + path_};
            }
            timer.expires_after(lock_pause);
            boost::system::error_code ec;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return error{errc::cancelled, "while waiting for " + path_};
        }
    }

private:
    result<quota::record_answer> exchange_in(locked_file const& file,
                                             quota::record_exchange const& what) const {
        auto const text = read_all(file.get(), path_);
        if (!text) return text.error();
        if (!text->empty() && !text->starts_with(heading)) {
            return error{errc::quota_unavailable,
                         path_ + " is not a quota file: it is left as it is"};
        }
        auto const now = host_time();
        quota_record record;
        std::string others;
        for (std::string_view rest = *text; !rest.empty();) {
            auto const line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            read_line(line, now, record, others);
        }
        auto const answer = quota::exchange(record, policy_, what, now);
        auto written = std::string{heading} + key_ +
                       line_of(record, now + quota::lifetime_of(record, policy_, now)) + others;
        if (auto const done = write_all(file.get(), written, path_); !done) return done.error();
        return answer;
    }

    /// The record of this user, or what is still of use of another's.
    void read_line(std::string_view line, std::int64_t now, quota_record& record,
                   std::string& others) const {
        auto const name = line.substr(0, line.find(' '));
        auto numbers = line.substr(name.size());
        quota_record read;
        std::int64_t kept_until = 0;
        for (auto const member : members) {
            if (!take_number(numbers, read.*member)) return;
        }
        if (!take_number(numbers, kept_until) || !numbers.empty()) return;
        if (name == key_) {
            record = read;
        } else if (now < kept_until) {
            others += std::string{line} + '\n';
        }
    }

    std::string path_;
    std::string key_;
    quota::record_policy policy_;
};

}  // namespace

std::unique_ptr<record_store> make_file_store(std::string path, std::string key,
                                              quota::record_policy policy) {
    return std::make_unique<file_store>(std::move(path), std::move(key), policy);
}

}  // namespace cloudflare::inline v0
