#pragma once

#include <cloudflare/error.hpp>
#include <cloudflare/event.hpp>
#include <cloudflare/result.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::test {

inline constexpr char const* api_key = "S3cret-key-0123456789-of-a-whole-account";
inline constexpr char const* proxy_password = "pa:ss w@rd of-the-proxy";
/// With the user's name, as it goes to the proxy in Base64, and as it stands in a URL.
inline constexpr char const* proxy_basic = "proxy-user:pa:ss w@rd of-the-proxy";
inline constexpr char const* proxy_user_info = "proxy-user:pa%3Ass%20w%40rd%20of-the-proxy";

/// Everything that a client has said.
class transcript {
public:
    /// Each text of it, and what it throws.
    void add(error const& failure);
    void add(std::vector<api_message> const& messages);
    void add(std::string_view text) { said_ << text << '\n'; }
    template <class T>
    void add(result<T> const& got) {
        if (!got) add(got.error());
    }
    template <class T>
    void add_printed(T const& value) {
        said_ << value << '\n';
    }
    /// Takes in each text of each event; the transcript must outlive it.
    event_hook hook();

    std::string text() const { return said_.str(); }

private:
    std::ostringstream said_;
};

/// Checks that no secret of these tests stands in a text, be it as it is, in Base64, in
/// hexadecimal, percent-encoded or cut off.
void check_shows_no_secret(std::string const& text);

}  // namespace cloudflare::test
