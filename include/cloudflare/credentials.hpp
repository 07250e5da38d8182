#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// What authenticates the caller: an API token, or an account's e-mail address with its global key.
///
/// Copies share one buffer, which is overwritten with zeros when the last of them goes. No form of
/// printing shows the secret.
class CLOUDFLARE_EXPORT credentials {
public:
    /// None; a client cannot be made from it.
    credentials() noexcept = default;

    /// @throws exception with `errc::invalid_argument` when the text is empty or holds a character
    /// that is not printable ASCII.
    static credentials api_token(std::string_view token);
    /// @throws exception as `api_token`.
    static credentials global_key(std::string_view email, std::string_view key);

    /// Whether there are none.
    bool empty() const noexcept { return !state_; }

    /// The header fields, each line ended by CR LF, as they go on the wire.
    /// For transports; do not print it.
    std::string_view header_fields() const noexcept;
    /// The token or the key by itself, to be found where it must not be; do not print it.
    std::string_view secret() const noexcept;

private:
    struct state;
    explicit credentials(std::shared_ptr<state const> value);
    std::shared_ptr<state const> state_;
};

/// Prints the kind, never the secret.
CLOUDFLARE_EXPORT std::ostream& operator<<(std::ostream& out, credentials const& value);

}  // namespace cloudflare::inline v0
