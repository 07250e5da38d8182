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

/// A sender whose mail is blocked, as the API gives it. Any field may be absent.
struct block_sender {
    block_sender() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> pattern;
    std::optional<open_enum<email_security::pattern_type>> pattern_type;
    std::optional<bool> is_regex;
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
};
BOOST_DESCRIBE_STRUCT(block_sender, (),
                      (id, pattern, pattern_type, is_regex, comments, created_at, modified_at,
                       last_modified))

#pragma GCC diagnostic pop

/// What to block.
class CLOUDFLARE_EXPORT new_block_sender {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_block_sender() noexcept {}
    /// The pattern, 1 to 1024 characters: an address, a domain, an IP address or CIDR block, or a
    /// regular expression with `is_regex`.
    new_block_sender(std::string pattern, email_security::pattern_type type)
        : pattern_{std::move(pattern)}, pattern_type_{type} {}

    /// Default false.
    new_block_sender& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    /// At most 1024 characters.
    new_block_sender& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }

    std::string const& pattern() const noexcept { return pattern_; }
    email_security::pattern_type pattern_type() const noexcept { return pattern_type_; }
    bool is_regex() const noexcept { return is_regex_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_block_sender, (), (), (),
                         (pattern_, pattern_type_, is_regex_, comments_))

    std::string pattern_;
    email_security::pattern_type pattern_type_ = email_security::pattern_type::unknown;
    bool is_regex_ = false;
    std::optional<std::string> comments_;
};

/// Which fields of an entry change, and to what; at least one.
class CLOUDFLARE_EXPORT block_sender_patch {
public:
    block_sender_patch() noexcept {}

    block_sender_patch& pattern(std::string value) {
        pattern_ = std::move(value);
        return *this;
    }
    block_sender_patch& pattern_type(email_security::pattern_type value) {
        pattern_type_ = value;
        return *this;
    }
    block_sender_patch& is_regex(bool value) {
        is_regex_ = value;
        return *this;
    }
    block_sender_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    block_sender_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(block_sender_patch, (), (), (),
                         (pattern_, pattern_type_, is_regex_, comments_))

    patch_field<std::string> pattern_;
    patch_field<email_security::pattern_type> pattern_type_;
    patch_field<bool> is_regex_;
    nullable_patch_field<std::string> comments_;
};

/// Which entries to list; all by default.
class block_sender_filter : public list_filter<block_sender_filter> {
public:
    block_sender_filter() noexcept {}

    block_sender_filter& pattern_type(email_security::pattern_type value) {
        return set(pattern_type_, value);
    }
    /// The pattern itself.
    block_sender_filter& pattern(std::string value) { return set(pattern_, std::move(value)); }

    bool has_own_filter() const noexcept { return pattern_type_ || pattern_; }

private:
    BOOST_DESCRIBE_CLASS(block_sender_filter, (list_filter<block_sender_filter>), (), (),
                         (pattern_type_, pattern_))

    std::optional<email_security::pattern_type> pattern_type_;
    std::optional<std::string> pattern_;
};

struct block_senders_traits : identified_entries<block_senders_traits> {
    using model = block_sender;
    using new_item = new_block_sender;
    /// A whole entry, as on create: what is not set has its default afterwards, and comments that
    /// are not given are taken away. Only the identifier and the time of creation stay.
    using replacement = new_block_sender;
    using patch = block_sender_patch;
    using filter = block_sender_filter;

    static constexpr std::array<std::string_view, 3> key{"pattern", "pattern_type", "is_regex"};

    static constexpr std::string_view name = "block_senders";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/block_senders";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/block_senders/{pattern_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/block_senders/batch";

    static std::vector<filter> candidates(new_item const& value) {
        std::vector<filter> all;
        for (auto& each : spellings_of<block_senders_traits>(value)) {
            all.push_back(filter{}.pattern(std::move(each)).pattern_type(value.pattern_type()));
        }
        return all;
    }
};

/// The blocked senders of an account: create, get, list, edit, replace, remove, batch.
using block_senders = collection<block_senders_traits>;

}  // namespace cloudflare::inline v0::email_security
