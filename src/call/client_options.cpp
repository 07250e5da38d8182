#include <cloudflare/client_options.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

std::string_view environment(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? std::string_view{value} : std::string_view{};
}

/// Of a variable that is known by two names.
std::string_view environment(char const* capitals, char const* small) {
    auto const value = environment(capitals);
    return value.empty() ? environment(small) : value;
}

/// The proxy never serves what is on this machine: it would look for it on its own.
constexpr std::string_view this_machine = "localhost,127.0.0.0/8,::1";

cloudflare::proxy proxy_from_environment() {
    auto const url = environment("HTTPS_PROXY", "https_proxy");
    if (url.empty()) return {};
    cloudflare::proxy proxy{url};
    std::string exceptions{environment("NO_PROXY", "no_proxy")};
    exceptions += ',';
    exceptions += this_machine;
    proxy.except(std::move(exceptions));
    return proxy;
}

}  // namespace

client_options client_options::from_environment() {
    client_options options;
    if (auto const token = environment("CLOUDFLARE_API_TOKEN"); !token.empty()) {
        options.credentials(cloudflare::credentials::api_token(token));
    } else {
        auto const email = environment("CLOUDFLARE_EMAIL");
        auto const key = environment("CLOUDFLARE_API_KEY");
        if (email.empty() != key.empty()) {
            throw exception{error{errc::invalid_argument,
                                  "CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY go together"}};
        }
        if (!key.empty()) options.credentials(cloudflare::credentials::global_key(email, key));
    }
    if (auto const url = environment("CLOUDFLARE_BASE_URL"); !url.empty()) {
        options.base_url(std::string{url});
    }
    options.proxy(proxy_from_environment());
    return options;
}

}  // namespace cloudflare::inline v0
