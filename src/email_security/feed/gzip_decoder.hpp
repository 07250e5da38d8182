#pragma once

#include <boost/beast/zlib/inflate_stream.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What a gzip file (RFC 1952) of one member or several holds. The sum and the size at the end of
/// each member are checked, which libarchive leaves out, and nothing may follow the last one but
/// zeros, with which some fill up a block.
class gzip_decoder {
public:
    /// `more` gives the next of the compressed bytes, and is empty at the end.
    explicit gzip_decoder(std::function<std::string_view()> more);

    /// What comes next; empty at the end, or when the data are bad.
    std::string_view pull();
    bool is_damaged() const noexcept { return is_damaged_; }
    /// Whether something follows that is no member.
    bool is_followed() const noexcept { return is_followed_; }

private:
    bool begin_member();
    bool take_header();
    bool check_trailer();
    bool fill();
    std::optional<unsigned> take_byte();
    std::optional<unsigned> take_number(int bytes);
    bool skip(std::size_t size);
    bool skip_text();

    std::function<std::string_view()> more_;
    std::string_view unread_;
    std::vector<char> decoded_;
    boost::beast::zlib::inflate_stream inflater_;
    unsigned sum_ = 0;
    unsigned size_ = 0;  // of what the member holds, modulo 2^32
    bool is_in_member_ = false;
    bool is_first_ = true;
    bool is_damaged_ = false;
    bool is_followed_ = false;
};

}  // namespace cloudflare::inline v0::email_security
