#include "blackhole.hpp"
#include "echoes.hpp"
#include "harness.hpp"
#include "transcript.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace cloudflare::test;
using cloudflare::call_options;
using cloudflare::client_options;
using cloudflare::credentials;
using cloudflare::errc;
namespace es = cloudflare::email_security;
using namespace std::chrono_literals;

namespace {

constexpr auto pattern = "nobody-must-see@victim.example";

/// A client that is listened to.
struct heard {
    heard(world& w, client_options options) : blocked{w.blocked(options.on_event(events.hook()))} {
        said.add_printed(options.credentials());
        said.add_printed(options.proxy());
    }
    heard(world& w, credentials who) : heard{w, hasty(w).credentials(std::move(who))} {}

    static client_options hasty(world const& w) {
        auto options = w.options();
        options.pool(cloudflare::pool_options{}
                         .connect_timeout(300ms)
                         .exchange_timeout(300ms)
                         .max_header_size(8 * 1024)
                         .max_body_size(64 * 1024));
        return options;
    }

    /// A call of every kind.
    void call(world& w) {
        auto const twice = call_options{}.max_retries(1).timeout(1s);
        auto const info = std::make_shared<cloudflare::response_info>();
        auto with_info = twice;
        with_info.info(info);
        es::new_block_sender const sender{pattern, es::pattern_type::email};
        said.add(w.run(blocked.get(1, with_info)));
        said.add(w.run(blocked.list_page({}, twice)));
        said.add(w.run(blocked.create(sender, twice)));
        said.add(w.run(blocked.edit(1, es::block_sender_patch{}.pattern(pattern), twice)));
        said.add(w.run(blocked.remove(1, twice)));
        said.add(w.run(blocked.batch(es::block_senders::batch_request{}.create(sender), twice)));
        said.add(info->ray_id);
        said.add(info->messages);
    }

    void check() const {
        check_shows_no_secret(said.text());
        check_shows_no_secret(events.text());
        BOOST_TEST(events.text().find("victim") == std::string::npos, events.text());
        BOOST_TEST(events.text().find(account) == std::string::npos, events.text());
    }

