// That the package can be compiled and linked with, and refuses what is wrong before it is sent.
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <iostream>

namespace es = cloudflare::email_security;

int main() {
    auto const checked = es::new_block_sender{"", es::pattern_type::domain}.validate();
    std::cout << (checked ? "accepted" : checked.error().message()) << '\n';
    return checked ? 1 : 0;
}
