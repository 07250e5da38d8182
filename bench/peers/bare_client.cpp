// The floor: epoll and OpenSSL with nothing between. It looks at the status and the length of an
// answer and, with --decode, reads the JSON into a struct.

#include "entry_reader.hpp"
#include "measure.hpp"
#include "request.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace {

struct settings : bench::options {
    bool decode = false;
};

struct free_ssl {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(addrinfo* found) const noexcept { ::freeaddrinfo(found); }
};
template <class T>
using handle = std::unique_ptr<T, free_ssl>;

[[noreturn]] void fail(char const* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

handle<SSL_CTX> make_context(std::string const& ca_file) {
    handle<SSL_CTX> context{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
        throw std::runtime_error("cannot use " + ca_file);
    }
    // Takes a record with one system call instead of two.
    SSL_CTX_set_read_ahead(context.get(), 1);
    return context;
}

int connect_to(bench::destination const& to) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) fail("getaddrinfo");
    handle<addrinfo> const owned{found};
    auto const socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("socket");
    if (::connect(socket, found->ai_addr, found->ai_addrlen) != 0) fail("connect");
    int const on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

class connection {
public:
    connection(SSL_CTX* context, bench::destination const& to)
        : socket_{connect_to(to)}, ssl_{SSL_new(context)}, request_{bench::make_request(to)} {
        SSL_set_fd(ssl_.get(), socket_);
        SSL_set1_host(ssl_.get(), to.host.c_str());
        if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("no TLS");
        int on = 1;
        ::ioctl(socket_, FIONBIO, &on);
    }
    ~connection() { ::close(socket_); }
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    int socket() const noexcept { return socket_; }

    void send() {
        got_ = 0;
        sent_at = bench::clock::now();
        auto const sent = SSL_write(ssl_.get(), request_.data(), static_cast<int>(request_.size()));
        // A request is far smaller than the socket's buffer.
        if (sent != static_cast<int>(request_.size())) throw std::runtime_error("cannot write");
    }

    /// The answer's body, or nothing while it is not whole.
    std::string_view receive() {
        for (;;) {
            auto const got = SSL_read(ssl_.get(), incoming_.data() + got_,
                                      static_cast<int>(incoming_.size() - got_));
            if (got <= 0) {
                if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_WANT_READ) return {};
                throw std::runtime_error("the server closed the connection");
            }
            got_ += static_cast<std::size_t>(got);
            if (auto const body = whole_body(); !body.empty()) return body;
        }
    }

    bench::clock::time_point sent_at;

private:
    std::string_view whole_body() const {
        std::string_view const text{incoming_.data(), got_};
        auto const end = text.find("\r\n\r\n");
        if (end == text.npos) return {};
        if (!text.starts_with("HTTP/1.1 201")) throw std::runtime_error("refused");
        constexpr std::string_view name = "\r\nContent-Length: ";
        auto const at = text.find(name);
        if (at > end) throw std::runtime_error("no length");
        std::size_t length = 0;
        std::from_chars(text.data() + at + name.size(), text.data() + end, length);
        auto const body = text.substr(end + 4);
        return body.size() == length ? body : std::string_view{};
    }

    int socket_;
    handle<SSL> ssl_;
    std::string request_;
    std::array<char, 16 * 1024> incoming_;
    std::size_t got_ = 0;
};

class client {
public:
    explicit client(settings const& run)
        : run_{run}, context_{make_context(run.ca_file)}, epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
        auto const to = bench::parse_destination(run);
        for (std::size_t n = 0; n < run.connections; ++n) {
            auto& made =
                *connections_.emplace_back(std::make_unique<connection>(context_.get(), to));
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.ptr = &made;
            if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, made.socket(), &wanted) != 0) fail("epoll_ctl");
        }
    }
    ~client() { ::close(epoll_); }
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    void create(std::size_t requests, bench::measurement& figures) {
        std::size_t begun = 0;
        std::size_t ended = 0;
        for (auto& each : connections_) {
            if (begun++ < requests) each->send();
        }
        std::array<epoll_event, 128> ready{};
        while (ended < requests) {
            auto const count = ::epoll_wait(epoll_, ready.data(), ready.size(), -1);
            for (int i = 0; i < count; ++i) {
                auto& one = *static_cast<connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
                auto const body = one.receive();
                if (body.empty()) continue;
                if (run_.decode) reader_.read(body);
                figures.record(ended++, bench::clock::now() - one.sent_at);
                if (begun++ < requests) one.send();
            }
        }
    }

private:
    settings const& run_;
    handle<SSL_CTX> context_;
    int epoll_;
    std::vector<std::unique_ptr<connection>> connections_;
    bench::entry_reader reader_;
};

}  // namespace

int main(int argc, char** argv) {
    settings run;
    CLI::App program{"Measures creates through epoll and OpenSSL alone."};
    bench::add_options(program, run);
    program.add_flag("--decode", run.decode, "read the answers' JSON into a struct");
    CLI11_PARSE(program, argc, argv);
    try {
        client floor{run};
        bench::measurement ignored{bench::warm_up_requests(run)};
        floor.create(bench::warm_up_requests(run), ignored);
        bench::measurement figures{run.requests};
        bench::measured(figures, [&] { floor.create(run.requests, figures); });
        figures.print(run.decode ? "bare_client --decode" : "bare_client", run);
        return 0;
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "bare_client: %s\n", failed.what());
        return 1;
    }
}
