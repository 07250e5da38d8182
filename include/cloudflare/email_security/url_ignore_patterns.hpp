#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/former_names.hpp>
#include <cloudflare/detail/list_filter.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// URLs that are not rewritten, as the API gives it. Any field may be absent.
struct url_ignore_pattern {
    url_ignore_pattern() = default;

    identifier id;                       ///< empty when absent
    std::optional<std::string> pattern;  ///< a regular expression
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
};
BOOST_DESCRIBE_STRUCT(url_ignore_pattern, (),
                      (id, pattern, comments, created_at, modified_at, last_modified))

#pragma GCC diagnostic pop

/// Which URLs to leave as they are.
class CLOUDFLARE_EXPORT new_url_ignore_pattern {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_url_ignore_pattern() noexcept {}
    /// A regular expression, 1 to 1024 characters.
    explicit new_url_ignore_pattern(std::string pattern) : pattern_{std::move(pattern)} {}

    /// At most 1024 characters.
    new_url_ignore_pattern& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }

    std::string const& pattern() const noexcept { return pattern_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_url_ignore_pattern, (), (), (), (pattern_, comments_))

    std::string pattern_;
    std::optional<std::string> comments_;
};

/// Which fields of an entry change, and to what; at least one.
class CLOUDFLARE_EXPORT url_ignore_pattern_patch {
public:
    url_ignore_pattern_patch() noexcept {}

    url_ignore_pattern_patch& pattern(std::string value) {
        pattern_ = std::move(value);
        return *this;
    }
    url_ignore_pattern_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    url_ignore_pattern_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(url_ignore_pattern_patch, (), (), (), (pattern_, comments_))

    patch_field<std::string> pattern_;
    nullable_patch_field<std::string> comments_;
};

/// Where in the list to read; it can be neither searched nor sorted.
class url_ignore_pattern_filter : public page_filter<url_ignore_pattern_filter> {
public:
    url_ignore_pattern_filter() noexcept {}

private:
    BOOST_DESCRIBE_CLASS(url_ignore_pattern_filter, (page_filter<url_ignore_pattern_filter>), (),
                         (), ())
};

struct url_ignore_patterns_traits : identified_entries<url_ignore_patterns_traits> {
    using model = url_ignore_pattern;
    using new_item = new_url_ignore_pattern;
    using patch = url_ignore_pattern_patch;
    using filter = url_ignore_pattern_filter;

    static constexpr std::array<std::string_view, 1> key{"pattern"};

    static constexpr std::string_view name = "url_ignore_patterns";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/url_ignore_patterns";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/url_ignore_patterns/{pattern_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/url_ignore_patterns/batch";

    static std::vector<filter> candidates(new_item const&) { return {filter{}}; }
};

/// The URL ignore patterns of an account: create, get, list, edit, remove, batch.
using url_ignore_patterns = collection<url_ignore_patterns_traits>;

}  // namespace cloudflare::inline v0::email_security
