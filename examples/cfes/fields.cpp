#include "fields.hpp"

#include <algorithm>
#include <utility>

namespace cfes {

namespace wire = cloudflare::wire;

namespace {

struct field_help {
    std::string_view name;
    char const* type;
    char const* text;
};

/// What the fields mean, over all collections; one that is not here still has its option.
constexpr field_help helps[] = {
    {"pattern", "TEXT", "E-mail address, domain, IPv4 address or CIDR block"},
    {"pattern_type", "TYPE", "EMAIL, DOMAIN or IP"},
    {"is_regex", "true|false", "Whether the pattern is a regular expression"},
    {"comments", "TEXT", "Anything, up to 1024 characters"},
    {"is_trusted_sender", "true|false", "Bypass all detections and link following"},
    {"is_acceptable_sender", "true|false", "Exempt from Spam, Spoof and Bulk"},
    {"is_exempt_recipient", "true|false", "Bypass all detections for this recipient"},
    {"verify_sender", "true|false", "Only for messages that pass DMARC, SPF or DKIM"},
    {"page", "N", "Only this page, from 1; all by default"},
    {"per_page", "N", "Entries a page, 1 to 1000"},
    {"search", "TEXT", "Only entries that match this text"},
    {"order", "FIELD", "Sort by pattern or created_at"},
    {"direction", "asc|desc", "Direction of sorting"},
};

}  // namespace

std::string option_name(std::string_view field) {
    std::string name{"--"};
    name += field;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

void add_field_option(CLI::App& to, wire::field const& field, std::shared_ptr<void> object,
                      bool is_boolean) {
    auto const name = option_name(field.name);
    auto const* const help =
        std::find_if(std::begin(helps), std::end(helps),
                     [&field](field_help const& each) { return each.name == field.name; });
    bool const is_known = help != std::end(helps);
    auto const store = [&field, object, name, is_boolean](std::string const& given) {
        // `--is-regex` alone means true.
        auto const text = is_boolean && given.empty() ? "true" : given;
        if (!wire::from_text(*field.how, field.address(object.get()), text)) {
            throw CLI::ValidationError(name, "has no valid value: '" + text + '\'');
        }
    };
    auto* const option =
        to.add_option_function<std::string>(name, store, is_known ? help->text : "");
    option->type_name(is_known ? help->type : "VALUE");
    if (is_boolean) option->expected(0, 1);
}

}  // namespace cfes
