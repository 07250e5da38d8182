#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/domain_order.hpp>
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

/// A domain whose mail is dropped when it comes without TLS, as the API gives it. Any field may be
/// absent.
struct sending_domain_restriction {
    sending_domain_restriction() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> domain;
    std::vector<std::string> exclude;  ///< subdomains that need no TLS
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
};
BOOST_DESCRIBE_STRUCT(sending_domain_restriction, (),
                      (id, domain, exclude, comments, created_at, modified_at, last_modified))

#pragma GCC diagnostic pop

/// What to require TLS of.
class CLOUDFLARE_EXPORT new_sending_domain_restriction {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_sending_domain_restriction() noexcept {}
    /// The domain, and the subdomains that are exempt.
    explicit new_sending_domain_restriction(std::string domain,
                                            std::vector<std::string> exclude = {})
        : domain_{std::move(domain)}, exclude_{std::move(exclude)} {}

    /// At most 1024 characters.
    new_sending_domain_restriction& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }

    std::string const& domain() const noexcept { return domain_; }
    std::vector<std::string> const& exclude() const noexcept { return exclude_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_sending_domain_restriction, (), (), (), (domain_, exclude_, comments_))

    std::string domain_;
    std::vector<std::string> exclude_;
    std::optional<std::string> comments_;
};

/// Which fields of an entry change, and to what; at least one.
class CLOUDFLARE_EXPORT sending_domain_restriction_patch {
public:
    sending_domain_restriction_patch() noexcept {}

    sending_domain_restriction_patch& domain(std::string value) {
        domain_ = std::move(value);
        return *this;
    }
    /// The whole new list.
    sending_domain_restriction_patch& exclude(std::vector<std::string> value) {
        exclude_ = std::move(value);
        return *this;
    }
    sending_domain_restriction_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    sending_domain_restriction_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(sending_domain_restriction_patch, (), (), (),
                         (domain_, exclude_, comments_))

    patch_field<std::string> domain_;
    patch_field<std::vector<std::string>> exclude_;
    nullable_patch_field<std::string> comments_;
};

/// Which entries to list; all by default.
class sending_domain_restriction_filter
    : public list_filter<sending_domain_restriction_filter, domain_order> {
    using base = list_filter<sending_domain_restriction_filter, domain_order>;

public:
    sending_domain_restriction_filter() noexcept {}

    bool has_own_filter() const noexcept { return false; }

private:
    BOOST_DESCRIBE_CLASS(sending_domain_restriction_filter, (base), (), (), ())
};

struct sending_domain_restrictions_traits : identified_entries<sending_domain_restrictions_traits> {
    using model = sending_domain_restriction;
    using new_item = new_sending_domain_restriction;
    using patch = sending_domain_restriction_patch;
    using filter = sending_domain_restriction_filter;

    static constexpr std::array<std::string_view, 1> key{"domain"};

    static constexpr std::string_view name = "sending_domain_restrictions";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/sending_domain_restrictions";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/sending_domain_restrictions/"
        "{sending_domain_restriction_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/sending_domain_restrictions/batch";
    static constexpr bool batch_only_deletes = true;

    /// The API has no filter for the domain: the newest entries first, as what was just created is
    /// among them.
    static std::vector<filter> candidates(new_item const&) {
        return {filter{}.order(domain_order::created_at).direction(direction::descending)};
    }
};

/// The sending domain restrictions of an account: create, get, list, edit, remove, and batch, which
/// can only delete.
using sending_domain_restrictions = collection<sending_domain_restrictions_traits>;

}  // namespace cloudflare::inline v0::email_security
