#pragma once

#include <cloudflare/error.hpp>

#include <boost/system/result.hpp>

namespace cloudflare {

/// A value or the reason why there is none. `value()` throws `cloudflare::exception`.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace cloudflare
