#include "scripted_server.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace cloudflare::test {

namespace {

constexpr std::string_view prefix = "/client/v4";

void require(bool done, char const* what) {
    if (!done) throw std::runtime_error(what);
}

std::size_t content_length(seen_request const& request) {
    auto const text = request.header("Content-Length");
    return text == "(absent)" ? 0 : std::stoul(text);
}

/// Takes a whole request off the front of what has come; empty when it is not all there yet.
std::optional<seen_request> take_request(std::string& received) {
    auto const head_end = received.find("\r\n\r\n");
    if (head_end == std::string::npos) return std::nullopt;
    seen_request request;
    std::string_view head{received.data(), head_end + 2};
    auto const take_line = [&head] {
        auto const end = head.find("\r\n");
        auto const line = head.substr(0, end);
        head.remove_prefix(end + 2);
        return line;
    };
    auto const first = take_line();
    auto const space = first.find(' ');
    auto const last = first.rfind(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, last - space - 1);
    if (first.substr(last + 1) != "HTTP/1.1") request.method += " (not HTTP/1.1)";
    while (!head.empty()) {
        auto const line = take_line();
        auto const colon = line.find(": ");
        request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    auto const size = content_length(request);
    if (received.size() < head_end + 4 + size) return std::nullopt;
    request.body = received.substr(head_end + 4, size);
    received.erase(0, head_end + 4 + size);
    return request;
}

/// Does nothing; its being there says it all.
struct no_handshake {
    void operator()(conversation&) const {}
};

}  // namespace

std::string seen_request::header(std::string_view name) const {
    std::string all;
    bool found = false;
    for (auto const& [each, value] : headers) {
        if (!boost::algorithm::iequals(each, name)) continue;
        if (found) all += " AND ";
        all += value;
        found = true;
    }
    return found ? all : "(absent)";
}

struct scripted_server::tls {
    explicit tls(server_settings const& settings) : context{SSL_CTX_new(TLS_server_method())} {
        require(context != nullptr, "no TLS context");
        // Else OpenSSL does not even offer what is too old or too weak.
        SSL_CTX_set_security_level(context, 0);
        auto const bio = [](std::string const& pem) {
            return std::unique_ptr<BIO, decltype(&BIO_free_all)>{
                BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all};
        };
        auto const certificate_text = bio(settings.certificate.certificate);
        auto const key_text = bio(settings.certificate.key);
        auto* const certificate =
            PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr);
        auto* const key = PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr);
        require(SSL_CTX_use_certificate(context, certificate) == 1, "bad certificate");
        require(SSL_CTX_use_PrivateKey(context, key) == 1, "bad key");
        X509_free(certificate);
        EVP_PKEY_free(key);
        if (!settings.resumes) SSL_CTX_set_num_tickets(context, 0);
        if (!settings.tls.empty()) {
            auto const version = TLS1_VERSION + (settings.tls.back() - '0');
            SSL_CTX_set_min_proto_version(context, version);
            SSL_CTX_set_max_proto_version(context, version);
        }
        if (!settings.ciphers.empty()) {
            require(SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) == 1, "bad ciphers");
        }
        if (!settings.client_ca.empty()) {
            auto const text = bio(settings.client_ca);
            auto* const root = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr);
            require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root) == 1, "bad CA");
            X509_free(root);
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
            constexpr unsigned char name[] = "test";
            SSL_CTX_set_session_id_context(context, name, sizeof name);
        }
    }
    ~tls() { SSL_CTX_free(context); }
    tls(tls const&) = delete;
    tls& operator=(tls const&) = delete;

    /// New keys for the tickets, so that the old ones cannot be read.
    void forget() const {
        std::array<unsigned char, 80> keys{};
        RAND_bytes(keys.data(), keys.size());
        SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), keys.size());
    }

    SSL_CTX* context;
};

/// TLS over memory buffers, so that the script decides what goes into one TCP segment.
class scripted_server::session final : public conversation {
public:
    session(scripted_server& owner, std::size_t number, int descriptor)
        : owner_{owner},
          number_{number},
          descriptor_{descriptor},
          ssl_{SSL_new(owner.tls_->context)} {
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(ssl_);
    }
    ~session() {
        SSL_free(ssl_);
        if (descriptor_ >= 0) close_descriptor();
    }
    session(session const&) = delete;
    session& operator=(session const&) = delete;

