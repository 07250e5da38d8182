#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/former_names.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// What exempts a sender or recipient from detections, as the API gives it. Any field may be
/// absent.
struct allow_policy {
    allow_policy() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> pattern;
    std::optional<open_enum<email_security::pattern_type>> pattern_type;
    std::optional<bool> is_regex;
    std::optional<bool> is_trusted_sender;
    std::optional<bool> is_acceptable_sender;
    std::optional<bool> is_exempt_recipient;
    std::optional<bool> verify_sender;
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
    std::optional<bool> is_recipient [[deprecated("use is_exempt_recipient")]];
    std::optional<bool> is_sender [[deprecated("use is_trusted_sender")]];
    std::optional<bool> is_spoof [[deprecated("use is_acceptable_sender")]];
};
BOOST_DESCRIBE_STRUCT(allow_policy, (),
                      (id, pattern, pattern_type, is_regex, is_trusted_sender, is_acceptable_sender,
                       is_exempt_recipient, verify_sender, comments, created_at, modified_at,
                       last_modified, is_recipient, is_sender, is_spoof))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(allow_policy*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"last_modified"sv, "is_recipient"sv, "is_sender"sv, "is_spoof"sv};
}

/// What to allow. Use with care: it switches detections off.
class CLOUDFLARE_EXPORT new_allow_policy {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_allow_policy() noexcept {}
    /// The pattern, 1 to 1024 characters: an address, a domain, an IP address or CIDR block, or a
    /// regular expression with `is_regex`.
    new_allow_policy(std::string pattern, email_security::pattern_type type)
        : pattern_{std::move(pattern)}, pattern_type_{type} {}

    /// Default false.
    new_allow_policy& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    /// Whether messages from the sender bypass all detections and link following. Default false.
    new_allow_policy& is_trusted_sender(bool value) {
        is_trusted_sender_ = value;
        return *this;
    }
    /// Whether messages from the sender are exempt from the dispositions Spam, Spoof and Bulk;
    /// Malicious and Suspicious still apply. Default false.
    new_allow_policy& is_acceptable_sender(bool value) {
        is_acceptable_sender_ = value;
        return *this;
    }
    /// Whether messages to the recipient bypass all detections. Default false.
    new_allow_policy& is_exempt_recipient(bool value) {
        is_exempt_recipient_ = value;
        return *this;
    }
    /// Whether the policy counts only for messages that pass DMARC, SPF or DKIM. Default true.
    new_allow_policy& verify_sender(bool value) {
        verify_sender_ = value;
        return *this;
    }
    /// The older name of `is_exempt_recipient`.
    [[deprecated("use is_exempt_recipient")]] new_allow_policy& is_recipient(bool value) {
        return is_exempt_recipient(value);
    }
    /// The older name of `is_trusted_sender`.
    [[deprecated("use is_trusted_sender")]] new_allow_policy& is_sender(bool value) {
        return is_trusted_sender(value);
    }
    /// The older name of `is_acceptable_sender`.
    [[deprecated("use is_acceptable_sender")]] new_allow_policy& is_spoof(bool value) {
        return is_acceptable_sender(value);
    }
    /// At most 1024 characters.
    new_allow_policy& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }

    std::string const& pattern() const noexcept { return pattern_; }
    email_security::pattern_type pattern_type() const noexcept { return pattern_type_; }
    bool is_regex() const noexcept { return is_regex_; }
    bool is_trusted_sender() const noexcept { return is_trusted_sender_; }
    bool is_acceptable_sender() const noexcept { return is_acceptable_sender_; }
    bool is_exempt_recipient() const noexcept { return is_exempt_recipient_; }
    bool verify_sender() const noexcept { return verify_sender_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_allow_policy, (), (), (),
                         (pattern_, pattern_type_, is_regex_, is_trusted_sender_,
                          is_acceptable_sender_, is_exempt_recipient_, verify_sender_, comments_))

    std::string pattern_;
    email_security::pattern_type pattern_type_ = email_security::pattern_type::unknown;
    bool is_regex_ = false;
    bool is_trusted_sender_ = false;
    bool is_acceptable_sender_ = false;
    bool is_exempt_recipient_ = false;
    bool verify_sender_ = true;
    std::optional<std::string> comments_;
};

/// Which fields of an entry change, and to what; at least one.
class CLOUDFLARE_EXPORT allow_policy_patch {
public:
    allow_policy_patch() noexcept {}

