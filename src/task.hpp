#pragma once

#include <cloudflare/detail/task.hpp>

namespace cloudflare {

using namespace detail;

}  // namespace cloudflare
