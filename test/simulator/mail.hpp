#pragma once

#include "client.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// A path of the account `acc` that is none of the settings.
inline std::string mail_path(std::string_view rest) {
    return "/client/v4/accounts/acc/email-security/" + std::string{rest};
}

/// The text of one member of each object in an answer's result.
inline std::vector<std::string> column(answer const& listed, std::string_view member) {
    std::vector<std::string> result;
    boost::json::value const all = listed.json("/result");
    for (boost::json::value const& one : all.as_array()) {
        result.push_back(boost::json::value_to<std::string>(one.at(member)));
    }
    return result;
}

/// A server with its mail, and a client of it.
struct with_mail {
    explicit with_mail(cloudflare::simulator::options chosen = {}) : server{std::move(chosen)} {}

    answer get(std::string_view rest) { return c.send("GET", mail_path(rest)); }
    answer post(std::string_view rest, std::string_view body) {
        return c.send("POST", mail_path(rest), body);
    }
    /// The identifiers of the messages that a search finds.
    std::vector<std::string> search(std::string_view query) {
        return column(get("investigate" + std::string{query}), "id");
    }
    /// The identifier of the newest message with a disposition.
    std::string message_with(std::string_view disposition) {
        std::string const query = "?detections_only=false&final_disposition=";
        return search(query + std::string{disposition}).at(0);
    }

    cloudflare::simulator::server server;
    client c{server};
};

}  // namespace test
