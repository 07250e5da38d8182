#include "../text.hpp"
#include "../time_text.hpp"
#include "collections.hpp"

#include <boost/regex.hpp>

#include <string>

namespace cloudflare::inline v0::simulator {

namespace {

/// The API's dialect of regular expressions, as far as it is documented: no groups, so no
/// lookaround either; no `{n,}`, and no count above 50. Whatever else a regular expression may be,
/// this is one that finds what is not allowed in it.
bool is_of_the_dialect(std::string const& pattern) {
    // What is behind a backslash, and classes, are plain text here.
    static boost::regex const plain(R"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])");
    static boost::regex const group(R"([()])");
    static boost::regex const open_count(R"(\{\d+,\})");
    static boost::regex const large_count(R"(\{(?:\d+,)?0*(?:5[1-9]|[6-9]\d|\d{3,})\}|)"
                                          R"(\{0*(?:5[1-9]|[6-9]\d|\d{3,}),\d+\})");
    std::string const rest = boost::regex_replace(pattern, plain, "x");
    return !boost::regex_search(rest, group) && !boost::regex_search(rest, open_count) &&
           !boost::regex_search(rest, large_count);
}

void check(collection const& c, row const& values, std::string const& at, problems& found) {
    if (auto const* const given = values[*c.find("pattern")].if_string()) {
        std::string const pattern{given->data(), given->size()};
        boost::regex const compiled(pattern, boost::regex::perl | boost::regex::no_except);
        if (compiled.status() != 0 || !is_of_the_dialect(pattern)) {
            found.add(400, "pattern is not a regular expression of the allowed kind",
                      at + "/pattern");
        }
    }
    auto const* const ends = values[*c.find("expires_at")].if_string();
    if (ends && !from_rfc3339({ends->data(), ends->size()})) {
        found.add(400, "expires_at is not a time", at + "/expires_at");
    }
}

}  // namespace

collection const& content_policies() {
    static collection const description{
        .name = "content_policies",
        .fields =
            {
                {.name = "name",
                 .required = true,
                 .filter = true,
                 .order = true,
                 .search = true,
                 .min_length = 1,
                 .max_length = 256},
                {.name = "pattern",
                 .required = true,
                 .search = true,
                 .min_length = 1,
                 .max_length = 2048},
                {.name = "targets",
                 .type = field_type::text_list,
                 .required = true,
                 .values = {"SUBJECT", "BODY"}},
                {.name = "enabled", .type = field_type::boolean, .required = true, .filter = true},
                {.name = "notes", .nullable = true, .search = true, .max_length = 4096},
                {.name = "expires_at", .nullable = true},
            },
        .natural_key = {"name"},
        .put_requires = true,
        .has_last_modified = false,
        .check = check,
    };
    return description;
}

}  // namespace cloudflare::inline v0::simulator
