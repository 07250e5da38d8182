#include "message.hpp"

#include "../time_text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

json::value text_or_null(std::string const& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array array_of(std::string const& text) {
    json::array result;
    if (!text.empty()) result.emplace_back(text);
    return result;
}

json::array addresses(message const& m) {
    json::array result;
    for (recipient const& one : m.to) result.emplace_back(one.address);
    return result;
}

/// An action in the older form that stands in the details.
json::object render_logged(message_action const& a) {
    std::string const when = to_rfc3339(a.when);
    json::object properties{{"requested_by", requester}};
    if (!a.folder.empty()) properties["folder"] = a.folder;
    json::object result{{"operation", a.operation}};
    result["completed_at"] = when;
    result["completed_timestamp"] = when;
    result["status"] = "OK";
    result["properties"] = std::move(properties);
    return result;
}

json::array operations_of(message const& m) {
    json::array result;
    for (message_action const& a : m.actions) {
        if (std::ranges::find(result, json::value(a.operation)) == result.end()) {
            result.emplace_back(a.operation);
        }
    }
    return result;
}

json::object validation(message const& m) {
    std::string_view const outcome = m.authentic ? "pass" : "fail";
    return {{"comment", nullptr}, {"dkim", outcome}, {"dmarc", outcome}, {"spf", outcome}};
}

json::array findings(message const& m) {
    json::array result;
    if (m.benign()) return result;
    json::object one{{"attachment", text_or_null(m.attachment)},
                     {"detail", m.reason},
                     {"detection", m.disposition},
                     {"field", "body"},
                     {"name", "simulated_finding"},
                     {"portion", nullptr},
                     {"reason", m.reason},
                     {"score", 0.9},
                     {"value", text_or_null(m.link)}};
    result.push_back(std::move(one));
    return result;
}

json::object trace_line(std::int64_t number, timestamp when, std::string_view text) {
    std::string const shown = to_rfc3339(when);
    return {{"lineno", number}, {"logged_at", shown}, {"ts", shown}, {"message", text}};
}

std::string describe(message_action const& a) {
    if (a.operation == "MOVE") return "moved to " + a.folder;
    if (a.operation == "SUBMISSION") return "submitted as " + a.requested_disposition;
    if (a.operation == "QUARANTINE_RELEASE") return "released from quarantine";
    return "previewed";
}

}  // namespace

json::object render_action(message_action const& a) {
    std::string const when = to_rfc3339(a.when);
    json::object properties{{"folder", text_or_null(a.folder)},
                            {"requested_by", requester},
                            {"requested_disposition", text_or_null(a.requested_disposition)},
                            {"service", nullptr},
                            {"submission_id", text_or_null(a.submission_id)},
                            {"submission_type", nullptr}};
    if (!a.submission_id.empty()) properties["submission_type"] = "Team";
    json::object result{{"operation", a.operation}};
    result["started_at"] = when;
    result["completed_at"] = when;
    result["status"] = "OK";
    result["success"] = true;
    result["properties"] = std::move(properties);
    return result;
}

