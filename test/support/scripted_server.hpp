#pragma once

#include "certificates.hpp"
#include "gate.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cloudflare::test {

/// A request as it came off the wire.
struct seen_request {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  ///< in the order of arrival
    std::string body;
    std::size_t connection = 0;  ///< number of the connection, from 1

    /// The value of a header; "(absent)" without it, and all of them when it came several times.
    std::string header(std::string_view name) const;
};

/// What a server may say in TLS at any time after the handshake.
enum class tls_message {
    hello_request,   ///< up to TLS 1.2: wants a new handshake on the same connection
    key_update,      ///< TLS 1.3: new keys, and the client's shall be new as well
    session_ticket,  ///< TLS 1.3: another session to resume
};

/// The server's side of one connection, in blocking calls: a script decides every byte and moment.
class conversation {
public:
    /// Thrown where the client is gone, or the server is being stopped.
    struct ended {};

    virtual seen_request receive() = 0;
    virtual void send(std::string_view bytes) = 0;
    /// Waits for any byte, and leaves it to TLS.
    virtual void wait_for_bytes() = 0;
    /// Sends the part again and again, one each few milliseconds, until the client closes.
    virtual void send_until_closed(std::string_view part) = 0;
    /// Not through TLS.
    virtual void send_raw(std::string_view bytes) = 0;
    /// Each part is a TLS record of its own, all in one TCP segment.
    virtual void send_records(std::vector<std::string> const& parts) = 0;
    /// The bytes and then the message, all in one TCP segment.
    virtual void send_with(std::string_view bytes, tls_message what) = 0;
    /// As `send_with`, but only the first TLS record of a message that takes several. The others
    /// go with what is sent next.
    virtual void send_with_half(std::string_view bytes, tls_message what) = 0;
    /// The bytes, and half of a TLS record of `more`, in one TCP segment. The other half goes with
    /// what is sent next.
    virtual void send_with_half(std::string_view bytes, std::string_view more) = 0;
    /// Does the handshake, when `without_handshake` has put it off.
    virtual void handshake() = 0;
    /// Says good-bye as TLS demands, and closes.
    virtual void close() = 0;
    /// Closes the TCP connection without a word: what an attacker could do as well.
    virtual void drop() = 0;
    /// Resets the TCP connection.
    virtual void reset() = 0;
    /// Reads and forgets until the client has closed.
    virtual void wait_until_closed() = 0;
    /// Passes bytes on, unchanged, between the client and a server on 127.0.0.1, until one of them
    /// has closed.
    virtual void relay(std::uint16_t port) = 0;
    /// A failure of the test.
    virtual void fail(std::string what) = 0;

protected:
    ~conversation() = default;
};

using step = std::function<void(conversation&)>;
using script = std::vector<step>;

/// @name Steps; a script reads as a dialogue.
/// @{
/// The next request must be this one; an empty target is any. The server's prefix is not part of
/// it.
step expect(std::string method = {}, std::string target = {});
/// Reads a request, if one comes: a client may open a connection that its call does not need any
/// more.
step receive();
/// As the first step: the TLS handshake is not done by itself before the script, but never.
step without_handshake();
/// Does it after all.
step handshake();
/// Waits until something of the client has come.
step wait_for_bytes();
/// Sends bytes as they are, past TLS.
step answer_raw(std::string bytes);
/// Sends bytes as they are.
step answer(std::string bytes);
/// Sends them one TLS record a byte.
step answer_bytewise(std::string bytes);
/// Sends `head`, and then `part` again and again, one each few milliseconds, until the client
/// closes. The endless answer that only a deadline ends.
step answer_slowly(std::string head, std::string part);
/// Sends `head` and then up to 1 GiB in copies of `part`. It is a failure of the test when the
/// client takes more than 64 MiB of it.
step answer_a_gibibyte(std::string head, std::string part);
/// Sends `part` again and again, as fast as the client takes it, until it closes.
step answer_without_end(std::string part);
step answer_without_end(tls_message what);
/// Several records at once.
step answer_records(std::vector<std::string> parts);
/// Sends them and a message of TLS at once; or only half of it, and the rest with the next step
/// that sends.
step answer_with(std::string bytes, tls_message what);
step answer_with_half(std::string bytes, tls_message what);
/// Sends them and half a record of `more`, and the rest with the next step that sends.
step answer_with_half(std::string bytes, std::string more);
step close();
step drop();
step reset();
/// Does nothing until the client closes.
step hang();
/// Waits for the test.
step wait_for(gate& what);
/// Tells the test.
step open(gate& what);
/// As a proxy's tunnel to a server on 127.0.0.1.
step relay(std::uint16_t port);
/// Answers every request with what `handler` gives, until the client closes.
step serve(std::function<std::string(seen_request const&)> handler);
/// @}

