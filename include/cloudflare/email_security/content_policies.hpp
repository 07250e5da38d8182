#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// A part of a message that a content policy looks at.
enum class content_target { subject, body };
constexpr auto wire_names(content_target) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{content_target::subject, "SUBJECT"sv},
                      std::pair{content_target::body, "BODY"sv}};
}

/// A policy that blocks messages by what they say, as the API gives it. Any field may be absent.
struct content_policy {
    content_policy() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> name;
    std::optional<std::string> pattern;
    std::vector<open_enum<content_target>> targets;
    std::optional<bool> enabled;
    std::optional<std::string> notes;
    std::optional<timestamp> expires_at;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
};
BOOST_DESCRIBE_STRUCT(content_policy, (),
                      (id, name, pattern, targets, enabled, notes, expires_at, created_at,
                       modified_at))

/// Which messages to block.
class CLOUDFLARE_EXPORT new_content_policy {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_content_policy() noexcept {}
    /// The name, 1 to 256 characters; the pattern, 1 to 2048 characters; and where to look for it,
    /// at least one place. The pattern is a regular expression of a small dialect: no groups, no
    /// lookaround, no `{n,}`, and counts up to 50.
    new_content_policy(std::string name, std::string pattern, std::vector<content_target> targets)
        : name_{std::move(name)}, pattern_{std::move(pattern)}, targets_{std::move(targets)} {}

    /// Whether it is in force. Default true.
    new_content_policy& enabled(bool value) {
        enabled_ = value;
        return *this;
    }
    /// At most 4096 characters.
    new_content_policy& notes(std::string value) {
        notes_ = std::move(value);
        return *this;
    }
    /// When it ends, most likely: the API does not say. Not sent unless it is set.
    new_content_policy& expires_at(timestamp value) {
        expires_at_ = value;
        return *this;
    }

    std::string const& name() const noexcept { return name_; }
    std::string const& pattern() const noexcept { return pattern_; }
    std::vector<content_target> const& targets() const noexcept { return targets_; }
    bool enabled() const noexcept { return enabled_; }
    std::optional<std::string> const& notes() const noexcept { return notes_; }
    std::optional<timestamp> const& expires_at() const noexcept { return expires_at_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_content_policy, (), (), (),
                         (name_, pattern_, targets_, enabled_, notes_, expires_at_))

    std::string name_;
    std::string pattern_;
    std::vector<content_target> targets_;
    bool enabled_ = true;
    std::optional<std::string> notes_;
    std::optional<timestamp> expires_at_;
};

/// Which fields of a policy change, and to what; at least one.
class CLOUDFLARE_EXPORT content_policy_patch {
public:
    content_policy_patch() noexcept {}

    content_policy_patch& name(std::string value) {
        name_ = std::move(value);
        return *this;
    }
    content_policy_patch& pattern(std::string value) {
        pattern_ = std::move(value);
        return *this;
    }
    /// At least one.
    content_policy_patch& targets(std::vector<content_target> value) {
        targets_ = std::move(value);
        return *this;
    }
    content_policy_patch& enabled(bool value) {
        enabled_ = value;
        return *this;
    }
    content_policy_patch& notes(std::string value) {
        notes_ = std::move(value);
        return *this;
    }
    /// Sets the notes to null.
    content_policy_patch& clear_notes() {
        notes_ = std::nullopt;
        return *this;
    }
    content_policy_patch& expires_at(timestamp value) {
        expires_at_ = value;
        return *this;
    }
    /// Sets `expires_at` to null.
    content_policy_patch& clear_expires_at() {
        expires_at_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(content_policy_patch, (), (), (),
                         (name_, pattern_, targets_, enabled_, notes_, expires_at_))

    patch_field<std::string> name_;
    patch_field<std::string> pattern_;
    patch_field<std::vector<content_target>> targets_;
    patch_field<bool> enabled_;
    nullable_patch_field<std::string> notes_;
    nullable_patch_field<timestamp> expires_at_;
};

/// What the list of content policies can be sorted by.
enum class content_policy_order { name, created_at };
constexpr auto wire_names(content_policy_order) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{content_policy_order::name, "name"sv},
                      std::pair{content_policy_order::created_at, "created_at"sv}};
}

/// Which policies to list; all by default.
class content_policy_filter : public list_filter<content_policy_filter, content_policy_order> {
    using base = list_filter<content_policy_filter, content_policy_order>;

public:
    content_policy_filter() noexcept {}

    /// Only those that are in force, or only the others.
    content_policy_filter& enabled(bool value) { return set(enabled_, value); }
    /// The whole name.
    content_policy_filter& name(std::string value) { return set(name_, std::move(value)); }

    bool has_own_filter() const noexcept { return enabled_ || name_; }

private:
    BOOST_DESCRIBE_CLASS(content_policy_filter, (base), (), (), (enabled_, name_))

    std::optional<bool> enabled_;
    std::optional<std::string> name_;
};

struct content_policies_traits : identified_entries<content_policies_traits> {
    using model = content_policy;
    using new_item = new_content_policy;
    using patch = content_policy_patch;
    using filter = content_policy_filter;

    static constexpr std::array<std::string_view, 1> key{"name"};

    static constexpr std::string_view name = "content_policies";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/content_policies";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/content_policies/{policy_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/content_policies/batch";

    static std::vector<filter> candidates(new_item const& value) {
        return {filter{}.name(value.name())};
    }
};

/// The content policies of an account: create, get, list, edit, remove, batch. The API has no PUT
/// of a single one; a batch can replace them.
using content_policies = collection<content_policies_traits>;

}  // namespace cloudflare::inline v0::email_security
