#include "email_security/feed/json_text.hpp"

#include <algorithm>

namespace cloudflare::inline v0::email_security {

bool json_cursor::skip_blanks() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return at_ < text_.size();
}

std::optional<std::string_view> json_cursor::take_string() {
    auto const begin = at_++;
    for (;; at_ += 2) {
        at_ = text_.find_first_of("\"\\", at_);
        if (at_ >= text_.size()) return std::nullopt;
        if (text_[at_] == '"') return text_.substr(begin, ++at_ - begin);
    }
}

std::optional<std::string_view> json_cursor::take_value() {
    auto const begin = at_;
    if (peek() == '"') return take_string();
    if (peek() != '{' && peek() != '[') {
        auto const end = text_.find_first_of(",]}: \t\r\n", at_);
        at_ = std::min(end, text_.size());
        if (at_ == begin) return std::nullopt;
        return text_.substr(begin, at_ - begin);
    }
    std::size_t depth = 0;
    do {
        at_ = text_.find_first_of("\"{}[]", at_);
        if (at_ >= text_.size()) return std::nullopt;
        if (text_[at_] == '"') {
            if (!take_string()) return std::nullopt;
            continue;
        }
        depth += text_[at_] == '{' || text_[at_] == '[' ? 1U : std::size_t(-1);
        ++at_;
    } while (depth > 0);
    return text_.substr(begin, at_ - begin);
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view name) {
    std::optional<std::string_view> found;
    for_each_member(object, [&](std::string_view key, std::string_view value) {
        bool const is_it = key.size() == name.size() + 2 && key.substr(1, name.size()) == name;
        if (is_it && !found) found = value;
    });
    return found;
}

std::int64_t line_counter::line_of(std::string_view piece) {
    auto const target = static_cast<std::size_t>(piece.data() - text_.data());
    for (; at_ < target && at_ < text_.size(); ++at_) line_ += text_[at_] == '\n';
    return line_;
}

}  // namespace cloudflare::inline v0::email_security
