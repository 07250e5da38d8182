#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cloudflare::inline v0 {

/// Overwrites a text with zeros and empties it: all of its room, as an earlier and longer text may
/// stand behind its end.
inline void wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

/// Text that is overwritten with zeros when it goes. Its room is taken at once, so that growing
/// leaves no copy behind.
class secret_text {
public:
    /// Empty, with room for so many bytes.
    explicit secret_text(std::size_t room) { text_.reserve(room); }
    /// The parts, joined.
    secret_text(std::initializer_list<std::string_view> parts) {
        std::size_t size = 0;
        for (auto const part : parts) size += part.size();
        text_.reserve(size);
        for (auto const part : parts) text_ += part;
    }
    ~secret_text() { wipe(text_); }
    secret_text(secret_text const&) = delete;
    secret_text& operator=(secret_text const&) = delete;

    std::string_view view() const noexcept { return text_; }
    /// To be filled in place, within its room.
    std::string& text() noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace cloudflare::inline v0