json::object render_details(message const& m) {
    json::array names;
    for (recipient const& one : m.to) names.emplace_back(one.name);
    json::array log;
    for (message_action const& a : m.actions) log.push_back(render_logged(a));

    json::object result;
    result["id"] = m.id;
    result["postfix_id"] = m.postfix_id;
    result["postfix_id_outbound"] = nullptr;
    result["message_id"] = m.message_id;
    result["alert_id"] = text_or_null(m.alert_id);
    result["subject"] = m.subject;
    result["from"] = m.from;
    result["from_name"] = m.from_name;
    result["replyto"] = nullptr;
    result["to"] = addresses(m);
    result["to_name"] = std::move(names);
    result["client_recipients"] = addresses(m);
    result["envelope_from"] = m.from;
    result["envelope_to"] = addresses(m);
    result["final_disposition"] = m.disposition;
    result["detection_reasons"] = array_of(m.reason);
    result["threat_categories"] = array_of(m.threat_category);
    result["findings"] = findings(m);
    result["validation"] = validation(m);
    result["delivery_mode"] = m.submitted ? "REVIEW_SUBMISSION" : "DIRECT";
    result["delivery_status"] = array_of(m.delivery_status);
    result["is_quarantined"] = m.quarantined();
    result["is_phish_submission"] = m.submitted;
    result["post_delivery_operations"] = operations_of(m);
    result["action_log"] = std::move(log);
    result["properties"] = {{"allowlisted_pattern", nullptr},
                            {"allowlisted_pattern_type", nullptr},
                            {"blocklisted_message", false},
                            {"blocklisted_pattern", nullptr},
                            {"whitelisted_pattern_type", nullptr}};
    result["edf_hash"] = nullptr;
    result["htmltext_structure_hash"] = nullptr;
    result["smtp_helo_server_ip"] = m.sender_ip;
    result["smtp_previous_hop_ip"] = m.sender_ip;
    result["x_originating_ip"] = nullptr;
    result["sent_at"] = to_rfc3339(m.sent);
    result["sent_date"] = to_http_date(m.sent);
    result["scanned_at"] = to_rfc3339(m.scanned);
    result["ts"] = to_rfc3339(m.scanned);
    return result;
}

json::object render_detections(message const& m) {
    json::array attachments;
    if (!m.attachment.empty()) {
        attachments.push_back({{"filename", m.attachment},
                               {"name", m.attachment},
                               {"content_type", "application/octet-stream"},
                               {"detection", m.disposition},
                               {"encrypted", false},
                               {"md5", nullptr},
                               {"sha1", nullptr},
                               {"sha256", nullptr},
                               {"size", 4096}});
    }
    json::array links;
    if (!m.link.empty()) links.push_back({{"href", m.link}, {"text", "Click here"}});
    json::array categories;
    if (!m.threat_category.empty()) {
        categories.push_back({{"id", 1}, {"name", m.threat_category}, {"description", m.reason}});
    }

    json::object result;
    result["action"] = m.quarantined() ? "QUARANTINED" : "DELIVERED";
    result["final_disposition"] = m.disposition;
    result["attachments"] = std::move(attachments);
    result["findings"] = findings(m);
    result["headers"] = {{{"name", "From"}, {"value", m.from}},
                         {{"name", "Subject"}, {"value", m.subject}},
                         {{"name", "Message-ID"}, {"value", m.message_id}}};
    result["links"] = std::move(links);
    result["sender_info"] = {{"as_name", "Example Networks"},
                             {"as_number", 64496},
                             {"geo", "ZZ/Example"},
                             {"ip", m.sender_ip},
                             {"pld", m.from.substr(m.from.find('@') + 1)}};
    result["threat_categories"] = std::move(categories);
    result["validation"] = validation(m);
    return result;
}

json::object render_trace(message const& m) {
    json::array inbound;
    inbound.push_back(trace_line(1, m.sent, "received from " + m.sender_ip));
    inbound.push_back(trace_line(2, m.scanned, "final disposition " + m.disposition));
    inbound.push_back(trace_line(3, m.scanned, m.alert_id.empty() ? "delivered" : "acted upon"));
    json::array outbound;
    std::int64_t number = 0;
    for (message_action const& a : m.actions) {
        outbound.push_back(trace_line(++number, a.when, describe(a)));
    }
    json::object result;
    result["inbound"] = {{"lines", std::move(inbound)}, {"pending", false}};
    result["outbound"] = {{"lines", std::move(outbound)}, {"pending", false}};
    return result;
}

std::string render_raw(message const& m) {
    std::string to;
    for (recipient const& one : m.to) {
        if (!to.empty()) to += ", ";
        to += '"' + one.name + "\" <" + one.address + '>';
    }
    return "From: \"" + m.from_name + "\" <" + m.from + ">\r\nTo: " + to +
           "\r\nSubject: " + m.subject + "\r\nDate: " + to_http_date(m.sent) +
           "\r\nMessage-ID: " + m.message_id +
           "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + m.body +
           "\r\n";
}

}  // namespace cloudflare::inline v0::simulator
