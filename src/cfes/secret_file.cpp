#include "secret_file.hpp"

#include "files.hpp"
#include "globals.hpp"
#include "output.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace cfes {

namespace {

/// What a token has at most; no file is read that could fill the memory.
constexpr std::size_t longest_secret = 64U << 10U;

/// Complains of what others can do to the file with the secret.
void warn_of_others(std::string const& path, struct stat const& about) {
    // A terminal is no place where a secret stays.
    if (S_ISCHR(about.st_mode)) return;
    if ((about.st_mode & (S_IRGRP | S_IROTH)) != 0) complain("warning: others can read " + path);
    bool const is_foreign = about.st_uid != ::geteuid() && about.st_uid != 0;
    if (is_foreign || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        complain("warning: others can change " + path);
    }
}

}  // namespace

std::string read_secret_file(std::string const& option, std::string const& path) {
    struct stat about {};
    auto const is_there = ::stat(path.c_str(), &about) == 0;
    if (!is_there && path != "-") {
        throw usage_error(option + ": cannot read it: " + reason_of(errno));
    }
    if (is_there) warn_of_others(path, about);
    auto secret = read_file(path, longest_secret);
    secret.erase(secret.find_last_not_of(" \t\r\n") + 1);
    return secret;
}

}  // namespace cfes
