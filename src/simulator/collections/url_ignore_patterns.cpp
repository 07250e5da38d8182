#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

collection const& url_ignore_patterns() {
    static collection const description{
        .name = "url_ignore_patterns",
        .fields =
            {
                {.name = "pattern", .required = true, .min_length = 1, .max_length = 1024},
                {.name = "comments", .nullable = true, .max_length = 1024},
            },
        .natural_key = {"pattern"},
        .unknown = unknown_fields::refused,
        .put_requires = true,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