    void handshake() override {
        if (!owner_.settings_.encrypts) return;
        if (owner_.settings_.forgets) owner_.tls_->forget();
        for (;;) {
            auto const done = SSL_do_handshake(ssl_);
            flush();
            if (done == 1) break;
            if (SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ) {
                // To close with something unread would be a reset, and the alert could be lost.
                wait_until_closed();
            }
            fill();
        }
        std::lock_guard const lock{owner_.mutex_};
        if (SSL_session_reused(ssl_)) ++owner_.resumed_;
        auto const* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
        owner_.server_name_ = name ? name : "";
    }

    seen_request receive() override {
        for (;;) {
            if (auto request = take_request(received_)) {
                request->connection = number_;
                {
                    std::lock_guard const lock{owner_.mutex_};
                    owner_.requests_.push_back(*request);
                }
                owner_.changed_.notify_all();
                return std::move(*request);
            }
            read_some();
        }
    }
    void send(std::string_view bytes) override {
        write_record(bytes);
        flush();
    }
    void wait_for_bytes() override { fill(); }
    void send_until_closed(std::string_view part) override {
        constexpr int pace_ms = 5;
        pollfd client{descriptor_, POLLIN, 0};
        while (::poll(&client, 1, pace_ms) == 0) send(part);
        throw ended{};
    }
    void send_raw(std::string_view bytes) override {
        BIO_write(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
        flush();
    }
    void send_records(std::vector<std::string> const& parts) override {
        for (auto const& part : parts) write_record(part);
        flush();
    }
    void send_with(std::string_view bytes, tls_message what) override {
        write_record(bytes);
        write_message(what);
        flush();
    }
    void send_with_half(std::string_view bytes, tls_message what) override {
        write_record(bytes);
        auto const before = unsent().size();
        constexpr long least = 512;
        SSL_set_max_send_fragment(ssl_, least);
        // Makes a ticket too long for a record of that size.
        std::string const filling(2 * least, 'x');
        SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl_), filling.data(), filling.size());
        write_message(what);
        constexpr std::size_t header = 5;
        auto const begun = unsent().substr(before);
        auto const length = static_cast<unsigned char>(begun.at(header - 2)) * 256U +
                            static_cast<unsigned char>(begun.at(header - 1));
        require(header + length < begun.size(), "the message has only one record");
        send_unsent(before + header + length);
    }
    void send_with_half(std::string_view bytes, std::string_view more) override {
        write_record(bytes);
        auto const before = unsent().size();
        write_record(more);
        send_unsent(before + (unsent().size() - before) / 2);
    }
    void close() override {
        if (owner_.settings_.encrypts) SSL_shutdown(ssl_);
        flush();
        end(false);
    }
    void drop() override { end(false); }
    void reset() override { end(true); }
    void wait_until_closed() override {
        for (;;) {
            fill();
            BIO_reset(SSL_get_rbio(ssl_));
        }
    }
    void relay(std::uint16_t port) override {
        auto const onward = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto const connected =
            ::connect(onward, reinterpret_cast<sockaddr const*>(&to), sizeof to) == 0;
        if (!connected) fail("cannot connect to what it is a proxy for");
        std::array<pollfd, 2> ends{pollfd{descriptor_, POLLIN, 0}, pollfd{onward, POLLIN, 0}};
        for (auto open = connected; open && ::poll(ends.data(), ends.size(), -1) > 0;) {
            if (ends[0].revents != 0) open = pass_on(descriptor_, onward, true);
            if (open && ends[1].revents != 0) open = pass_on(onward, descriptor_, false);
        }
        ::close(onward);
        throw ended{};
    }
    void fail(std::string what) override {
        std::lock_guard const lock{owner_.mutex_};
        owner_.failures_.push_back("connection " + std::to_string(number_) + ": " +
                                   std::move(what));
    }

    bool is_open() const noexcept { return descriptor_ >= 0; }

