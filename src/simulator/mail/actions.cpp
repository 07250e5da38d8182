#include "actions.hpp"

#include "../body.hpp"
#include "../time_text.hpp"
#include "mail.hpp"
#include "vocabulary.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

/// The result of moving one message: an item for each of its recipients.
void render_move(json::array& into, message const& m, std::string_view destination,
                 std::string_view failure_reason, timestamp now) {
    bool const done = failure_reason.empty();
    for (recipient const& one : m.to) {
        json::object item{{"success", done}};
        item["completed_at"] = to_rfc3339(now);
        item["completed_timestamp"] = to_rfc3339(now);
        item["destination"] = destination;
        item["item_count"] = done ? 1 : 0;
        item["message_id"] = m.message_id;
        item["operation"] = "MOVE";
        item["recipient"] = one.address;
        item["status"] = done ? "OK" : failure_reason;
        into.push_back(std::move(item));
    }
}

json::object render_unknown(std::string_view destination, timestamp now) {
    return {{"success", false},
            {"completed_at", nullptr},
            {"completed_timestamp", to_rfc3339(now)},
            {"destination", destination},
            {"item_count", 0},
            {"message_id", nullptr},
            {"operation", "MOVE"},
            {"recipient", nullptr},
            {"status", "there is no such message"}};
}

}  // namespace

std::vector<std::string> read_texts(json::value const& value, std::string const& at,
                                    problems& found) {
    std::vector<std::string> result;
    auto const* const list = value.if_array();
    if (!list) {
        found.add(400, "must be an array of strings", at);
        return result;
    }
    for (json::value const& one : *list) {
        auto const* const text = one.if_string();
        if (text) {
            result.emplace_back(*text);
        } else {
            found.add(400, "must be a string", at + '/' + std::to_string(result.size()));
            break;
        }
    }
    return result;
}

std::string_view move(message& m, std::string_view destination, timestamp now) {
    if (m.quarantined()) return "the message is in quarantine";
    m.folder = destination;
    m.delivery_status = "moved";
    m.actions.push_back({.operation = "MOVE", .when = now, .folder = std::string{destination}});
    return {};
}

std::string_view release(message& m, timestamp now) {
    if (!m.quarantined()) return "the message is not in quarantine";
    m.folder = "Inbox";
    m.delivery_status = "delivered";
    m.actions.push_back({.operation = "QUARANTINE_RELEASE", .when = now});
    return {};
}

std::optional<std::string> read_word(json::object const& given, std::string_view name,
                                     std::span<std::string_view const> allowed, bool required,
                                     problems& found) {
    std::string const title{name};
    json::value const* const value = given.if_contains(name);
    if (!value || (value->is_null() && !required)) {
        if (required) found.add(400, title + " is required", '/' + title);
        return std::nullopt;
    }
    auto const* const text = value->if_string();
    if (!text || std::ranges::find(allowed, std::string_view{*text}) == allowed.end()) {
        found.add(400, title + " is not one of the allowed values", '/' + title);
        return std::nullopt;
    }
    return std::string{*text};
}

reply move_message(mail_context c, call const& asked) {
    message* const m = c.box.find(asked.arguments.front());
    if (!m) return no_such_message();
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    auto const destination =
        read_word(body.get_object(), "destination", vocabulary::destinations, true, found);
    // What the service makes of it nobody says; here it only has to be sound.
    read_word(body.get_object(), "expected_disposition", vocabulary::dispositions, false, found);
    if (!found.empty()) return failure(found.list());
    json::array result;
    std::string_view const why = move(*m, *destination, c.now);
    render_move(result, *m, *destination, why, c.now);
    return success(std::move(result));
}

