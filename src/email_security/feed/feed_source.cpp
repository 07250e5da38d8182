#include "email_security/feed/feed_source.hpp"

#include "email_security/feed/feed_text.hpp"

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

namespace cloudflare::email_security {

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
                                   signature{"\xFF\xFE\0\0"sv, 0, "UTF-32, and must be UTF-8"},
                                   signature{"\0\0\xFE\xFF"sv, 0, "UTF-32, and must be UTF-8"}};

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

/// What libarchive makes of a compressed file.
class decompressing_buffer final : public pulling_buffer {
public:
    explicit decompressing_buffer(peeked_buffer& from)
        : from_{from}, archive_{archive_read_new(), &archive_read_free}, buffer_(buffer_size) {
        auto* const archive = archive_.get();
        archive_read_support_filter_gzip(archive);
        archive_read_support_filter_bzip2(archive);
        archive_read_support_filter_xz(archive);
        archive_read_support_filter_zstd(archive);
        archive_read_support_format_raw(archive);
        archive_read_support_format_empty(archive);
        archive_entry* entry = nullptr;
        auto opened = archive_read_open(archive, this, nullptr, &read, nullptr);
        if (opened == ARCHIVE_OK) opened = archive_read_next_header(archive, &entry);
        is_open_ = opened == ARCHIVE_OK;
        has_failed_ = !is_open_ && opened != ARCHIVE_EOF;
    }

    bool has_failed() const { return has_failed_; }

    std::string_view pull() override {
        if (!is_open_ || has_failed_) return {};
        auto const size = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
        if (size < 0) {
            has_failed_ = true;
            return {};
        }
        return {buffer_.data(), static_cast<std::size_t>(size)};
    }

private:
    static la_ssize_t read(archive*, void* self, void const** into) {
        auto const next = static_cast<decompressing_buffer*>(self)->from_.pull();
        *into = next.data();
        return static_cast<la_ssize_t>(next.size());
    }

    peeked_buffer& from_;
    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    std::vector<char> buffer_;
    bool is_open_ = false;
    bool has_failed_ = false;
};

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
            decompressing.emplace(bytes);
            decompressed.emplace(&*decompressing);
            inner.emplace(*decompressed);
            last = &*inner;
        }
        auto const head = last->head();
        if (auto const* const found = find_signature(refused_files, head)) {
            refused = "is " + std::string{found->what} + ", and must be one text file";
        }
        bool const is_little = head.starts_with("\xFF\xFE"sv);
        bool const is_big = head.starts_with("\xFE\xFF"sv);
        if (!is_little && !is_big) {
            if (looks_like_utf_16(head)) {
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
    std::optional<decompressing_buffer> decompressing;
    std::optional<std::istream> decompressed;
    std::optional<peeked_buffer> inner;
    std::optional<std::istream> units;
    std::optional<utf_16_buffer> utf_16;
    std::optional<std::istream> text;
    std::string refused;
};

feed_source::feed_source(std::istream& from) : impl_{std::make_unique<impl>(from)} {}

feed_source::~feed_source() = default;

std::istream& feed_source::text() {
    return *impl_->text;
}

std::string feed_source::fault() const {
    if (!impl_->refused.empty()) return "the feed " + impl_->refused;
    if (impl_->decompressing && impl_->decompressing->has_failed()) {
        return "the feed's " + std::string{impl_->compression} + " data are damaged or cut";
    }
    if (impl_->utf_16 && impl_->utf_16->has_failed()) return "the feed is not valid UTF-16";
    return {};
}

}  // namespace cloudflare::email_security
