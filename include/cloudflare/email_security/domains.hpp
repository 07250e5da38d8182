#pragma once

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/domain_order.hpp>
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/list_filter.hpp>
#include <cloudflare/email_security/domain_entry.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What can be configured of a domain. What is not set is absent in the request; `clear_…` sends
/// null, which the API tells apart where a domain is replaced.
template <class Derived>
class CLOUDFLARE_EXPORT domain_settings {
public:
    /// Addresses or CIDR blocks, at most 100; default none.
    Derived& ip_restrictions(std::vector<std::string> value) {
        ip_restrictions_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    /// Mail of these is dropped; at most 10, default none.
    Derived& drop_dispositions(std::vector<disposition> value) {
        drop_dispositions_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    Derived& folder(scanned_folder value) {
        folder_ = value;
        return static_cast<Derived&>(*this);
    }
    Derived& clear_folder() {
        folder_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }
    /// A UUID.
    Derived& integration_id(std::string value) {
        integration_id_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    Derived& clear_integration_id() {
        integration_id_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }
    /// 1 to 20.
    Derived& lookback_hops(std::int64_t value) {
        lookback_hops_ = value;
        return static_cast<Derived&>(*this);
    }
    Derived& clear_lookback_hops() {
        lookback_hops_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }
    Derived& require_tls_inbound(bool value) {
        require_tls_inbound_ = value;
        return static_cast<Derived&>(*this);
    }
    Derived& clear_require_tls_inbound() {
        require_tls_inbound_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }
    Derived& require_tls_outbound(bool value) {
        require_tls_outbound_ = value;
        return static_cast<Derived&>(*this);
    }
    Derived& clear_require_tls_outbound() {
        require_tls_outbound_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }
    Derived& transport(std::string value) {
        transport_ = std::move(value);
        return static_cast<Derived&>(*this);
    }
    Derived& clear_transport() {
        transport_ = std::nullopt;
        return static_cast<Derived&>(*this);
    }

    std::vector<delivery_mode> const& allowed_delivery_modes() const noexcept {
        return allowed_delivery_modes_;
    }
    std::vector<region> const& regions() const noexcept { return regions_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

protected:
    domain_settings() noexcept {}
    /// What must be given of a domain.
    domain_settings(std::vector<delivery_mode> modes, std::vector<region> regions)
        : allowed_delivery_modes_{std::move(modes)}, regions_{std::move(regions)} {}

private:
    BOOST_DESCRIBE_CLASS(domain_settings, (), (), (),
                         (allowed_delivery_modes_, drop_dispositions_, ip_restrictions_, regions_,
                          folder_, integration_id_, lookback_hops_, require_tls_inbound_,
                          require_tls_outbound_, transport_))

    std::vector<delivery_mode> allowed_delivery_modes_;
    std::vector<disposition> drop_dispositions_;
    std::vector<std::string> ip_restrictions_;
    std::vector<region> regions_;
    nullable_patch_field<scanned_folder> folder_;
    nullable_patch_field<std::string> integration_id_;
    nullable_patch_field<std::int64_t> lookback_hops_;
    nullable_patch_field<bool> require_tls_inbound_;
    nullable_patch_field<bool> require_tls_outbound_;
    nullable_patch_field<std::string> transport_;
};

/// A domain to protect.
class CLOUDFLARE_EXPORT new_domain : public domain_settings<new_domain> {
public:
    /// Nothing; it has to be assigned to before it is valid.
    new_domain() noexcept {}
    /// Its name; 1 to 10 delivery modes and 1 to 10 regions.
    new_domain(std::string domain, std::vector<delivery_mode> modes, std::vector<region> regions)
        : domain_settings{std::move(modes), std::move(regions)}, domain_{std::move(domain)} {}

    std::string const& domain() const noexcept { return domain_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_domain, (domain_settings<new_domain>), (), (), (domain_))

    std::string domain_;
};

/// What a domain is replaced with: everything but its name, which stays.
class CLOUDFLARE_EXPORT domain_replacement : public domain_settings<domain_replacement> {
public:
    /// Nothing; it has to be assigned to before it is valid.
    domain_replacement() noexcept {}
    /// 1 to 10 delivery modes and 1 to 10 regions.
    domain_replacement(std::vector<delivery_mode> modes, std::vector<region> regions)
        : domain_settings{std::move(modes), std::move(regions)} {}

private:
    BOOST_DESCRIBE_CLASS(domain_replacement, (domain_settings<domain_replacement>), (), (), ())
};

/// Which fields of a domain change, and to what; at least one.
class CLOUDFLARE_EXPORT domain_patch {
public:
    domain_patch() noexcept {}

    domain_patch& allowed_delivery_modes(std::vector<delivery_mode> value) {
        allowed_delivery_modes_ = std::move(value);
        return *this;
    }
    domain_patch& drop_dispositions(std::vector<disposition> value) {
        drop_dispositions_ = std::move(value);
        return *this;
    }
    domain_patch& ip_restrictions(std::vector<std::string> value) {
        ip_restrictions_ = std::move(value);
        return *this;
    }
    domain_patch& regions(std::vector<region> value) {
        regions_ = std::move(value);
        return *this;
    }
    domain_patch& folder(scanned_folder value) {
        folder_ = value;
        return *this;
    }
    /// Sets the folder to null.
    domain_patch& clear_folder() {
        folder_ = std::nullopt;
        return *this;
    }
    /// A UUID.
    domain_patch& integration_id(std::string value) {
        integration_id_ = std::move(value);
        return *this;
    }
    /// Sets the integration to null.
    domain_patch& clear_integration_id() {
        integration_id_ = std::nullopt;
        return *this;
    }
    /// 1 to 20.
    domain_patch& lookback_hops(std::int64_t value) {
        lookback_hops_ = value;
        return *this;
    }
    domain_patch& require_tls_inbound(bool value) {
        require_tls_inbound_ = value;
        return *this;
    }
    domain_patch& require_tls_outbound(bool value) {
        require_tls_outbound_ = value;
        return *this;
    }
    domain_patch& transport(std::string value) {
        transport_ = std::move(value);
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(domain_patch, (), (), (),
                         (allowed_delivery_modes_, drop_dispositions_, ip_restrictions_, regions_,
                          folder_, integration_id_, lookback_hops_, require_tls_inbound_,
                          require_tls_outbound_, transport_))

    patch_field<std::vector<delivery_mode>> allowed_delivery_modes_;
    patch_field<std::vector<disposition>> drop_dispositions_;
    patch_field<std::vector<std::string>> ip_restrictions_;
    patch_field<std::vector<region>> regions_;
    nullable_patch_field<scanned_folder> folder_;
    nullable_patch_field<std::string> integration_id_;
    patch_field<std::int64_t> lookback_hops_;
    patch_field<bool> require_tls_inbound_;
    patch_field<bool> require_tls_outbound_;
    patch_field<std::string> transport_;
};

/// Which entries to list; all by default.
class domain_filter : public list_filter<domain_filter, domain_order> {
    using base = list_filter<domain_filter, domain_order>;

public:
    domain_filter() noexcept {}

    /// Domains of these names.
    domain_filter& domain(std::vector<std::string> value) { return set(domain_, std::move(value)); }
    domain_filter& status(email_security::domain_status value) { return set(status_, value); }
    domain_filter& allowed_delivery_mode(email_security::delivery_mode value) {
        return set(allowed_delivery_mode_, value);
    }
    domain_filter& active_delivery_mode(email_security::delivery_mode value) {
        return set(active_delivery_mode_, value);
    }
    domain_filter& integration_id(std::string value) {
        return set(integration_id_, std::move(value));
    }

    bool has_own_filter() const noexcept {
        return domain_ || status_ || allowed_delivery_mode_ || active_delivery_mode_ ||
               integration_id_;
    }

private:
    BOOST_DESCRIBE_CLASS(domain_filter, (base), (), (),
                         (domain_, status_, allowed_delivery_mode_, active_delivery_mode_,
                          integration_id_))

    std::optional<std::vector<std::string>> domain_;
    std::optional<email_security::domain_status> status_;
    std::optional<email_security::delivery_mode> allowed_delivery_mode_;
    std::optional<email_security::delivery_mode> active_delivery_mode_;
    std::optional<std::string> integration_id_;
};

struct domains_traits : identified_entries<domains_traits> {
    using model = domain_entry;
    using new_item = new_domain;
    using patch = domain_patch;
    using filter = domain_filter;
    using replacement = domain_replacement;

    static constexpr std::array<std::string_view, 1> key{"domain"};
    static constexpr std::array filled_in{filled_field{"folder"},
                                          filled_field{"integration_id"},
                                          filled_field{"lookback_hops"},
                                          filled_field{"require_tls_inbound"},
                                          filled_field{"require_tls_outbound"},
                                          filled_field{"transport"}};

    static constexpr std::string_view name = "domains";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/domains";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/domains/{domain_id}";
    static constexpr std::string_view batch_path =
        "/accounts/{account_id}/email-security/settings/domains/batch";

    static std::vector<filter> candidates(new_item const& value) {
        return {filter{}.domain(spellings_of<domains_traits>(value))};
    }
};

/// The protected domains of an account: create, get, list, edit, replace, remove, batch, and those
/// below. Errors, cancellation, thread-safety: as `collection`.
class CLOUDFLARE_EXPORT domains : public collection<domains_traits> {
public:
    using collection::collection;

    struct operations : collection::operations {
        static constexpr named_operation verification{
            {http_method::get,
             "/accounts/{account_id}/email-security/settings/domains/{domain_id}/verification"},
            domains_traits::name,
            "verification"};
        static constexpr named_operation bulk_remove{
            {http_method::delete_, domains_traits::path}, domains_traits::name, "bulk_remove"};

        static constexpr auto all() {
            return join(collection::operations::all(), std::array{verification, bulk_remove});
        }
    };

    /// How a domain is verified by a DNS record; empty when it is verified in another way.
    ///
    /// `GET item_path/verification`; permission: Cloud Email Security Read.
    boost::asio::awaitable<result<std::optional<domain_verification>>> verification(
        identifier id, call_options options = {}) const;

    /// Ends the protection of several domains. The API describes no way to say which ones, so
    /// expect it to be all.
    ///
    /// `DELETE path`; permission: Cloud Email Security Write.
    [[deprecated("use batch")]]  //
    boost::asio::awaitable<result<std::vector<deleted>>>
    bulk_remove(call_options options = {}) const;
};

}  // namespace cloudflare::inline v0::email_security
