#include "output_file.hpp"

#include "files.hpp"
#include "globals.hpp"
#include "output.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace cfes {

namespace fs = std::filesystem;

descriptor_buffer::descriptor_buffer(int descriptor) : descriptor_{descriptor}, buffer_(64 * 1024) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
}

descriptor_buffer::~descriptor_buffer() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool descriptor_buffer::write_out() {
    for (auto const* at = pbase(); at != pptr() && error_ == 0;) {
        auto const count = ::write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
        if (count >= 0) {
            at += count;
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return error_ == 0;
}

descriptor_buffer::int_type descriptor_buffer::overflow(int_type c) {
    if (!write_out()) return traits_type::eof();
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
    return c;
}

int descriptor_buffer::sync() {
    return write_out() ? 0 : -1;
}

int descriptor_buffer::close() {
    write_out();
    if (descriptor_ >= 0 && ::close(descriptor_) != 0 && error_ == 0) error_ = errno;
    descriptor_ = -1;
    return error_;
}

namespace {

/// The descriptor of this process that a path names: 1 for `/proc/self/fd/1`.
std::optional<int> descriptor_of(fs::path const& path) {
    std::error_code none;
    auto const parent = fs::canonical(path.parent_path(), none);
    if (none) return std::nullopt;
    bool const is_ours = parent == fs::canonical("/proc/self/fd", none) ||
                         parent == fs::canonical("/proc/thread-self/fd", none);
    if (!is_ours) return std::nullopt;
    auto const name = path.filename().string();
    int number = -1;
    auto const [stop, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    bool const is_number = failed == std::errc{} && stop == name.data() + name.size();
    return is_number && number >= 0 ? std::optional{number} : std::nullopt;
}

/// Where a path leads: to a descriptor, or to a path that is no link.
struct target {
    fs::path path;
    std::optional<int> descriptor;
};

target follow(fs::path path) {
    constexpr int most_links = 40;  // as the kernel has it
    if (path.is_relative()) path = fs::current_path() / path;
    for (int i = 0; i != most_links; ++i) {
        if (auto const found = descriptor_of(path)) return {{}, found};
        std::error_code none;
        if (!fs::is_symlink(path, none)) return {std::move(path), std::nullopt};
        // A relative link begins at its own directory; an absolute one replaces all of it.
        path = path.parent_path() / fs::read_symlink(path, none);
    }
    errno = ELOOP;
    return {};
}

bool is_same_file(struct stat const& one, int descriptor) {
    struct stat other {};
    return ::fstat(descriptor, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/// A copy of a descriptor that can be written to, or -1.
int copy_for_writing(int descriptor) {
    auto const flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    if ((flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    return ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/// Gives a new file the owner and mode of the one that it will replace.
void take_over(int file, struct stat const& old) {
    // Not the mode first: rights of the old group must not go to another one. Only the superuser
    // may give a file away.
    bool const has_group = ::fchown(file, old.st_uid, old.st_gid) == 0 ||
                           ::fchown(file, static_cast<uid_t>(-1), old.st_gid) == 0;
    auto mode = old.st_mode & 0777U;
    if (!has_group) mode &= ~0070U;
    ::fchmod(file, mode);
}

}  // namespace

/// The descriptor to write to, or -1 with `errno`.
int output_file::open(std::string const& path) {
    auto const leads_to = follow(path);
    if (leads_to.descriptor) return copy_for_writing(*leads_to.descriptor);
    if (leads_to.path.empty()) return -1;
    struct stat old {};
    bool const is_there = ::stat(leads_to.path.c_str(), &old) == 0;
    if (!is_there && errno != ENOENT) return -1;
    if (is_there && !S_ISREG(old.st_mode)) {
        return ::open(leads_to.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    }
    // If it were replaced, what is printed there would be lost with the old file.
    for (int const each : {STDOUT_FILENO, STDERR_FILENO}) {
        if (is_there && is_same_file(old, each)) return copy_for_writing(each);
    }
    path_ = leads_to.path;
    written_ = path_ + ".XXXXXX";
    // Nobody else may read it.
    auto const file = ::mkostemp(written_.data(), O_CLOEXEC);
    if (file < 0) {
        written_.clear();
    } else if (is_there) {
        take_over(file, old);
    }
    return file;
}

output_file::output_file(std::string const& option, std::string const& path,
                         std::string const& input)
    : name_{path} {
    std::error_code none;
    struct stat about {};
    bool const is_stdin = input == "-" && ::stat(path.c_str(), &about) == 0 &&
                          S_ISREG(about.st_mode) && is_same_file(about, STDIN_FILENO);
    if (is_stdin || fs::equivalent(path, input, none)) {
        throw usage_error(option + ' ' + path + " would overwrite " + (is_stdin ? "FEED" : input));
    }
    errno = 0;
    auto const file = open(path);
    if (file < 0) throw usage_error("cannot write " + name_ + ": " + reason_of(errno));
    buffer_ = std::make_unique<descriptor_buffer>(file);
    stream_.rdbuf(buffer_.get());
}

output_file::~output_file() {
    if (!written_.empty()) std::remove(written_.c_str());
}

bool output_file::is_same(output_file const& other) const {
    std::error_code none;
    return !path_.empty() && !other.path_.empty() &&
           fs::weakly_canonical(path_, none) == fs::weakly_canonical(other.path_, none);
}

bool output_file::finish() {
    auto failed = buffer_->close();
    if (failed == 0 && !written_.empty()) {
        if (std::rename(written_.c_str(), path_.c_str()) == 0) {
            written_.clear();
        } else {
            failed = errno;
        }
    }
    if (failed == 0) return true;
    complain("cannot write " + name_ + ": " + reason_of(failed));
    return false;
}

}  // namespace cfes
