#include <cloudflare/email_security/journal.hpp>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <stdlib.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::string_view suffix = ".jsonl";

error failure(std::string_view what, std::string const& path, int number) {
    auto const why = std::error_code{number, std::generic_category()}.message();
    return error{errc::journal_failed, std::string{what} + ' ' + path + ": " + why};
}

/// So that names are in the order of time.
std::string time_text() {
    auto const now =
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    auto text = to_string(now);
    std::erase(text, '-');
    std::erase(text, ':');
    return text;
}

}  // namespace

journal_file::journal_file(std::filesystem::path directory) : directory_{std::move(directory)} {}

journal_file::~journal_file() {
    if (file_ >= 0) ::close(file_);
}

result<void> journal_file::create() {
    auto name = (directory_ / (time_text() + "-XXXXXX")).string().append(suffix);
    // A new file for nobody but its owner.
    file_ = ::mkostemps(name.data(), static_cast<int>(suffix.size()), O_CLOEXEC | O_APPEND);
    if (file_ < 0) return failure("cannot create a journal in", directory_.string(), errno);
    path_ = std::move(name);
    return {};
}

result<void> journal_file::append(std::string_view lines) {
    if (file_ < 0) {
        if (auto const made = create(); !made) return made;
    }
    while (!lines.empty()) {
        auto const written = ::write(file_, lines.data(), lines.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure("cannot write the journal", path_, errno);
        lines.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

result<void> journal_file::flush() {
    if (file_ < 0) return {};
    if (::fdatasync(file_) != 0) return failure("cannot write the journal", path_, errno);
    if (is_listed_) return {};
    // A file whose name is lost is lost.
    auto const where = directory_.empty() ? std::string{"."} : directory_.string();
    auto const directory = ::open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return failure("cannot open", where, errno);
    auto const failed = ::fsync(directory) == 0 ? 0 : errno;
    ::close(directory);
    // Some file systems cannot do that for a directory.
    if (failed != 0 && failed != EINVAL) return failure("cannot write", where, failed);
    is_listed_ = true;
    return {};
}

}  // namespace cloudflare::inline v0::email_security
