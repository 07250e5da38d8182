#pragma once

#include <cloudflare/detail/account.hpp>
#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/identifier.hpp>
#include <cloudflare/result.hpp>
#include <cloudflare/transport.hpp>

#include <optional>

namespace cloudflare::inline v0 {

/// The request for an operation, its path template filled in and percent-encoded. The account takes
/// the place of `{account_id}`, the identifier that of the other placeholder.
/// Fails with `errc::invalid_argument` when one of them could leave its path segment, when a
/// placeholder has nothing to take its place, or the identifier has no place.
CLOUDFLARE_EXPORT result<request> make_request(operation what, account const& on,
                                               std::optional<identifier> const& id);

/// Adds the query of a list, or the reason why it cannot be sent.
template <class Filter>
void set_query(result<request>& message, Filter const& which) {
    if (!message) return;
    if (auto const valid = which.validate(); !valid) {
        message = valid.error();
    } else {
        wire::append_query(wire::fields_of<Filter>(), &which, message->target);
    }
}

/// Adds the body, or the reason why it cannot be sent.
template <class Body>
void set_body(result<request>& message, Body const& body) {
    if (!message) return;
    if (auto const valid = body.validate(); !valid) {
        message = valid.error();
    } else {
        wire::append_json(wire::codec_for<Body>(), &body, message->body);
    }
}

}  // namespace cloudflare::inline v0
