#include "../patterns.hpp"
#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

collection const& block_senders() {
    static collection const description{
        .name = "block_senders",
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
