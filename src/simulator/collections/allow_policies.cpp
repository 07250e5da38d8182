#include "../patterns.hpp"
#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

collection const& allow_policies() {
    static collection const description{
        .name = "allow_policies",
        .fields =
            {
                {.name = "pattern",
                 .required = true,
                 .filter = true,
                 .order = true,
                 .search = true,
                 .min_length = 1,
                 .max_length = 1024,
                 .caseless = true},
                {.name = "pattern_type",
                 .required = true,
                 .filter = true,
                 .values = {"EMAIL", "DOMAIN", "IP", "UNKNOWN"},
                 .unwritable = {"UNKNOWN"}},
                {.name = "is_regex", .type = field_type::boolean, .required = true},
                {.name = "is_exempt_recipient",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true,
                 .alias = "is_recipient"},
                {.name = "is_trusted_sender",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true,
                 .alias = "is_sender"},
                {.name = "is_acceptable_sender",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true,
                 .alias = "is_spoof"},
                {.name = "verify_sender",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true},
                {.name = "comments", .nullable = true, .search = true, .max_length = 1024},
            },
        .natural_key = {"pattern", "pattern_type", "is_regex"},
        .has_put = true,
        .put_requires = true,
        .check = check_pattern,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
