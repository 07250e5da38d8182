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

/// A domain that is trusted although it is new, or looks like one of the own, as the API gives it.
/// Any field may be absent.
struct trusted_domain {
    trusted_domain() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> pattern;
    std::optional<bool> is_regex;
    std::optional<bool> is_recent;
    std::optional<bool> is_similarity;
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
};
BOOST_DESCRIBE_STRUCT(trusted_domain, (),
                      (id, pattern, is_regex, is_recent, is_similarity, comments, created_at,
                       modified_at, last_modified))

#pragma GCC diagnostic pop

/// What to trust.
class CLOUDFLARE_EXPORT new_trusted_domain {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_trusted_domain() noexcept {}
    /// The pattern, 1 to 1024 characters: a domain, or a regular expression with `is_regex`.
    explicit new_trusted_domain(std::string pattern) : pattern_{std::move(pattern)} {}

    /// Default false.
    new_trusted_domain& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    /// Whether a recent registration is not a reason for Suspicious or Malicious. Default false.
    new_trusted_domain& is_recent(bool value) {
        is_recent_ = value;
        return *this;
    }
    /// Whether similarity to a domain of the account is not a reason for Spoof. Default false.
    new_trusted_domain& is_similarity(bool value) {
        is_similarity_ = value;
        return *this;
    }
    /// At most 1024 characters.
    new_trusted_domain& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }

    std::string const& pattern() const noexcept { return pattern_; }
    bool is_regex() const noexcept { return is_regex_; }
    bool is_recent() const noexcept { return is_recent_; }
    bool is_similarity() const noexcept { return is_similarity_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_trusted_domain, (), (), (),
                         (pattern_, is_regex_, is_recent_, is_similarity_, comments_))

    std::string pattern_;
    bool is_regex_ = false;
    bool is_recent_ = false;
    bool is_similarity_ = false;
    std::optional<std::string> comments_;
};

/// Which fields of an entry change, and to what; at least one.
class CLOUDFLARE_EXPORT trusted_domain_patch {
public:
    trusted_domain_patch() noexcept {}

    trusted_domain_patch& pattern(std::string value) {
        pattern_ = std::move(value);
        return *this;
    }
    trusted_domain_patch& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    trusted_domain_patch& is_recent(bool value) {
        is_recent_ = value;
        return *this;
    }
    trusted_domain_patch& is_similarity(bool value) {
        is_similarity_ = value;
        return *this;
    }
    trusted_domain_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    trusted_domain_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(trusted_domain_patch, (), (), (),
                         (pattern_, is_regex_, is_recent_, is_similarity_, comments_))

    patch_field<std::string> pattern_;
    patch_field<bool> is_regex_;
    patch_field<bool> is_recent_;
    patch_field<bool> is_similarity_;
    nullable_patch_field<std::string> comments_;
};

/// Which entries to list; all by default.
class trusted_domain_filter : public list_filter<trusted_domain_filter> {
public:
    trusted_domain_filter() noexcept {}

    /// The pattern itself.
    trusted_domain_filter& pattern(std::string value) { return set(pattern_, std::move(value)); }
    trusted_domain_filter& is_recent(bool value) { return set(is_recent_, value); }
    trusted_domain_filter& is_similarity(bool value) { return set(is_similarity_, value); }

    bool has_own_filter() const noexcept { return pattern_ || is_recent_ || is_similarity_; }

private:
    BOOST_DESCRIBE_CLASS(trusted_domain_filter, (list_filter<trusted_domain_filter>), (), (),
                         (pattern_, is_recent_, is_similarity_))

    std::optional<std::string> pattern_;
    std::optional<bool> is_recent_;
    std::optional<bool> is_similarity_;
};

struct trusted_domains_traits : identified_entries<trusted_domains_traits> {
    using model = trusted_domain;
    using new_item = new_trusted_domain;
    /// A whole entry, as on create: what is not set has its default afterwards, and comments that
    /// are not given are taken away. Only the identifier and the time of creation stay.
    using replacement = new_trusted_domain;
    using patch = trusted_domain_patch;
    using filter = trusted_domain_filter;

    static constexpr std::array<std::string_view, 2> key{"pattern", "is_regex"};

    static constexpr std::string_view name = "trusted_domains";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/trusted_domains";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/trusted_domains/{trusted_domain_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/trusted_domains/batch";

    static std::vector<filter> candidates(new_item const& value) {
        std::vector<filter> all;
        for (auto& each : spellings_of<trusted_domains_traits>(value)) {
            all.push_back(filter{}.pattern(std::move(each)));
        }
        return all;
    }
};

/// The trusted domains of an account: create, get, list, edit, replace, remove, batch.
using trusted_domains = collection<trusted_domains_traits>;

}  // namespace cloudflare::inline v0::email_security
