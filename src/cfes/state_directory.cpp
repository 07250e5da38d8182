#include "state_directory.hpp"

#include "files.hpp"
#include "globals.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace cfes {

namespace fs = std::filesystem;

namespace {

constexpr mode_t for_owner = 0700;

std::string environment(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? value : "";
}

/// Makes what is not there of a path; 0, or why that is not possible.
int make_directories(fs::path const& path) {
    fs::path made;
    for (auto const& part : path) {
        made /= part;
        if (::mkdir(made.c_str(), for_owner) != 0 && errno != EEXIST) {
            // A directory that is there may be one in which nothing can be made.
            auto const why = errno;
            std::error_code none;
            if (!fs::is_directory(made, none)) return why;
        }
    }
    return 0;
}

[[noreturn]] void refuse(std::string const& why) {
    throw usage_error("no place for locks and journals: " + why);
}

}  // namespace

fs::path state_directory() {
    // A relative one is to be ignored, says the XDG specification.
    fs::path base = environment("XDG_STATE_HOME");
    if (!base.is_absolute()) {
        fs::path const home = environment("HOME");
        if (!home.is_absolute()) refuse("neither XDG_STATE_HOME nor HOME is set");
        base = home / ".local" / "state";
    }
    auto const path = base / "cfes";
    if (auto const failed = make_directories(path); failed != 0) {
        refuse("cannot make " + path.string() + ": " + reason_of(failed));
    }
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) {
        refuse("cannot use " + path.string() + ": " + reason_of(errno));
    }
    if (!S_ISDIR(about.st_mode)) refuse(path.string() + " is not a directory");
    if (about.st_uid != ::geteuid()) refuse(path.string() + " belongs to another user");
    bool const is_open = (about.st_mode & 0077U) != 0;
    if ((is_open && ::chmod(path.c_str(), for_owner) != 0) ||
        ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        refuse("cannot write to " + path.string() + ": " + reason_of(errno));
    }
    return path;
}

fs::path writable_directory(char const* option, fs::path const& path) {
    bool const is_there = ::mkdir(path.c_str(), for_owner) == 0 || errno == EEXIST;
    if (!is_there || ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        throw usage_error(std::string{option} + ": cannot write to " + path.string() + ": " +
                          reason_of(errno));
    }
    std::error_code none;
    if (!fs::is_directory(path, none)) {
        throw usage_error(std::string{option} + ": " + path.string() + " is not a directory");
    }
    return path;
}

}  // namespace cfes
