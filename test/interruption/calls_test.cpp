#include "blackhole.hpp"
#include "interrupt.hpp"
#include "name_table.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");
auto const down = failure(503, 1, "down");

es::new_block_sender new_pattern() {
    return {"a@b.test", es::pattern_type::email};
}

es::block_sender_patch patch() {
    return es::block_sender_patch{}.is_regex(true);
}

std::unique_ptr<scene> make_scene(server_settings settings = {}) {
    return std::make_unique<scene>(std::move(settings));
}

/// Allows a request in each 40 minutes.
cloudflare::client_options paced(scene& s) {
    s.is_paced = true;
    return s.patient().rate_limit(cloudflare::rate_limit_options{}.quota(1, 40min).reserve(0));
}

std::unique_ptr<scene> in_the_queue_of_the_limiter() {
    auto s = make_scene();
    s->server.answers({done});
    s->senders = s->blocked(paced(*s));
    REQUIRE_VALUE(s->run(s->senders->get(1)));
    // By itself it would know at once whether its turn comes in time.
    s->ahead = s->start(interruptible(s->senders->get(2)));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->senders->client().quota().waiting == 2; });
    return s;
}

std::unique_ptr<scene> first_in_the_queue_of_the_limiter() {
    auto s = make_scene();
    s->server.answers({done});
    s->senders = s->blocked(paced(*s));
    REQUIRE_VALUE(s->run(s->senders->get(1)));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->senders->client().quota().waiting == 1; });
    s->ahead = s->start(interruptible(s->senders->get(2)));
    s->wait_until([&] { return s->senders->client().quota().waiting == 2; });
    return s;
}

std::unique_ptr<scene> in_the_queue_of_the_limiter_before_a_retry() {
    auto s = make_scene();
    s->server.answers({down, done});
    s->senders = s->blocked(paced(*s));
    s->begin(s->senders->edit(1, patch(), s->limited()));
    s->wait_until([&] { return s->senders->client().quota().waiting == 1; });
    return s;
}

std::unique_ptr<scene> in_the_queue_of_the_limiter_before_a_lookup() {
    auto s = make_scene();
    s->server.answers({down, done});
    s->senders = s->blocked(paced(*s));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->senders->client().quota().waiting == 1; });
    return s;
}

std::unique_ptr<scene> in_the_queue_of_the_pool() {
    auto s = make_scene();
    s->server.on_connection({expect(), wait_for(s->released), answer(done),
                             serve([](seen_request const&) { return done; })});
    s->senders = s->blocked(s->patient());
    s->ahead = s->start(interruptible(s->senders->get(1)));
    run_until(s->context, [&] { return s->server.request_count() == 1; });
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([] { return true; });
    return s;
}

std::unique_ptr<scene> while_resolving() {
    constexpr auto name = "slow.cloudflare.test";
    server_settings settings;
    settings.certificate = trusted_authority().issue({.names = std::string{"DNS:"} + name});
    struct scene_of_a_lookup final : scene {
        using scene::scene;
        ~scene_of_a_lookup() {
            // The client leaves a lookup behind, and this one waits for what is the scene's.
            released.open();
            while (*under_way > 0) std::this_thread::yield();
        }
        std::shared_ptr<std::atomic<int>> under_way = std::make_shared<std::atomic<int>>(0);
    };
    auto s = std::make_unique<scene_of_a_lookup>(std::move(settings));
    s->server.answers({done});
    auto const asked = std::make_shared<gate>();
    resolve(name, [asked, under_way = s->under_way, &released = s->released] {
        ++*under_way;
        asked->open();
        released.wait();
        --*under_way;
        return lookup{{"127.0.0.1"}, 0};
    });
    s->senders = s->blocked(s->patient(quick_options(s->server.base_url(name))));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return asked->is_open(); });
    return s;
}

std::unique_ptr<scene> while_connecting() {
    struct scene_at_blackhole final : scene {
        ~scene_at_blackhole() { dark.server().verify(); }
        blackhole dark;
    };
    auto s = std::make_unique<scene_at_blackhole>();
    auto& dark = s->dark;
    s->api = &dark.server();
    s->api->answers({done});
    s->before_next = [&dark] { dark.end(); };
    s->senders = s->blocked(s->patient(quick_options(s->api->base_url())));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([] { return true; });
    return s;
}

std::unique_ptr<scene> in_the_handshake() {
    auto s = make_scene();
    s->server.on_connection({without_handshake(), wait_for_bytes(), wait_for(s->released), drop()})
        .otherwise({serve([](seen_request const&) { return done; })});
    s->senders = s->blocked(s->patient());
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->server.connections() == 1; });
    return s;
}

std::unique_ptr<scene> while_the_proxy_opens_a_tunnel() {
    struct scene_with_proxy final : scene {
        static server_settings plain() {
            server_settings settings;
            settings.encrypts = false;
            return settings;
        }
        ~scene_with_proxy() { released.open(); }
        scripted_server way{plain()};
    };
    auto s = std::make_unique<scene_with_proxy>();
    s->server.answers({done});
    s->way
        .on_connection({expect("CONNECT"), wait_for(s->released), answer("HTTP/1.1 200 OK\r\n\r\n"),
                        relay(s->server.port())})
        // Nobody may have waited for the first one for too long.
        .otherwise({expect("CONNECT"), answer("HTTP/1.1 200 OK\r\n\r\n"), relay(s->server.port())});
    auto const url = "http://127.0.0.1:" + std::to_string(s->way.port());
    s->senders = s->blocked(s->patient().proxy(cloudflare::proxy{url}));
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->way.request_count() == 1; });
    return s;
}

