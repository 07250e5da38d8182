#include "checked_input.hpp"

#include "globals.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace cfes {

struct hashing_buffer::digest {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free};
};

hashing_buffer::hashing_buffer(std::istream& from)
    : from_{from}, digest_{std::make_unique<digest>()}, buffer_(64 * 1024) {
    EVP_DigestInit_ex(digest_->context.get(), EVP_sha256(), nullptr);
}

hashing_buffer::~hashing_buffer() = default;

hashing_buffer::int_type hashing_buffer::underflow() {
    if (!from_.good()) return traits_type::eof();
    from_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    auto const size = static_cast<std::size_t>(from_.gcount());
    if (size == 0) return traits_type::eof();
    size_ += size;
    EVP_DigestUpdate(digest_->context.get(), buffer_.data(), size);
    setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
    return traits_type::to_int_type(buffer_[0]);
}

std::optional<std::string> hashing_buffer::finish(std::uint64_t most) {
    while (size_ <= most && underflow() != traits_type::eof()) {
    }
    if (size_ > most) return std::nullopt;
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(digest_->context.get(), bytes.data(), &size);
    constexpr char const* digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i != size; ++i) {
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 15U];
    }
    return text;
}

void check_sha256(std::string const& found, std::string const& expected) {
    bool const is_same = std::ranges::equal(found, expected, {}, {}, [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    if (is_same) return;
    throw usage_error("the feed's SHA-256 is " + found +
                      ", and not what --expect-sha256 says: nothing is changed");
}

}  // namespace cfes
