#include "body.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

json::value parse(std::string_view body, json::storage_ptr memory, json::kind wanted,
                  std::string_view title, problems& found) {
    boost::system::error_code failed;
    json::value parsed = json::parse(body, failed, std::move(memory));
    if (failed) {
        found.add(400, "request body is not valid JSON: " + failed.message(), {});
        return nullptr;
    }
    if (parsed.kind() != wanted) {
        found.add(400, "request body must be " + std::string{title}, {});
        return nullptr;
    }
    return parsed;
}

}  // namespace

json::value parse_object(std::string_view body, json::storage_ptr memory, problems& found) {
    return parse(body, std::move(memory), json::kind::object, "a JSON object", found);
}

json::value parse_array(std::string_view body, json::storage_ptr memory, problems& found) {
    return parse(body, std::move(memory), json::kind::array, "a JSON array", found);
}

}  // namespace cloudflare::inline v0::simulator
