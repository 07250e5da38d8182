#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/email_security/pattern_type.hpp>
#include <cloudflare/detail/validation.hpp>

#include <algorithm>
#include <optional>
#include <string>

/// The limits that several collections share.
namespace cloudflare::inline v0::email_security {

inline result<void> check_new_pattern(std::string const& pattern, pattern_type type,
                                      std::optional<std::string> const& comments) {
    if (auto const valid = check_pattern(pattern); !valid) return valid;
    if (auto const valid = check_pattern_type(type); !valid) return valid;
    return comments ? check_comments(*comments) : result<void>{};
}

/// Checks a field of a patch that is set.
template <class T, bool Nullable, class Check>
result<void> check_set(patch_field<T, Nullable> const& field, Check check) {
    return field.is_set() ? check(field.value()) : result<void>{};
}

/// A patch must change something.
template <class Patch>
result<void> check_any_given(Patch const& patch) {
    auto const fields = wire::fields_of<Patch>();
    auto const is_given = [&patch](wire::field const& each) {
        return each.how->is_present(each.address(const_cast<Patch*>(&patch)));
    };
    if (std::any_of(fields.begin(), fields.end(), is_given)) return {};
    return error{errc::invalid_argument, "no field to change is given"};
}

template <class Patch>
result<void> check_pattern_patch(Patch const& patch, patch_field<std::string> const& pattern,
                                 nullable_patch_field<std::string> const& comments) {
    if (auto const valid = check_any_given(patch); !valid) return valid;
    if (auto const valid = check_set(pattern, check_pattern); !valid) return valid;
    return check_set(comments, check_comments);
}

template <class Patch>
result<void> check_pattern_patch(Patch const& patch, patch_field<std::string> const& pattern,
                                 patch_field<pattern_type> const& type,
                                 nullable_patch_field<std::string> const& comments) {
    if (auto const valid = check_pattern_patch(patch, pattern, comments); !valid) return valid;
    return check_set(type, check_pattern_type);
}

}  // namespace cloudflare::inline v0::email_security
