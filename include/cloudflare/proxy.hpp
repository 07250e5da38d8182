#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// An HTTP proxy that opens tunnels to the API by CONNECT, and the hosts that are reached without
/// it. TLS goes through the tunnel: the proxy sees neither requests nor the API's credentials, and
/// the API does not see the proxy's.
///
/// Copies share the credentials, which are overwritten with zeros when the last copy goes. No form
/// of printing shows them.
class CLOUDFLARE_EXPORT proxy {
public:
    /// None: connections are direct.
    proxy() noexcept = default;

    /// `http://[user:password@]host[:port]`; the port is 80 without one, and `http://` may be left
    /// out. User and password are percent-decoded and sent as Basic credentials (RFC 7617).
    /// @throws exception with `errc::invalid_argument` for any other scheme (TLS to the proxy
    /// itself and SOCKS are not supported), a path, or a malformed URL. The message does not repeat
    /// the URL.
    explicit proxy(std::string_view url);

    /// The hosts that are reached directly, as in `NO_PROXY`: separated by commas or spaces, each a
    /// name, which stands for its subdomains too (a leading `.` or `*.` changes nothing), an IP
    /// address, a network as `10.0.0.0/8`, or `*` for all; a name or address may be followed by
    /// `:port`, an IPv6 address then being in brackets. Names are not resolved to compare them with
    /// addresses. What is none of these is ignored.
    proxy& except(std::string hosts);

    /// Whether connections are direct.
    bool empty() const noexcept { return !state_; }
    /// Name or IP address, without brackets; empty when there is no proxy.
    std::string const& host() const noexcept;
    /// Decimal.
    std::string const& port() const noexcept;
    /// As given to `except`.
    std::string const& exceptions() const noexcept { return exceptions_; }

    /// The header field with the credentials, ended by CR LF, as it goes to the proxy; empty
    /// without credentials. Do not print it.
    std::string_view header_fields() const noexcept;

private:
    struct state;
    std::shared_ptr<state const> state_;
    std::string exceptions_;
};

/// Prints `http://host:port`, or `none`; never the credentials.
CLOUDFLARE_EXPORT std::ostream& operator<<(std::ostream& out, proxy const& value);

}  // namespace cloudflare::inline v0
