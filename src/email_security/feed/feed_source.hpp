#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Whether a page of HTML begins or ends with a line, as a server may send one in the place of the
/// rest of a file.
bool is_line_of_page(std::string_view line) noexcept;

/// The text of a feed as UTF-8: decompressed, and out of UTF-16, if need be. What is not text is
/// refused by name.
class feed_source {
public:
    /// The stream must outlive it.
    explicit feed_source(std::istream& from);
    ~feed_source();
    feed_source(feed_source const&) = delete;
    feed_source& operator=(feed_source const&) = delete;

    std::istream& text();
    /// Why it cannot be used, as far as it was read; empty when nothing is wrong.
    std::string fault() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace cloudflare::inline v0::email_security