private:
    bool pass_on(int from, int to, bool is_from_client) {
        std::array<char, 16 * 1024> chunk{};
        auto const got = ::recv(from, chunk.data(), chunk.size(), 0);
        if (got <= 0) return false;
        if (is_from_client) {
            std::lock_guard const lock{owner_.mutex_};
            owner_.relayed_.append(chunk.data(), static_cast<std::size_t>(got));
        }
        for (ssize_t sent = 0; sent < got;) {
            auto const some =
                ::send(to, chunk.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
            if (some <= 0) return false;
            sent += some;
        }
        return true;
    }

    void write_record(std::string_view bytes) {
        if (!owner_.settings_.encrypts) {
            BIO_write(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
            return;
        }
        if (!bytes.empty() && SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
            throw ended{};
        }
    }

    void write_message(tls_message what) {
        auto const is_said = what == tls_message::hello_request ? SSL_renegotiate(ssl_)
                             : what == tls_message::key_update
                                 ? SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED)
                                 : SSL_new_session_ticket(ssl_);
        require(is_said == 1 && SSL_do_handshake(ssl_) == 1, "OpenSSL does not say that");
    }

    /// What OpenSSL wants to send.
    std::string_view unsent() const {
        char* text = nullptr;
        auto const size = BIO_get_mem_data(SSL_get_wbio(ssl_), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    void send_unsent(std::size_t size) {
        auto const text = unsent().substr(0, size);
        for (std::size_t sent = 0; sent < size;) {
            wait_until_writable();
            auto const some =
                ::send(descriptor_, text.data() + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (some < 0 && errno == EAGAIN) continue;
            if (some <= 0) throw ended{};
            sent += static_cast<std::size_t>(some);
        }
        std::string taken(size, '\0');
        BIO_read(SSL_get_wbio(ssl_), taken.data(), static_cast<int>(size));
    }
    void flush() { send_unsent(unsent().size()); }
    /// A client that has read all and closes with its window shut sends no reset: only its FIN
    /// tells that nobody will open the window again.
    void wait_until_writable() {
        pollfd client{descriptor_, POLLOUT | POLLRDHUP, 0};
        while (::poll(&client, 1, -1) < 0 && errno == EINTR) {
        }
        if ((client.revents & POLLOUT) == 0) throw ended{};
    }

    void fill() {
        std::array<char, 16 * 1024> chunk{};
        auto const got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
        if (got <= 0) throw ended{};
        BIO_write(SSL_get_rbio(ssl_), chunk.data(), static_cast<int>(got));
    }

    void read_some() {
        std::array<char, 16 * 1024> chunk{};
        for (;;) {
            auto const got =
                owner_.settings_.encrypts
                    ? SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()))
                    : BIO_read(SSL_get_rbio(ssl_), chunk.data(), static_cast<int>(chunk.size()));
            if (got > 0) {
                received_.append(chunk.data(), static_cast<std::size_t>(got));
                return;
            }
            if (owner_.settings_.encrypts && SSL_get_error(ssl_, got) != SSL_ERROR_WANT_READ)
                throw ended{};
            fill();
        }
    }

    void end(bool with_reset) {
        if (with_reset) {
            linger const at_once{1, 0};
            ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        } else {
            // Data that was not read would turn the close into a reset.
            ::shutdown(descriptor_, SHUT_WR);
            std::array<char, 4096> unread{};
            while (::recv(descriptor_, unread.data(), unread.size(), MSG_DONTWAIT) > 0) {
            }
        }
        close_descriptor();
    }

    void close_descriptor() {
        std::lock_guard const lock{owner_.mutex_};
        owner_.descriptors_.remove(descriptor_);
        ::close(std::exchange(descriptor_, -1));
        owner_.changed_.notify_all();
    }

    scripted_server& owner_;
    std::size_t number_;
    int descriptor_;
    SSL* ssl_;
    std::string received_;
};

scripted_server::scripted_server(server_settings settings)
    : settings_{std::move(settings)}, tls_{std::make_unique<tls>(settings_)} {
    auto const is_ipv6 = settings_.address.find(':') != std::string::npos;
    listener_ = ::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(listener_ >= 0, "no socket");
    if (settings_.receive_buffer > 0) {
        ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &settings_.receive_buffer,
                     sizeof settings_.receive_buffer);
    }
    // The port stands at the same place in both.
    union {
        sockaddr generic;
        sockaddr_in v4;
        sockaddr_in6 v6;
    } address{};
    socklen_t size = is_ipv6 ? sizeof address.v6 : sizeof address.v4;
    address.generic.sa_family = is_ipv6 ? AF_INET6 : AF_INET;
    address.v4.sin_port = htons(settings_.port);
    require(::inet_pton(address.generic.sa_family, settings_.address.c_str(),
                        is_ipv6 ? static_cast<void*>(&address.v6.sin6_addr)
                                : static_cast<void*>(&address.v4.sin_addr)) == 1,
            "bad address");
    int const on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    require(::bind(listener_, &address.generic, size) == 0, "cannot bind");
    require(::listen(listener_, settings_.backlog) == 0, "cannot listen");
    require(::getsockname(listener_, &address.generic, &size) == 0, "no address");
    port_ = ntohs(address.v4.sin_port);
    if (settings_.accepts) accept();
}

