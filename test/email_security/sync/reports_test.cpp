// What reports say of themselves: what was sent for them, and why they stopped.
#include "fixture.hpp"

#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace test;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(reports)

namespace {

json::value as_json(es::sync_report const& report) {
    return json::parse(cf::wire::to_json(report));
}

/// Fifty accounts' lists at once, over one client.
struct many_syncs {
    std::vector<es::sync_report> reports;

    void run(fixture& f) {
        for (int i = 0; i != 50; ++i) {
            auto const name = "0123456789abcdef01234567890000" + std::to_string(10 + i);
            auto keep = [this](std::exception_ptr thrown, es::sync_report report) {
                if (thrown) std::rethrow_exception(thrown);
                reports.push_back(std::move(report));
            };
            asio::co_spawn(f.context,
                           es::sync(es::block_senders{f.client, name}, feed_of(domains(i + 1))),
                           keep);
        }
        f.context.restart();
        f.context.run();
    }
    std::uint64_t sum(std::int64_t es::sync_report::*of) const {
        std::int64_t all = 0;
        for (auto const& each : reports) all += each.*of;
        return static_cast<std::uint64_t>(all);
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(syncs_over_one_client_count_what_is_theirs) {
    fixture f{sim::options{}.fault("GET:503#3-9")};
    many_syncs all;
    all.run(f);
    BOOST_REQUIRE(all.reports.size() == 50);
    auto const sent = f.client.metrics();
    BOOST_TEST(all.sum(&es::sync_report::requests) == sent.requests);
    BOOST_TEST(all.sum(&es::sync_report::retries) == sent.retries);
    BOOST_TEST(sent.retries > 0);
    BOOST_TEST(all.sum(&es::sync_report::throttled) == sent.throttled);
    BOOST_TEST(f.server.stats().requests == sent.requests);
}

BOOST_AUTO_TEST_CASE(a_plan_and_its_application_count_what_is_theirs) {
    fixture f;
    auto planned = f.plan(feed_of(domains(3))).value();
    BOOST_TEST(planned.report.requests == 1);
    // Between the two, others use the client.
    for (int i = 0; i != 5; ++i) run(f.context, f.blocked().list_page({})).value();
    std::stringstream file;
    es::save_plan(file, planned, f.blocked(), {});
    auto const applied = run(f.context, es::apply(f.blocked(), planned));
    BOOST_TEST(!applied.failure);
    BOOST_TEST(applied.requests == 3);
    auto saved = es::load_plan<es::block_senders_traits>(file).value();
    auto const again =
        run(f.context, es::apply_saved(f.blocked(), std::move(saved), {}, es::plan_check::resume));
    BOOST_TEST(!again.failure);
    BOOST_TEST(again.requests == 1);
}

BOOST_AUTO_TEST_CASE(the_counters_of_a_caller_count_too) {
    fixture f;
    auto const counters = std::make_shared<cf::call_counters>();
    es::sync_options options;
    options.call(cf::call_options{}.counters(counters));
    auto const report = f.sync(feed_of(domains(3)), options);
    BOOST_TEST(report.requests == 3);
    BOOST_TEST(counters->requests == 3u);
}

BOOST_AUTO_TEST_CASE(a_report_that_failed_says_so_as_json) {
    fixture f{sim::options{}.fault("POST:403#2")};
    es::sync_options options;
    options.batch_size(10).concurrency(1);
    auto const report = f.sync(feed_of(domains(30)), options);
    BOOST_REQUIRE(report.failure);
    auto const document = as_json(report);
    BOOST_TEST(document.at("created").as_int64() == 10);
    BOOST_TEST(document.at("left").as_int64() == 20);
    BOOST_TEST(document.at("unknown").as_int64() == 0);
    BOOST_TEST(document.at("throttled").as_int64() == 0);
    auto const& failure = document.at("failure");
    BOOST_TEST(failure.at("code").as_string() == "forbidden");
    BOOST_TEST(failure.at("message").as_string() == report.failure->message());
    BOOST_TEST(failure.at("status").as_int64() == 403);
    BOOST_TEST(failure.at("outcome").as_string() == "rejected");
}

BOOST_AUTO_TEST_CASE(what_is_unknown_is_in_the_json_too) {
    fixture f{sim::options{}.fault("POST:500@1")};
    auto const document = as_json(f.sync(feed_of(domains(10))));
    BOOST_TEST(document.at("unknown").as_int64() == 10);
    BOOST_TEST(document.at("left").as_int64() == 0);
    BOOST_TEST(document.at("failure").at("outcome").as_string() == "unknown");
    BOOST_TEST(document.at("failure").at("code").as_string() == "server_error");
}

BOOST_AUTO_TEST_CASE(a_failure_without_an_answer_has_no_status) {
    es::sync_report report;
    for (auto const& [code, name] :
         {std::pair{cf::errc::closed, "closed"}, std::pair{cf::errc::tls_failed, "tls_failed"},
          std::pair{cf::errc::invalid_argument, "invalid_argument"},
          std::pair{cf::errc::retry_budget_exhausted, "retry_budget_exhausted"}}) {
        report.failure = cf::error{code, "why"};
        auto const failure = as_json(report).at("failure").as_object();
        BOOST_TEST(failure.at("code").as_string() == name);
        BOOST_TEST(failure.at("outcome").as_string() == "not sent");
        BOOST_TEST(!failure.contains("status"));
    }
}

BOOST_AUTO_TEST_CASE(a_report_that_came_to_its_end_has_no_failure) {
    fixture f;
    auto const document = as_json(f.sync(feed_of(domains(3)))).as_object();
    BOOST_TEST(!document.contains("failure"));
    BOOST_TEST(document.at("left").as_int64() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
