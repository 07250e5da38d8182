#pragma once

#include "scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace cloudflare::test {

/// A server that nobody gets through to: its backlog is full, so every further SYN is dropped.
class blackhole {
public:
    explicit blackhole(std::string const& address = "127.0.0.1", std::uint16_t port = 0)
        : server_{settings(address, port)} {
        auto const is_ipv6 = address.find(':') != std::string::npos;
        for (int i = 0; i < 4; ++i) {
            fillers_.push_back(
                ::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_port = htons(server_.port());
            ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(server_.port());
            ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr);
            if (is_ipv6) {
                ::connect(fillers_.back(), reinterpret_cast<sockaddr*>(&v6), sizeof v6);
            } else {
                ::connect(fillers_.back(), reinterpret_cast<sockaddr*>(&v4), sizeof v4);
            }
        }
    }
    ~blackhole() { clear(); }
    blackhole(blackhole const&) = delete;
    blackhole& operator=(blackhole const&) = delete;

    /// Lets connections through from now on.
    void end() {
        clear();
        server_.accept();
    }
    scripted_server& server() noexcept { return server_; }

private:
    static server_settings settings(std::string const& address, std::uint16_t port) {
        server_settings wanted;
        wanted.address = address;
        wanted.port = port;
        wanted.accepts = false;
        wanted.backlog = 0;
        return wanted;
    }
    void clear() {
        for (auto const each : fillers_) ::close(each);
        fillers_.clear();
    }

    scripted_server server_;
    std::vector<int> fillers_;
};

}  // namespace cloudflare::test
