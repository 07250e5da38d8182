#include "operations.hpp"

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <optional>
#include <string>

namespace cloudflare::inline v0::simulator {

reply get_verification(operation_context c, std::string_view id) {
    auto const parsed = c.identifiers.from_path(id);
    auto const where = parsed ? c.entries.find(*parsed) : std::nullopt;
    if (!where) return no_such_entry();

    auto const value = [&](std::string_view name) -> boost::json::value const& {
        return c.entries[*where].values[*c.entries.described().find(name)];
    };
    if (value("verification_token").is_null()) {
        reply answer;
        answer.status = 204;
        return answer;
    }
    boost::json::object result;
    result["status"] = value("status");
    result["txt_record_name"] =
        "_cf-email-sec-challenge." + std::string{value("domain").get_string()};
    result["txt_record_value"] = value("verification_token");
    // Nothing is looked up in a DNS.
    result["last_checked_at"] = nullptr;
    return success(std::move(result));
}

}  // namespace cloudflare::inline v0::simulator
