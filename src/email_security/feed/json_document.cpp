#include "email_security/feed/json_document.hpp"

namespace cloudflare::inline v0::email_security {

error json_document::no_list(std::string_view at, std::string_view what) {
    return unusable_feed("line " + std::to_string(lines_.line_of(at)) + ": read as " +
                         std::string{wire_name(make_.facts().read_as)} + ": it has no list of " +
                         std::string{what});
}

std::optional<error> json_document::read(std::string_view text) {
    lines_ = line_counter{text};
    json_cursor at{text};
    while (at.skip_blanks() && !make_.is_full()) {
        if (at.peek() == ',') {
            at.take_one();
            continue;
        }
        auto const begin = at.position();
        auto const value = at.take_value();
        if (!value) {
            auto const line = lines_.line_of(text.substr(begin));
            return unusable_feed("line " + std::to_string(line) +
                                 ": the JSON does not end: it may have been cut");
        }
        if (auto failed = take_value(*value)) return failed;
    }
    return finish();
}

}  // namespace cloudflare::inline v0::email_security
