#include "email_security/feed/feed_lines.hpp"

#include <algorithm>
#include <istream>

namespace cloudflare::email_security {

line_reader::line_reader(std::istream& in, std::size_t longest, std::uint64_t max_size)
    : in_{in}, longest_{longest}, max_size_{max_size}, buffer_(longest) {}

bool line_reader::fill() {
    if (!in_.good() || is_over_size()) return false;
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    unread_ = {buffer_.data(), static_cast<std::size_t>(in_.gcount())};
    if (position_ == 0 && unread_.starts_with(byte_order_mark)) {
        unread_.remove_prefix(byte_order_mark.size());
        position_ = byte_order_mark.size();
    }
    return !unread_.empty();
}

bool line_reader::next() {
    joined_.clear();
    is_too_long_ = false;
    for (bool has_begun = false;; has_begun = true) {
        if (unread_.empty() && !fill()) {
            line_ = joined_;
            number_ += has_begun;
            return has_begun;
        }
        auto const end = unread_.find('\n');
        auto const part = unread_.substr(0, end == std::string_view::npos ? end : end + 1);
        unread_.remove_prefix(part.size());
        position_ += part.size();
        if (end != std::string_view::npos && !has_begun) {
            line_ = part;
            ++number_;
            return true;
        }
        auto const fitting = std::min(part.size(), longest_ - joined_.size());
        is_too_long_ = is_too_long_ || fitting < part.size();
        joined_.append(part.substr(0, fitting));
        if (end != std::string_view::npos) {
            line_ = joined_;
            ++number_;
            return true;
        }
    }
}

}  // namespace cloudflare::email_security
