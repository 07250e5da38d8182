#include "email_security/feed/input_file.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace cloudflare::inline v0::email_security {

std::optional<error> read_input_file(
    std::filesystem::path const& path,
    std::function<std::optional<error>(std::istream&)> const& read) {
    auto const unusable = [](std::string why) {
        return error{errc::invalid_argument, std::move(why)};
    };
    std::error_code ec;
    auto const name = path.string();
    if (std::filesystem::is_directory(path, ec)) return unusable(name + " is a directory");
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        auto const why = std::error_code{errno, std::generic_category()}.message();
        return unusable("cannot read " + name + ": " + why);
    }
    auto const failed = read(in);
    if (failed) return unusable(name + ": " + failed->detail());
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::email_security
