#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_document.hpp"
#include "email_security/feed/json_object.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace cloudflare::inline v0::email_security {

namespace json = boost::json;

namespace {

/// What a type of attributes is about, as far as it is about senders.
struct attribute_type {
    std::string_view name;
    std::optional<pattern_type> type;  ///< of a URL, its host's
};
constexpr std::array attribute_types{attribute_type{"domain", pattern_type::domain},
                                     attribute_type{"hostname", pattern_type::domain},
                                     attribute_type{"domain|ip", pattern_type::domain},
                                     attribute_type{"email-src", pattern_type::email},
                                     attribute_type{"email", pattern_type::email},
                                     attribute_type{"ip-src", pattern_type::ip},
                                     attribute_type{"ip-dst", pattern_type::ip},
                                     attribute_type{"url", std::nullopt},
                                     attribute_type{"uri", std::nullopt},
                                     attribute_type{"link", std::nullopt}};
constexpr std::array<std::string_view, 3> port_types{"ip-src|port", "ip-dst|port", "hostname|port"};

/// An attribute by itself, without its event.
bool is_attribute(std::string_view object) {
    return find_member(object, "type") && find_member(object, "value");
}

/// Attributes of events, wherever they stand, and warning lists.
class misp_form final : public json_document {
public:
    explicit misp_form(entry_maker& make) : json_document{make} {}

private:
    std::optional<error> take_value(std::string_view value) override {
        if (value.front() == '[') {
            return each_of(value, "events or attributes",
                           [this](std::string_view each) { return take_object(each); });
        }
        auto const list = value.front() == '{' ? find_member(value, "list") : std::nullopt;
        return list ? take_warning_list(*list) : take_object(value);
    }

    std::optional<error> take_warning_list(std::string_view list) {
        if (!make_.reading().warning_lists) {
            return unusable_feed(
                "read as misp: it is a warning list, whose names are not to be blocked; --protect "
                "takes it");
        }
        return each_of(list, "names", [this](std::string_view each) {
            take_listed(each);
            return std::nullopt;
        });
    }

    void take_listed(std::string_view element) {
        auto const where = place_of(element);
        boost::system::error_code failed;
        auto const parsed = json::parse(element, failed);
        if (failed || !parsed.is_string()) return make_.reject(where, "is not a text");
        make_.add(where, parsed.get_string());
    }

    /// An event, an answer with events or attributes, or an attribute by itself.
    std::optional<error> take_object(std::string_view value) {
        if (value.front() != '{') {
            make_.reject(place_of(value), "is neither a MISP event nor an attribute");
            return std::nullopt;
        }
        if (is_attribute(value)) {
            take_attribute(value);
            return std::nullopt;
        }
        if (auto const response = find_member(value, "response")) {
            if (!response->starts_with('[')) return take_event(*response);
            return each_of(*response, "events",
                           [this](std::string_view each) { return take_object(each); });
        }
        if (auto const event = find_member(value, "Event")) return take_event(*event);
        return take_event(value);
    }

    /// What has attributes, by themselves or in objects. Without any list of them it is damaged, or
    /// something else.
    std::optional<error> take_event(std::string_view event) {
        bool has_list = false;
        std::optional<error> failed;
        bool const is_whole =
            for_each_member(event, [&](std::string_view key, std::string_view of) {
                bool const is_attributes = key == R"("Attribute")";
                if (failed || (!is_attributes && key != R"("Object")")) return;
                has_list = true;
                if (is_attributes) {
                    failed = take_attributes(of);
                } else if (of.starts_with('{')) {
                    failed = take_event(of);
                } else {
                    failed = each_of(of, "objects",
                                     [this](std::string_view each) { return take_event(each); });
                }
            });
        if (failed) return failed;
        if (!is_whole || !has_list) return no_list(event, "attributes");
        return std::nullopt;
    }

    std::optional<error> take_attributes(std::string_view list) {
        if (list.starts_with('{') && is_attribute(list)) {
            take_attribute(list);
            return std::nullopt;
        }
        return each_of(list, "attributes", [this](std::string_view each) {
            take_attribute(each);
            return std::nullopt;
        });
    }

    void take_attribute(std::string_view text) {
        auto const where = place_of(text);
        auto const parsed = parse_object(text);
        if (!parsed) return make_.reject(where, parsed.error().detail());
        auto const& attribute = *parsed;
        auto const deleted = flag_in(attribute, "deleted");
        auto const to_ids = flag_in(attribute, "to_ids");
        if (!deleted) return make_.reject(where, "has a 'deleted' that is neither true nor false");
        if (!to_ids) return make_.reject(where, "has a 'to_ids' that is neither true nor false");
        if (*deleted) return make_.skip("deleted attributes");
        if (!*to_ids) return make_.skip("attributes without to_ids");
        auto const kind = text_in(attribute, "type");
        auto value = text_in(attribute, "value");
        if (std::ranges::find(port_types, kind) != port_types.end()) {
            return make_.reject(where, value, "is an address with a port");
        }
        auto const* const known = std::ranges::find(attribute_types, kind, &attribute_type::name);
        // What is not about senders, as the hash of a file, is not what this feed is read for.
        if (known == attribute_types.end()) {
            return make_.skip("attributes that are not about senders", value);
        }
        if (value.empty()) return make_.reject(where, "has no value");
        if (auto const bar = value.find('|');
            kind == "domain|ip" && bar != std::string_view::npos) {
            // Where a name leads, others do as well.
            make_.skip("addresses that a name led to", value.substr(bar));
            value = value.substr(0, bar);
        }
        make_.add({where.line, value}, value, text_in(attribute, "comment"), known->type);
    }
};

}  // namespace

std::unique_ptr<document_reader> make_misp_reader(entry_maker& make) {
    return std::make_unique<misp_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
