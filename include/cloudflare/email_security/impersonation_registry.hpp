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

/// Where an entry comes from.
enum class provenance { internal, casb_office_365, office_365, google_directory };
constexpr auto wire_names(provenance) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{provenance::internal, "A1S_INTERNAL"sv},
                      std::pair{provenance::casb_office_365, "SNOOPY-CASB_OFFICE_365"sv},
                      std::pair{provenance::office_365, "SNOOPY-OFFICE_365"sv},
                      std::pair{provenance::google_directory, "SNOOPY-GOOGLE_DIRECTORY"sv}};
}

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// A person who is protected from being impersonated, as the API gives it. Any field may be
/// absent.
struct impersonation_entry {
    impersonation_entry() = default;

    identifier id;  ///< empty when absent
    std::optional<std::string> name;
    std::optional<std::string> email;
    std::optional<bool> is_email_regex;
    std::optional<open_enum<email_security::provenance>> provenance;
    std::optional<std::int64_t> directory_id;
    std::optional<std::int64_t> directory_node_id;
    std::optional<std::string> comments;
    std::optional<timestamp> created_at;
    std::optional<timestamp> modified_at;
    std::optional<timestamp> last_modified [[deprecated("use modified_at")]];
    /// The identifier that the directory has for the person.
    std::optional<std::string> external_directory_node_id
        [[deprecated("the API gives no replacement")]];
};
BOOST_DESCRIBE_STRUCT(impersonation_entry, (),
                      (id, name, email, is_email_regex, provenance, directory_id, directory_node_id,
                       comments, created_at, modified_at, last_modified,
                       external_directory_node_id))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(impersonation_entry*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"last_modified"sv, "external_directory_node_id"sv};
}

/// Whom to protect.
class CLOUDFLARE_EXPORT new_impersonation_entry {
public:
    /// Nobody; it has to be assigned to before it is valid.
    new_impersonation_entry() noexcept {}
    /// The name, at most 1024 characters, and the address, or a regular expression with
    /// `is_email_regex`.
    new_impersonation_entry(std::string name, std::string email)
        : name_{std::move(name)}, email_{std::move(email)} {}

    /// Default false.
    new_impersonation_entry& is_email_regex(bool value) {
        is_email_regex_ = value;
        return *this;
    }
    new_impersonation_entry& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    new_impersonation_entry& directory_id(std::int64_t value) {
        directory_id_ = value;
        return *this;
    }
    new_impersonation_entry& directory_node_id(std::int64_t value) {
        directory_node_id_ = value;
        return *this;
    }
    new_impersonation_entry& provenance(email_security::provenance value) {
        provenance_ = value;
        return *this;
    }
    /// Sets the API's field `external_directory_node_id`.
    [[deprecated("the API gives no replacement")]] new_impersonation_entry&
    external_directory_node_id(std::string value) {
        external_directory_node_id_ = std::move(value);
        return *this;
    }

    std::string const& name() const noexcept { return name_; }
    std::string const& email() const noexcept { return email_; }
    bool is_email_regex() const noexcept { return is_email_regex_; }
    std::optional<std::string> const& comments() const noexcept { return comments_; }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(new_impersonation_entry, (), (), (),
                         (name_, email_, is_email_regex_, comments_, directory_id_,
                          directory_node_id_, provenance_, external_directory_node_id_))

    std::string name_;
    std::string email_;
    bool is_email_regex_ = false;
    std::optional<std::string> comments_;
    std::optional<std::int64_t> directory_id_;
    std::optional<std::int64_t> directory_node_id_;
    std::optional<email_security::provenance> provenance_;
    std::optional<std::string> external_directory_node_id_;
};

/// Which fields of an entry change, and to what; at least one. Entries that come from a directory
/// cannot be changed.
class CLOUDFLARE_EXPORT impersonation_entry_patch {
public:
    impersonation_entry_patch() noexcept {}

