#include "harness.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

namespace es = cloudflare::email_security;
using namespace cloudflare::test;
using cloudflare::errc;

namespace {

/// The value of a query parameter; 0 when absent.
std::int64_t parameter(seen_request const& request, std::string const& name) {
    auto at = request.target.find('?' + name + '=');
    if (at == std::string::npos) at = request.target.find('&' + name + '=');
    return at == std::string::npos ? 0 : std::stoll(request.target.substr(at + name.size() + 2));
}

std::string page_of(std::int64_t first, std::int64_t count, std::string const& info) {
    std::string items;
    for (auto id = first; id < first + count; ++id) {
        if (!items.empty()) items += ',';
        items += R"({"id":)" + std::to_string(id) + R"(,"pattern":"p)" + std::to_string(id) + "\"}";
    }
    return http_answer(200, R"({"success":true,"errors":[],"messages":[],"result":[)" + items +
                                R"(],"result_info":{)" + info + "}}");
}

/// Serves a list of `size` entries as the API does; `total` is what it says of its length.
std::function<std::string(seen_request const&)> list_of(std::int64_t size,
                                                        std::int64_t total = -1) {
    return [=](seen_request const& request) {
        auto const number = parameter(request, "page");
        auto const per_page = parameter(request, "per_page");
        auto const first = (number - 1) * per_page;
        auto const count = std::clamp<std::int64_t>(size - first, 0, per_page);
        return page_of(first, count,
                       R"("count":)" + std::to_string(count) + R"(,"page":)" +
                           std::to_string(number) + R"(,"per_page":)" + std::to_string(per_page) +
                           R"(,"total_count":)" + std::to_string(total < 0 ? size : total));
    };
}

std::string success_page(std::string const& items, std::int64_t per_page, std::int64_t total) {
    return http_answer(200, R"({"success":true,"errors":[],"messages":[],"result":[)" + items +
                                R"(],"result_info":{"per_page":)" + std::to_string(per_page) +
                                R"(,"total_count":)" + std::to_string(total) + "}}");
}

/// Reads a pager to its end.
boost::asio::awaitable<cloudflare::result<std::vector<std::size_t>>> page_sizes(
    cloudflare::pager<es::block_sender> pages) {
    std::vector<std::size_t> sizes;
    for (;;) {
        auto next = co_await pages.next();
        if (!next) co_return next.error();
        if (!*next) co_return sizes;
        sizes.push_back((*next)->items.size());
    }
}

using sizes = std::vector<std::size_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(every_filter_in_the_query) {
    world w;
    w.server.answers({page_of(1, 2, R"("count":2,"page":2,"per_page":10,"total_count":12.0)")});
    auto const got = w.run(w.blocked().list_page(es::block_sender_filter{}
                                                     .page(2)
                                                     .per_page(10)
                                                     .search("x y")
                                                     .order(es::list_order::created_at)
                                                     .direction(es::direction::ascending)
                                                     .pattern_type(es::pattern_type::email)
                                                     .pattern("a+b@c.test")));
    REQUIRE_VALUE(got);
    BOOST_TEST(got->items.size() == 2u);
    BOOST_TEST(got->info.count.value() == 2);
    BOOST_TEST(got->info.page.value() == 2);
    BOOST_TEST(got->info.per_page.value() == 10);
    BOOST_TEST(got->info.total_count.value() == 12);
    auto const request = w.server.requests().at(0);
    BOOST_TEST(request.method == "GET");
    BOOST_TEST(request.target == "/client/v4" + senders +
                                     "?page=2&per_page=10&search=x%20y&order=created_at"
                                     "&direction=asc&pattern_type=EMAIL&pattern=a%2Bb%40c.test");
}

