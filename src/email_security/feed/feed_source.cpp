#include "email_security/feed/feed_source.hpp"

#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/gzip_decoder.hpp"

#include <boost/locale/encoding_utf.hpp>
#include <boost/locale/utf.hpp>

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <istream>
#include <optional>
#include <streambuf>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t buffer_size = 64 * 1024;

/// Bytes at a known place that tell what a file is.
struct signature {
    std::string_view bytes;
    std::size_t at;
    std::string_view what;
};

constexpr std::array compressions{signature{"\x1F\x8B"sv, 0, "gzip"},
                                  signature{"BZh"sv, 0, "bzip2"},
                                  signature{"\xFD"
                                            "7zXZ\0"sv,
                                            0, "xz"},
                                  signature{"\x28\xB5\x2F\xFD"sv, 0, "zstd"}};

constexpr std::array refused_files{signature{"PK\x03\x04"sv, 0, "a zip archive"},
                                   signature{"PK\x05\x06"sv, 0, "a zip archive"},
                                   signature{"ustar"sv, 257, "a tar archive"},
                                   signature{"7z\xBC\xAF\x27\x1C"sv, 0, "a 7z archive"},
                                   signature{"Rar!\x1A"sv, 0, "a rar archive"},
                                   signature{"MSCF"sv, 0, "a cab archive"},
                                   signature{"!<arch>\n"sv, 0, "an ar archive"},
                                   signature{"%PDF-"sv, 0, "a PDF document"},
                                   signature{"\x7F"
                                             "ELF"sv,
                                             0, "a program"},
                                   signature{"\xD0\xCF\x11\xE0"sv, 0, "an Office document"},
                                   signature{"SQLite format 3"sv, 0, "a database of SQLite"},
                                   signature{"\x89PNG"sv, 0, "a picture"},
                                   signature{"GIF8"sv, 0, "a picture"},
                                   signature{"\xFF\xD8\xFF"sv, 0, "a picture"},
                                   signature{"\x04\x22\x4D\x18"sv, 0, "compressed by lz4"},
                                   signature{"\x1F\x9D"sv, 0, "compressed by compress"},
                                   signature{"\x5D\0\0"sv, 0, "compressed by lzma"},
                                   signature{"\x78\x01"sv, 0, "compressed by zlib"},
                                   signature{"\x78\x9C"sv, 0, "compressed by zlib"},
                                   signature{"\x78\xDA"sv, 0, "compressed by zlib"},
                                   signature{"\xC7\x71"sv, 0, "a cpio archive"},
                                   signature{"\x71\xC7"sv, 0, "a cpio archive"},
                                   signature{"\xFF\xFE\0\0"sv, 0, "UTF-32"},
                                   signature{"\0\0\xFE\xFF"sv, 0, "UTF-32"}};

/// The beginning of a cpio archive of text: numbers of a fixed size, of which the first tells it.
bool is_cpio(std::string_view head) {
    constexpr std::size_t old_size = 76;
    constexpr std::size_t new_size = 110;
    bool const is_old = head.starts_with("070707");
    bool const is_new = head.starts_with("070701") || head.starts_with("070702");
    auto const size = is_old ? old_size : new_size;
    return (is_old || is_new) && head.size() > size &&
           head.substr(0, size).find_first_not_of("0123456789abcdefABCDEF") ==
               std::string_view::npos;
}

/// What has NULs, and begins as no text does.
char const* binary_of(std::string_view head) {
    if (head.find('\0') == std::string_view::npos) return nullptr;
    if (head.starts_with("MZ")) return "a program";
    if (head.starts_with("\x78\x5E")) return "compressed by zlib";
    return nullptr;
}