    allow_policy_patch& pattern(std::string value) {
        pattern_ = std::move(value);
        return *this;
    }
    allow_policy_patch& pattern_type(email_security::pattern_type value) {
        pattern_type_ = value;
        return *this;
    }
    allow_policy_patch& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    allow_policy_patch& is_trusted_sender(bool value) {
        is_trusted_sender_ = value;
        return *this;
    }
    allow_policy_patch& is_acceptable_sender(bool value) {
        is_acceptable_sender_ = value;
        return *this;
    }
    allow_policy_patch& is_exempt_recipient(bool value) {
        is_exempt_recipient_ = value;
        return *this;
    }
    allow_policy_patch& verify_sender(bool value) {
        verify_sender_ = value;
        return *this;
    }
    /// The older name of `is_exempt_recipient`.
    [[deprecated("use is_exempt_recipient")]] allow_policy_patch& is_recipient(bool value) {
        return is_exempt_recipient(value);
    }
    /// The older name of `is_trusted_sender`.
    [[deprecated("use is_trusted_sender")]] allow_policy_patch& is_sender(bool value) {
        return is_trusted_sender(value);
    }
    /// The older name of `is_acceptable_sender`.
    [[deprecated("use is_acceptable_sender")]] allow_policy_patch& is_spoof(bool value) {
        return is_acceptable_sender(value);
    }
    allow_policy_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    allow_policy_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(allow_policy_patch, (), (), (),
                         (pattern_, pattern_type_, is_regex_, is_trusted_sender_,
                          is_acceptable_sender_, is_exempt_recipient_, verify_sender_, comments_))

    patch_field<std::string> pattern_;
    patch_field<email_security::pattern_type> pattern_type_;
    patch_field<bool> is_regex_;
    patch_field<bool> is_trusted_sender_;
    patch_field<bool> is_acceptable_sender_;
    patch_field<bool> is_exempt_recipient_;
    patch_field<bool> verify_sender_;
    nullable_patch_field<std::string> comments_;
};

/// Which entries to list; all by default.
class allow_policy_filter : public list_filter<allow_policy_filter> {
public:
    allow_policy_filter() noexcept {}

    allow_policy_filter& pattern_type(email_security::pattern_type value) {
        return set(pattern_type_, value);
    }
    /// The pattern itself.
    allow_policy_filter& pattern(std::string value) { return set(pattern_, std::move(value)); }
    allow_policy_filter& is_trusted_sender(bool value) { return set(is_trusted_sender_, value); }
    allow_policy_filter& is_acceptable_sender(bool value) {
        return set(is_acceptable_sender_, value);
    }
    allow_policy_filter& is_exempt_recipient(bool value) {
        return set(is_exempt_recipient_, value);
    }
    allow_policy_filter& verify_sender(bool value) { return set(verify_sender_, value); }

    bool has_own_filter() const noexcept {
        return pattern_type_ || pattern_ || is_trusted_sender_ || is_acceptable_sender_ ||
               is_exempt_recipient_ || verify_sender_;
    }

private:
    BOOST_DESCRIBE_CLASS(allow_policy_filter, (list_filter<allow_policy_filter>), (), (),
                         (pattern_type_, pattern_, is_trusted_sender_, is_acceptable_sender_,
                          is_exempt_recipient_, verify_sender_))

    std::optional<email_security::pattern_type> pattern_type_;
    std::optional<std::string> pattern_;
    std::optional<bool> is_trusted_sender_;
    std::optional<bool> is_acceptable_sender_;
    std::optional<bool> is_exempt_recipient_;
    std::optional<bool> verify_sender_;
};

struct allow_policies_traits : identified_entries<allow_policies_traits> {
    using model = allow_policy;
    using new_item = new_allow_policy;
    /// A whole entry, as on create: what is not set has its default afterwards, and comments that
    /// are not given are taken away. Only the identifier and the time of creation stay.
    using replacement = new_allow_policy;
    using patch = allow_policy_patch;
    using filter = allow_policy_filter;

    static constexpr std::array<std::string_view, 3> key{"pattern", "pattern_type", "is_regex"};

    static constexpr std::string_view name = "allow_policies";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/allow_policies";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/allow_policies/{policy_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/allow_policies/batch";

    static std::vector<filter> candidates(new_item const& value) {
        std::vector<filter> all;
        for (auto& each : spellings_of<allow_policies_traits>(value)) {
            all.push_back(filter{}.pattern(std::move(each)).pattern_type(value.pattern_type()));
        }
        return all;
    }
};

/// The allow policies of an account: create, get, list, edit, replace, remove, batch.
using allow_policies = collection<allow_policies_traits>;

}  // namespace cloudflare::inline v0::email_security
