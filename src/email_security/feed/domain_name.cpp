#include "email_security/feed/domain_name.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/code_points.hpp"
#include "email_security/feed/idn.hpp"

#include <algorithm>
#include <idn2.h>
#include <memory>
#include <new>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr char const* long_label = "has a label of more than 63 characters";
constexpr char const* long_name = "is longer than the 253 characters of a host name";
constexpr char const* no_punycode = "has a label with xn-- that is not Punycode";

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

using idn_text = std::unique_ptr<char, decltype(&idn2_free)>;

std::string reason_of(int failed, std::string_view name) {
    switch (failed) {
        case IDN2_TOO_BIG_LABEL:
        case IDN2_PUNYCODE_BIG_OUTPUT:
        case IDN2_PUNYCODE_OVERFLOW:
            return long_label;
        case IDN2_TOO_BIG_DOMAIN:
            return long_name;
        case IDN2_PUNYCODE_BAD_INPUT:
        case IDN2_INVALID_ALABEL:
            return no_punycode;
        default:
            if (auto const point = find_foreign(name)) {
                return "has " + point_name(*point) + ", which no name has";
            }
            return std::string{"is not an international domain name: "} + idn2_strerror(failed);
    }
}

/// What is wrong with a host name in ASCII; null when nothing is.
char const* host_fault(std::string_view name) {
    if (name.size() > 253) return long_name;
    std::size_t labels = 0;
    for (;;) {
        auto const dot = name.find('.');
        auto const label = name.substr(0, dot);
        if (label.size() > 63) return long_label;
        if (label.empty()) return "has an empty label: two dots, or one at its beginning";
        bool const sound =
            std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
        if (!sound) return no_pattern;
        if (label.front() == '-' || label.back() == '-') {
            return "has a label that begins or ends with a hyphen";
        }
        ++labels;
        if (dot == std::string_view::npos) {
            if (labels < 2) return "is not a domain: it has no dot";
            // A last label of digits alone would make it an address.
            if (std::ranges::all_of(label, is_digit)) return "is not a domain or IP address";
            return nullptr;
        }
        name.remove_prefix(dot + 1);
    }
}

/// Whether all labels that say to be Punycode are. `name` is a sound host name in lower case.
bool is_decodable(std::string const& name) {
    // Most names have none.
    if (name.find("xn--") == std::string::npos) return true;
    char* decoded = nullptr;
    auto const failed = idn2_to_unicode_8z8z(name.c_str(), &decoded, 0);
    idn_text const owner{decoded, &idn2_free};
    if (failed == IDN2_MALLOC) throw std::bad_alloc{};
    return failed == IDN2_OK;
}

}  // namespace

result<std::string> canonical_domain(std::string_view text) {
    std::string name{text};
    bool const is_ascii = std::ranges::none_of(name, [](char c) { return c < 0; });
    if (!is_ascii) {
        auto found = look_up_idn(name);
        if (found.failed != IDN2_OK) return refusal(reason_of(found.failed, name));
        name = std::move(found.name);
    }
    std::ranges::transform(name, name.begin(), to_lower);
    if (name.ends_with('.')) name.pop_back();
    if (auto const* const fault = host_fault(name)) return refusal(fault);
    if (!is_decodable(name)) return refusal(no_punycode);
    return name;
}

}  // namespace cloudflare::inline v0::email_security
