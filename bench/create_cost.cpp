// What one create costs the client in CPU time: our whole stack beside a plain Beast client,
// against the same simulator, in interleaved rounds of one run.
//
//     create_cost [CONNECTIONS=8] [REQUESTS=4000 a round] [ROUNDS=9]
//
// Only the client's thread is counted; the simulator serves on a thread of its own. Connecting and
// one round of warm-up are not counted.

#include <cloudflare/concurrent.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
namespace es = cloudflare::email_security;
using tcp = asio::ip::tcp;

namespace {

constexpr char const* account = "0123456789abcdef0123456789abcdef";
constexpr char const* token = "a-token-for-the-benchmark-0123456789abcdef";
constexpr char const* comments = "bench: a comment as a feed would leave it";

std::string pattern_number(std::size_t n) {
    return "sender-" + std::to_string(n) + "@evil.example";
}

double thread_cpu_us() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    auto const us = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

/// A client under test: does `requests` creates over its connections.
class contestant {
public:
    explicit contestant(std::string its_name) : name{std::move(its_name)} {}
    virtual ~contestant() = default;
    virtual asio::awaitable<void> create_many(std::size_t requests) = 0;

    std::string name;
    std::vector<double> cpu_us;  // per request, by round
};

class ours final : public contestant {
public:
    ours(asio::io_context& context, cloudflare::simulator::server const& api,
         std::size_t connections)
        : contestant{"this library"},
          connections_{connections},
          blocked_{cloudflare::client{
                       context.get_executor(),
                       cloudflare::client_options{cloudflare::credentials::api_token(token)}
                           .base_url(api.base_url())
                           .tls(cloudflare::tls_options{}.extra_ca(api.ca_certificate()))
                           .rate_limit(cloudflare::rate_limit_options::unlimited())
                           .pool(cloudflare::pool_options{}.max_connections(connections))},
                   account} {}

    asio::awaitable<void> create_many(std::size_t requests) override {
        auto create = [this](std::size_t) -> asio::awaitable<void> {
            es::new_block_sender entry{pattern_number(next_++), es::pattern_type::email};
            entry.comments(comments);
            auto const created = co_await blocked_.create(std::move(entry));
            if (created.value().id.empty()) throw std::runtime_error("no id");
        };
        co_await cloudflare::for_each_concurrently(requests, connections_, create);
    }

private:
    std::size_t connections_;
    es::block_senders blocked_;
    std::size_t next_ = 0;
};

/// Beast as its examples use it, with a JSON tree in and out.
class plain_beast final : public contestant {
public:
    plain_beast(asio::io_context& context, cloudflare::simulator::server const& api,
                std::size_t connections)
        : contestant{"plain Beast"} {
        tls_.set_verify_mode(asio::ssl::verify_peer);
        tls_.add_certificate_authority(asio::buffer(api.ca_certificate()));
        for (std::size_t n = 0; n < connections; ++n) {
            auto& stream = *streams_.emplace_back(std::make_unique<stream_type>(context, tls_));
            stream.next_layer().connect({asio::ip::address_v4::loopback(), api.port()});
            stream.next_layer().set_option(tcp::no_delay{true});
            stream.handshake(asio::ssl::stream_base::client);
        }
        host_ = "127.0.0.1:" + std::to_string(api.port());
    }

    asio::awaitable<void> create_many(std::size_t requests) override {
        auto const each = requests / streams_.size();
        auto work = [this, each](std::size_t index) { return exchange(*streams_[index], each); };
        co_await cloudflare::for_each_concurrently(streams_.size(), streams_.size(), work);
    }

private:
    using stream_type = asio::ssl::stream<tcp::socket>;

    asio::awaitable<void> exchange(stream_type& stream, std::size_t requests) {
        boost::beast::flat_buffer buffer;
        for (std::size_t n = 0; n < requests; ++n) {
            http::request<http::string_body> message{http::verb::post,
                                                     std::string{"/client/v4/accounts/"} + account +
                                                         "/email-security/settings/block_senders",
                                                     11};
            message.set(http::field::host, host_);
            message.set(http::field::user_agent, "plain-beast");
            message.set(http::field::authorization, std::string{"Bearer "} + token);
            message.set(http::field::content_type, "application/json");
            message.body() = json::serialize(json::object{{"pattern", pattern_number(next_++)},
                                                          {"pattern_type", "EMAIL"},
                                                          {"is_regex", false},
                                                          {"comments", comments}});
            message.prepare_payload();
            co_await http::async_write(stream, message, asio::use_awaitable);
            http::response<http::string_body> answer;
            co_await http::async_read(stream, buffer, answer, asio::use_awaitable);
            if (answer.result() != http::status::created) throw std::runtime_error("refused");
            auto const body = json::parse(answer.body());
            if (body.at("result").at("id").as_string().empty()) throw std::runtime_error("no id");
        }
    }

    asio::ssl::context tls_{asio::ssl::context::tls_client};
    std::vector<std::unique_ptr<stream_type>> streams_;
    std::string host_;
    std::size_t next_ = 0;
};

void run_round(asio::io_context& context, contestant& who, std::size_t requests) {
    asio::co_spawn(context, who.create_many(requests), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    context.restart();
    context.run();
}

double quantile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

std::size_t argument(int argc, char** argv, int index, std::size_t fallback) {
    return argc > index ? std::strtoul(argv[index], nullptr, 10) : fallback;
}

}  // namespace

int main(int argc, char** argv) {
    auto const connections = std::max<std::size_t>(1, argument(argc, argv, 1, 8));
    auto const requests =
        std::max(connections, argument(argc, argv, 2, 4000)) / connections * connections;
    auto const rounds = std::max<std::size_t>(1, argument(argc, argv, 3, 9));

    cloudflare::simulator::options quiet;
    quiet.request_quota(std::nullopt).log_requests(false);
    cloudflare::simulator::server api{quiet};
    asio::io_context context{1};
    ours first{context, api, connections};
    plain_beast second{context, api, connections};

    for (std::size_t round = 0; round <= rounds; ++round) {
        for (contestant* const who :
             {static_cast<contestant*>(&first), static_cast<contestant*>(&second)}) {
            auto const before = thread_cpu_us();
            run_round(context, *who, requests);
            auto const each = (thread_cpu_us() - before) / static_cast<double>(requests);
            if (round > 0) who->cpu_us.push_back(each);  // the first one warms up
        }
    }

    std::printf("create, %zu connections, %zu requests a round, %zu rounds; client CPU a request\n",
                connections, requests, rounds);
    std::printf("%-14s %12s %16s\n", "client", "median us", "lower quartile");
    for (contestant const* const who :
         {static_cast<contestant const*>(&first), static_cast<contestant const*>(&second)}) {
        std::printf("%-14s %12.1f %16.1f\n", who->name.c_str(), quantile(who->cpu_us, 0.5),
                    quantile(who->cpu_us, 0.25));
    }
    std::printf("ratio (lower quartiles): %.2f\n",
                quantile(first.cpu_us, 0.25) / quantile(second.cpu_us, 0.25));
}
