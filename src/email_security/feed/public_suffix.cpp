#include "email_security/feed/public_suffix.hpp"

#include <algorithm>
#include <array>
#include <libpsl.h>
#include <memory>
#include <string>

namespace cloudflare::inline v0::email_security {

namespace {

/// The newer one of the system's list and that of the library; only read after it was made.
psl_ctx_t const* list() {
    static std::unique_ptr<psl_ctx_t, decltype(&psl_free)> const latest{psl_latest(nullptr),
                                                                        &psl_free};
    return latest.get();
}

/// RFC 6761, 6762, 7686, 9476, and ICANN's reservation of `internal`.
constexpr std::array<std::string_view, 8> special_names{"alt",   "example",   "internal", "invalid",
                                                        "local", "localhost", "onion",    "test"};

bool is_listed(std::string_view name, int kinds) {
    // Without a list, every name would count as none of its names.
    if (list() == nullptr) return false;
    return psl_is_public_suffix2(list(), std::string{name}.c_str(),
                                 kinds | PSL_TYPE_NO_STAR_RULE) != 0;
}

}  // namespace

bool has_top_level_domain(std::string_view name) {
    auto const label = name.substr(name.rfind('.') + 1);
    // Most names end in these. Of `za`, the list has only names below it.
    if (label == "com" || label == "net" || label == "org" || label == "za") return true;
    if (std::ranges::find(special_names, label) != special_names.end()) return true;
    return is_listed(label, PSL_TYPE_ICANN);
}

bool is_public_suffix(std::string_view name) {
    // The list has none with more labels.
    constexpr auto most_dots = 4;
    return std::ranges::count(name, '.') <= most_dots && is_listed(name, PSL_TYPE_ANY);
}

}  // namespace cloudflare::inline v0::email_security
