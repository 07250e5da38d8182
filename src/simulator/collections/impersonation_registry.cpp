#include "../patterns.hpp"
#include "collections.hpp"

namespace cloudflare::inline v0::simulator {

namespace {

constexpr std::string_view made_by_hand = "A1S_INTERNAL";

void check(collection const& c, row const& values, std::string const& at, problems& found) {
    check_expression(c, values, "email", "is_email_regex", is_email, "an email address", at, found);
}

void complete(collection const& c, row& values, std::string const&, std::string const&) {
    boost::json::value& provenance = values[*c.find("provenance")];
    if (provenance.is_null()) provenance = made_by_hand;
}

std::string_view locked(collection const& c, row const& values) {
    auto const* const provenance = values[*c.find("provenance")].if_string();
    if (!provenance || *provenance == made_by_hand) return {};
    return "an entry that comes from a directory cannot be changed";
}

}  // namespace

collection const& impersonation_registry() {
    static collection const description{
        .name = "impersonation_registry",
        .fields =
            {
                {.name = "name",
                 .required = true,
                 .order = true,
                 .search = true,
                 .max_length = 1024},
                {.name = "email",
                 .required = true,
                 .order = true,
                 .search = true,
                 .caseless = true},
                {.name = "is_email_regex", .type = field_type::boolean, .required = true},
                {.name = "comments", .nullable = true, .search = true},
                {.name = "directory_id", .type = field_type::integer, .nullable = true},
                {.name = "directory_node_id", .type = field_type::integer, .nullable = true},
                {.name = "external_directory_node_id", .nullable = true},
                {.name = "provenance",
                 .nullable = true,
                 .filter = true,
                 .values = {"A1S_INTERNAL", "SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365",
                            "SNOOPY-GOOGLE_DIRECTORY"}},
            },
        .natural_key = {"name", "email", "is_email_regex"},
        .batch = batch_support::none,
        .check = check,
        .complete = complete,
        .locked = locked,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