std::unique_ptr<scene> in_the_write_of_a_large_body() {
    server_settings settings;
    settings.receive_buffer = 4096;
    auto s = make_scene(std::move(settings));
    s->server.on_connection({wait_for(s->released), drop()})
        .otherwise({serve([](seen_request const&) { return done; })});
    es::block_senders::batch_request large;
    for (int i = 0; i < 1000; ++i) {
        auto const item =
            es::new_block_sender{std::string(1024, 'p'), es::pattern_type::domain}.comments(
                std::string(1024, 'c'));
        large.create(item).replace(i, item);
    }
    s->senders = s->blocked(s->patient());
    s->begin(s->senders->batch(std::move(large), s->limited()));
    s->wait_until([&] { return s->senders->client().metrics().bytes_sent > 0; });
    return s;
}

/// Hangs after it has sent a part of its answer.
std::unique_ptr<scene> hanging_after(std::string const& part) {
    auto s = make_scene();
    auto const sent = std::make_shared<gate>();
    s->props.push_back(sent);
    s->server.on_connection({expect(), answer(part), open(*sent), hang()})
        .otherwise({serve([](seen_request const&) { return done; })});
    s->senders = s->blocked(s->patient());
    return s;
}

void wait_for_part(scene& s) {
    auto const& sent = *static_cast<gate const*>(s.props.front().get());
    s.wait_until([&] { return sent.is_open(); });
}

std::unique_ptr<scene> before_the_answer() {
    auto s = hanging_after("");
    s->begin(s->senders->create(new_pattern(), s->limited()));
    wait_for_part(*s);
    return s;
}

std::unique_ptr<scene> in_the_head_of_the_answer() {
    auto s = hanging_after("HTTP/1.1 200 OK\r\n");
    s->begin(s->senders->get(1, s->limited()));
    wait_for_part(*s);
    return s;
}

std::unique_ptr<scene> in_the_body_of_the_answer() {
    auto s = hanging_after(done.substr(0, done.size() - 3));
    s->begin(s->senders->edit(1, patch(), s->limited()));
    wait_for_part(*s);
    return s;
}

std::unique_ptr<scene> in_backoff(std::string const& first_answer) {
    auto s = make_scene();
    s->server.answers({first_answer, done});
    s->senders = s->blocked(s->patient());
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_until([&] { return s->retries_scheduled == 1; });
    return s;
}

std::unique_ptr<scene> in_backoff_after_a_refusal() {
    return in_backoff(failure(429, 1, "wait", "Retry-After: 300\r\n"));
}

std::unique_ptr<scene> in_backoff_before_a_lookup() {
    return in_backoff(failure(503, 1, "wait", "Retry-After: 300\r\n"));
}

std::unique_ptr<scene> in_the_lookup(std::vector<std::string> const& pages) {
    auto s = make_scene();
    script steps{expect("POST"), answer(down)};
    for (auto const& each : pages) {
        steps.push_back(expect("GET"));
        steps.push_back(answer(each));
    }
    steps.push_back(expect("GET"));
    steps.push_back(hang());
    s->server.on_connection(std::move(steps)).otherwise({serve([](seen_request const&) {
        return done;
    })});
    s->senders = s->blocked(s->patient());
    s->begin(s->senders->create(new_pattern(), s->limited()));
    s->wait_for_requests(2 + pages.size());
    return s;
}

std::unique_ptr<scene> in_the_first_page_of_the_lookup() {
    return in_the_lookup({});
}

std::unique_ptr<scene> in_the_second_page_of_the_lookup() {
    return in_the_lookup(
        {http_answer(200, R"({"success":true,"result":[{"id":5,"pattern":"other"}],)"
                          R"("result_info":{"page":1,"per_page":1,"total_count":2}})")});
}

std::vector<waiting_point> const points{
    {"queue of the limiter", in_the_queue_of_the_limiter, outcome::not_sent, errc::rate_limited},
    {"first in the queue of the limiter", first_in_the_queue_of_the_limiter, outcome::not_sent},
    {"queue of the limiter before a retry", in_the_queue_of_the_limiter_before_a_retry,
     outcome::unknown, errc::timed_out, 1},
    // That the outcome stays open is for the reason why it is.
    {"queue of the limiter before a look-up", in_the_queue_of_the_limiter_before_a_lookup,
     outcome::unknown, errc::server_error, 1},
    {"queue of the pool", in_the_queue_of_the_pool},
    {"resolving", while_resolving},
    {"connecting", while_connecting},
    {"handshake", in_the_handshake},
    {"tunnel", while_the_proxy_opens_a_tunnel},
    {"write", in_the_write_of_a_large_body, outcome::unknown},
    {"before the answer", before_the_answer, outcome::unknown, errc::timed_out, 1},
    {"head of the answer", in_the_head_of_the_answer, outcome::not_sent, errc::timed_out, 1},
    {"body of the answer", in_the_body_of_the_answer, outcome::unknown, errc::timed_out, 1},
    {"backoff after a refusal", in_backoff_after_a_refusal, outcome::rejected, errc::timed_out, 1},
    {"backoff before a look-up", in_backoff_before_a_lookup, outcome::unknown, errc::server_error,
     1},
    {"look-up", in_the_first_page_of_the_lookup, outcome::unknown, errc::server_error, 2},
    {"second page of the look-up", in_the_second_page_of_the_lookup, outcome::unknown,
     errc::server_error, 3},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupted_calls)

BOOST_AUTO_TEST_CASE(by_the_caller) {
    cancel_at_each(points);
}

BOOST_AUTO_TEST_CASE(by_the_deadline) {
    let_time_pass_at_each(points);
}

BOOST_AUTO_TEST_CASE(by_both) {
    do_both_at_each(points);
}

BOOST_AUTO_TEST_SUITE_END()
