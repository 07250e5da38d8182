#pragma once

#include "../store.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// Who all that comes over the API is said to be asked for by.
inline constexpr std::string_view requester = "analyst@corp.example";

/// What was done to a message after it was delivered or held back.
struct message_action {
    /// PREVIEW, QUARANTINE_RELEASE, SUBMISSION or MOVE.
    std::string_view operation;
    timestamp when;
    /// Of a move.
    std::string folder = {};
    /// Of a submission.
    std::string requested_disposition = {};
    std::string submission_id = {};
};

struct recipient {
    std::string address;
    std::string name;
};

/// A message that the simulated service has looked at.
struct message {
    std::string id;
    std::string postfix_id;
    std::string message_id;
    /// Empty for a benign one.
    std::string alert_id = {};
    std::string from;
    std::string from_name;
    std::vector<recipient> to;
    std::string subject;
    std::string body;
    /// What made it suspect; empty for a benign one.
    std::string reason = {};
    std::string threat_category = {};
    std::string link = {};
    std::string attachment = {};
    std::string sender_ip;
    std::string disposition;
    std::string delivery_status;
    std::string folder = {};
    bool authentic = true;
    /// It is in the datastore of the messages that users have reported.
    bool submitted = false;
    timestamp sent;
    timestamp scanned;
    std::vector<message_action> actions = {};

    bool quarantined() const { return delivery_status == "quarantined"; }
    bool benign() const { return disposition == "NONE"; }
};

/// A message as the API's operations show it.
/// @{
boost::json::object render_details(message const& m);
boost::json::object render_action(message_action const& a);
boost::json::object render_detections(message const& m);
boost::json::object render_trace(message const& m);
/// The message in the form of RFC 5322.
std::string render_raw(message const& m);
/// @}

}  // namespace cloudflare::inline v0::simulator
