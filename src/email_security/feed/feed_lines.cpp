#include "email_security/feed/feed_lines.hpp"

#include <algorithm>
#include <istream>

namespace cloudflare::inline v0::email_security {

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
    // Most feeds have no CR at all, and are then searched for one only once.
    next_cr_ = std::min(unread_.find('\r'), unread_.size());
    return !unread_.empty();
}

std::string_view line_reader::head() {
    if (unread_.empty()) fill();
    return unread_;
}

/// Behind the end of the line in the buffer; 0 when it does not end there.
std::size_t line_reader::find_end() {
    auto const lf = unread_.substr(0, next_cr_).find('\n');
    if (lf != std::string_view::npos) return lf + 1;
    if (next_cr_ == unread_.size()) return 0;
    // Of a CR at the buffer's end, nobody knows yet what follows.
    if (next_cr_ + 1 == unread_.size()) return in_.good() ? 0 : next_cr_ + 1;
    return next_cr_ + 1 + (unread_[next_cr_ + 1] == '\n');
}

bool line_reader::finish(std::string_view line, bool is_ended) {
    line_ = line;
    is_ended_ = is_ended;
    ++number_;
    return true;
}

bool line_reader::next() {
    joined_.clear();
    is_too_long_ = false;
    // Whether a CR ended what was in the buffer before: its LF may follow.
    bool follows_cr = false;
    for (bool has_begun = false;; has_begun = true) {
        if (unread_.empty() && !fill()) return has_begun && finish(joined_, follows_cr);
        auto const end = follows_cr ? std::size_t{unread_.front() == '\n'} : find_end();
        auto const part = unread_.substr(0, follows_cr || end > 0 ? end : unread_.size());
        unread_.remove_prefix(part.size());
        position_ += part.size();
        if (next_cr_ < part.size()) {
            next_cr_ = std::min(unread_.find('\r'), unread_.size());
        } else {
            next_cr_ -= part.size();
        }
        if (end > 0 && !has_begun) return finish(part, true);
        auto const fitting = std::min(part.size(), longest_ - joined_.size());
        is_too_long_ = is_too_long_ || fitting < part.size();
        joined_.append(part.substr(0, fitting));
        if (follows_cr || end > 0) return finish(joined_, true);
        follows_cr = part.ends_with('\r');
    }
}

bool line_reader::read_rest(std::string& into) {
    while (!unread_.empty() || fill()) {
        into += unread_;
        position_ += unread_.size();
        unread_ = {};
    }
    return !is_over_size();
}

}  // namespace cloudflare::inline v0::email_security