    impersonation_entry_patch& name(std::string value) {
        name_ = std::move(value);
        return *this;
    }
    impersonation_entry_patch& email(std::string value) {
        email_ = std::move(value);
        return *this;
    }
    impersonation_entry_patch& is_email_regex(bool value) {
        is_email_regex_ = value;
        return *this;
    }
    impersonation_entry_patch& comments(std::string value) {
        comments_ = std::move(value);
        return *this;
    }
    /// Sets the comments to null.
    impersonation_entry_patch& clear_comments() {
        comments_ = std::nullopt;
        return *this;
    }
    impersonation_entry_patch& directory_id(std::int64_t value) {
        directory_id_ = value;
        return *this;
    }
    /// Sets the directory to null.
    impersonation_entry_patch& clear_directory_id() {
        directory_id_ = std::nullopt;
        return *this;
    }
    impersonation_entry_patch& directory_node_id(std::int64_t value) {
        directory_node_id_ = value;
        return *this;
    }
    /// Sets the directory node to null.
    impersonation_entry_patch& clear_directory_node_id() {
        directory_node_id_ = std::nullopt;
        return *this;
    }
    impersonation_entry_patch& provenance(email_security::provenance value) {
        provenance_ = value;
        return *this;
    }
    /// Sets the API's field `external_directory_node_id`.
    [[deprecated("the API gives no replacement")]] impersonation_entry_patch&
    external_directory_node_id(std::string value) {
        external_directory_node_id_ = std::move(value);
        return *this;
    }
    /// Sets the external node to null.
    [[deprecated("the API gives no replacement")]] impersonation_entry_patch&
    clear_external_directory_node_id() {
        external_directory_node_id_ = std::nullopt;
        return *this;
    }

    /// Checks the limits offline: `errc::invalid_argument`, naming the field.
    result<void> validate() const;

private:
    BOOST_DESCRIBE_CLASS(impersonation_entry_patch, (), (), (),
                         (name_, email_, is_email_regex_, comments_, directory_id_,
                          directory_node_id_, provenance_, external_directory_node_id_))

    patch_field<std::string> name_;
    patch_field<std::string> email_;
    patch_field<bool> is_email_regex_;
    nullable_patch_field<std::string> comments_;
    nullable_patch_field<std::int64_t> directory_id_;
    nullable_patch_field<std::int64_t> directory_node_id_;
    patch_field<email_security::provenance> provenance_;
    nullable_patch_field<std::string> external_directory_node_id_;
};

constexpr auto deprecated_fields(new_impersonation_entry*) noexcept {
    return std::array{std::string_view{"external_directory_node_id"}};
}
constexpr auto deprecated_fields(impersonation_entry_patch*) noexcept {
    return std::array{std::string_view{"external_directory_node_id"}};
}

/// What the impersonation registry is sorted by.
enum class impersonation_order { name, email, created_at };
constexpr auto wire_names(impersonation_order) noexcept {
    using namespace std::string_view_literals;
    return std::array{std::pair{impersonation_order::name, "name"sv},
                      std::pair{impersonation_order::email, "email"sv},
                      std::pair{impersonation_order::created_at, "created_at"sv}};
}

/// Which entries to list; all by default.
class impersonation_filter : public list_filter<impersonation_filter, impersonation_order> {
    using base = list_filter<impersonation_filter, impersonation_order>;

public:
    impersonation_filter() noexcept {}

    impersonation_filter& provenance(email_security::provenance value) {
        return set(provenance_, value);
    }

    bool has_own_filter() const noexcept { return provenance_.has_value(); }

private:
    BOOST_DESCRIBE_CLASS(impersonation_filter, (base), (), (), (provenance_))

    std::optional<email_security::provenance> provenance_;
};

struct impersonation_registry_traits : identified_entries<impersonation_registry_traits> {
    using model = impersonation_entry;
    using new_item = new_impersonation_entry;
    using patch = impersonation_entry_patch;
    using filter = impersonation_filter;

    static constexpr std::array<std::string_view, 3> key{"name", "email", "is_email_regex"};
    static constexpr std::array filled_in{filled_field{"provenance", "A1S_INTERNAL"}};

    static constexpr std::string_view name = "impersonation_registry";
    static constexpr std::string_view path =
        "/accounts/{account_id}/email-security/settings/impersonation_registry";
    static constexpr std::string_view item_path =
        "/accounts/{account_id}/email-security/settings/impersonation_registry/"
        "{impersonation_registry_id}";

    /// The API has no filter for the address: the newest entries first, as what was just created is
    /// among them.
    static std::vector<filter> candidates(new_item const&) {
        return {filter{}.order(impersonation_order::created_at).direction(direction::descending)};
    }
};

/// The impersonation registry of an account: create, get, list, edit, remove. There is no batch.
using impersonation_registry = collection<impersonation_registry_traits>;

}  // namespace cloudflare::inline v0::email_security
