#pragma once

#include "envelope.hpp"
#include "request.hpp"

#include <boost/url/params_view.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// A request on its way to the operation that answers it.
struct call {
    request const& asked;
    std::string_view account_id;
    boost::urls::params_view query;
    /// What stands in the path for the route's `{}`, decoded.
    std::vector<std::string> arguments;
};

/// Finds the operation for a path. It knows nothing of collections: each area of the API adds its
/// routes.
class router {
public:
    using handler = std::function<reply(call const&)>;

    /// `path` is what follows `…/email-security/`, with `{}` for a segment of any text.
    void add(std::string_view method, std::string_view path, handler answer);

    /// Answers, also when nothing fits: 404 without a path, 405 without the method. A path's own
    /// text goes before `{}`. @param segments the decoded path after `…/email-security/`.
    reply route(call& c, std::vector<std::string> const& segments) const;

private:
    struct entry {
        std::string method;
        std::vector<std::string> path;
        handler answer;
    };
    std::vector<entry> routes_;
};

/// Cloudflare's answer to a path that leads nowhere.
reply no_route(std::string_view target);

}  // namespace cloudflare::inline v0::simulator
