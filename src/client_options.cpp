#include <cloudflare/client_options.hpp>

#include <cstdlib>
#include <string_view>

namespace cloudflare {

namespace {

std::string_view environment(char const* name) {
    auto const* const value = std::getenv(name);
    return value ? std::string_view{value} : std::string_view{};
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
    return options;
}

}  // namespace cloudflare
