#include "../patterns.hpp"
#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

namespace {

void check(collection const& c, row const& values, std::string const& at, problems& found) {
    check_expression(c, values, "pattern", "is_regex", is_domain, "a domain name", at, found);
}

}  // namespace

collection const& trusted_domains() {
    static collection const description{
        .name = "trusted_domains",
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
                {.name = "is_regex", .type = field_type::boolean, .required = true},
                {.name = "is_recent",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true},
                {.name = "is_similarity",
                 .type = field_type::boolean,
                 .required = true,
                 .filter = true},
                {.name = "comments", .nullable = true, .search = true, .max_length = 1024},
            },
        .natural_key = {"pattern", "is_regex"},
        .has_put = true,
        .put_requires = true,
        .check = check,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
