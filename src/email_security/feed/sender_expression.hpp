#pragma once

#include <cloudflare/result.hpp>

#include <memory>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// A regular expression of a list, to be tried on senders. The API's are of Java's dialect, which
/// no library of Debian has; this takes RE2's, which is the same as far as expressions for senders
/// go, and refuses what Java understands otherwise. Lists and feeds are other people's work, so
/// what counts is that no expression and no text makes RE2 work for longer than their sizes allow.
class sender_expression {
public:
    /// Errors: `errc::invalid_argument`, whose `detail()` says why it cannot be compared.
    static result<sender_expression> compile(std::string_view pattern);

    sender_expression(sender_expression&&) noexcept;
    sender_expression& operator=(sender_expression&&) noexcept;
    ~sender_expression();

    /// Whether it matches somewhere in the text, in any case: it is not known how the API does it,
    /// and what it could mean counts. In time at most the product of both sizes.
    bool matches(std::string_view text) const;

private:
    struct impl;
    explicit sender_expression(std::unique_ptr<impl> made);

    std::unique_ptr<impl> impl_;
};

}  // namespace cloudflare::inline v0::email_security
