#include "email_security/eml_content.hpp"

#include "wire/base64.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/submissions.hpp>

namespace cloudflare::inline v0::email_security {

result<void> check_eml_content(std::optional<std::string> const& base64) {
    if (!base64) return {};
    // The size first: the text may be huge.
    if (base64->size() > wire::base64_size(missed_detection::max_eml_size)) {
        return invalid_field("eml_content", "is larger than an EML file of 25 MiB");
    }
    if (base64->empty()) return invalid_field("eml_content", "is empty");
    if (!wire::is_base64(*base64)) {
        return invalid_field("eml_content", "is not base64 with padding and without line breaks");
    }
    return {};
}

}  // namespace cloudflare::inline v0::email_security
