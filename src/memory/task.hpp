#pragma once

#include <cloudflare/detail/task.hpp>

namespace cloudflare::inline v0 {

// In the sources, tasks are part of the language.
using namespace detail;

}  // namespace cloudflare::inline v0
