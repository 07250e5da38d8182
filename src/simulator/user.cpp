#include "user.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <utility>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

reply verify_token(request const& asked) {
    // A global key is none.
    if (asked.authorization.empty()) {
        return failure(400, 6003, "Invalid request headers: missing Authorization");
    }
    json::object result{{"id", "ed17574386854bf78a67040be0a770b0"}, {"status", "active"}};
    return success(std::move(result));
}

reply list_accounts(std::vector<std::string> const& ids) {
    json::array result;
    for (auto const& id : ids) {
        result.push_back({{"id", id},
                          {"name", "Account " + id.substr(0, 4)},
                          {"type", "standard"},
                          {"created_on", "2020-01-01T00:00:00.000000Z"}});
    }
    json::object info{
        {"count", result.size()}, {"page", 1}, {"per_page", 50}, {"total_count", result.size()}};
    return success(std::move(result), std::move(info));
}

}  // namespace cloudflare::inline v0::simulator
