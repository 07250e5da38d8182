#pragma once

#include <cloudflare/invoke.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <utility>

/// What the endpoint functions have in common: a request gets its parts, or the reason why not.
namespace cloudflare::email_security {

template <class Filter>
void set_query(result<request>& message, Filter const& which) {
    if (!message) return;
    if (auto const valid = which.validate(); !valid) {
        message = valid.error();
    } else {
        wire::append_query(wire::fields_of<Filter>(), &which, message->target);
    }
}

template <class Body>
void set_body(result<request>& message, Body const& body) {
    if (!message) return;
    if (auto const valid = body.validate(); !valid) {
        message = valid.error();
    } else {
        message->body = wire::to_json(body);
    }
}

/// Pages read by `read_page(filter)`, from the filter's page on, of its size.
template <class T, class Filter, class Read>
pager<T> pages_of(Filter which, Read read_page) {
    constexpr std::int64_t default_page_size = 100;
    auto const first = which.page().value_or(1);
    auto const size = which.per_page().value_or(default_page_size);
    auto fetch = [which = std::move(which), read_page = std::move(read_page)](
                     std::int64_t number, std::int64_t per_page) {
        auto one = which;
        return read_page(std::move(one.page(number).per_page(per_page)));
    };
    return pager<T>{std::move(fetch), first, size};
}

/// Sends a request whose answer has nothing to read.
boost::asio::awaitable<result<void>> invoke_nothing(client through, result<request> message,
                                                    call_options options);

}  // namespace cloudflare::email_security
