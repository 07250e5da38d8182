#include "email_security/feed/json_record.hpp"

#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_object.hpp"
#include "email_security/feed/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace cloudflare::inline v0::email_security {

namespace json = boost::json;

namespace {

bool store(json::value const& value, wire::codec const& how, void* at) {
    if (auto const* const text = value.if_string()) return how.on_string(at, *text);
    if (auto const* const flag = value.if_bool()) return how.on_boolean(at, *flag);
    if (auto const* const number = value.if_int64()) return how.on_integer(at, *number);
    auto const* const all = value.if_array();
    if (!all || !how.is_list()) return false;
    auto const elements = how.on_array(at);
    return std::ranges::all_of(*all, [&elements](json::value const& each) {
        auto const into = elements.how->element(elements.where);
        return store(each, *into.how, into.where);
    });
}

bool is_metadata(json::object const& record) {
    auto const* const type = record.if_contains("type");
    return type != nullptr && type->is_string() && type->get_string() == "metadata";
}

}  // namespace

void json_records::take(record_place where, std::string_view value) {
    ++count_;
    if (value.starts_with('{')) {
        auto const parsed = parse_object(value);
        if (parsed) return take_object(where, *parsed);
        // Nobody can tell what the rest of it would have been.
        bool const is_whole = json_cursor{value}.take_value().has_value();
        if (!is_whole) make_.hold_deletions("a record of the feed is cut");
        return make_.reject(where, trim(where.raw), parsed.error().detail());
    }
    boost::system::error_code failed;
    auto const parsed = json::parse(value, failed);
    if (failed) {
        if (failed == json::error::incomplete) make_.hold_deletions("a record of the feed is cut");
        return make_.reject(where, trim(where.raw), "is not JSON: " + failed.message());
    }
    auto const* const text = parsed.if_string();
    if (!text) return make_.reject(where, trim(where.raw), "is not a JSON object");
    saw_pattern_ = true;
    make_.add(where, *text);
}

void json_records::take_object(record_place where, json::object const& record) {
    auto const& fields = make_.fields();
    auto const pattern = fields.pattern_index();
    ++objects_;
    bool const has_pattern = std::ranges::any_of(record, [&](auto const& member) {
        return !member.value().is_null() && names_.find_exact(member.key()) == pattern;
    });
    saw_pattern_ = saw_pattern_ || has_pattern;
    if (!has_pattern) {
        if (is_metadata(record)) return make_.note();
        if (members_.empty()) {
            for (auto const& member : record) members_.emplace_back(member.key());
        }
        for (auto const& member : record) {
            if (names_.find_exact(member.key()) == fields.size()) {
                names_.count_unknown(member.key());
            }
        }
        return make_.reject(where, trim(where.raw),
                            "has no member '" + presentable(names_.member_of_pattern()) + '\'');
    }
    make_.begin(where);
    for (auto const& member : record) {
        auto const& given = member.value();
        if (given.is_null()) continue;
        auto const field = names_.find_exact(member.key());
        if (field == fields.size()) {
            names_.count_unknown(member.key());
        } else if (field == fields.expiry()) {
            auto const* const text = given.if_string();
            make_.set_expiry(text ? std::string{*text} : json::serialize(given));
        } else if (fields.is_type(field) && given.is_string()) {
            names_.set(field, given.get_string());
        } else {
            make_.set(field, [&given](wire::codec const& codec, void* at) {
                return store(given, codec, at);
            });
        }
    }
    make_.end();
}

std::optional<error> json_records::finish(std::string_view form) {
    if (objects_ > 0 && !saw_pattern_ && !members_.empty()) {
        auto const wanted = std::string{make_.fields().pattern_name()};
        return unusable_feed("read as " + std::string{form} + ": no object has a member '" +
                             presentable(names_.member_of_pattern()) + "'; there are " +
                             list_names(members_) + "; name one by --column " + wanted + "=MEMBER");
    }
    names_.report_unknown();
    return std::nullopt;
}

}  // namespace cloudflare::inline v0::email_security