/// UTF-32 of a text in ASCII has three NULs of four bytes, always in the same places.
bool looks_like_utf_32(std::string_view head) {
    auto const size = std::min<std::size_t>(head.size(), 1024) & ~std::size_t{3};
    if (size < 8) return false;
    std::array<std::size_t, 4> nuls{};
    for (std::size_t i = 0; i != size; ++i) nuls[i % 4] += head[i] == '\0';
    auto const count = size / 4;
    bool const has_middle = nuls[1] == count && nuls[2] == count;
    return has_middle && ((nuls[0] == count) != (nuls[3] == count));
}

template <std::size_t Size>
signature const* find_signature(std::array<signature, Size> const& of, std::string_view head) {
    auto const found = std::ranges::find_if(of, [head](signature const& each) {
        return head.size() > each.at && head.substr(each.at).starts_with(each.bytes);
    });
    return found == of.end() ? nullptr : &*found;
}

/// UTF-16 of a text in ASCII has a NUL in every other byte.
bool looks_like_utf_16(std::string_view head) {
    auto const size = std::min<std::size_t>(head.size(), 1024) & ~std::size_t{1};
    if (size < 4) return false;
    std::array<std::size_t, 2> nuls{};
    for (std::size_t i = 0; i != size; ++i) nuls[i % 2] += head[i] == '\0';
    auto const [fewer, more] = std::minmax(nuls[0], nuls[1]);
    return more * 2 > size / 2 && fewer * 8 < more;
}

/// A page of the web, as a server sends it in place of what is gone.
bool looks_like_page(std::string_view head) {
    if (is_line_of_page(head)) return true;
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), head.size()));
    if (!head.starts_with('<')) return false;
    auto const end = head.find_first_of("> \t\r\n", 1);
    auto const name = head.substr(1, std::min(end, head.size()) - 1);
    constexpr std::array<std::string_view, 14> tags{"html", "head", "body",  "title",  "meta",
                                                    "rss",  "feed", "error", "script", "div",
                                                    "p",    "h1",   "pre",   "center"};
    return name.starts_with('!') || name.starts_with('?') ||
           std::ranges::any_of(tags, [name](auto tag) { return is_same_word(name, tag); });
}

/// Fills its buffer from another place.
class pulling_buffer : public std::streambuf {
protected:
    /// What comes next; empty at the end.
    virtual std::string_view pull() = 0;

private:
    int_type underflow() final {
        auto const next = pull();
        if (next.empty()) return traits_type::eof();
        // A stream buffer that is only read leaves its characters alone.
        auto* const begin = const_cast<char*>(next.data());
        setg(begin, begin, begin + next.size());
        return traits_type::to_int_type(*begin);
    }
};

/// A stream whose beginning was looked at.
class peeked_buffer final : public pulling_buffer {
public:
    explicit peeked_buffer(std::istream& from) : from_{from}, buffer_(buffer_size) {
        head_ = read();
    }

    std::string_view head() const { return head_; }
    void skip(std::size_t size) { head_.remove_prefix(size); }

    std::string_view pull() override {
        if (!head_given_) {
            head_given_ = true;
            if (!head_.empty()) return head_;
        }
        return read();
    }

private:
    std::string_view read() {
        if (!from_.good()) return {};
        from_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
        return {buffer_.data(), static_cast<std::size_t>(from_.gcount())};
    }

    std::istream& from_;
    std::vector<char> buffer_;
    std::string_view head_;
    bool head_given_ = false;
};

constexpr char const* damaged = "are damaged or cut";
constexpr char const* nested = "are compressed more than once";
constexpr char const* followed = "are damaged, or followed by other data";

/// The inside of a compressed file.
class compressed_buffer : public pulling_buffer {
public:
    /// What is wrong with it, as far as it was read; null when nothing is.
    virtual char const* fault() const = 0;
};

class gzip_buffer final : public compressed_buffer {
public:
    explicit gzip_buffer(peeked_buffer& from) : decoder_{[&from] { return from.pull(); }} {}

    char const* fault() const override {
        return decoder_.is_damaged() ? damaged : decoder_.is_followed() ? followed : nullptr;
    }
    std::string_view pull() override { return decoder_.pull(); }

private:
    gzip_decoder decoder_;
};

