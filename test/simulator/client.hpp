#pragma once

#include <cloudflare/simulator.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct answer {
    unsigned status = 0;
    /// With names in lower case.
    std::map<std::string, std::string> headers;
    std::string body;

    /// The body as JSON, or a part of it. @throws when it is none, or the part is not there.
    boost::json::value json(std::string_view pointer = "") const;
};

/// The pointers of all errors in an answer, in order; empty texts for errors that have none.
std::vector<std::string> error_pointers(answer const& failed);

/// All that came back until the connection ended, undecoded.
struct raw_answer {
    std::string bytes;
    boost::system::error_code end;
};

/// A blocking client with one connection, which trusts only the CA that it is given.
class client {
public:
    explicit client(cloudflare::simulator::server const& server);
    client(std::uint16_t port, std::string const& ca_certificate);
    ~client();
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    /// Sent with every request; a bearer token to begin with.
    std::map<std::string, std::string> headers{{"Authorization", "Bearer test-token"}};

    /// One exchange. @throws boost::system::system_error when the connection fails.
    answer send(std::string_view method, std::string_view target, std::string_view body = {},
                std::string_view content_type = "application/json");

    /// The same in parts, for answers that are broken.
    void write(std::string_view method, std::string_view target, std::string_view body = {});
    void write_raw(std::string_view bytes);
    /// Reads until `text` has come.
    std::string read_until(std::string_view text);
    raw_answer read_to_end();

    /// What the handshake agreed upon.
    std::string protocol() const;
    bool resumed() const;
    /// Ends the connection and begins another, with the last one's TLS session if `resume`.
    void reconnect(bool resume = false);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// The path of a collection of the account `acc`, or of one that is given.
std::string path_of(std::string_view collection, std::string_view rest = "",
                    std::string_view account = "acc");

/// The body that creates a block sender.
std::string block_sender(std::string_view pattern, std::string_view type = "DOMAIN");

}  // namespace test
