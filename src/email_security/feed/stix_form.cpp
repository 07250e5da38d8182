#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_document.hpp"

#include <cloudflare/timestamp.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace cloudflare::email_security {

namespace json = boost::json;

namespace {

/// The values in a pattern of equalities that are joined by OR; empty when it says anything else.
class stix_pattern {
public:
    stix_pattern(std::string_view text, bool from_urls) : rest_{text}, from_urls_{from_urls} {}

    std::optional<std::vector<std::string>> read() {
        do {
            if (!take("[")) return std::nullopt;
            do {
                if (!take_comparison()) return std::nullopt;
            } while (take_word_or());
            if (!take("]")) return std::nullopt;
        } while (take_word_or());
        if (!trim(rest_).empty()) return std::nullopt;
        return std::move(values_);
    }

private:
    bool take(std::string_view token) {
        rest_ = trim(rest_);
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    bool take_word_or() { return take("OR ") || take("OR["); }

    bool take_comparison() {
        rest_ = trim(rest_);
        auto const path = rest_.substr(0, rest_.find_first_of(" =\t\n"));
        constexpr std::array<std::string_view, 4> known{"domain-name:value", "email-addr:value",
                                                        "ipv4-addr:value", "ipv6-addr:value"};
        bool const is_known =
            std::ranges::find(known, path) != known.end() || (from_urls_ && path == "url:value");
        if (!is_known) return false;
        rest_.remove_prefix(path.size());
        return take("=") && take("'") && take_text();
    }

    bool take_text() {
        std::string value;
        for (; !rest_.empty(); rest_.remove_prefix(1)) {
            if (rest_.front() == '\'') {
                rest_.remove_prefix(1);
                values_.push_back(std::move(value));
                return true;
            }
            if (rest_.front() == '\\') {
                rest_.remove_prefix(1);
                if (!rest_.starts_with('\\') && !rest_.starts_with('\'')) return false;
            }
            value += rest_.front();
        }
        return false;
    }

    std::string_view rest_;
    bool from_urls_;
    std::vector<std::string> values_;
};

std::string_view text_in(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view{found->get_string()}
                                                  : std::string_view{};
}

bool is_true(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

/// Indicators, in bundles or by themselves.
class stix_form final : public json_document {
public:
    explicit stix_form(entry_maker& make) : json_document{make} {}

private:
    std::optional<error> take_value(std::string_view value) override {
        auto const objects = value.front() == '{' ? find_member(value, "objects") : std::nullopt;
        if (value.front() == '[') {
            for_each_element(value, [this](std::string_view each) { take_object(each); });
        } else if (objects) {
            for_each_element(*objects, [this](std::string_view each) { take_object(each); });
        } else {
            take_object(value);
        }
        return std::nullopt;
    }

    void take_object(std::string_view text) {
        auto const where = place_of(text);
        boost::system::error_code failed;
        auto const parsed = json::parse(text, failed);
        if (failed || !parsed.is_object()) return make_.reject(where, "is not a STIX object");
        auto const& object = parsed.get_object();
        if (text_in(object, "type") != "indicator") return make_.skip("other objects");
        take_indicator(where, object);
    }

    void take_indicator(record_place where, json::object const& indicator) {
        if (is_true(indicator, "revoked")) return make_.skip("revoked indicators");
        if (is_over(text_in(indicator, "valid_until"))) return make_.skip("expired indicators");
        auto const id = text_in(indicator, "id");
        auto const pattern = text_in(indicator, "pattern");
        auto const kind = text_in(indicator, "pattern_type");
        auto const shown = id.empty() ? pattern : id;
        if (!kind.empty() && kind != "stix") {
            return make_.reject(where, shown, "has a pattern of another language than STIX");
        }
        auto const values = stix_pattern{pattern, make_.reading().from_urls}.read();
        if (!values) {
            return make_.reject(where, shown,
                                "has a pattern that is more than names, addresses or IP addresses "
                                "joined by OR; of a URL, --from-urls takes the host");
        }
        auto const note = text_in(indicator, "description");
        for (auto const& each : *values) {
            make_.add({where.line, each}, each, note.empty() ? text_in(indicator, "name") : note);
        }
    }

    bool is_over(std::string_view time) const {
        auto const until = parse_timestamp(time);
        return until && *until <= now_;
    }

    timestamp now_{
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now())};
};

}  // namespace

std::unique_ptr<document_reader> make_stix_reader(entry_maker& make) {
    return std::make_unique<stix_form>(make);
}

}  // namespace cloudflare::email_security
