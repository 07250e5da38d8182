#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/email_security/message.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// Particulars of something that was done with a message.
struct action_properties {
    action_properties() = default;

    std::optional<std::string> folder;
    std::optional<std::string> requested_by;
    std::optional<std::string> requested_disposition;
    std::optional<std::string> service;
    std::optional<std::string> submission_id;
    std::optional<std::string> submission_type;
};
BOOST_DESCRIBE_STRUCT(action_properties, (),
                      (folder, requested_by, requested_disposition, service, submission_id,
                       submission_type))

/// Something that was done with a message after its delivery.
struct action_entry {
    action_entry() = default;

    open_enum<email_security::message_operation> operation;
    std::optional<timestamp> started_at;
    std::optional<timestamp> completed_at;
    std::optional<std::string> status;
    std::optional<bool> success;
    std::optional<action_properties> properties;
};
BOOST_DESCRIBE_STRUCT(action_entry, (),
                      (operation, started_at, completed_at, status, success, properties))

/// An attachment of a message.
struct attachment {
    attachment() = default;

    std::optional<std::string> filename;
    std::optional<std::string> name;  ///< used where there is no `filename`
    std::optional<std::string> content_type;
    std::int64_t size = 0;  ///< in bytes
    std::optional<open_enum<email_security::disposition>> detection;
    std::optional<bool> encrypted;
    std::optional<std::string> md5;
    std::optional<std::string> sha1;
    std::optional<std::string> sha256;
};
BOOST_DESCRIBE_STRUCT(attachment, (),
                      (filename, name, content_type, size, detection, encrypted, md5, sha1, sha256))

/// A header field of a message.
struct message_header {
    message_header() = default;

    std::string name;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(message_header, (), (name, value))

/// A link in a message.
struct message_link {
    message_link() = default;

    std::string href;
    std::optional<std::string> text;
};
BOOST_DESCRIBE_STRUCT(message_link, (), (href, text))

/// Where a message came from.
struct sender_info {
    sender_info() = default;

    std::optional<std::string> ip;
    std::optional<std::string> geo;
    std::optional<std::int64_t> as_number;  ///< of the autonomous system
    std::optional<std::string> as_name;
    std::optional<std::string> pld;
};
BOOST_DESCRIBE_STRUCT(sender_info, (), (ip, geo, as_number, as_name, pld))

/// A kind of threat.
struct threat_category {
    threat_category() = default;

    std::optional<std::int64_t> id;
    std::optional<std::string> name;
    std::optional<std::string> description;
};
BOOST_DESCRIBE_STRUCT(threat_category, (), (id, name, description))

/// Why a message has its disposition.
struct message_detections {
    message_detections() = default;

    std::string action;
    std::optional<open_enum<email_security::disposition>> final_disposition;
    std::vector<finding> findings;
    std::vector<threat_category> threat_categories;
    sender_validation validation;
    email_security::sender_info sender_info;
    std::vector<message_header> headers;
    std::vector<message_link> links;
    std::vector<attachment> attachments;
};
BOOST_DESCRIBE_STRUCT(message_detections, (),
                      (action, final_disposition, findings, threat_categories, validation,
                       sender_info, headers, links, attachments))

/// What a message looks like.
struct message_preview {
    message_preview() = default;

    std::string screenshot;  ///< a PNG image in base64
};
BOOST_DESCRIBE_STRUCT(message_preview, (), (screenshot))

/// A message as it came.
struct raw_message {
    raw_message() = default;

    std::string raw;  ///< the EML file, in UTF-8
};
BOOST_DESCRIBE_STRUCT(raw_message, (), (raw))

// What the API has deprecated warns where it is used, not where it is declared and described.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// A line of the log of a delivery.
struct trace_line {
    trace_line() = default;

    std::optional<std::int64_t> lineno;
    std::optional<timestamp> logged_at;
    std::optional<std::string> message;
    std::optional<std::string> ts [[deprecated("use logged_at")]];
};
BOOST_DESCRIBE_STRUCT(trace_line, (), (lineno, logged_at, message, ts))

/// The log of one direction of a delivery.
struct delivery_trace {
    delivery_trace() = default;

    std::vector<trace_line> lines;
    std::optional<bool> pending;
};
BOOST_DESCRIBE_STRUCT(delivery_trace, (), (lines, pending))

/// The log of the delivery of a message.
struct message_trace {
    message_trace() = default;

    delivery_trace inbound;
    delivery_trace outbound;
};
BOOST_DESCRIBE_STRUCT(message_trace, (), (inbound, outbound))

/// What became of moving one message for one recipient.
struct moved_message {
    moved_message() = default;

    bool success = false;
    std::optional<std::string> message_id;
    std::optional<std::string> recipient;
    std::optional<std::string> destination;
    std::optional<std::string> operation;
    std::optional<std::string> status;
    std::optional<timestamp> completed_at;
    std::optional<timestamp> completed_timestamp [[deprecated("use completed_at")]];
    std::optional<std::int64_t> item_count [[deprecated("the API gives no replacement")]];
};
BOOST_DESCRIBE_STRUCT(moved_message, (),
                      (success, message_id, recipient, destination, operation, status, completed_at,
                       completed_timestamp, item_count))

/// What became of releasing one message: its recipients by outcome.
struct released_message {
    released_message() = default;

    identifier id;
    std::vector<std::string> delivered;
    std::vector<std::string> failed;
    std::vector<std::string> undelivered;
    std::optional<std::string> postfix_id [[deprecated("use id")]];
};
BOOST_DESCRIBE_STRUCT(released_message, (), (id, delivered, failed, undelivered, postfix_id))

#pragma GCC diagnostic pop

constexpr auto deprecated_fields(trace_line*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"ts"sv};
}

constexpr auto deprecated_fields(moved_message*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"completed_timestamp"sv, "item_count"sv};
}

constexpr auto deprecated_fields(released_message*) noexcept {
    using namespace std::string_view_literals;
    return std::array{"postfix_id"sv};
}

}  // namespace cloudflare::inline v0::email_security
