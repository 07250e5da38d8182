#pragma once

#include <cloudflare/error.hpp>

#include <boost/system/result.hpp>

namespace cloudflare::inline v0 {

/// A value or the reason why there is none. `value()` throws `cloudflare::exception`.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace cloudflare::inline v0
