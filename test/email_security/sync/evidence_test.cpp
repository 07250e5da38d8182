#include "fixture.hpp"

#include <cloudflare/transport.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>

/// What the answer to a batch says of the batch is looked at: nothing is told as done that it does
/// not show, or that the list does not have.

namespace json = boost::json;
using namespace test;

namespace {

/// A list in memory, which does of a batch what it likes and says of it what it likes.
class dishonest_list final : public cf::transport {
public:
    /// Which of the creates are done; the first is 0.
    std::function<bool(std::size_t)> does = [](std::size_t) { return true; };
    /// The body of the answer to a batch, of what an honest one would tell; empty: HTTP 204.
    std::function<std::string(json::object)> says;
    std::vector<json::object> entries;
    int batches = 0;
    int reads = 0;

    static std::string envelope(json::value const& result) {
        return R"({"success":true,"errors":[],"messages":[],"result":)" + json::serialize(result) +
               '}';
    }

    asio::awaitable<cf::result<cf::response>> send(cf::request const& message,
                                                   cf::attempt_facts& facts) override {
        facts.bytes_sent = true;
        cf::response got;
        got.status = 200;
        if (message.operation.method == cf::http_method::get) {
            ++reads;
            json::array all(entries.begin(), entries.end());
            if (message.target.find("page=1&") == std::string::npos) all.clear();
            got.body = envelope(all);
        } else {
            ++batches;
            got.body = says(apply(json::parse(message.body).as_object()));
            if (got.body.empty()) got.status = 204;
        }
        co_return got;
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    json::object apply(json::object asked) {
        std::size_t number = 0;
        for (auto& each : asked["posts"].as_array()) {
            auto& made = each.as_object();
            made["id"] = "id-" + std::to_string(++made_);
            if (does(number++)) entries.push_back(made);
        }
        return asked;
    }

    int made_ = 0;
};

struct outcome_of_sync {
    es::sync_report report;
    std::shared_ptr<dishonest_list> list;
};

outcome_of_sync sync_three(std::function<bool(std::size_t)> does,
                           std::function<std::string(json::object)> says) {
    asio::io_context context;
    auto const list = std::make_shared<dishonest_list>();
    list->does = std::move(does);
    list->says = std::move(says);
    cf::client const client{context.get_executor(), quick_options(), list};
    es::block_senders const blocked{client, account};
    auto report = run(context, es::sync(blocked, feed_of(domains(3))));
    return {std::move(report), list};
}

bool all(std::size_t) {
    return true;
}
bool none(std::size_t) {
    return false;
}

using answer = std::function<std::string(json::object)>;

std::string honestly(json::object done) {
    return dishonest_list::envelope(std::move(done));
}

/// What a server may say in place of what it did.
std::vector<std::pair<std::string, answer>> const answers{
    {"no posts",
     [](json::object done) {
         done["posts"] = json::array{};
         return honestly(done);
     }},
    {"an empty object", [](json::object const&) { return honestly({}); }},
    {"null", [](json::object const&) { return dishonest_list::envelope(nullptr); }},
    {"no result", [](json::object const&) { return std::string{R"({"success":true})"}; }},
    {"no content", [](json::object const&) { return std::string{}; }},
    {"only the first",
     [](json::object done) {
         auto& posts = done["posts"].as_array();
         posts.erase(posts.begin() + 1, posts.end());
         return honestly(done);
     }},
    {"one too many",
     [](json::object done) {
         auto& posts = done["posts"].as_array();
         posts.push_back(posts.back());
         return honestly(done);
     }},
    {"another entry",
     [](json::object done) {
         auto& last = done["posts"].as_array().back().as_object();
         last["pattern"] = "zzz.example";
         last["pattern_type"] = "EMAIL";
         last["is_regex"] = true;
         return honestly(done);
     }},
    {"no identifiers",
     [](json::object done) {
         for (auto& each : done["posts"].as_array()) each.as_object().erase("id");
         return honestly(done);
     }},
    {"null entries",
     [](json::object done) {
         for (auto& each : done["posts"].as_array()) each = nullptr;
         return honestly(done);
     }},
    {"deletes that nobody asked for",
     [](json::object done) {
         done["deletes"] = json::array{json::object{{"id", "id-1"}}};
         return honestly(done);
     }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(evidence)

BOOST_AUTO_TEST_CASE(what_is_not_shown_is_looked_up) {
    for (auto const& [name, says] : answers) {
        BOOST_TEST_CONTEXT(name) {
            auto const [report, list] = sync_three(all, says);
            BOOST_CHECK(!report.failure);
            BOOST_TEST(report.created == 3);
            BOOST_TEST(report.left == 0);
            BOOST_TEST(report.unknown == 0);
            BOOST_TEST(list->batches == 1);
            BOOST_TEST(list->reads > sync_three(all, honestly).list->reads);
            BOOST_TEST(list->entries.size() == 3);
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_told_as_done_that_is_not) {
    for (auto const& [name, says] : answers) {
        BOOST_TEST_CONTEXT(name) {
            auto const [report, list] = sync_three(none, says);
            BOOST_TEST_REQUIRE(report.failure.has_value());
            BOOST_TEST(report.created == 0);
            BOOST_TEST(report.left + report.unknown == 3);
            BOOST_TEST(list->entries.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(of_a_list_that_is_full_the_rest_is_told) {
    // It keeps two, and says so.
    int room = 2;
    auto const does = [&room](std::size_t) { return room-- > 0; };
    auto const says = [](json::object done) {
        auto& posts = done["posts"].as_array();
        if (posts.size() == 3) {
            posts.pop_back();
        } else {
            posts.clear();
        }
        return honestly(done);
    };
    auto const [report, list] = sync_three(does, says);
    BOOST_TEST_REQUIRE(report.failure.has_value());
    BOOST_CHECK(report.failure->code() == cf::errc::malformed_response);
    BOOST_TEST(report.failure->message().find("d2.example") != std::string::npos,
               report.failure->message());
    BOOST_TEST(report.created == 2);
    BOOST_TEST(report.left + report.unknown == 1);
}

BOOST_AUTO_TEST_CASE(the_order_of_the_answer_does_not_matter) {
    auto const says = [](json::object done) {
        std::ranges::reverse(done["posts"].as_array());
        return honestly(done);
    };
    auto const [report, list] = sync_three(all, says);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 3);
    BOOST_TEST(list->reads == sync_three(all, honestly).list->reads);
}

BOOST_AUTO_TEST_CASE(a_list_that_is_not_an_array_is_not_an_empty_one) {
    asio::io_context context;
    class silent final : public cf::transport {
    public:
        explicit silent(std::string body) : body_{std::move(body)} {}
        asio::awaitable<cf::result<cf::response>> send(cf::request const& message,
                                                       cf::attempt_facts& facts) override {
            facts.bytes_sent = true;
            if (message.operation.method != cf::http_method::get) ++writes;
            cf::response got;
            got.status = body_.empty() ? 204 : 200;
            got.body = body_;
            co_return got;
        }
        asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }
        int writes = 0;

    private:
        std::string body_;
    };
    for (std::string const body : {"", R"({"success":true})", R"({"success":true,"result":null})",
                                   R"({"success":true,"result":{}})"}) {
        BOOST_TEST_CONTEXT(body) {
            auto const list = std::make_shared<silent>(body);
            cf::client const client{context.get_executor(), quick_options(), list};
            es::block_senders const blocked{client, account};
            auto const all_of_it = run(context, blocked.list_all());
            BOOST_TEST_REQUIRE(!all_of_it);
            BOOST_CHECK(all_of_it.error().code() == cf::errc::malformed_response);
            auto const report = run(context, es::sync(blocked, feed_of(domains(3))));
            BOOST_TEST(report.failure.has_value());
            BOOST_TEST(list->writes == 0);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
