#include "fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>

using namespace test;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(isolation)

namespace {

/// A server in memory that refuses batches as a test says, without telling which entry is at fault.
class stubborn_server final : public cf::transport {
public:
    std::function<bool(std::string const& pattern)> refuses;
    std::size_t most_items = 1000;
    std::vector<std::string> patterns;
    int batches = 0;
    /// Of a batch with this pattern, the answer is held back until the sync does nothing else.
    std::string slow;

    asio::awaitable<cf::result<cf::response>> send(cf::request const& message,
                                                   cf::attempt_facts& facts) override {
        facts.bytes_sent = facts.response_started = true;
        if (message.operation.method == cf::http_method::get) co_return list(message.target);
        bool const is_slow = !slow.empty() && message.body.find(slow) != std::string::npos;
        if (is_slow) co_await rest();
        co_return batch(message.body);
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    /// All is on one thread: when nothing came between many turns, nothing comes.
    asio::awaitable<void> rest() {
        auto const here = co_await asio::this_coro::executor;
        auto seen = batches;
        for (int turns = 0; turns != 1000; ++turns) {
            co_await asio::post(here, asio::use_awaitable);
            if (std::exchange(seen, batches) != batches) turns = 0;
        }
    }

    static cf::response answer(unsigned status, json::value body) {
        cf::response made;
        made.status = status;
        made.body = json::serialize(body);
        return made;
    }
    static json::object envelope(bool success) {
        return {{"success", success}, {"errors", json::array{}}, {"messages", json::array{}}};
    }
    static json::object entry(std::string const& pattern) {
        return {
            {"id", pattern}, {"pattern", pattern}, {"pattern_type", "DOMAIN"}, {"is_regex", false}};
    }

    /// The value of a query parameter that is there.
    static std::size_t parameter(std::string const& target, std::string const& name) {
        return std::stoul(target.substr(target.find(name + '=') + name.size() + 1));
    }
    cf::response list(std::string const& target) const {
        auto body = envelope(true);
        json::array result;
        auto const number = parameter(target, "?page");
        auto const size = parameter(target, "per_page");
        for (auto i = (number - 1) * size; i < std::min(patterns.size(), number * size); ++i) {
            result.push_back(entry(patterns[i]));
        }
        body["result_info"] = {{"total_count", patterns.size()},
                               {"count", result.size()},
                               {"page", number},
                               {"per_page", size}};
        body["result"] = std::move(result);
        return answer(200, body);
    }
    cf::response batch(std::string const& text) {
        ++batches;
        std::vector<std::string> wanted;
        auto const document = json::parse(text);
        for (auto const& each : document.at("posts").as_array()) {
            wanted.emplace_back(each.at("pattern").as_string());
        }
        if (wanted.size() > most_items || std::any_of(wanted.begin(), wanted.end(), refuses)) {
            auto body = envelope(false);
            json::object const fault{{"code", 7003}, {"message", "an entry is not allowed"}};
            body["errors"].as_array().push_back(fault);
            return answer(400, body);
        }
        json::array posts;
        for (auto const& each : wanted) posts.push_back(entry(each));
        patterns.insert(patterns.end(), wanted.begin(), wanted.end());
        auto body = envelope(true);
        body["result"] = {{"deletes", json::array{}},
                          {"patches", json::array{}},
                          {"puts", json::array{}},
                          {"posts", std::move(posts)}};
        return answer(200, body);
    }
};

es::sync_report sync_with(std::shared_ptr<stubborn_server> server, block_feed feed) {
    asio::io_context context{1};
    cf::client const client{context.get_executor(), quick_options(), std::move(server)};
    return run(context, es::sync(es::block_senders{client, account}, std::move(feed)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(pointers_tell_the_entries_at_fault) {
    fixture f;
    std::string text = "pattern,pattern_type,is_regex\n";
    for (int i = 0; i != 1000; ++i) {
        bool const broken = i % 250 == 17;
        text += broken ? "(" + std::to_string(i) + ",DOMAIN,true\n"
                       : "d" + std::to_string(i) + ".example,DOMAIN,false\n";
    }
    auto const report = f.sync(feed_of(text));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 996);
    BOOST_REQUIRE(report.rejected.size() == 4);
    BOOST_TEST(report.rejected[0].line == 19);
    BOOST_TEST(report.rejected[0].pattern == "(17");
    BOOST_TEST(report.rejected[0].reason.find("regular expression") != std::string::npos);
    BOOST_TEST(report.rejected[0].reason.find("code") != std::string::npos);
    BOOST_TEST(report.requests == 1 + 2 + 1);
    BOOST_TEST(f.patterns().size() == 996);
}

BOOST_AUTO_TEST_CASE(without_pointers_it_is_halved) {
    auto const server = std::make_shared<stubborn_server>();
    server->refuses = [](std::string const& pattern) { return pattern == "d617.example"; };
    auto const report = sync_with(server, feed_of(domains(1000)));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 999);
    BOOST_REQUIRE(report.rejected.size() == 1);
    BOOST_TEST(report.rejected[0].line == 618);
    BOOST_TEST(report.rejected[0].reason == "an entry is not allowed (code 7003)");
    BOOST_TEST(server->patterns.size() == 999);
    BOOST_TEST(server->batches <= 1 + 2 * 10);
}

BOOST_AUTO_TEST_CASE(a_run_of_bad_entries_does_not_hold_up_good_ones) {
    for (auto const first : {0, 450, 2900}) {
        BOOST_TEST_CONTEXT("from " << first) {
            auto const server = std::make_shared<stubborn_server>();
            server->refuses = [first](std::string const& pattern) {
                auto const number = std::stoi(pattern.substr(1));
                return number >= first && number < first + 100;
            };
            auto const report = sync_with(server, feed_of(domains(3100)));
            BOOST_CHECK(!report.failure);
            BOOST_TEST(report.created == 3000);
            BOOST_TEST(report.rejected.size() == 100);
            BOOST_TEST(report.left == 0);
            BOOST_TEST(server->patterns.size() == 3000);
            BOOST_TEST(server->batches < 4 * 100);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_under_way_may_prove_that_entries_are_at_fault) {
    // The first batch has bad entries all over, so that all that it is halved into is refused and
    // set aside, while the second one, which is good, is not answered yet.
    auto const is_bad = [](int number) {
        return number < 125 || number == 130 || number == 260 || number == 510;
    };
    for (auto const concurrency : {2U, 4U}) {
        BOOST_TEST_CONTEXT(concurrency << " at a time") {
            auto const server = std::make_shared<stubborn_server>();
            server->slow = "d1500.example";
            server->refuses = [&is_bad](std::string const& pattern) {
                return is_bad(std::stoi(pattern.substr(1)));
            };
            asio::io_context context{1};
            cf::client const client{context.get_executor(), quick_options(), server};
            es::sync_options options;
            options.concurrency(concurrency);
            auto const report = run(context, es::sync(es::block_senders{client, account},
                                                      feed_of(domains(2000)), options));
            BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
            BOOST_TEST(report.rejected.size() == 128);
            BOOST_TEST(report.created == 2000 - 128);
            BOOST_TEST(report.left == 0);
            BOOST_TEST(server->patterns.size() == 2000 - 128);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_fewer_items_is_sent_fewer) {
    auto const server = std::make_shared<stubborn_server>();
    server->refuses = [](std::string const&) { return false; };
    server->most_items = 300;
    auto const report = sync_with(server, feed_of(domains(20'000)));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 20'000);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(server->patterns.size() == 20'000);
    // By 250, and a little to learn that: the four at first, each to be halved twice.
    BOOST_TEST(server->batches <= 80 + 4 * 3);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_too_large_is_sent_in_parts) {
    fixture f{sim::options{}.max_body(40'000)};
    std::string text = "pattern,comments\n";
    for (int i = 0; i != 3000; ++i) {
        text +=
            "d" + std::to_string(i) + ".example," + std::string(i < 2000 ? 100 : 10, 'c') + "\n";
    }
    es::sync_options options;
    options.concurrency(1);
    auto const feed = feed_of(text);
    auto const report = f.sync(feed, options);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 3000);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
    auto const log = f.server.take_log();
    auto const refused =
        std::count_if(log.begin(), log.end(), [](auto const& each) { return each.status == 413; });
    // Of 190 kB, then 95 kB and 47 kB; no other is tried that large.
    BOOST_TEST(refused >= 3);
    BOOST_TEST(refused <= 5);
    // Half of what the server would take, at worst.
    std::size_t bytes = 0;
    for (auto const& each : log) bytes += each.status == 200 ? each.body.size() : 0;
    BOOST_TEST(log.size() <= 4 + 2 * bytes / 40'000 + 8);
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_too_large_is_refused_alone) {
    fixture f{sim::options{}.max_body(500)};
    auto const report = f.sync(feed_of("pattern,comments\na.example,short\nb.example," +
                                       std::string(600, 'c') + "\nc.example,short\n"));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 2);
    BOOST_REQUIRE(report.rejected.size() == 1);
    BOOST_TEST(report.rejected[0].pattern == "b.example");
    BOOST_TEST(report.rejected[0].line == 3);
}

BOOST_AUTO_TEST_CASE(when_nothing_is_taken_the_entries_are_not_at_fault) {
    auto const server = std::make_shared<stubborn_server>();
    server->refuses = [](std::string const&) { return true; };
    auto const report = sync_with(server, feed_of(domains(5000)));
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::request_rejected);
    BOOST_TEST(server->batches < 200);
    BOOST_TEST(static_cast<std::size_t>(report.left) + report.rejected.size() == 5000);
}

BOOST_AUTO_TEST_CASE(when_everything_is_too_large_the_entries_are_not_at_fault) {
    fixture f{sim::options{}.max_body(10)};
    auto const report = f.sync(feed_of(domains(5000)));
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.failure->status() == 413);
    BOOST_TEST(report.requests < 200);
    BOOST_TEST(static_cast<std::size_t>(report.left) + report.rejected.size() == 5000);
}

BOOST_AUTO_TEST_CASE(a_run_of_entries_that_are_too_large_does_not_hold_up_others) {
    fixture f{sim::options{}.max_body(500)};
    std::string text = "pattern,comments\n";
    for (int i = 0; i != 150; ++i) {
        text += "d" + std::to_string(i) + ".example," + std::string(i < 100 ? 600 : 10, 'c') + "\n";
    }
    auto const report = f.sync(feed_of(text));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 50);
    BOOST_TEST(report.rejected.size() == 100);
}

BOOST_AUTO_TEST_CASE(when_nothing_more_is_taken_the_entries_are_not_at_fault) {
    fixture f{sim::options{}.fault("POST:400#2-999999")};
    auto const report = f.sync(feed_of(domains(5000)));
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::request_rejected);
    BOOST_TEST(report.created == 1000);
    BOOST_TEST(report.requests < 200);
    BOOST_TEST(static_cast<std::size_t>(report.left) + report.rejected.size() == 4000);
}

BOOST_AUTO_TEST_SUITE_END()
