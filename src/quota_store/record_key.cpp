#include "quota_store/record_store.hpp"

#include <openssl/sha.h>

#include <string_view>

namespace cloudflare::inline v0 {

std::string record_key(credentials const& of, std::string const& user) {
    // The header fields, as a global key is nothing without its e-mail address.
    std::string text = "cloudflare quota of a user\n";
    text += user.empty() ? of.header_fields() : std::string_view{user};
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest);
    constexpr std::size_t used = 16;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (std::size_t i = 0; i != used; ++i) {
        name += digits[digest[i] >> 4U];
        name += digits[digest[i] & 15U];
    }
    return name;
}

}  // namespace cloudflare::inline v0
