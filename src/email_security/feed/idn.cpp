#include "email_security/feed/idn.hpp"

#include <cstdint>
#include <idn2.h>
#include <memory>
#include <new>

namespace cloudflare::inline v0::email_security {

namespace {

idn_lookup look_up(std::string const& text, int rules) {
    std::uint8_t* made = nullptr;
    idn_lookup found;
    found.failed = idn2_lookup_u8(reinterpret_cast<std::uint8_t const*>(text.c_str()), &made,
                                  IDN2_NFC_INPUT | rules);
    std::unique_ptr<char, decltype(&idn2_free)> const owner{reinterpret_cast<char*>(made),
                                                            &idn2_free};
    if (found.failed == IDN2_MALLOC) throw std::bad_alloc{};
    if (found.failed == IDN2_OK) found.name = owner.get();
    return found;
}

}  // namespace

idn_lookup look_up_idn(std::string const& text) {
    return look_up(text, IDN2_NONTRANSITIONAL);
}

idn_lookup look_up_any_idn(std::string const& text) {
    return look_up(text, IDN2_TRANSITIONAL);
}

}  // namespace cloudflare::inline v0::email_security