reply move_messages(mail_context c, call const& asked) {
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = body.get_object();
    auto const destination = read_word(given, "destination", vocabulary::destinations, true, found);
    read_word(given, "expected_disposition", vocabulary::dispositions, false, found);
    std::vector<message*> messages;
    json::value const* const former = given.if_contains("postfix_ids");
    if (json::value const* const ids = given.if_contains("ids")) {
        // Beside them, postfix_ids count for nothing.
        for (std::string const& id : read_texts(*ids, "/ids", found)) {
            messages.push_back(c.box.find(id));
        }
    } else if (former && c.takes_former_bodies) {
        for (std::string const& id : read_texts(*former, "/postfix_ids", found)) {
            messages.push_back(c.box.find_by_postfix_id(id));
        }
    } else {
        found.add(400, "ids is required", "/ids");
    }
    if (!found.empty()) return failure(found.list());

    json::array result;
    for (message* const m : messages) {
        if (m) {
            std::string_view const why = move(*m, *destination, c.now);
            render_move(result, *m, *destination, why, c.now);
        } else {
            result.push_back(render_unknown(*destination, c.now));
        }
    }
    return success(std::move(result));
}

reply reclassify_message(mail_context c, call const& asked) {
    message* const m = c.box.find(asked.arguments.front());
    if (!m) return no_such_message();
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = body.get_object();
    auto const wanted =
        read_word(given, "expected_disposition", vocabulary::searchable_dispositions, true, found);
    for (std::string const name : {"eml_content", "escalated_submission_id"}) {
        json::value const* const value = given.if_contains(name);
        if (value && !value->is_string()) found.add(400, name + " must be a string", '/' + name);
    }
    if (!found.empty()) return failure(found.list());

    judge_anew(c, *m, *wanted, given.contains("escalated_submission_id"));
    return success(json::object(), nullptr, 202);
}

std::string judge_anew(mail_context& c, message& m, std::string const& wanted, bool escalated) {
    submission made;
    made.id = json::value_to<std::string>(c.identifiers.to_json(c.identifiers.make()));
    made.requested_by = requester;
    made.requested_disposition = wanted;
    made.original_disposition = m.disposition == "MALICIOUS-BEC" ? "MALICIOUS" : m.disposition;
    made.outcome_disposition = wanted;
    made.subject = m.subject;
    made.postfix_id = m.postfix_id;
    made.escalated = escalated;
    made.requested = c.now;
    m.actions.push_back({.operation = "SUBMISSION",
                         .when = c.now,
                         .requested_disposition = wanted,
                         .submission_id = made.id});
    // The service would take its time; here every wish is granted at once.
    m.disposition = wanted;
    c.box.submissions.insert(c.box.submissions.begin(), made);
    return made.id;
}

reply release_messages(mail_context c, call const& asked) {
    problems found;
    auto const begin = asked.asked.body.find_first_not_of(" \t\r\n");
    bool const is_former =
        c.takes_former_bodies && begin != std::string::npos && asked.asked.body[begin] == '[';
    json::value const body = is_former ? parse_array(asked.asked.body, {}, found)
                                       : parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::value const* const ids = is_former ? &body : body.get_object().if_contains("ids");
    std::string const at = is_former ? "" : "/ids";
    if (!ids) {
        found.add(400, "ids is required", at);
        return failure(found.list());
    }
    std::vector<message*> messages;
    for (std::string const& id : read_texts(*ids, at, found)) {
        messages.push_back(c.box.find(id));
        if (messages.back()) continue;
        found.add(404, "there is no message with this id",
                  at + '/' + std::to_string(messages.size() - 1));
    }
    if (!found.empty()) return failure(found.list());

    json::array result;
    for (message* const m : messages) {
        bool const done = release(*m, c.now).empty();
        json::array recipients;
        for (recipient const& one : m->to) recipients.emplace_back(one.address);
        json::object item{{"id", m->id}};
        item["postfix_id"] = m->postfix_id;
        item["delivered"] = done ? recipients : json::array();
        item["failed"] = json::array();
        item["undelivered"] = done ? json::array() : recipients;
        result.push_back(std::move(item));
    }
    return success(std::move(result));
}

}  // namespace cloudflare::inline v0::simulator
