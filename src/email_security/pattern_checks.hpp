#pragma once

#include <cloudflare/codec.hpp>
#include <cloudflare/email_security/pattern_type.hpp>
#include <cloudflare/validation.hpp>

#include <algorithm>
#include <optional>
#include <string>

/// The limits that block senders and allow policies share.
namespace cloudflare::email_security {

inline result<void> check_new_pattern(std::string const& pattern, pattern_type type,
                                      std::optional<std::string> const& comments) {
    if (auto const valid = check_pattern(pattern); !valid) return valid;
    if (auto const valid = check_pattern_type(type); !valid) return valid;
    return comments ? check_comments(*comments) : result<void>{};
}

template <class Patch>
result<void> check_pattern_patch(Patch const& patch, patch_field<std::string> const& pattern,
                                 patch_field<pattern_type> const& type,
                                 patch_field<std::string> const& comments) {
    auto const fields = wire::fields_of<Patch>();
    auto const is_given = [&patch](wire::field const& each) {
        return each.how->is_present(each.address(const_cast<Patch*>(&patch)));
    };
    if (std::none_of(fields.begin(), fields.end(), is_given)) {
        return error{errc::invalid_argument, "no field to change is given"};
    }
    if (pattern.is_set()) {
        if (auto const valid = check_pattern(pattern.value()); !valid) return valid;
    }
    if (type.is_set()) {
        if (auto const valid = check_pattern_type(type.value()); !valid) return valid;
    }
    return comments.is_set() ? check_comments(comments.value()) : result<void>{};
}

}  // namespace cloudflare::email_security
