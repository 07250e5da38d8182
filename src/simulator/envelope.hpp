#pragma once

#include "problem.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// An answer before HTTP: what the API says, and the headers that go with it.
struct reply {
    unsigned status = 200;
    std::string body;
    std::string_view content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The envelope of a request that succeeded. `result_info` is left out when null.
reply success(boost::json::value const& result, boost::json::value const& result_info = nullptr,
              unsigned status = 200);

/// The envelope of a request that failed. Its status is the gravest: malformed before not found
/// before conflicting.
reply failure(std::vector<problem> const& what);
reply failure(unsigned status, int code, std::string message);

}  // namespace cloudflare::inline v0::simulator
