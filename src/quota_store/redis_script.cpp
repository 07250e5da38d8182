#include "quota_store/redis_script.hpp"

#include <openssl/evp.h>

#include <array>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

namespace {

/// As Redis names a script.
std::string sha1_of(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(), nullptr);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (unsigned i = 0; i != size; ++i) {
        name += digits[digest[i] >> 4U];
        name += digits[digest[i] & 15U];
    }
    return name;
}

}  // namespace

redis_script::redis_script(std::string_view text) : text_{text}, hash_{sha1_of(text)} {}

asio::awaitable<result<redis_reply>> redis_script::run(
    redis_connection& on, std::string key, std::vector<std::string> arguments,
    redis_connection::time_point deadline) const {
    arguments.insert(arguments.begin(), {"EVALSHA", hash_, "1", std::move(key)});
    auto by_hash = on.command(arguments, deadline);
    auto reply = co_await std::move(by_hash);
    bool const is_unknown =
        reply && reply->what == redis_reply::kind::failure && reply->text.starts_with("NOSCRIPT");
    if (is_unknown) {
        arguments[0] = "EVAL";
        arguments[1] = text_;
        auto by_text = on.command(std::move(arguments), deadline);
        reply = co_await std::move(by_text);
    }
    if (reply && reply->what == redis_reply::kind::failure) {
        co_return error{errc::quota_unavailable, "the store refuses: " + reply->text};
    }
    co_return reply;
}

}  // namespace cloudflare::inline v0
