#include "email_security/sync/batch_work.hpp"
#include "fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>

using namespace test;
namespace data = boost::unit_test::data;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(faults)

namespace {

/// What may go wrong with one batch; the second of the POSTs meets it, and any later one by chance.
std::vector<std::string> const kinds{
    "POST:reset-after#2",   "POST:reset-before#2", "POST:500-after#2",
    "POST:500#2",           "POST:503-html#2",     "POST:truncate#2",
    "POST:empty#2",         "POST:garbage#2",      "POST:429#2",
    "POST:reset-after@0.3", "POST:500-after@0.3",  "POST:truncate@0.3",
    "reset-before@0.2",     "reset-after@0.2",     "500@0.2",
    "POST:garbage@0.3"};

}  // namespace

BOOST_DATA_TEST_CASE(nothing_is_lost_and_nothing_doubled,
                     data::make(kinds) * data::make({false, true}) * data::make({1, 2}), fault,
                     refuses_duplicates, seed) {
    fixture f{
        sim::options{}
            .on_duplicate(refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept)
            .seed(static_cast<std::uint64_t>(seed))
            .fault(fault)};
    auto const feed = feed_of(domains(700));
    es::sync_options options;
    options.batch_size(100);
    auto const report = f.sync(feed, options);
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 700);
    BOOST_TEST(report.left == 0);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(updates_and_deletions_too, data::make(kinds), fault) {
    fixture f;
    es::sync_options options;
    options.owner("feed").batch_size(20).prune(true).max_delete_percent(100);
    std::string before = "pattern,comments\na.example,1\n";
    for (int i = 0; i != 100; ++i) before += "d" + std::to_string(i) + ".example,\n";
    f.sync(feed_of(before), options);
    f.server.set_fault(fault);
    std::string text = "pattern,comments\n";
    for (int i = 50; i != 150; ++i) text += "d" + std::to_string(i) + ".example,now\n";
    auto const feed = feed_of(text);
    auto const report = f.sync(feed, options);
    BOOST_TEST(!report.failure, (report.failure ? report.failure->message() : ""));
    BOOST_TEST(report.created == 50);
    BOOST_TEST(report.updated == 50);
    BOOST_TEST(report.deleted == 51);
    f.server.set_fault("");
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
    BOOST_TEST(f.sync(feed, options).unchanged == 100);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_takes_a_batch_is_given_up) {
    fixture f{sim::options{}.fault("POST:500@1")};
    auto const report = f.sync(feed_of(domains(10)));
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::server_error);
    BOOST_TEST(report.unknown == 10);
    BOOST_TEST(report.left == 0);
    BOOST_TEST(f.patterns().empty());
    BOOST_TEST(f.server.stats().requests < 40);
}

namespace {

/// A server in memory that answers 504 to its first batch, and applies it after the second one.
class late_server final : public cf::transport {
public:
    std::vector<std::string> patterns;
    int requests = 0;

    asio::awaitable<cf::result<cf::response>> send(cf::request const& message,
                                                   cf::attempt_facts& facts) override {
        ++requests;
        facts.bytes_sent = facts.response_started = true;
        co_return message.operation.method == cf::http_method::get ? list() : batch(message.body);
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    static cf::response answer(unsigned status, json::value result, std::size_t count) {
        cf::response made;
        made.status = status;
        json::object body{{"success", status == 200},
                          {"errors", json::array{}},
                          {"messages", json::array{}},
                          {"result", std::move(result)}};
        body["result_info"] = {
            {"total_count", count}, {"count", count}, {"page", 1}, {"per_page", 1000}};
        made.body = json::serialize(body);
        return made;
    }
    cf::response list() const {
        json::array all;
        for (std::size_t i = 0; i != patterns.size(); ++i) {
            all.push_back({{"id", "id-" + std::to_string(i)},
                           {"pattern", patterns[i]},
                           {"pattern_type", "DOMAIN"},
                           {"is_regex", false},
                           {"comments", "mine"}});
        }
        return answer(200, std::move(all), patterns.size());
    }
    cf::response batch(std::string const& text) {
        auto document = json::parse(text).as_object();
        auto const& deletes = document.at("deletes").as_array();
        if (!deletes.empty()) {
            // From the last one, so that positions stay what they were.
            std::vector<std::size_t> positions;
            for (auto const& each : deletes) {
                std::string const id{each.at("id").as_string()};
                positions.push_back(std::stoul(id.substr(3)));
            }
            std::sort(positions.rbegin(), positions.rend());
            for (auto const at : positions) {
                patterns.erase(patterns.begin() + static_cast<std::ptrdiff_t>(at));
            }
            return answer(200, document, 0);
        }
        if (first_.empty()) {
            first_ = text;
            return answer(504, nullptr, 0);
        }
        for (auto const& body : {text, first_}) {
            auto const posts = json::parse(body).at("posts");
            for (auto const& each : posts.as_array()) {
                patterns.emplace_back(each.at("pattern").as_string());
            }
        }
        for (auto& each : document["posts"].as_array()) each.as_object()["id"] = "new";
        return answer(200, document, 0);
    }

    std::string first_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_applied_late_does_not_stay_twice) {
    auto const server = std::make_shared<late_server>();
    asio::io_context context{1};
    cf::client const client{context.get_executor(), quick_options(), server};
    auto const report = run(context, es::sync(es::block_senders{client, account},
                                              feed_of("pattern,comments\na.example,mine\n"
                                                      "b.example,mine\nc.example,mine\n")));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.created == 3);
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.left == 0);
    std::vector<std::string> const once{"a.example", "b.example", "c.example"};
    BOOST_TEST(server->patterns == once, boost::test_tools::per_element());
    // Twice the batch, once the removal, three times the list.
    BOOST_TEST(report.requests == 6);
    BOOST_TEST(server->requests == 6);
}

namespace {

struct work_of_one final : es::batch_work {
    explicit work_of_one(cf::retry_options backoff) : batch_work{{}, backoff, 1} {
        begin_round(1, 0, 0);
    }
    std::uint32_t entry_of(es::work_item const&) const override { return 0; }
    es::edit_purpose purpose_of(es::work_item const&) const override {
        return es::edit_purpose::update;
    }
    es::rejection describe(es::work_item const&) const override { return {}; }
    std::size_t encoded_size(es::work_item const&) const override { return 1; }

    std::optional<std::chrono::milliseconds> pause_after(cf::error const& why) {
        take_failure(why, next_batch().value());
        return end_round();
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_list_is_read_when_the_server_has_had_time) {
    using std::chrono::milliseconds;
    cf::retry_options const backoff =
        cf::retry_options{}.backoff(milliseconds{5}, milliseconds{700});
    auto const pause = [&backoff](cf::error const& why) {
        return work_of_one{backoff}.pause_after(why).value().count();
    };
    auto const failure = [](cf::errc code, unsigned status) {
        return cf::error{code, "", cf::outcome::unknown}.status(status);
    };
    BOOST_TEST(pause(failure(cf::errc::connection_lost, 0)) == 700);
    BOOST_TEST(pause(failure(cf::errc::timed_out, 0)) == 700);
    for (auto const status : {408U, 504U, 524U}) {
        BOOST_TEST(pause(failure(cf::errc::server_error, status)) == 700);
    }
    cf::api_message timeout;
    timeout.code = 1000;
    timeout.message = "Request timeout";
    BOOST_TEST(pause(failure(cf::errc::request_rejected, 400).errors({timeout})) == 700);
}

BOOST_AUTO_TEST_SUITE_END()
