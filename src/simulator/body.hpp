#pragma once

#include "problem.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace cloudflare::inline v0::simulator {

/// The object, or the array, that a request's body must be; null, and a problem, when it is none.
/// @{
boost::json::value parse_object(std::string_view body, boost::json::storage_ptr memory,
                                problems& found);
boost::json::value parse_array(std::string_view body, boost::json::storage_ptr memory,
                               problems& found);
/// @}

}  // namespace cloudflare::inline v0::simulator