void scripted_server::accept() {
    if (!settings_.accepts) require(::listen(listener_, SOMAXCONN) == 0, "cannot listen");
    acceptor_ = std::thread{[this] { accept_connections(); }};
}

scripted_server::~scripted_server() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    {
        std::lock_guard const lock{mutex_};
        for (auto const each : descriptors_) ::shutdown(each, SHUT_RDWR);
    }
    for (auto& each : workers_) each.join();
    ::close(listener_);
    verify();
}

scripted_server& scripted_server::on_connection(script steps) {
    std::lock_guard const lock{mutex_};
    scripts_.push_back(std::move(steps));
    return *this;
}

scripted_server& scripted_server::otherwise(script steps) {
    std::lock_guard const lock{mutex_};
    otherwise_ = std::move(steps);
    return *this;
}

scripted_server& scripted_server::answers(std::vector<std::string> all) {
    struct queue {
        std::mutex mutex;
        std::vector<std::string> answers;
        std::size_t next = 0;
    };
    auto const shared = std::make_shared<queue>();
    shared->answers = std::move(all);
    return otherwise({serve([shared](seen_request const&) {
        std::lock_guard const lock{shared->mutex};
        auto const index = std::min(shared->next++, shared->answers.size() - 1);
        return shared->answers[index];
    })});
}

std::string scripted_server::base_url(std::string const& host) const {
    return "https://" + host + ':' + std::to_string(port_) + std::string{prefix};
}

void scripted_server::accept_connections() {
    for (;;) {
        auto const accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0) {
            if (stopping_ || errno == EINVAL || errno == EBADF) return;
            continue;
        }
        int const on = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::lock_guard const lock{mutex_};
        descriptors_.push_back(accepted);
        most_ = std::max(most_, descriptors_.size());
        auto const number = ++connections_;
        changed_.notify_all();
        workers_.emplace_back([this, number, accepted] { converse(number, accepted); });
    }
}

script scripted_server::next_script(std::size_t number) {
    std::lock_guard const lock{mutex_};
    if (number <= scripts_.size()) return scripts_[number - 1];
    if (otherwise_) return *otherwise_;
    failures_.push_back("connection " + std::to_string(number) + " was not expected");
    return {};
}

void scripted_server::converse(std::size_t number, int descriptor) {
    session talk{*this, number, descriptor};
    std::size_t done = 0;
    script steps;
    try {
        if (!settings_.handshakes) talk.wait_until_closed();
        steps = next_script(number);
        auto const as_usual = steps.empty() || steps.front().target<no_handshake>() == nullptr;
        if (as_usual) talk.handshake();
        for (; done < steps.size(); ++done) steps[done](talk);
        if (!talk.is_open()) return;
        auto const more = talk.receive();
        talk.fail("unexpected " + more.method + ' ' + more.target);
    } catch (conversation::ended const&) {
    } catch (std::exception const& thrown) {
        talk.fail(thrown.what());
    }
}

std::size_t scripted_server::connections() const {
    std::lock_guard const lock{mutex_};
    return connections_;
}
std::size_t scripted_server::open_connections() const {
    std::lock_guard const lock{mutex_};
    return descriptors_.size();
}
std::size_t scripted_server::most_connections() const {
    std::lock_guard const lock{mutex_};
    return most_;
}
std::size_t scripted_server::resumed() const {
    std::lock_guard const lock{mutex_};
    return resumed_;
}
std::vector<seen_request> scripted_server::requests() const {
    std::lock_guard const lock{mutex_};
    return requests_;
}
std::size_t scripted_server::request_count() const {
    std::lock_guard const lock{mutex_};
    return requests_.size();
}
std::string scripted_server::relayed() const {
    std::lock_guard const lock{mutex_};
    return relayed_;
}
std::string scripted_server::server_name() const {
    std::lock_guard const lock{mutex_};
    return server_name_;
}

void scripted_server::wait_for_requests(std::size_t count) const {
    std::unique_lock lock{mutex_};
    require(changed_.wait_for(lock, watchdog, [&] { return requests_.size() >= count; }),
            "the requests did not come");
}
void scripted_server::wait_for_connections(std::size_t count) const {
    std::unique_lock lock{mutex_};
    require(changed_.wait_for(lock, watchdog, [&] { return connections_ >= count; }),
            "the connections did not come");
}
void scripted_server::wait_until_idle() const {
    std::unique_lock lock{mutex_};
    require(changed_.wait_for(lock, watchdog, [&] { return descriptors_.empty(); }),
            "connections were not closed");
}

