#include "interrupt.hpp"
#include "virtual_clock.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/bulk_jobs.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;
using cloudflare::outcome;
using namespace std::chrono_literals;

namespace {

auto const done = success(R"({"id":1})");
auto const empty = http_answer(
    200, R"({"success":true,"result":[],"result_info":{"per_page":1000,"total_count":0}})");

step serve_all() {
    return serve([](seen_request const&) { return done; });
}

/// The server answers a dialogue, and then hangs.
std::unique_ptr<scene> hanging_after(script dialogue) {
    auto s = std::make_unique<scene>();
    dialogue.push_back(expect());
    dialogue.push_back(hang());
    s->server.on_connection(std::move(dialogue)).otherwise({serve_all()});
    s->senders = s->blocked(s->patient());
    return s;
}

/// A page of one entry, of a list of three.
script one_page_of_three() {
    return {expect("GET"),
            answer(http_answer(200, R"({"success":true,"result":[{"id":1,"pattern":"a"}],)"
                                    R"("result_info":{"per_page":1,"total_count":3}})"))};
}

std::unique_ptr<scene> in_the_first_page() {
    auto s = hanging_after({});
    s->begin(s->senders->list_all({}, s->limited()));
    s->wait_for_requests(1);
    return s;
}

std::unique_ptr<scene> in_one_of_several_pages() {
    auto s = hanging_after(one_page_of_three());
    s->begin(s->senders->list_all({}, s->limited(), 2));
    s->wait_for_requests(2);
    return s;
}

std::unique_ptr<scene> in_the_next_page() {
    auto s = hanging_after(one_page_of_three());
    auto which = es::block_sender_filter{}.pattern_type(es::pattern_type::domain);
    s->begin(s->senders->list_all(which, s->limited()));
    s->wait_for_requests(2);
    return s;
}

es::bulk_jobs jobs_of(scene const& s) {
    return {s.senders->client(), account};
}

std::unique_ptr<scene> in_a_look_at_a_job() {
    auto s = hanging_after({});
    s->begin(jobs_of(*s).wait("job", es::bulk_wait{}.timeout(24h), s->limited()));
    s->wait_for_requests(1);
    return s;
}

std::unique_ptr<scene> between_two_looks_at_a_job() {
    auto s = std::make_unique<scene>();
    s->server.answers({success(R"({"id":"job","status":"PROCESSING"})")});
    s->senders = s->blocked(s->patient());
    auto const how = es::bulk_wait{}.interval(10min).timeout(24h);
    s->begin(jobs_of(*s).wait("job", how, s->limited()));
    s->wait_until([&] { return s->attempts_ended == 1; });
    return s;
}

using block_feed = es::feed<es::block_senders_traits>;

boost::asio::awaitable<outcome_of_call> sync(es::block_senders where, es::sync_options options) {
    block_feed wanted;
    for (auto const* const each : {"a.test", "b.test"}) {
        wanted.entries.emplace_back().item = es::new_block_sender{each, es::pattern_type::domain};
    }
    auto const report = co_await es::sync(std::move(where), std::move(wanted), std::move(options));
    if (!report.failure) co_return outcome_of_call{};
    // Nothing of it is known to be done.
    BOOST_TEST(report.created == 0);
    co_return *report.failure;
}

void begin_sync(scene& s) {
    auto const once = s.limited().max_retries(0);
    s.begin(sync(*s.senders, es::sync_options{}.call(once)));
}

std::unique_ptr<scene> while_planning_a_sync() {
    auto s = hanging_after({});
    begin_sync(*s);
    s->wait_for_requests(1);
    return s;
}

std::unique_ptr<scene> in_a_batch_of_a_sync() {
    auto s = hanging_after({expect("GET"), answer(empty)});
    begin_sync(*s);
    s->wait_for_requests(2);
    return s;
}

std::unique_ptr<scene> between_two_rounds_of_a_sync() {
    auto s = std::make_unique<scene>();
    s->server.answers({empty, failure(504, 1, "slow"), done});
    s->senders = s->blocked(s->patient().retry(cloudflare::retry_options{}.backoff(1h, 1h)));
    begin_sync(*s);
    s->wait_until([&] { return s->attempts_ended == 2; });
    return s;
}

std::unique_ptr<scene> while_settling_a_batch() {
    auto s = hanging_after(
        {expect("GET"), answer(empty), expect("POST"), answer(failure(503, 1, "down"))});
    begin_sync(*s);
    s->wait_for_requests(3);
    return s;
}

std::vector<waiting_point> const points{
    {"first page", in_the_first_page, outcome::not_sent, errc::timed_out, 1},
    {"several pages", in_one_of_several_pages, outcome::not_sent, errc::timed_out, 2},
    {"next page", in_the_next_page, outcome::not_sent, errc::timed_out, 2},
    {"look at a job", in_a_look_at_a_job, outcome::not_sent, errc::timed_out, 1},
    {"between two looks at a job", between_two_looks_at_a_job, outcome::not_sent, {}, 1},
    {"plan of a sync", while_planning_a_sync, outcome::not_sent, errc::timed_out, 1},
    // The deadline of a batch does not end a sync: it is settled.
    {"batch of a sync", in_a_batch_of_a_sync, outcome::unknown, {}, 2},
    {"between two rounds of a sync", between_two_rounds_of_a_sync, outcome::not_sent, {}, 2},
    {"settling a batch", while_settling_a_batch, outcome::not_sent, {}, 3},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupted_work)

BOOST_AUTO_TEST_CASE(by_the_caller) {
    cancel_at_each(points);
}

BOOST_AUTO_TEST_CASE(by_the_deadline) {
    let_time_pass_at_each(points);
}

BOOST_AUTO_TEST_CASE(by_both) {
    do_both_at_each(points);
}

BOOST_AUTO_TEST_CASE(the_time_for_a_job_is_over) {
    auto const s = std::make_unique<scene>();
    s->server.answers({success(R"({"id":"job","status":"PROCESSING"})")});
    s->senders = s->blocked(s->patient());
    auto const how = es::bulk_wait{}.interval(24h).timeout(1h);
    s->begin(jobs_of(*s).wait("job", how, s->limited()));
    s->wait_until([&] { return s->attempts_ended == 1; });
    pass(s->context, 2h);
    REQUIRE_ERROR(s->finish(s->call), errc::timed_out);
    BOOST_TEST(s->requests_of_call() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