/// What libarchive makes of a compressed file. It checks the sums of bzip2 and xz, and that of zstd
/// where there is one.
class decompressing_buffer final : public compressed_buffer {
public:
    decompressing_buffer(int (*add_filter)(archive*), peeked_buffer& from)
        : from_{from}, archive_{archive_read_new(), &archive_read_free}, buffer_(buffer_size) {
        auto* const archive = archive_.get();
        add_filter(archive);
        archive_read_support_format_raw(archive);
        archive_read_support_format_empty(archive);
        archive_entry* entry = nullptr;
        auto opened = archive_read_open(archive, this, nullptr, &read, nullptr);
        if (opened == ARCHIVE_OK) opened = archive_read_next_header(archive, &entry);
        is_open_ = opened == ARCHIVE_OK;
        has_failed_ = !is_open_ && opened != ARCHIVE_EOF;
        // Besides the one that reads the file.
        is_nested_ = archive_filter_count(archive) > 2;
    }

    char const* fault() const override {
        return is_nested_ ? nested : has_failed_ ? damaged : is_followed_ ? followed : nullptr;
    }

    std::string_view pull() override {
        if (!is_open_ || has_failed_) return {};
        auto const size = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
        if (size < 0) has_failed_ = true;
        if (size == 0) is_followed_ = has_more();
        if (size <= 0) return {};
        return {buffer_.data(), static_cast<std::size_t>(size)};
    }

private:
    static la_ssize_t read(archive*, void* self, void const** into) {
        auto& me = *static_cast<decompressing_buffer*>(self);
        auto const next = me.from_.pull();
        me.given_ += next.size();
        *into = next.data();
        return static_cast<la_ssize_t>(next.size());
    }

    /// Whether there are bytes behind the compressed data, which some filters leave alone.
    bool has_more() {
        auto const used = archive_filter_bytes(archive_.get(), -1);
        return used < static_cast<la_int64_t>(given_) || !from_.pull().empty();
    }

    peeked_buffer& from_;
    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    std::vector<char> buffer_;
    std::size_t given_ = 0;  // to libarchive
    bool is_open_ = false;
    bool has_failed_ = false;
    bool is_followed_ = false;
    bool is_nested_ = false;
};

std::unique_ptr<compressed_buffer> make_decompressing(std::string_view compression,
                                                      peeked_buffer& from) {
    if (compression == "gzip") return std::make_unique<gzip_buffer>(from);
    auto* const filter = compression == "bzip2" ? &archive_read_support_filter_bzip2
                         : compression == "xz"  ? &archive_read_support_filter_xz
                                                : &archive_read_support_filter_zstd;
    return std::make_unique<decompressing_buffer>(filter, from);
}

/// UTF-16 as UTF-8.
class utf_16_buffer final : public pulling_buffer {
public:
    utf_16_buffer(std::istream& from, bool big_endian) : from_{from}, big_endian_{big_endian} {}

    bool has_failed() const { return has_failed_; }

    std::string_view pull() override {
        namespace utf = boost::locale::utf;
        std::array<char, buffer_size / 4> bytes{};
        from_.read(bytes.data(), bytes.size());
        text_.clear();
        auto const size = static_cast<std::size_t>(from_.gcount());
        for (std::size_t i = 0; i + 1 < size; i += 2) take(unit_at(&bytes[i]));
        if (size % 2 != 0) has_failed_ = true;
        if (size < bytes.size() && high_ != 0) has_failed_ = true;
        return text_;
    }

private:
    std::uint32_t unit_at(char const* at) const {
        auto const first = static_cast<unsigned char>(at[0]);
        auto const second = static_cast<unsigned char>(at[1]);
        return big_endian_ ? first * 256U + second : second * 256U + first;
    }

