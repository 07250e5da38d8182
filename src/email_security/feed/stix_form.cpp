#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_document.hpp"
#include "email_security/feed/json_object.hpp"
#include "memory/keyed_hash.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace json = boost::json;

namespace {

/// What an object of STIX is, by the path that leads to its value; a URL has no type of its own.
struct observable {
    std::string_view path;
    std::optional<pattern_type> type;
};
constexpr std::array observables{observable{"domain-name:value", pattern_type::domain},
                                 observable{"email-addr:value", pattern_type::email},
                                 observable{"ipv4-addr:value", pattern_type::ip},
                                 observable{"ipv6-addr:value", pattern_type::ip},
                                 observable{"url:value", std::nullopt}};

/// A value of a pattern.
struct compared {
    std::string value;
    std::optional<pattern_type> type;
};

/// The values in a pattern of equalities that are joined by OR, or why it is another one.
class stix_pattern {
public:
    stix_pattern(std::string_view text, bool from_urls)
        : rest_{trim(text)}, from_urls_{from_urls} {}

    result<std::vector<compared>> read() {
        if (rest_.empty()) return refusal("has no pattern");
        do {
            if (!take("[")) return refusal(malformed);
            do {
                if (auto failed = take_comparison()) return std::move(*failed);
            } while (take_or());
            if (!take("]")) return refusal(rest_.empty() ? malformed : more_than_or);
        } while (take_or());
        if (!trim(rest_).empty()) return refusal(more_than_or);
        return std::move(values_);
    }

private:
    static constexpr char const* malformed = "has a pattern that is not one of STIX";
    static constexpr char const* more_than_or =
        "has a pattern with more than comparisons joined by OR";

    static error refusal(std::string reason) {
        return error{errc::invalid_argument, std::move(reason)};
    }

