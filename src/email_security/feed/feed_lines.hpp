#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Of UTF-8; at the beginning of a file it is not part of the text.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The lines of a stream, without a byte order mark before the first, read with as much memory as
/// one of them may have. A line ends with LF, CR LF or a lone CR.
class line_reader {
public:
    /// `longest` is in bytes, the line's end included. It ends where more than `max_size` bytes
    /// were read, also in the middle of a line.
    line_reader(std::istream& in, std::size_t longest, std::uint64_t max_size);

    /// What is read of the beginning, before the first line is taken: as much as a line may have.
    std::string_view head();
    /// Goes to the next line; false at the end.
    bool next();
    /// All that comes after the last line that was taken; false when that is over the size.
    bool read_rest(std::string& into);
    /// The line with its end; its beginning when it is too long. Until `next` is called again.
    std::string_view text() const noexcept { return line_; }
    bool is_too_long() const noexcept { return is_too_long_; }
    /// Whether the line has an end, so that it is not the last one of a stream that was cut.
    bool is_ended() const noexcept { return is_ended_; }
    /// Of the line, from 1.
    std::int64_t number() const noexcept { return number_; }
    bool is_over_size() const noexcept { return position_ > max_size_; }

private:
    bool fill();
    std::size_t find_end();
    bool finish(std::string_view line, bool is_ended);

    std::istream& in_;
    std::size_t longest_;
    std::uint64_t max_size_;
    std::vector<char> buffer_;
    std::string_view unread_;  // in the buffer
    std::size_t next_cr_ = 0;  // in it, at or before the first CR; its size when there is none
    std::string joined_;       // a line that did not end in the buffer
    std::string_view line_;
    bool is_too_long_ = false;
    bool is_ended_ = true;
    std::int64_t number_ = 0;
    std::uint64_t position_ = 0;  // in the stream, after the line
};

}  // namespace cloudflare::inline v0::email_security