BOOST_AUTO_TEST_CASE(dates_are_each_their_own_however_often_one_comes) {
    world w;
    w.server.answers({success(R"([
        {"created_at":"2014-01-01T05:20:00Z","modified_at":"2014-01-01T05:20:00Z"},
        {"created_at":"2014-01-01T05:20:01Z","modified_at":"2014-01-01T05:20:00Z"},
        {"created_at":"2014-01-01T05:20:00.000000000000000000000000000002Z",
         "modified_at":"2014-01-01T05:20:02Z"},
        {"created_at":"2014-01-01T05:20:02Z","modified_at":"2014-01-01T05:20:00Z"}])")});
    auto const got = w.run(w.blocked().list_page({}));
    REQUIRE_VALUE(got);
    std::vector<std::int64_t> seconds;
    auto const first = got->items.at(0).created_at.value();
    for (auto const& each : got->items) {
        for (auto const& date : {each.created_at.value(), each.modified_at.value()}) {
            seconds.push_back((date - first) / std::chrono::seconds{1});
        }
    }
    auto const expected = std::vector<std::int64_t>{0, 0, 1, 0, 0, 2, 2, 0};
    BOOST_TEST(seconds == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_page_without_options_has_no_query) {
    world w;
    w.server.answers({success("[]")});
    auto const got = w.run(w.blocked().list_page({}));
    REQUIRE_VALUE(got);
    BOOST_TEST(got->items.empty());
    BOOST_TEST(!got->info.total_count.has_value());
    BOOST_TEST(w.server.requests().at(0).target == "/client/v4" + senders);
}

BOOST_AUTO_TEST_CASE(pager_stops_on_a_short_page) {
    world w;
    w.server.otherwise({serve(list_of(25))});
    auto const got = w.run(page_sizes(w.blocked().list(es::block_sender_filter{}.per_page(10))));
    REQUIRE_VALUE(got);
    BOOST_TEST(*got == (sizes{10, 10, 5}), boost::test_tools::per_element());
    BOOST_TEST(w.server.request_count() == 3u);
}

BOOST_AUTO_TEST_CASE(pager_stops_on_an_empty_page) {
    world w;
    w.server.otherwise({serve(list_of(20))});
    auto const got = w.run(page_sizes(w.blocked().list(es::block_sender_filter{}.per_page(10))));
    REQUIRE_VALUE(got);
    BOOST_TEST(*got == (sizes{10, 10}), boost::test_tools::per_element());
    BOOST_TEST(w.server.request_count() == 3u);
}

BOOST_AUTO_TEST_CASE(pager_begins_where_it_is_told) {
    world w;
    w.server.otherwise({serve(list_of(25))});
    auto const got =
        w.run(page_sizes(w.blocked().list(es::block_sender_filter{}.page(2).per_page(10))));
    REQUIRE_VALUE(got);
    BOOST_TEST(*got == (sizes{10, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(total_count_does_not_end_or_prolong_a_filtered_list) {
    world w;
    w.server.on_connection({serve(list_of(15, 1000))}).on_connection({serve(list_of(15, 1))});
    for (int i = 0; i < 2; ++i) {
        auto const got = w.run(page_sizes(
            w.blocked().list(es::block_sender_filter{}.per_page(10).search("something"))));
        REQUIRE_VALUE(got);
        BOOST_TEST(*got == (sizes{10, 5}), boost::test_tools::per_element());
    }
    BOOST_TEST(w.server.request_count() == 4u);
}

BOOST_AUTO_TEST_CASE(a_server_may_give_less_per_page_than_asked_for) {
    world w;
    w.server.otherwise({serve([](seen_request const& request) {
        auto const number = parameter(request, "page");
        return page_of(number * 5, number == 3 ? 2 : 5, R"("per_page":5)");
    })});
    auto const got = w.run(page_sizes(w.blocked().list(es::block_sender_filter{}.per_page(10))));
    REQUIRE_VALUE(got);
    BOOST_TEST(*got == (sizes{5, 5, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_repeated_page_is_an_error) {
    world w;
    w.server.answers({page_of(1, 10, "")});
    auto const got = w.run(page_sizes(w.blocked().list(es::block_sender_filter{}.per_page(10))));
    REQUIRE_ERROR(got, errc::malformed_response);
    BOOST_TEST(w.server.request_count() == 2u);
}

BOOST_AUTO_TEST_CASE(after_an_error_the_same_page_is_tried_again) {
    world w;
    w.server.answers({page_of(1, 10, ""), failure(403, 10000, "no"), page_of(11, 3, "")});
    auto pages = w.blocked().list(es::block_sender_filter{}.per_page(10));
    REQUIRE_VALUE(w.run(pages.next()));
    REQUIRE_ERROR(w.run(pages.next()), errc::forbidden);
    auto const second = w.run(pages.next());
    REQUIRE_VALUE(second);
    BOOST_TEST(second->value().items.size() == 3u);
    BOOST_TEST(!w.run(pages.next()).value().has_value());
    auto const requests = w.server.requests();
    BOOST_TEST(requests.size() == 3u);
    BOOST_TEST(parameter(requests[1], "page") == 2);
    BOOST_TEST(parameter(requests[2], "page") == 2);
}

BOOST_AUTO_TEST_CASE(whole_list_reads_pages_at_once) {
    world w;
    gate all_there;
    std::atomic<int> waiting{0};
    w.server.otherwise({serve([&, list = list_of(8500)](seen_request const& request) {
        // The first page tells the length, and the last one begins. Three of the others must then
        // be there at the same time.
        auto const number = ++waiting;
        if (number == 5) all_there.open();
        if (number > 2) all_there.wait();
        return list(request);
    })});
    auto const got = w.run(w.blocked().list_all({}, {}, 3));
    REQUIRE_VALUE(got);
    BOOST_REQUIRE(got->size() == 8500u);
    for (std::size_t i = 0; i < got->size(); ++i) {
        BOOST_REQUIRE((*got)[i].id.text() == std::to_string(i));
    }
    BOOST_TEST(w.server.request_count() == 9u);
    BOOST_TEST(w.server.most_connections() == 3u);
    for (auto const& each : w.server.requests()) {
        BOOST_TEST(each.target.ends_with("&order=created_at&direction=asc"));
    }
}

BOOST_AUTO_TEST_CASE(the_collection_may_go_before_its_calls_begin) {
    world w;
    w.server.otherwise({serve(list_of(3))});
    auto blocked = std::make_unique<es::block_senders>(w.connect(), account);
    auto all = blocked->list_all();
    auto one = blocked->list_page({});
    blocked.reset();
    auto const items = w.run(std::move(all));
    REQUIRE_VALUE(items);
    BOOST_TEST(items->size() == 3u);
    REQUIRE_VALUE(w.run(std::move(one)));
}

BOOST_AUTO_TEST_CASE(whole_list_of_a_filter_is_read_in_turn) {
    world w;
    w.server.otherwise({serve(list_of(2500, 99999))});
    auto const got = w.run(w.blocked().list_all(es::block_sender_filter{}.search("x")));
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() == 2500u);
    BOOST_TEST(w.server.request_count() == 3u);
    BOOST_TEST(w.server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(whole_list_without_a_total_is_read_in_turn) {
    world w;
    w.server.otherwise({serve([](seen_request const& request) {
        auto const number = parameter(request, "page");
        return page_of(number * 1000, number == 2 ? 10 : 1000, "");
    })});
    auto const got = w.run(w.blocked().list_all());
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() == 1010u);
}

namespace {

struct count_of_entries final : cloudflare::list_visitor<es::block_sender> {
    void restart() override { ++restarts; }
    void take(std::size_t, std::vector<es::block_sender> page) override {
        for (auto const& each : page) ++seen[std::stoll(each.id.text())];
    }
    int restarts = 0;
    std::map<std::int64_t, int> seen;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_others_delete_meanwhile_hides_nothing) {
    for (std::int64_t const size : {1500, 2500, 6000, 20'000}) {
        for (std::size_t const concurrency : {1, 4}) {
            BOOST_TEST_CONTEXT(size << " entries, " << concurrency << " at a time") {
                world w;
                std::mutex mutex;
                std::vector<std::int64_t> list(static_cast<std::size_t>(size));
                std::iota(list.begin(), list.end(), 0);
                w.server.otherwise({serve([&](seen_request const& request) {
                    std::scoped_lock const lock{mutex};
                    auto const per_page = parameter(request, "per_page");
                    auto const first = (parameter(request, "page") - 1) * per_page;
                    auto const there = static_cast<std::int64_t>(list.size());
                    std::string items;
                    for (auto i = first; i < std::min(there, first + per_page); ++i) {
                        if (!items.empty()) items += ',';
                        auto const id = std::to_string(list[static_cast<std::size_t>(i)]);
                        items += R"({"id":)" + id + R"(,"pattern":"p)" + id + "\"}";
                    }
                    // At each request the first one goes, and one is made at the end.
                    list.erase(list.begin());
                    list.push_back(list.back() + 1);
                    return success_page(items, per_page, there);
                })});
                count_of_entries got;
                REQUIRE_VALUE(w.run(w.blocked().visit_all(got, {}, {}, concurrency)));
                auto const requests = static_cast<std::int64_t>(w.server.request_count());
                for (auto id = requests; id != size; ++id) BOOST_REQUIRE(got.seen.contains(id));
                for (auto const& each : got.seen) BOOST_REQUIRE(each.second == 1);
                BOOST_TEST(got.restarts == 1);
                BOOST_TEST(requests <= size / 1000 + 1 + 6);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_count_that_lags_does_not_tell_where_a_list_ends) {
    struct lag {
        std::int64_t size;
        std::int64_t total;
    };
    for (auto const& [size, total] :
         {lag{2500, 2499}, lag{2500, 2501}, lag{2500, 1200}, lag{2500, 1000}, lag{2500, 0},
          lag{2500, 9000}, lag{2500, 3000}, lag{3000, 2000}, lag{3000, 4000}, lag{1000, 0},
          lag{999, 1000}, lag{0, 5}, lag{0, 5000}, lag{1, 0}}) {
        BOOST_TEST_CONTEXT(size << " entries, counted as " << total) {
            world w;
            w.server.otherwise({serve(list_of(size, total))});
            auto const got = w.run(w.blocked().list_all({}, {}, 2));
            REQUIRE_VALUE(got);
            BOOST_REQUIRE(static_cast<std::int64_t>(got->size()) == size);
            for (std::size_t i = 0; i < got->size(); ++i) {
                BOOST_REQUIRE((*got)[i].id.text() == std::to_string(i));
            }
            // Once, and not far beyond the end.
            BOOST_TEST(w.server.request_count() <= static_cast<std::size_t>(size / 1000) + 1 + 2);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_full_last_page_does_not_end_a_list_that_is_counted_exactly) {
    world w;
    w.server.otherwise({serve(list_of(3000))});
    auto const got = w.run(w.blocked().list_all());
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() == 3000u);
    // The last one is empty.
    BOOST_TEST(w.server.request_count() == 4u);
}

BOOST_AUTO_TEST_CASE(a_count_that_never_rests_does_not_matter_where_the_list_does) {
    world w;
    std::atomic<int> number{0};
    w.server.otherwise({serve([&](seen_request const& request) {
        return list_of(2500, ++number % 2 == 0 ? 2500 : 2400)(request);
    })});
    auto const got = w.run(w.blocked().list_all());
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() == 2500u);
    BOOST_TEST(w.server.request_count() <= 3u * 3u);
}

BOOST_AUTO_TEST_CASE(a_list_that_grows_at_each_request_is_read) {
    world w;
    std::atomic<std::int64_t> size{2500};
    w.server.otherwise(
        {serve([&](seen_request const& request) { return list_of(++size)(request); })});
    auto const got = w.run(w.blocked().list_all());
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() >= 2501u);
}

BOOST_AUTO_TEST_CASE(in_an_order_of_the_servers_own_a_list_that_never_rests_is_given_up) {
    world w;
    std::atomic<std::int64_t> id{0};
    w.server.otherwise({serve([&](seen_request const& request) {
        auto const is_first = parameter(request, "page") == 1;
        return page_of(id += 1000, is_first ? 1000 : 1, R"("per_page":1000)");
    })});
    es::url_ignore_patterns const patterns{w.connect(), account};
    auto const got = w.run(patterns.list_all());
    REQUIRE_ERROR(got, errc::conflict);
    BOOST_TEST(w.server.request_count() < 30u);
}

BOOST_AUTO_TEST_CASE(in_an_order_of_the_servers_own_a_list_is_read_twice) {
    world w;
    w.server.otherwise({serve(list_of(2500))});
    es::url_ignore_patterns const patterns{w.connect(), account};
    auto const got = w.run(patterns.list_all());
    REQUIRE_VALUE(got);
    BOOST_TEST(got->size() == 2500u);
    BOOST_TEST(w.server.request_count() == 5u);
}

BOOST_AUTO_TEST_CASE(whole_list_stops_at_the_first_error) {
    world w;
    w.server.otherwise({serve([](seen_request const& request) {
        return parameter(request, "page") == 1 ? list_of(50'000)(request)
                                               : failure(403, 10000, "no more");
    })});
    auto const got = w.run(w.blocked().list_all({}, {}, 2));
    REQUIRE_ERROR(got, errc::forbidden);
    BOOST_TEST(w.server.request_count() <= 3u);
}

BOOST_AUTO_TEST_CASE(an_absurd_total_is_no_reason_to_throw) {
    for (auto const* const total : {"-1", "-9223372036854775808", "9223372036854775807",
                                    "9007199254740992", "1e15", "18446744073709551615"}) {
        BOOST_TEST_CONTEXT("total_count " << total) {
            world w;
            w.server.answers(
                {page_of(1, 2, std::string{R"("per_page":1000,"total_count":)"} + total)});
            auto const got = w.run(w.blocked().list_all());
            BOOST_TEST(!got.has_value());
            BOOST_TEST(w.server.request_count() <= 3u);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_absurd_page_size_of_the_server_does_no_harm) {
    for (auto const* const size : {"0", "-5", "9223372036854775807"}) {
        BOOST_TEST_CONTEXT("per_page " << size) {
            world w;
            w.server.otherwise({serve([=](seen_request const& request) {
                return page_of(1, parameter(request, "page") == 1 ? 2 : 0,
                               std::string{R"("total_count":2,"per_page":)"} + size);
            })});
            auto const got = w.run(
                page_sizes(w.blocked().list(es::block_sender_filter{}.per_page(2).search("x"))));
            REQUIRE_VALUE(got);
            BOOST_TEST(*got == sizes{2}, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(limits_of_a_page) {
    world w;
    auto const blocked = w.blocked();
    for (auto const& which :
         {es::block_sender_filter{}.page(0), es::block_sender_filter{}.page(-1),
          es::block_sender_filter{}.per_page(0), es::block_sender_filter{}.per_page(1001)}) {
        auto const got = w.run(blocked.list_page(which));
        REQUIRE_ERROR(got, errc::invalid_argument);
        BOOST_TEST(got.error().detail().find(which.page() ? "page" : "per_page") == 0u);
        REQUIRE_ERROR(w.run(page_sizes(blocked.list(which))), errc::invalid_argument);
    }
    BOOST_TEST(w.server.connections() == 0u);
}

// Two entries of a log may say the same, and with one on a page a page is as the one before it.
BOOST_AUTO_TEST_CASE(pages_of_entries_without_identifiers_may_be_alike) {
    boost::asio::io_context context;
    struct log {
        std::int64_t entries;
        bool repeats;

        cloudflare::pager<es::action_entry> pages(std::int64_t size) const {
            auto read = [all = *this](std::int64_t number, std::int64_t per_page)
                -> boost::asio::awaitable<cloudflare::result<cloudflare::page<es::action_entry>>> {
                cloudflare::page<es::action_entry> made;
                made.info.per_page = per_page;
                auto const first = all.repeats ? 0 : (number - 1) * per_page;
                for (auto i = first; i < std::min(all.entries, first + per_page); ++i) {
                    made.items.emplace_back().status = "OK";
                }
                co_return made;
            };
            return {std::move(read), 1, size};
        }
    };
    auto const count = [&context](log const& of, std::int64_t size) {
        auto pages = of.pages(size);
        std::size_t entries = 0;
        std::string failed;
        auto work = [&]() -> boost::asio::awaitable<void> {
            for (;;) {
                auto next = co_await pages.next();
                if (!next) failed = next.error().detail();
                if (!next || !*next) co_return;
                entries += (*next)->items.size();
            }
        };
        boost::asio::co_spawn(context, work, boost::asio::detached);
        context.restart();
        context.run();
        return failed.empty() ? std::to_string(entries) : failed;
    };
    BOOST_TEST(count({5, false}, 1) == "5");
    BOOST_TEST(count({5, true}, 2) == "the server repeats a page of the list");
}

BOOST_AUTO_TEST_SUITE_END()