    bool take(std::string_view token) {
        rest_ = trim(rest_);
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    bool take_or() {
        auto rest = trim(rest_);
        if (!rest.starts_with("OR")) return false;
        rest.remove_prefix(2);
        if (rest.empty() || (!is_blank(rest.front()) && rest.front() != '[')) return false;
        rest_ = rest;
        return true;
    }

    std::optional<error> take_comparison() {
        rest_ = trim(rest_);
        auto const path = rest_.substr(0, rest_.find_first_of(" =!<>\t\r\n"));
        auto const* const found = std::ranges::find(observables, path, &observable::path);
        if (found == observables.end()) {
            bool const has_path = path.find(':') != std::string_view::npos;
            if (!has_path) return refusal(rest_.empty() ? malformed : more_than_or);
            return refusal("is about " + presentable(path) +
                           ", and not about a name or an address");
        }
        if (!found->type && !from_urls_)
            return refusal("is about a URL: --from-urls takes its host");
        rest_.remove_prefix(path.size());
        if (!take("=")) return refusal("compares by more than =");
        if (!take("'") || !take_text(found->type)) return refusal(malformed);
        return std::nullopt;
    }

    bool take_text(std::optional<pattern_type> type) {
        std::string value;
        for (; !rest_.empty(); rest_.remove_prefix(1)) {
            if (rest_.front() == '\'') {
                rest_.remove_prefix(1);
                values_.push_back({std::move(value), type});
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
    std::vector<compared> values_;
};

/// A time of an object: empty in `time` when there is none, and nothing when it cannot be read.
struct object_time {
    std::optional<timestamp> time;
};
std::optional<object_time> time_in(json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    if (found == nullptr || found->is_null()) return object_time{};
    if (!found->is_string()) return std::nullopt;
    auto const time = parse_timestamp(std::string_view{found->get_string()});
    if (!time) return std::nullopt;
    return object_time{*time};
}

/// Whether all that is said of an indicator is that it shows nothing bad.
bool is_benign(json::object const& indicator) {
    auto const* const found = indicator.if_contains("indicator_types");
    if (found == nullptr || !found->is_array() || found->get_array().empty()) return false;
    return std::ranges::all_of(found->get_array(), [](json::value const& each) {
        return each.is_string() && each.get_string() == "benign";
    });
}

/// Indicators, in bundles or by themselves. One may come in several versions, of which the newest
/// counts: they are read when all are known.
class stix_form final : public json_document {
public:
    explicit stix_form(entry_maker& make) : json_document{make} {}

private:
    struct indicator {
        std::int64_t line;
        std::string_view text;
        std::string id;
        std::optional<timestamp> modified;
    };

    std::optional<error> take_value(std::string_view value) override {
        if (value.front() == '[') return take_all(value);
        auto const objects = value.front() == '{' ? find_member(value, "objects") : std::nullopt;
        if (objects) return take_all(*objects);
        if (value.front() == '{' && find_member(value, "type") == R"("bundle")") {
            return no_list(value, "objects");
        }
        take_object(value);
        return std::nullopt;
    }

    std::optional<error> take_all(std::string_view list) {
        return each_of(list, "objects", [this](std::string_view each) -> std::optional<error> {
            bool const is_bundle =
                each.front() == '{' && find_member(each, "type") == R"("bundle")";
            if (is_bundle && depth_ == 0) {
                ++depth_;
                auto failed = take_value(each);
                --depth_;
                return failed;
            }
            take_object(each);
            return std::nullopt;
        });
    }

    void take_object(std::string_view text) {
        auto const where = place_of(text);
        auto parsed = parse_object(text);
        if (!parsed) return make_.reject(where, parsed.error().detail());
        if (text_in(*parsed, "type") != "indicator") return make_.skip("other objects");
        auto const modified = time_in(*parsed, "modified");
        if (!modified) return reject(where, *parsed, "has a 'modified' that is no time");
        indicator made{where.line, text, std::string{text_in(*parsed, "id")}, modified->time};
        if (!made.id.empty()) {
            auto& newest = newest_[made.id];
            newest = std::max(newest, made.modified);
        }
        indicators_.push_back(std::move(made));
    }

    std::optional<error> finish() override {
        for (auto const& each : indicators_) {
            bool const is_older = !each.id.empty() && each.modified != newest_[each.id];
            if (is_older) {
                make_.skip("older versions of indicators");
            } else {
                // Parsed once more, as all of them at once would take much memory.
                take_indicator({each.line, each.text}, *parse_object(each.text));
            }
        }
        return std::nullopt;
    }

    /// By its id, which is shorter and says more than all of it.
    void reject(record_place where, json::object const& object, std::string reason) {
        auto const id = text_in(object, "id");
        make_.reject(where, id.empty() ? where.raw : id, std::move(reason));
    }

    void take_indicator(record_place where, json::object const& object) {
        auto const* const revoked = object.if_contains("revoked");
        if (revoked != nullptr && !revoked->is_bool() && !revoked->is_null()) {
            return reject(where, object, "has a 'revoked' that is neither true nor false");
        }
        if (revoked != nullptr && revoked->is_bool() && revoked->get_bool()) {
            return make_.skip("revoked indicators");
        }
        auto const until = time_in(object, "valid_until");
        if (!until) return reject(where, object, "has a 'valid_until' that is no time");
        if (until->time && *until->time <= now_) return make_.skip("expired indicators");
        if (is_benign(object)) return make_.skip("benign indicators");
        auto const kind = text_in(object, "pattern_type");
        if (!kind.empty() && kind != "stix") {
            return reject(where, object, "has a pattern of another language than STIX");
        }
        auto const values =
            stix_pattern{text_in(object, "pattern"), make_.reading().from_urls}.read();
        if (!values) return reject(where, object, values.error().detail());
        auto const description = text_in(object, "description");
        auto const note = description.empty() ? text_in(object, "name") : description;
        for (auto const& each : *values) {
            if (each.value.empty()) {
                reject(where, object, "has an empty value");
            } else {
                make_.add({where.line, each.value}, each.value, note, each.type,
                          text_in(object, "valid_until"));
            }
        }
    }

    std::vector<indicator> indicators_;
    std::unordered_map<std::string, std::optional<timestamp>, keyed_text_hash> newest_;
    int depth_ = 0;  // of bundles in lists
    timestamp now_{
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now())};
};

}  // namespace

std::unique_ptr<document_reader> make_stix_reader(entry_maker& make) {
    return std::make_unique<stix_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