    transcript events;
    transcript said;
    es::block_senders blocked;
};

std::vector<credentials> both_kinds() {
    return {credentials::api_token(token), credentials::global_key("me@x.test", api_key)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(leaks)

BOOST_DATA_TEST_CASE(of_a_server_that_repeats_them, boost::unit_test::data::make(echoes()), each) {
    for (auto const& who : both_kinds()) {
        world w;
        w.server.otherwise(
            {serve([&](seen_request const& asked) { return answer_with(each, asked); })});
        heard client{w, who};
        client.call(w);
        client.check();
        BOOST_TEST(w.server.request_count() >= 6u);
    }
}

BOOST_AUTO_TEST_CASE(what_is_hidden_leaves_asterisks) {
    world w;
    w.server.answers({failure(403, 9109, std::string{"No access with "} + token + '.')});
    auto const got = w.run(w.blocked().get(1));
    REQUIRE_ERROR(got, errc::forbidden);
    BOOST_TEST(got.error().errors().at(0).message ==
               "No access with " + std::string(std::string{token}.size(), '*') + '.');
}

BOOST_AUTO_TEST_CASE(of_a_server_that_fails) {
    auto const ok = std::string{"HTTP/1.1 200 OK\r\n"};
    for (auto const& steps :
         {script{without_handshake(), close()},
          script{without_handshake(), answer_raw("no TLS at all"), hang()},
          script{without_handshake(), hang()}, script{close()}, script{expect(), drop()},
          script{expect(), reset()}, script{expect(), answer_raw("no TLS any more"), hang()},
          script{expect(), hang()}, script{expect(), answer("garbage\r\n\r\n"), hang()},
          script{expect(), answer(ok + "Content-Length: 9\r\n\r\n{"), close()},
          script{expect(), answer(ok + "Content-Length: 9999999\r\n\r\n"), hang()},
          script{expect(), answer(ok + "X: " + std::string(9000, 'x')), hang()}}) {
        world w;
        w.server.otherwise(steps);
        // Most of them are waited for in vain.
        auto options = heard::hasty(w).credentials(credentials::api_token(token));
        options.pool(
            cloudflare::pool_options{options.pool()}.connect_timeout(50ms).exchange_timeout(50ms));
        heard client{w, options};
        client.call(w);
        client.check();
    }
}

BOOST_AUTO_TEST_CASE(of_connections_that_do_not_come_about) {
    world w;
    std::vector<client_options> all;
    auto const base = heard::hasty(w);
    blackhole hole;
    all.push_back(client_options{base}.base_url(hole.server().base_url()));
    all.push_back(client_options{base}.base_url("https://127.0.0.1:1/"));
    all.push_back(client_options{base}.base_url("https://nowhere.invalid/"));
    all.push_back(client_options{base}.tls(cloudflare::tls_options{}.system_trust(false)));
    w.server.otherwise({});
    for (auto const& options : all) {
        heard client{w, options};
        client.call(w);
        client.check();
    }
}

BOOST_AUTO_TEST_CASE(of_calls_that_are_not_sent) {
    world w;
    auto const with_quota =
        heard::hasty(w).rate_limit(cloudflare::rate_limit_options{}.quota(1, 1h).reserve(0));
    w.server.answers({success("{}")});
    heard limited{w, with_quota};
    limited.call(w);
    limited.check();

    heard refused{w, heard::hasty(w)};
    auto const& blocked = refused.blocked;
    auto const secret = std::string{token};
    for (auto const& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"X-Mine", secret + "\n"},
                                                          {secret + ':', "x"},
                                                          {secret, "x\n"},
                                                          {"Authorization", "Bearer " + secret},
                                                          {"X-Auth-Key", secret}}) {
        auto const got = w.run(blocked.get(1, call_options{}.header(name, value)));
        REQUIRE_ERROR(got, errc::invalid_argument);
        refused.said.add(got);
        cloudflare::request own;
        own.operation = {cloudflare::http_method::get, "/x"};
        own.target = "/x";
        own.headers.emplace_back(name, value);
        auto const sent = w.run(blocked.client().send(std::move(own), {}, {}));
        REQUIRE_ERROR(sent, errc::invalid_argument);
        refused.said.add(sent);
    }
    refused.said.add(w.run(blocked.get(secret + "/")));
    refused.said.add(w.run(blocked.create({secret + '\0', es::pattern_type::email})));
    es::block_senders const elsewhere{blocked.client(), secret + secret};
    refused.said.add(w.run(elsewhere.get(1)));
    refused.check();

    world silent;
    silent.server.otherwise({expect(), hang()});
    heard cancelled{silent, heard::hasty(silent)};
    auto const call = silent.start(cancelled.blocked.get(1));
    run_until(silent.context, [&] { return silent.server.request_count() == 1; });
    call->cancel();
    cancelled.said.add(silent.finish(call));
    auto const closing = [](cloudflare::client which) -> boost::asio::awaitable<bool> {
        co_await which.close(0ms);
        co_return true;
    };
    silent.run(closing(cancelled.blocked.client()));
    cancelled.call(silent);
    cancelled.check();
}

BOOST_AUTO_TEST_CASE(of_a_proxy_that_repeats_them) {
    server_settings plain;
    plain.encrypts = false;
    std::vector<std::function<std::string(std::string const&)>> const answers{
        [](auto const& line) { return "HTTP/1.1 407 " + line + "\r\n" + line + "\r\n\r\n"; },
        [](auto const& line) {
            return "HTTP/1.1 502 Bad\r\nVia: " + line + "\r\n\r\n<title>" + line + "</title>";
        },
        [](auto const& line) { return "HTTP/1.1 302 No\r\nLocation: /" + line + "\r\n\r\n"; },
        [](auto const& line) { return line + "\r\n\r\n"; },
        [](auto const& line) { return "HTTP/1.1 200 OK\r\n\r\n" + line; }};
    for (auto const& each : answers) {
        world w;
        scripted_server way{plain};
        way.otherwise({[&each](conversation& with) {
                           auto const asked = with.receive();
                           with.send(
                               each("Proxy-Authorization: " + asked.header("Proxy-Authorization")));
                       },
                       close()});
        auto options = heard::hasty(w);
        options.proxy(cloudflare::proxy{std::string{"http://"} + proxy_user_info +
                                        "@127.0.0.1:" + std::to_string(way.port())});
        heard client{w, options};
        client.call(w);
        client.check();
        BOOST_TEST(
            way.requests().at(0).header("Proxy-Authorization").starts_with("Basic cHJveHkt"));
        BOOST_TEST(w.server.connections() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(of_what_a_client_is_made_from) {
    transcript said;
    auto const refused = [&said](auto make) {
        try {
            make();
            BOOST_ERROR("it was accepted");
        } catch (cloudflare::exception const& thrown) {
            BOOST_CHECK(thrown.code() == errc::invalid_argument);
            said.add(thrown.what());
            said.add(thrown.reason());
        }
    };
    for (auto const& [before, after] :
         std::vector<std::pair<std::string, std::string>>{{"", "\n"},
                                                          {"", " "},
                                                          {"Bearer ", ""},
                                                          {"", std::string(1, '\0')},
                                                          {"\xc3\xbc", ""}}) {
        refused([&] { credentials::api_token(before + token + after); });
        refused([&] { credentials::global_key("me@x.test", before + api_key + after); });
        refused([&] { credentials::global_key(before + token + after, api_key); });
    }
    boost::asio::io_context context;
    auto const info = std::string{proxy_user_info};
    for (auto const& url :
         {"https://" + info + "@host/", "https://me:" + std::string{token} + "@host",
          std::string{token}, "ftp://" + info + "@host"}) {
        refused([&] {
            auto options = quick_options(url);
            cloudflare::client{context.get_executor(), options};
        });
    }
    for (auto const& url :
         {"socks5://" + info + "@host", "http://" + info + "@host/path", "http://" + info + "@a:b",
          "http://" + info + "%0a@host", "http://us%3Aer" + info + "@host", "http://" + info + "@",
          "http://" + info + "@host:0", "http://" + info + "@host?x"}) {
        refused([&] { cloudflare::proxy{url}; });
    }
    check_shows_no_secret(said.text());
}

BOOST_AUTO_TEST_CASE(of_syncs) {
    for (auto const& what : echoes()) {
        world w;
        w.server.otherwise({serve([&](seen_request const& asked) {
            return asked.method == "GET" ? success("[]") : answer_with(what, asked);
        })});
        heard client{
            w, heard::hasty(w).retry(cloudflare::retry_options{}.max_retries(0).backoff(1ms, 1ms))};
        std::istringstream lines{"one.example\ntwo.example\nnodot\n"};
        auto const feed = es::read_feed<es::block_senders_traits>(lines, {}).value();
        auto const report = w.run(es::sync(client.blocked, feed));
        BOOST_TEST(w.server.request_count() >= 2u);
        for (auto const& each : report.rejected) client.said.add(each.reason);
        if (report.failure) client.said.add(*report.failure);
        client.said.add(cloudflare::wire::to_json(report));
        client.check();
    }
}

BOOST_AUTO_TEST_SUITE_END()
