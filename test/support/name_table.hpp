#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cloudflare::test {

/// What a look-up of a name gives: numeric addresses, or one of the `EAI_` failures.
struct lookup {
    std::vector<std::string> addresses;
    int failure = 0;
};

/// How this program's own `getaddrinfo` answers for a name, from now on. It takes the place of the
/// system's, as the library has no seam for it; names that nothing was said of go to the system.
void resolve(std::string const& name, std::function<lookup()> how);
void resolve_to(std::string const& name, std::vector<std::string> addresses);

}  // namespace cloudflare::test
