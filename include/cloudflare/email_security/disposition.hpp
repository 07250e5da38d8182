#pragma once

#include <cloudflare/open_enum.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

/// What a message was found to be.
enum class disposition {
    malicious,
    malicious_bec,
    suspicious,
    spoof,
    spam,
    bulk,
    encrypted,
    external,
    unknown,
    none
};
constexpr auto wire_names(disposition) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{disposition::malicious, "MALICIOUS"sv},
                      std::pair{disposition::malicious_bec, "MALICIOUS-BEC"sv},
                      std::pair{disposition::suspicious, "SUSPICIOUS"sv},
                      std::pair{disposition::spoof, "SPOOF"sv},
                      std::pair{disposition::spam, "SPAM"sv},
                      std::pair{disposition::bulk, "BULK"sv},
                      std::pair{disposition::encrypted, "ENCRYPTED"sv},
                      std::pair{disposition::external, "EXTERNAL"sv},
                      std::pair{disposition::unknown, "UNKNOWN"sv},
                      std::pair{disposition::none, "NONE"sv}};
}

/// What a message can be searched for as, or reported to be.
enum class submission_disposition { malicious, suspicious, spoof, spam, bulk, none };
constexpr auto wire_names(submission_disposition) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{submission_disposition::malicious, "MALICIOUS"sv},
                      std::pair{submission_disposition::suspicious, "SUSPICIOUS"sv},
                      std::pair{submission_disposition::spoof, "SPOOF"sv},
                      std::pair{submission_disposition::spam, "SPAM"sv},
                      std::pair{submission_disposition::bulk, "BULK"sv},
                      std::pair{submission_disposition::none, "NONE"sv}};
}

}  // namespace cloudflare::inline v0::email_security
