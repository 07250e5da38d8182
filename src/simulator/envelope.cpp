#include "envelope.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

constexpr std::string_view documentation =
    "https://developers.cloudflare.com/api/resources/email_security/";

}  // namespace

void problems::add(unsigned status, std::string message, std::string pointer) {
    if (full()) return;
    // The codes of single entries are not documented; 10405 and 10429, which are known, show the
    // way that the others follow.
    int const code = 10000 + static_cast<int>(status);
    list_.push_back({status, code, std::move(message), std::move(pointer)});
}

reply success(json::value const& result, json::value const& result_info, unsigned status) {
    // Written part by part, because putting `result` into an object would copy it.
    std::string body = R"({"success":true,"errors":[],"messages":[],"result":)";
    body += json::serialize(result);
    if (!result_info.is_null()) {
        body += R"(,"result_info":)";
        body += json::serialize(result_info);
    }
    body += '}';
    reply answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

reply failure(std::vector<problem> const& what) {
    json::array errors;
    for (problem const& p : what) {
        json::object error{{"code", p.code}, {"message", p.message}};
        error["documentation_url"] = documentation;
        if (!p.pointer.empty()) error["source"] = {{"pointer", p.pointer}};
        errors.push_back(std::move(error));
    }
    json::object envelope{{"success", false}};
    envelope["errors"] = std::move(errors);
    envelope["messages"] = json::array();
    envelope["result"] = nullptr;

    auto const lowest = std::ranges::min_element(what, {}, &problem::status);
    reply answer;
    answer.status = lowest == what.end() ? 500 : lowest->status;
    answer.body = json::serialize(envelope);
    return answer;
}

reply failure(unsigned status, int code, std::string message) {
    return failure({problem{status, code, std::move(message), {}}});
}

}  // namespace cloudflare::inline v0::simulator
