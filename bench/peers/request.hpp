#pragma once

#include "measure.hpp"

#include <string>

namespace bench {

/// Where the peers send to, out of `--base-url`.
struct destination {
    std::string host;
    std::string port;
    std::string authority;  ///< as in `Host`
    std::string target;     ///< path of the creates
};

destination parse_destination(options const& run);

/// The body that the library writes for the same entry.
std::string make_body();

/// The request that the library writes for the same entry, all of it.
std::string make_request(destination const& to);

}  // namespace bench
