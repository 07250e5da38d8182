#include "../body.hpp"
#include "actions.hpp"
#include "mail.hpp"
#include "vocabulary.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

constexpr std::string_view reclassification_fields[] = {"alert_id", "expected_disposition",
                                                        "escalated_submission_id"};
constexpr std::string_view missed_detection_fields[] = {
    "postfix_id",  "message_id",           "recipient_emails",
    "eml_content", "expected_disposition", "escalated_submission_id"};

bool contains(std::span<std::string_view const> all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

/// One message of the request, with the place of it for what is wrong.
class submitted_message {
public:
    submitted_message(json::object const& given, std::string at, problems& found)
        : given_{given}, at_{std::move(at)}, found_{found} {}

    void allow_only(std::span<std::string_view const> names) {
        for (json::key_value_pair const& one : given_) {
            if (!contains(names, one.key())) refuse(one.key(), "is not of this kind of submission");
        }
    }

    std::string text(std::string_view name, bool required = true) {
        json::value const* const value = given_.if_contains(name);
        if (value && value->is_string()) return std::string{value->get_string()};
        if (value || required) refuse(name, value ? "must be a string" : "is required");
        return {};
    }

    std::string disposition() {
        std::string const word = text("expected_disposition");
        if (!word.empty() && !contains(vocabulary::searchable_dispositions, word)) {
            refuse("expected_disposition", "is not one of the allowed values");
        }
        return word;
    }

    void check_recipients() {
        json::value const* const value = given_.if_contains("recipient_emails");
        if (!value) return refuse("recipient_emails", "is required");
        read_texts(*value, at_ + "/recipient_emails", found_);
    }

    bool escalates() const { return given_.contains("escalated_submission_id"); }

private:
    void refuse(std::string_view name, std::string const& why) {
        found_.add(400, std::string{name} + ' ' + why, at_ + '/' + std::string{name});
    }

    json::object const& given_;
    std::string at_;
    problems& found_;
};

/// What is asked for, when it is sound.
struct wish {
    /// The alert, or the message's postfix ID.
    std::string id;
    std::string disposition;
    bool escalates = false;
};

wish read_wish(json::object const& given, bool is_missed, std::string at, problems& found) {
    submitted_message one(given, std::move(at), found);
    wish result;
    if (is_missed) {
        one.allow_only(missed_detection_fields);
        result.id = one.text("postfix_id");
        one.text("message_id");
        one.check_recipients();
        one.text("eml_content", false);
    } else {
        one.allow_only(reclassification_fields);
        result.id = one.text("alert_id");
    }
    one.text("escalated_submission_id", false);
    result.disposition = one.disposition();
    result.escalates = one.escalates();
    return result;
}

message* find_by_alert(mailbox& box, std::string const& alert_id) {
    auto const at = std::ranges::find(box.messages, alert_id, &message::alert_id);
    return at == box.messages.end() ? nullptr : &*at;
}

json::object fulfil(mail_context& c, wish const& asked, bool is_missed) {
    message* const m =
        is_missed ? c.box.find_by_postfix_id(asked.id) : find_by_alert(c.box, asked.id);
    json::object result{{"id", asked.id}, {"accepted", m != nullptr}, {"error", nullptr}};
    if (m) {
        result["id"] = judge_anew(c, *m, asked.disposition, asked.escalates);
    } else {
        result["error"] = "there is no such message";
    }
    return result;
}

}  // namespace

reply submit_messages(mail_context c, call const& asked) {
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = body.get_object();
    static constexpr std::string_view kinds[] = {"reclassification", "missed_detection"};
    auto const kind = read_word(given, "type", kinds, true, found);
    json::value const* const messages = given.if_contains("messages");
    if (!messages || !messages->is_array()) {
        found.add(400, messages ? "messages must be an array" : "messages is required",
                  "/messages");
    }
    if (!found.empty()) return failure(found.list());

    bool const is_missed = *kind == "missed_detection";
    std::vector<wish> wishes;
    for (json::value const& one : messages->get_array()) {
        std::string const at = "/messages/" + std::to_string(wishes.size());
        if (!one.is_object()) {
            found.add(400, "must be an object", at);
            break;
        }
        wishes.push_back(read_wish(one.get_object(), is_missed, at, found));
    }
    if (!found.empty()) return failure(found.list());

    json::array results;
    for (wish const& each : wishes) results.push_back(fulfil(c, each, is_missed));
    return success(json::object{{"results", std::move(results)}}, nullptr, 202);
}

}  // namespace cloudflare::inline v0::simulator
