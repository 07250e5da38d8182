#include "email_security/feed/json_object.hpp"

#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/json_text.hpp"

#include <cloudflare/error.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace json = boost::json;

std::string repeated_member(std::string_view object) {
    std::vector<std::string> names;
    for_each_member(object, [&names](std::string_view key, std::string_view) {
        boost::system::error_code failed;
        auto const parsed = json::parse(key, failed);
        if (!failed && parsed.is_string()) names.emplace_back(parsed.get_string());
    });
    std::ranges::sort(names);
    auto const twice = std::ranges::adjacent_find(names);
    return twice == names.end() ? std::string{} : *twice;
}

result<json::object> parse_object(std::string_view text) {
    boost::system::error_code failed;
    auto parsed = json::parse(text, failed);
    if (failed) return error{errc::invalid_argument, "is not JSON: " + failed.message()};
    if (!parsed.is_object()) return error{errc::invalid_argument, "is not a JSON object"};
    std::size_t members = 0;
    for_each_member(text, [&members](std::string_view, std::string_view) { ++members; });
    if (members != parsed.get_object().size()) {
        return error{errc::invalid_argument, "has '" + presentable(repeated_member(text)) + "' twice"};
    }
    return std::move(parsed.get_object());
}

std::string_view text_in(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view{found->get_string()}
                                                  : std::string_view{};
}

std::optional<bool> flag_in(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    if (found == nullptr || found->is_null()) return false;
    if (found->is_bool()) return found->get_bool();
    if (auto const* const number = found->if_int64(); number && (*number == 0 || *number == 1)) {
        return *number == 1;
    }
    if (!found->is_string()) return std::nullopt;
    auto const& text = found->get_string();
    if (text == "1" || text == "true") return true;
    if (text == "0" || text == "false") return false;
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::email_security
