#include "../patterns.hpp"
#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

namespace {

void check(collection const& c, row const& values, std::string const& at, problems& found) {
    auto const* const domain = values[*c.find("domain")].if_string();
    if (domain && !is_domain(*domain)) {
        found.add(400, "domain is not a domain name", at + "/domain");
    }
}

}  // namespace

collection const& sending_domain_restrictions() {
    static collection const description{
        .name = "sending_domain_restrictions",
        .fields =
            {
                {.name = "domain",
                 .required = true,
                 .order = true,
                 .search = true,
                 .caseless = true},
                {.name = "exclude",
                 .type = field_type::text_list,
                 .required = true,
                 .caseless = true},
                {.name = "comments", .nullable = true, .search = true, .max_length = 1024},
            },
        .natural_key = {"domain"},
        .batch = batch_support::deletes,
        .check = check,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
