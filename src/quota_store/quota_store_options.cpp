#include <cloudflare/quota_store.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <optional>

namespace cloudflare::inline v0 {

namespace {

// Nothing of an address is repeated: it may hold a password, also where it is malformed.

[[noreturn]] void refuse(std::string const& why) {
    throw exception{error{errc::invalid_argument, "the quota store's address " + why}};
}

std::string absolute_path(std::string path) {
    if (!path.starts_with('/')) refuse("must have an absolute path");
    return path;
}

unsigned to_database(std::string_view text) {
    unsigned number = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, wrong] = std::from_chars(text.data(), end, number);
    if (wrong != std::errc{} || stop != end) refuse("must have a number as the database");
    return number;
}

}  // namespace

quota_store_options::quota_store_options(std::string_view address) {
    constexpr std::string_view file = "file:";
    constexpr std::string_view socket = "unix:";
    if (address.starts_with(file) || address.starts_with(socket)) {
        kind_ = address.starts_with(file) ? place::file : place::redis_socket;
        path_ = absolute_path(std::string{address.substr(file.size())});
        return;
    }
    auto const parsed = boost::urls::parse_uri(address);
    if (!parsed) refuse("is not of a form that is known: redis://, unix:PATH or file:PATH");
    auto const scheme = parsed->scheme();
    auto const user = parsed->user();
    if (parsed->has_password()) {
        login_ = user;
        password_ = parsed->password();
    } else if (parsed->has_userinfo()) {
        // A user without a password is nobody.
        password_ = user;
    }
    if (parsed->has_userinfo() && password_.empty()) refuse("has an empty password");
    if (parsed->has_fragment()) refuse("must not have a fragment");
    if (scheme == "redis+unix") {
        kind_ = place::redis_socket;
        if (!parsed->host().empty() || parsed->has_port()) refuse("must not have a host");
        path_ = absolute_path(parsed->path());
        for (auto const& each : parsed->params()) {
            if (each.key != "db") refuse("has a parameter other than db");
            database_ = to_database(each.value);
        }
        return;
    }
    if (scheme != "redis" && scheme != "rediss") {
        refuse("is not of a form that is known: redis://, unix:PATH or file:PATH");
    }
    uses_tls_ = scheme == "rediss";
    host_ = parsed->host_address();
    if (host_.empty()) refuse("has no host");
    if (parsed->has_query()) refuse("must not have parameters");
    if (parsed->has_port()) {
        port_ = parsed->port_number();
        if (port_ == 0) refuse("must have a port from 1 to 65535");
    }
    auto const database = parsed->path();
    if (database.size() > 1) database_ = to_database(std::string_view{database}.substr(1));
}

std::string quota_store_options::describe() const {
    if (kind_ == place::file) return "file:" + path_;
    if (kind_ == place::redis_socket) return "unix:" + path_;
    auto const host = host_.find(':') == std::string::npos ? host_ : '[' + host_ + ']';
    auto text = (uses_tls_ ? "rediss://" : "redis://") + host + ':' + std::to_string(port_);
    if (database_ != 0) text += '/' + std::to_string(database_);
    return text;
}

}  // namespace cloudflare::inline v0