/// @name Answers
/// @{
/// A whole HTTP answer; `fields` are further header lines, each with its CR LF.
std::string http_answer(unsigned status, std::string const& body, std::string const& fields = {});
/// 200 with Cloudflare's envelope around a result.
std::string success(std::string const& result, std::string const& fields = {});
/// Cloudflare's envelope of an error.
std::string failure(unsigned status, int code, std::string const& message,
                    std::string const& fields = {});
/// @}

/// What a server is made from.
struct server_settings {
    identity certificate = trusted_authority().issue();
    bool encrypts = true;    ///< false: HTTP without TLS, as a proxy talks
    bool handshakes = true;  ///< false: accepts TCP and stays silent
    bool resumes = true;     ///< gives session tickets out
    bool forgets = false;    ///< gives them out, and then does not know them any more
    std::string tls;         ///< the only version, "1.0" to "1.3"; empty: 1.2 and 1.3
    std::string ciphers;     ///< of TLS before 1.3, in OpenSSL's notation; empty: its default
    std::string client_ca;   ///< wants a client certificate of this authority (PEM)
    std::string address = "127.0.0.1";  ///< to listen on; may be of IPv6
    std::uint16_t port = 0;             ///< 0: any that is free
    int backlog = 128;                  ///< of the listening socket
    bool accepts = true;     ///< false: nobody takes connections off the backlog until `accept`
    int receive_buffer = 0;  ///< bytes; 0: the system's choice
};

/// A TLS server on loopback that follows scripts, on threads of its own. What a script expected
/// and did not get is a failure of the test, reported at the latest by the destructor.
class scripted_server {
public:
    explicit scripted_server(server_settings settings = {});
    ~scripted_server();
    scripted_server(scripted_server const&) = delete;
    scripted_server& operator=(scripted_server const&) = delete;

    /// Begins to take connections off the backlog, when the settings said not to.
    void accept();

    /// The script of the next connection that has none yet.
    scripted_server& on_connection(script steps);
    /// The script of every connection that has none of its own.
    scripted_server& otherwise(script steps);
    /// Answers all requests, whatever their connection, in this order; the last one again and
    /// again.
    scripted_server& answers(std::vector<std::string> all);

    std::uint16_t port() const noexcept { return port_; }
    std::string base_url() const { return base_url("127.0.0.1"); }
    std::string base_url(std::string const& host) const;

    std::size_t connections() const;
    /// Connections that are open now, and the most that were at any time.
    std::size_t open_connections() const;
    std::size_t most_connections() const;
    /// TLS handshakes that resumed a session.
    std::size_t resumed() const;
    std::vector<seen_request> requests() const;
    std::size_t request_count() const;
    /// What the relays have passed on from clients.
    std::string relayed() const;
    /// The server name that the client's last handshake asked for.
    std::string server_name() const;

    /// Waits until so many requests have come.
    void wait_for_requests(std::size_t count) const;
    /// Waits until so many connections have been accepted.
    void wait_for_connections(std::size_t count) const;
    /// Waits until the server's side of all connections is closed.
    void wait_until_idle() const;

    /// Reports what went wrong so far.
    void verify();

private:
    class session;
    struct tls;

    void accept_connections();
    void converse(std::size_t number, int descriptor);
    script next_script(std::size_t number);

    server_settings settings_;
    std::unique_ptr<tls> tls_;
    int listener_ = -1;
    std::uint16_t port_ = 0;

    std::mutex mutable mutex_;
    std::condition_variable mutable changed_;
    std::vector<script> scripts_;
    std::optional<script> otherwise_;
    std::vector<seen_request> requests_;
    std::vector<std::string> failures_;
    std::list<int> descriptors_;
    std::size_t connections_ = 0;
    std::size_t most_ = 0;
    std::size_t resumed_ = 0;
    std::string server_name_;
    std::string relayed_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> workers_;
    std::thread acceptor_;
};

}  // namespace cloudflare::test
