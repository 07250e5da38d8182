// Beast as its examples use it, with a JSON tree in and out.

#include "measure.hpp"
#include "request.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using tcp = asio::ip::tcp;

namespace {

class client {
public:
    client(asio::io_context& context, bench::options const& run)
        : context_{context}, to_{bench::parse_destination(run)} {
        tls_.set_verify_mode(asio::ssl::verify_peer);
        tls_.load_verify_file(run.ca_file);
        tcp::resolver resolver{context};
        auto const addresses = resolver.resolve(to_.host, to_.port);
        for (std::size_t n = 0; n < run.connections; ++n) {
            auto& stream = *streams_.emplace_back(std::make_unique<stream_type>(context, tls_));
            stream.set_verify_callback(asio::ssl::host_name_verification{to_.host});
            beast::get_lowest_layer(stream).connect(addresses);
            beast::get_lowest_layer(stream).socket().set_option(tcp::no_delay{true});
            stream.handshake(asio::ssl::stream_base::client);
        }
    }

    void create(std::size_t requests, bench::measurement& figures) {
        begun_ = 0;
        for (auto& each : streams_) {
            asio::co_spawn(context_, work(*each, requests, figures), [](std::exception_ptr thrown) {
                if (thrown) std::rethrow_exception(thrown);
            });
        }
        context_.restart();
        context_.run();
    }

private:
    using stream_type = beast::ssl_stream<beast::tcp_stream>;

    asio::awaitable<void> work(stream_type& stream, std::size_t requests,
                               bench::measurement& figures) {
        beast::flat_buffer buffer;
        while (begun_ < requests) {
            auto const n = begun_++;
            auto const start = bench::clock::now();
            http::request<http::string_body> message{http::verb::post, to_.target, 11};
            message.set(http::field::host, to_.authority);
            message.set(http::field::user_agent, "cloudflare-email-security-cpp/0.1.0");
            message.set(http::field::accept, "application/json");
            message.set(http::field::authorization, std::string{"Bearer "} + bench::token);
            message.set(http::field::content_type, "application/json");
            message.body() = json::serialize(json::object{
                {"pattern", bench::pattern}, {"pattern_type", "DOMAIN"}, {"is_regex", false}});
            message.prepare_payload();
            beast::get_lowest_layer(stream).expires_after(std::chrono::seconds{30});
            co_await http::async_write(stream, message, asio::use_awaitable);
            http::response<http::string_body> answer;
            beast::get_lowest_layer(stream).expires_after(std::chrono::seconds{30});
            co_await http::async_read(stream, buffer, answer, asio::use_awaitable);
            if (answer.result() != http::status::created) throw std::runtime_error("refused");
            auto const body = json::parse(answer.body());
            if (body.at("result").at("id").as_string().empty()) throw std::runtime_error("no id");
            figures.record(n, bench::clock::now() - start);
        }
        beast::get_lowest_layer(stream).expires_never();
    }

    asio::io_context& context_;
    bench::destination to_;
    asio::ssl::context tls_{asio::ssl::context::tlsv13_client};
    std::vector<std::unique_ptr<stream_type>> streams_;
    std::size_t begun_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    bench::options run;
    CLI::App program{"Measures creates through Beast, used as in its examples."};
    bench::add_options(program, run);
    CLI11_PARSE(program, argc, argv);
    try {
        asio::io_context context{1};
        client beast_client{context, run};
        bench::measurement ignored{bench::warm_up_requests(run)};
        beast_client.create(bench::warm_up_requests(run), ignored);
        bench::measurement figures{run.requests};
        bench::measured(figures, [&] { beast_client.create(run.requests, figures); });
        figures.print("plain_beast", run);
        return 0;
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "plain_beast: %s\n", failed.what());
        return 1;
    }
}
