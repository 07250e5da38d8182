#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_document.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace cloudflare::email_security {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 7> sender_types{"domain", "hostname", "email-src", "email",
                                                       "ip-src", "ip-dst",   "domain|ip"};
constexpr std::array<std::string_view, 3> url_types{"url", "uri", "link"};

template <std::size_t Size>
bool is_one_of(std::array<std::string_view, Size> const& names, std::string_view text) {
    return std::ranges::find(names, text) != names.end();
}

std::string_view text_in(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view{found->get_string()}
                                                  : std::string_view{};
}

/// Also written as a number or a text.
bool is_true(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    if (found == nullptr) return false;
    if (found->is_bool()) return found->get_bool();
    if (found->is_int64()) return found->get_int64() != 0;
    return found->is_string() && (found->get_string() == "1" || found->get_string() == "true");
}

/// Attributes of events, wherever they stand, and warning lists.
class misp_form final : public json_document {
public:
    explicit misp_form(entry_maker& make) : json_document{make} {}

private:
    static constexpr int max_depth = 16;

    std::optional<error> take_value(std::string_view value) override {
        auto const list = value.front() == '{' ? find_member(value, "list") : std::nullopt;
        if (!list) {
            look_into(value, 0);
            return std::nullopt;
        }
        if (!make_.reading().warning_lists) {
            return unusable_feed(
                "read as misp: it is a warning list, whose names are not to be blocked; --protect "
                "takes it");
        }
        for_each_element(*list, [this](std::string_view each) { take_listed(each); });
        return std::nullopt;
    }

    void take_listed(std::string_view element) {
        auto const where = place_of(element);
        boost::system::error_code failed;
        auto const parsed = json::parse(element, failed);
        if (failed || !parsed.is_string()) return make_.reject(where, "is not a text");
        make_.add(where, parsed.get_string());
    }

    void look_into(std::string_view value, int depth) {
        if (depth > max_depth || value.empty()) return;
        if (value.front() == '[') {
            for_each_element(value, [&](std::string_view each) { look_into(each, depth + 1); });
            return;
        }
        if (value.front() != '{') return;
        for_each_member(value, [&](std::string_view key, std::string_view each) {
            if (key == R"("Attribute")" && each.starts_with('[')) {
                for_each_element(each, [this](std::string_view one) { take_attribute(one); });
            } else if (key == R"("Event")" || key == R"("Object")" || key == R"("response")" ||
                       depth == 0) {
                look_into(each, depth + 1);
            }
        });
    }

    void take_attribute(std::string_view text) {
        auto const where = place_of(text);
        boost::system::error_code failed;
        auto const parsed = json::parse(text, failed);
        if (failed || !parsed.is_object()) return make_.reject(where, "is not a MISP attribute");
        auto const& attribute = parsed.get_object();
        auto const type = text_in(attribute, "type");
        bool const is_url = is_one_of(url_types, type);
        if (is_true(attribute, "deleted")) return make_.skip("deleted attributes");
        if (!is_true(attribute, "to_ids")) return make_.skip("attributes without to_ids");
        // What is not about senders, as the hash of a file, is not what this feed is read for.
        if (!is_url && !is_one_of(sender_types, type)) {
            return make_.skip("attributes that are not about senders");
        }
        auto value = text_in(attribute, "value");
        if (type == "domain|ip") value = value.substr(0, value.find('|'));
        make_.add({where.line, value}, value, text_in(attribute, "comment"));
    }
};

}  // namespace

std::unique_ptr<document_reader> make_misp_reader(entry_maker& make) {
    return std::make_unique<misp_form>(make);
}

}  // namespace cloudflare::email_security
