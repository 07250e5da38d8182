#pragma once

#include <string_view>

namespace cloudflare::inline v0 {

/// The text of quota_record.lua.
extern std::string_view const quota_record_script;

/// The text of leader_lease.lua.
extern std::string_view const leader_lease_script;

}  // namespace cloudflare::inline v0
