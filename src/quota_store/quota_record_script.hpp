#pragma once

#include <string_view>

namespace cloudflare {

/// The text of quota_record.lua.
extern std::string_view const quota_record_script;

}  // namespace cloudflare
