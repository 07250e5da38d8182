#pragma once

#include "message.hpp"
#include "parameters.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// What a search asks for. Texts are compared without regard to case.
struct message_search {
    std::optional<timestamp> start;
    std::optional<timestamp> end;
    /// Words that must all be in the subject, an address, a name, an identifier, or the name of an
    /// attachment.
    std::vector<std::string> words;
    bool detections_only = true;
    bool submissions = false;
    std::optional<std::string> final_disposition;
    std::optional<std::string> message_action;
    /// An address or a domain.
    /// @{
    std::optional<std::string> recipient;
    std::optional<std::string> sender;
    /// @}
    /// Of the sender, a recipient or a link, or one that it is under.
    std::optional<std::string> domain;
    std::optional<std::string> smtp_helo_ip;
    std::optional<std::string> alert_id;
    std::optional<std::string> message_id;
    /// Words of the subject, and all of it.
    std::optional<std::string> subject;
    std::optional<std::string> exact_subject;
    std::optional<std::string> delivery_status;
};

/// Whether the search is one over the API's query or one in the body of a bulk job, which differ a
/// little in what they allow.
enum class search_form { query, bulk };

/// `metric` and `action_log` are taken, but nobody documents what they select.
message_search read_search(parameters const& given, search_form form, timestamp now);

bool matches(message_search const& wanted, message const& m, timestamp now);

}  // namespace cloudflare::inline v0::simulator