void scripted_server::verify() {
    std::vector<std::string> failures;
    {
        std::lock_guard const lock{mutex_};
        failures.swap(failures_);
    }
    for (auto const& each : failures) BOOST_ERROR("scripted server: " << each);
}

step expect(std::string method, std::string target) {
    return [=](conversation& with) {
        auto const wanted = method + ' ' + target;
        seen_request got;
        try {
            got = with.receive();
        } catch (conversation::ended const&) {
            with.fail("expected " + wanted + ", but the connection ended");
            throw;
        }
        auto const is_it = (method.empty() || got.method == method) &&
                           (target.empty() || got.target == std::string{prefix} + target);
        if (!is_it) with.fail("expected " + wanted + ", got " + got.method + ' ' + got.target);
    };
}
step receive() {
    return [](conversation& with) { with.receive(); };
}
step without_handshake() {
    return no_handshake{};
}
step handshake() {
    return [](conversation& with) { with.handshake(); };
}
step wait_for_bytes() {
    return [](conversation& with) { with.wait_for_bytes(); };
}
step answer_raw(std::string bytes) {
    return [=](conversation& with) { with.send_raw(bytes); };
}
step answer_slowly(std::string head, std::string part) {
    return [=](conversation& with) {
        with.send(head);
        with.send_until_closed(part);
    };
}
step answer_a_gibibyte(std::string head, std::string part) {
    return [=](conversation& with) {
        constexpr std::size_t too_much = 64 * 1024 * 1024;
        std::size_t sent = 0;
        try {
            for (with.send(head); sent < 1024 * 1024 * 1024; sent += part.size()) with.send(part);
        } catch (conversation::ended const&) {
        }
        if (sent > too_much) with.fail("the client took " + std::to_string(sent) + " bytes");
        throw conversation::ended{};
    };
}
step answer_without_end(std::string part) {
    return [=](conversation& with) {
        for (;;) with.send(part);
    };
}
step answer_without_end(tls_message what) {
    return [=](conversation& with) {
        for (;;) with.send_with("", what);
    };
}
step answer(std::string bytes) {
    return [=](conversation& with) { with.send(bytes); };
}
step answer_bytewise(std::string bytes) {
    return [=](conversation& with) {
        for (auto const& byte : bytes) with.send({&byte, 1});
    };
}
step answer_records(std::vector<std::string> parts) {
    return [=](conversation& with) { with.send_records(parts); };
}
step answer_with(std::string bytes, tls_message what) {
    return [=](conversation& with) { with.send_with(bytes, what); };
}
step answer_with_half(std::string bytes, tls_message what) {
    return [=](conversation& with) { with.send_with_half(bytes, what); };
}
step answer_with_half(std::string bytes, std::string more) {
    return [=](conversation& with) { with.send_with_half(bytes, more); };
}
step close() {
    return [](conversation& with) { with.close(); };
}
step drop() {
    return [](conversation& with) { with.drop(); };
}
step reset() {
    return [](conversation& with) { with.reset(); };
}
step hang() {
    return [](conversation& with) { with.wait_until_closed(); };
}
step wait_for(gate& what) {
    return [&what](conversation&) { what.wait(); };
}
step open(gate& what) {
    return [&what](conversation&) { what.open(); };
}
step relay(std::uint16_t port) {
    return [=](conversation& with) { with.relay(port); };
}
step serve(std::function<std::string(seen_request const&)> handler) {
    return [=](conversation& with) {
        for (;;) with.send(handler(with.receive()));
    };
}

std::string http_answer(unsigned status, std::string const& body, std::string const& fields) {
    return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n" + fields +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}
std::string success(std::string const& result, std::string const& fields) {
    return http_answer(200, R"({"success":true,"errors":[],"messages":[],"result":)" + result + '}',
                       fields);
}
std::string failure(unsigned status, int code, std::string const& message,
                    std::string const& fields) {
    return http_answer(status,
                       R"({"success":false,"errors":[{"code":)" + std::to_string(code) +
                           R"(,"message":")" + message + R"("}],"messages":[],"result":null})",
                       fields);
}

}  // namespace cloudflare::test
