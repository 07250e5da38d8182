#include "router.hpp"

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/join.hpp>
#include <boost/algorithm/string/split.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace {

constexpr std::string_view any = "{}";

/// How many segments are the route's own text; nothing when the path is another.
std::optional<std::size_t> match(std::vector<std::string> const& route,
                                 std::vector<std::string> const& path) {
    if (route.size() != path.size()) return std::nullopt;
    std::size_t literal = 0;
    for (std::size_t i = 0; i != path.size(); ++i) {
        if (route[i] == path[i]) {
            ++literal;
        } else if (route[i] != any) {
            return std::nullopt;
        }
    }
    return literal;
}

}  // namespace

void router::add(std::string_view method, std::string_view path, handler answer) {
    entry e;
    e.method = method;
    boost::algorithm::split(e.path, path, boost::algorithm::is_any_of("/"));
    e.answer = std::move(answer);
    routes_.push_back(std::move(e));
}

reply router::route(call& c, std::vector<std::string> const& segments) const {
    std::vector<entry const*> found;
    std::size_t most = 0;
    for (entry const& e : routes_) {
        auto const literal = match(e.path, segments);
        if (!literal || (*literal < most && !found.empty())) continue;
        if (*literal > most) found.clear();
        most = *literal;
        found.push_back(&e);
    }
    if (found.empty()) return no_route(c.asked.target);

    auto const chosen = std::ranges::find(found, c.asked.method, &entry::method);
    if (chosen == found.end()) {
        std::vector<std::string> allowed;
        allowed.reserve(found.size());
        for (entry const* const e : found) allowed.push_back(e->method);
        reply refused = failure(405, 10405, "Method not allowed");
        refused.headers.emplace_back("Allow", boost::algorithm::join(allowed, ", "));
        return refused;
    }
    for (std::size_t i = 0; i != segments.size(); ++i) {
        if ((*chosen)->path[i] == any) c.arguments.push_back(segments[i]);
    }
    return (*chosen)->answer(c);
}

reply no_route(std::string_view target) {
    return failure(404, 7003,
                   "Could not route to " + std::string{target} +
                       ", perhaps your object identifier is invalid?");
}

}  // namespace cloudflare::inline v0::simulator
