#include "entry_patterns.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <optional>

namespace cfes {

void set_field(any_object& object, std::string_view name, std::string_view value) {
    auto const* const field = find_field(object.type().fields(), name);
    if (field) wire::from_text(*field->how, field->address(object.get()), value);
}

std::string get_field(any_object const& object, std::string_view name) {
    auto const* const field = find_field(object.type().fields(), name);
    if (!field) return {};
    auto* const at = field->address(const_cast<any_object&>(object).get());
    return field->how->is_present(at) ? wire::to_text(*field->how, at) : std::string{};
}

std::vector<es::recognised_pattern> patterns_in(std::string const& text,
                                                std::optional<es::pattern_type> type) {
    auto found = es::read_patterns(text, type);
    if (!found) throw usage_error('\'' + text + "' " + found.error().detail());
    return std::move(*found);
}

void recognise(any_object& object, bool has_type) {
    bool const is_of_sender = find_field(object.type().fields(), "pattern_type") != nullptr;
    auto const text = get_field(object, "pattern");
    if (!is_of_sender || text.empty() || get_field(object, "is_regex") == "true") return;
    std::optional<es::pattern_type> wanted;
    if (has_type) {
        wanted = cf::from_wire_name<es::pattern_type>(get_field(object, "pattern_type"));
    }
    auto const found = patterns_in(text, wanted);
    if (found.size() > 1) throw usage_error('\'' + text + "' is more than one CIDR block");
    set_field(object, "pattern", found.front().pattern);
    set_field(object, "pattern_type", cf::wire_name(found.front().type));
}

void require_whole_entry(any_object& item, bool has_type) {
    bool const has_types = find_field(item.type().fields(), "pattern_type") != nullptr;
    if (has_types && !has_type && get_field(item, "is_regex") == "true") {
        throw usage_error("a regular expression needs --pattern-type");
    }
    recognise(item, has_type);
    require_valid(item.validate());
}

}  // namespace cfes
