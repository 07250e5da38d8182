#pragma once

#include "../store.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0::simulator {

struct mailbox;

/// A move or release of all messages that a search finds. It goes one state on with each look at
/// it, so that a client that polls sees all of them: PENDING, DISCOVERING, PROCESSING (half of the
/// messages done), COMPLETED.
struct bulk_job {
    struct item {
        std::string id;
        /// Of the message.
        std::string message_id;
        std::string status = "PENDING";
        std::string status_message = {};
        std::optional<timestamp> processed = {};
    };

    std::string id;
    /// MOVE or RELEASE.
    std::string action;
    std::string destination;
    std::string expected_disposition;
    std::optional<std::string> comment;
    boost::json::object search_params;
    std::string status = "PENDING";
    timestamp created;
    std::optional<timestamp> started = {};
    std::optional<timestamp> completed = {};
    std::vector<item> items = {};

    bool ended() const {
        return status != "PENDING" && status != "DISCOVERING" && status != "PROCESSING";
    }
};

}  // namespace cloudflare::inline v0::simulator