    void take(std::uint32_t unit) {
        bool const is_high = unit >= 0xD800 && unit < 0xDC00;
        bool const is_low = unit >= 0xDC00 && unit < 0xE000;
        if ((high_ != 0) != is_low) has_failed_ = true;
        if (is_high) {
            high_ = unit;
            return;
        }
        auto const point = is_low ? 0x10000 + ((high_ - 0xD800) << 10U) + (unit - 0xDC00) : unit;
        high_ = 0;
        if (!has_failed_) {
            boost::locale::utf::utf_traits<char>::encode(point, std::back_inserter(text_));
        }
    }

    std::istream& from_;
    bool big_endian_;
    std::string text_;
    std::uint32_t high_ = 0;  // of a pair, the first half
    bool has_failed_ = false;
};

}  // namespace

struct feed_source::impl {
    explicit impl(std::istream& from) : bytes{from} {
        auto* last = &bytes;
        if (auto const* const found = find_signature(compressions, bytes.head())) {
            compression = found->what;
            decompressing = make_decompressing(compression, bytes);
            decompressed.emplace(decompressing.get());
            inner.emplace(*decompressed);
            last = &*inner;
        }
        auto const head = last->head();
        if (decompressing && find_signature(compressions, head) != nullptr) {
            refused = "is compressed more than once, and must be one text file in UTF-8";
        }
        if (auto const* const found = find_signature(refused_files, head)) {
            refused = "is " + std::string{found->what} + ", and must be one text file in UTF-8";
        }
        bool const is_little = head.starts_with("\xFF\xFE"sv);
        bool const is_big = head.starts_with("\xFE\xFF"sv);
        if (!is_little && !is_big) {
            if (is_cpio(head)) refused = "is a cpio archive, and must be one text file in UTF-8";
            if (auto const* const what = binary_of(head)) {
                refused = "is " + std::string{what} + ", and must be one text file in UTF-8";
            }
            if (looks_like_utf_32(head)) {
                refused = "is UTF-32, and must be one text file in UTF-8";
            } else if (looks_like_utf_16(head)) {
                refused = "is UTF-16 without a byte order mark, and must be UTF-8";
            }
            if (looks_like_page(head)) {
                refused = "is a page of HTML or XML, and not a feed: an error page?";
            }
            text.emplace(last);
            return;
        }
        last->skip(2);
        units.emplace(last);
        utf_16.emplace(*units, is_big);
        text.emplace(&*utf_16);
    }

    peeked_buffer bytes;
    std::string_view compression;
    std::unique_ptr<compressed_buffer> decompressing;
    std::optional<std::istream> decompressed;
    std::optional<peeked_buffer> inner;
    std::optional<std::istream> units;
    std::optional<utf_16_buffer> utf_16;
    std::optional<std::istream> text;
    std::string refused;
};

bool is_line_of_page(std::string_view line) noexcept {
    // Most lines have no such bracket, and nothing invisible before it.
    auto const begin = line.find('<');
    if (begin == std::string_view::npos) return false;
    bool const is_first =
        std::ranges::all_of(line.substr(0, begin), [](char c) { return c < 0 || is_blank(c); });
    line.remove_prefix(begin);
    auto const has_tag = [line](std::string_view tag) {
        if (!starts_with_word(line, tag)) return false;
        return line.size() == tag.size() || line[tag.size()] == '>' || is_blank(line[tag.size()]);
    };
    return is_first && (has_tag("<!doctype html") || has_tag("<html") || has_tag("</html"));
}

feed_source::feed_source(std::istream& from) : impl_{std::make_unique<impl>(from)} {}

feed_source::~feed_source() = default;

std::istream& feed_source::text() {
    return *impl_->text;
}

std::string feed_source::fault() const {
    if (!impl_->refused.empty()) return "the feed " + impl_->refused;
    if (auto const* const wrong = impl_->decompressing ? impl_->decompressing->fault() : nullptr) {
        return "the feed's " + std::string{impl_->compression} + " data " + wrong;
    }
    if (impl_->utf_16 && impl_->utf_16->has_failed()) return "the feed is not valid UTF-16";
    return {};
}

}  // namespace cloudflare::inline v0::email_security
