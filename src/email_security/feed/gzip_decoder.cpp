#include "email_security/feed/gzip_decoder.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace cloudflare::inline v0::email_security {

namespace zlib = boost::beast::zlib;

namespace {

/// The sum of gzip over one piece more.
std::uint32_t add_to_sum(std::uint32_t sum, std::string_view piece) {
    // What Boost calls the initial remainder is the last sum, as it is before its final bits are
    // turned over.
    constexpr std::uint32_t turned = 0xFFFFFFFF;
    boost::crc_optimal<32, 0x04C11DB7, turned, turned, true, true> more{sum ^ turned};
    more.process_bytes(piece.data(), piece.size());
    return more.checksum();
}

}  // namespace

gzip_decoder::gzip_decoder(std::function<std::string_view()> more)
    : more_{std::move(more)}, decoded_(64 * 1024) {}

bool gzip_decoder::fill() {
    if (unread_.empty()) unread_ = more_();
    return !unread_.empty();
}

std::optional<unsigned> gzip_decoder::take_byte() {
    if (!fill()) return std::nullopt;
    auto const byte = static_cast<unsigned char>(unread_.front());
    unread_.remove_prefix(1);
    return byte;
}

std::optional<unsigned> gzip_decoder::take_number(int bytes) {
    unsigned number = 0;
    for (int i = 0; i != bytes; ++i) {
        auto const byte = take_byte();
        if (!byte) return std::nullopt;
        number |= *byte << (8 * i);
    }
    return number;
}

bool gzip_decoder::skip(std::size_t size) {
    while (size > 0 && fill()) {
        auto const here = std::min(size, unread_.size());
        unread_.remove_prefix(here);
        size -= here;
    }
    return size == 0;
}

bool gzip_decoder::skip_text() {
    for (auto byte = take_byte(); byte; byte = take_byte()) {
        if (*byte == 0) return true;
    }
    return false;
}

/// What stands before the data of a member, behind its first byte.
bool gzip_decoder::take_header() {
    constexpr unsigned second_byte = 0x8B;
    constexpr unsigned deflate = 8;
    enum flag : unsigned { header_sum = 2, extra = 4, name = 8, comment = 16, reserved = 0xE0 };
    if (take_byte() != second_byte || take_byte() != deflate) return false;
    auto const flags = take_byte();
    if (!flags || (*flags & reserved) != 0) return false;
    constexpr std::size_t time_and_system = 6;
    if (!skip(time_and_system)) return false;
    if ((*flags & extra) != 0) {
        auto const size = take_number(2);
        if (!size || !skip(*size)) return false;
    }
    if ((*flags & name) != 0 && !skip_text()) return false;
    if ((*flags & comment) != 0 && !skip_text()) return false;
    return (*flags & header_sum) == 0 || skip(2);
}

/// False at the end, and where no member begins.
bool gzip_decoder::begin_member() {
    constexpr unsigned first_byte = 0x1F;
    auto byte = take_byte();
    bool const is_padded = !is_first_ && byte == 0U;
    if (is_padded) {
        while (byte == 0U) byte = take_byte();
    }
    if (!byte) {
        is_damaged_ = is_first_;
        return false;
    }
    if (is_padded || *byte != first_byte) {
        is_followed_ = true;
        return false;
    }
    if (!take_header()) {
        // The first byte of a member may be that of anything else.
        (is_first_ ? is_damaged_ : is_followed_) = true;
        return false;
    }
    is_first_ = false;
    is_in_member_ = true;
    inflater_.reset();
    sum_ = 0;
    size_ = 0;
    return true;
}

bool gzip_decoder::check_trailer() {
    auto const sum = take_number(4);
    auto const size = take_number(4);
    return sum && size && *sum == sum_ && *size == size_;
}

std::string_view gzip_decoder::pull() {
    while (!is_damaged_ && !is_followed_) {
        if (!is_in_member_ && !begin_member()) break;
        bool const has_input = fill();
        zlib::z_params at;
        at.next_in = unread_.data();
        at.avail_in = unread_.size();
        at.next_out = decoded_.data();
        at.avail_out = decoded_.size();
        boost::beast::error_code ec;
        inflater_.write(at, zlib::Flush::sync, ec);
        unread_.remove_prefix(unread_.size() - at.avail_in);
        std::string_view const decoded{decoded_.data(), decoded_.size() - at.avail_out};
        sum_ = add_to_sum(sum_, decoded);
        size_ += static_cast<unsigned>(decoded.size());
        if (ec == zlib::error::end_of_stream) {
            is_in_member_ = false;
            is_damaged_ = !check_trailer();
        } else if ((ec && ec != zlib::error::need_buffers) || (!has_input && decoded.empty())) {
            is_damaged_ = true;
        }
        if (!decoded.empty()) return decoded;
    }
    return {};
}

}  // namespace cloudflare::inline v0::email_security
