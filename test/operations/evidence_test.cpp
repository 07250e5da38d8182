#include "canned_transport.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What each of the operations must find in an answer that says that all is well, before its caller
/// is told so.

namespace es = cloudflare::email_security;
using namespace cloudflare;
using namespace cloudflare::test;

namespace {

auto const once = call_options{}.max_retries(0).settle_unknown(false);

enum class must {
    be_a_list,       ///< an array
    be_an_object,    ///< an object
    name_the_entry,  ///< an object with the identifier of what was written
    name_a_new_one,  ///< an object with an identifier, and nothing in its key that was not asked
                     ///< for
    name_all,        ///< all of a batch
    count_all,       ///< as many as were asked for
    say_nothing,     ///< the status tells all
    /// The status of a DELETE tells all (RFC 9110, 9.3.5), but another entry must not be named.
    not_name_another,
};

struct row {
    named_operation which;
    must demand;
    std::function<std::optional<error>(world&)> call;
    /// What will do: results of answers.
    std::vector<std::string> good;
    /// What is about something else.
    std::vector<std::string> other = {};
    /// What lacks something.
    std::vector<std::string> lacking = {};
};

template <class T>
std::optional<error> failure_of(result<T> const& got) {
    return got ? std::nullopt : std::optional{got.error()};
}

/// `key` is how the answer spells the natural key of `item`, and `other_key` another one.
template <class Collection>
void add_collection(std::vector<row>& all, typename Collection::new_item item,
                    typename Collection::patch changes, std::string const& key,
                    std::string const& other_key) {
    using of = typename Collection::operations;
    using traits = typename Collection::traits;
    auto const entry = [](std::string const& id, std::string const& more) {
        return R"({"id":")" + id + '"' + (more.empty() ? "" : ',' + more) + '}';
    };
    auto const its = entry("4F-1", key);
    auto const in = [](world& w) { return Collection{w.client, account_id}; };
    all.push_back({of::list,
                   must::be_a_list,
                   [in](world& w) { return failure_of(w.run(in(w).list_page({}, once))); },
                   {"[]", "[{}]", '[' + its + ']'}});
    all.push_back({of::get,
                   must::be_an_object,
                   [in](world& w) { return failure_of(w.run(in(w).get("4f-1", once))); },
                   {its, "{}"}});
    all.push_back({of::create,
                   must::name_a_new_one,
                   [in, item](world& w) { return failure_of(w.run(in(w).create(item, once))); },
                   {its, entry("9", {})},
                   {entry("9", other_key)},
                   {"{}", '{' + key + '}'}});
    all.push_back(
        {of::edit,
         must::name_the_entry,
         [in, changes](world& w) { return failure_of(w.run(in(w).edit("4f-1", changes, once))); },
         {its},
         {entry("5", key)},
         {"{}"}});
    all.push_back({of::remove,
                   must::not_name_another,
                   [in](world& w) { return failure_of(w.run(in(w).remove("4f-1", once))); },
                   {entry("4F-1", {}), "{}", "null"},
                   {entry("5", {})}});
    if constexpr (has_replace<traits> &&
                  std::is_same_v<typename Collection::replacement, typename Collection::new_item>) {
        all.push_back(
            {of::replace,
             must::name_the_entry,
             [in, item](world& w) { return failure_of(w.run(in(w).replace("4f-1", item, once))); },
             {its},
             {entry("5", key)},
             {"{}"}});
    }
    if constexpr (has_batch_of_deletes<traits>) {
        auto const two = typename Collection::batch_request{}.remove("1").remove("2");
        all.push_back(
            {of::batch(),
             must::name_all,
             [in, two](world& w) { return failure_of(w.run(in(w).batch(two, once))); },
             {R"({"deletes":[{"id":"1"},{"id":"2"}]})", R"({"deletes":[{"id":"2"},{"id":"1"}]})"},
             {R"({"deletes":[{"id":"1"},{"id":"3"}]})",
              R"({"deletes":[{"id":"1"},{"id":"2"},{"id":"2"}]})"},
             {"{}", R"({"deletes":[]})", R"({"deletes":null})", R"({"deletes":[{"id":"1"}]})",
              R"({"deletes":[{"id":"1"},null]})", R"({"deletes":[{"id":"1"},{}]})"}});
    } else if constexpr (has_batch<traits>) {
        typename Collection::batch_request some;
        some.remove("1").edit("2", changes).edit("3", changes).create(item);
        auto const answer = [&](std::string const& deletes, std::string const& patches,
                                std::string const& posts) {
            return R"({"deletes":[)" + deletes + R"(],"patches":[)" + patches +
                   R"(],"puts":[],"posts":[)" + posts + "]}";
        };
        auto const one = entry("1", {});
        auto const edited = entry("2", key) + ',' + entry("3", key);
        auto const made = entry("9", key);
        all.push_back(
            {of::batch(),
             must::name_all,
             [in, some](world& w) { return failure_of(w.run(in(w).batch(some, once))); },
             {answer(one, edited, made), answer(one, entry("3", {}) + ',' + entry("2", {}), made)},
             {answer(entry("4", {}), edited, made),
              answer(one, edited + ',' + entry("4", {}), made),
              answer(one, edited, entry("9", other_key)),
              answer(one, edited, made + ',' + entry("10", key)),
              answer(one, edited, entry("9", other_key) + ',' + made)},
             {"{}", answer("", "", ""), answer(one, edited, ""), answer(one, entry("2", key), made),
              answer("", edited, made), answer(one, edited, '{' + key + '}'),
              answer(one, edited, "{}"), answer(one, edited, "null"),
              R"({"deletes":null,"patches":null,"puts":null,"posts":null})"}});
    }
}

template <class Class>
auto adder(std::vector<row>& all) {
    return
        [&all](named_operation const& which, must demand, auto call, std::vector<std::string> good,
               std::vector<std::string> other = {}, std::vector<std::string> lacking = {}) {
            all.push_back({which, demand,
                           [call](world& w) {
                               return failure_of(w.run(call(Class{w.client, account_id})));
                           },
                           std::move(good), std::move(other), std::move(lacking)});
        };
}

void add_domains(std::vector<row>& all) {
    using es::domains;
    es::new_domain const item{"a.example", {es::delivery_mode::api}, {es::region::global}};
    add_collection<domains>(all, item, es::domain_patch{}.transport("t"), R"("domain":"A.example")",
                            R"("domain":"b.example")");
    auto const add = adder<domains>(all);
    add(domains::operations::replace, must::name_the_entry,
        [](domains d) {
            es::domain_replacement const whole{{es::delivery_mode::api}, {es::region::global}};
            return d.replace("1", whole, once);
        },
        {R"({"id":1})"}, {R"({"id":2})"}, {"{}"});
    add(domains::operations::verification, must::say_nothing,
        [](domains d) { return d.verification("1", once); }, {"{}", "null"});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    add(domains::operations::bulk_remove, must::be_a_list,
        [](domains d) { return d.bulk_remove(once); }, {"[]", R"([{"id":"1"}])"});
#pragma GCC diagnostic pop
}

void add_messages(std::vector<row>& all) {
    using mail = es::investigate;
    using of = mail::operations;
    auto const add = adder<mail>(all);
    add(of::search, must::be_a_list, [](mail m) { return m.search_page({}, once); }, {"[]"});
    // An investigation may be asked for by another identifier than the message's own.
    add(of::get, must::be_an_object, [](mail m) { return m.get("1", once); }, {R"({"id":"m"})"});
    add(of::action_log, must::be_a_list, [](mail m) { return m.action_log_page("1", {}, once); },
        {"[]"});
    add(of::detections, must::be_an_object, [](mail m) { return m.detections("1", once); }, {"{}"});
    add(of::preview, must::be_an_object, [](mail m) { return m.preview("1", once); }, {"{}"});
    add(of::create_preview, must::be_an_object, [](mail m) { return m.create_preview("1", once); },
        {"{}"});
    add(of::raw, must::be_an_object, [](mail m) { return m.raw("1", once); }, {"{}"});
    add(of::trace, must::be_an_object, [](mail m) { return m.trace("1", once); }, {"{}"});
    add(of::move, must::count_all,
        [](mail m) { return m.move("1", es::move_request{es::mailbox_folder::inbox}, once); },
        {R"([{"success":true}])", "[{},{}]"}, {}, {"[]"});
    add(of::move_many, must::count_all,
        [](mail m) {
            es::move_many_request const what{es::mailbox_folder::inbox, {"1", "2", "1"}};
            return m.move_many(what, once);
        },
        {"[{},{}]"}, {}, {"[]", "[{}]"});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    add(of::reclassify, must::say_nothing,
        [](mail m) {
            es::reclassify_request const what{es::submission_disposition::spam};
            return m.reclassify("1", what, once);
        },
        {"{}", "null", "[]"});
#pragma GCC diagnostic pop
    add(of::release, must::count_all,
        [](mail m) {
            return m.release({"1", "2"}, once);
        },
        {R"([{"id":"2"},{"id":"1"}])"}, {R"([{"id":"1"},{"id":"3"}])"},
        {"[]", R"([{"id":"1"}])", R"([{"id":"1"},{"id":"1"}])", "[{},{}]"});
}

void add_others(std::vector<row>& all) {
    using jobs = es::bulk_jobs;
    using of = jobs::operations;
    auto const add = adder<jobs>(all);
    std::string const its = R"({"job_id":"j"})";
    std::string const other = R"({"job_id":"k"})";
    add(of::create, must::name_a_new_one,
        [](jobs j) { return j.create(es::new_bulk_job::release({}), once); }, {its}, {}, {"{}"});
    add(of::list, must::be_a_list, [](jobs j) { return j.list_page({}, once); }, {"[]"});
    add(of::get, must::be_an_object, [](jobs j) { return j.get("j", once); }, {its});
    add(of::remove, must::not_name_another, [](jobs j) { return j.remove("j", once); },
        {R"({"id":"j"})", "{}", "null"}, {R"({"id":"k"})"});
    add(of::cancel, must::name_the_entry, [](jobs j) { return j.cancel("j", once); }, {its},
        {other}, {"{}"});
    add(of::messages, must::be_a_list, [](jobs j) { return j.messages_page("j", {}, once); },
        {"[]"});
    using submissions = es::submissions;
    adder<submissions>(all)(submissions::operations::list, must::be_a_list,
                            [](submissions s) { return s.list_page({}, once); }, {"[]"});
    adder<submissions>(all)(submissions::operations::submit, must::count_all,
                            [](submissions s) {
                                std::vector const two{
                                    es::reclassification{"1", es::submission_disposition::spam},
                                    es::reclassification{"2", es::submission_disposition::spam}};
                                return s.reclassify(two, once);
                            },
                            {R"({"results":[{},{}]})"}, {R"({"results":[{},{},{}]})"},
                            {"{}", R"({"results":[]})", R"({"results":[{}]})"});
    using reports = es::phishguard_reports;
    adder<reports>(all)(reports::operations::list, must::be_a_list,
                        [](reports p) { return p.list_page({}, once); }, {"[]"});
    adder<es::analytics>(all)(es::analytics::operations::monthly_report, must::be_an_object,
                              [](es::analytics a) { return a.monthly_report(once); }, {"{}"});
}

std::vector<row> rows() {
    std::vector<row> all;
    std::string const pattern = R"("pattern":"A.example")";
    std::string const other = R"("pattern":"b.example")";
    add_collection<es::block_senders>(
        all, es::new_block_sender{"a.example", es::pattern_type::domain},
        es::block_sender_patch{}.is_regex(true), pattern,
        R"("pattern":"a.example","pattern_type":"DOMAIN","is_regex":true)");
    add_collection<es::allow_policies>(all,
                                       es::new_allow_policy{"a.example", es::pattern_type::domain},
                                       es::allow_policy_patch{}.is_regex(true), pattern,
                                       R"("pattern":"a.example","pattern_type":"EMAIL")");
    add_collection<es::trusted_domains>(all, es::new_trusted_domain{"a.example"},
                                        es::trusted_domain_patch{}.is_regex(true), pattern, other);
    add_collection<es::content_policies>(
        all, es::new_content_policy{"a", "b", {es::content_target::body}},
        es::content_policy_patch{}.enabled(true), R"("name":"a")", R"("name":"A")");
    add_collection<es::impersonation_registry>(all, es::new_impersonation_entry{"a", "b@a.example"},
                                               es::impersonation_entry_patch{}.name("a"),
                                               R"("name":"a","email":"b@a.example")",
                                               R"("name":"a","email":"c@a.example")");
    add_collection<es::sending_domain_restrictions>(
        all, es::new_sending_domain_restriction{"a.example"},
        es::sending_domain_restriction_patch{}.domain("a.example"), R"("domain":"A.EXAMPLE")",
        R"("domain":"b.example")");
    add_collection<es::url_ignore_patterns>(all, es::new_url_ignore_pattern{"a"},
                                            es::url_ignore_pattern_patch{}.pattern("a"),
                                            R"("pattern":"a")", R"("pattern":"b")");
    add_domains(all);
    add_messages(all);
    add_others(all);
    return all;
}

std::optional<error> answered(row const& of, unsigned status, std::string const& body) {
    world w;
    w.server->answer(status, body);
    auto failure = of.call(w);
    BOOST_TEST(w.server->requests.size() == 1U);
    return failure;
}

void check_fails(row const& of, unsigned status, std::string const& body, errc expected) {
    BOOST_TEST_CONTEXT(status << ' ' << body) {
        auto const failure = answered(of, status, body);
        BOOST_TEST_REQUIRE(failure.has_value());
        BOOST_CHECK_MESSAGE(failure->code() == expected, failure->message());
        bool const is_write = of.which.what.method != http_method::get &&
                              of.which.function != std::string_view{"create_preview"};
        BOOST_CHECK_EQUAL(failure->outcome(), is_write ? outcome::unknown : outcome::not_sent);
        BOOST_TEST(failure->status() == status);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(evidence)

BOOST_AUTO_TEST_CASE(each_operation_finds_what_it_must) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (auto const& each : rows()) {
        BOOST_TEST_CONTEXT(each.which.area << "::" << each.which.function) {
            seen.emplace(to_string(each.which.what.method), each.which.what.path);
            for (auto const& good : each.good) {
                auto const failure = answered(each, 200, envelope(good));
                BOOST_TEST(!failure, good << ": " << (failure ? failure->message() : ""));
            }
            for (auto const& other : each.other) {
                check_fails(each, 200, envelope(other), errc::conflict);
            }
            for (auto const& lacking : each.lacking) {
                check_fails(each, 200, envelope(lacking), errc::malformed_response);
            }
            if (each.demand == must::say_nothing || each.demand == must::not_name_another) {
                BOOST_TEST(!answered(each, 204, ""));
                BOOST_TEST(!answered(each, 200, R"({"success":true})"));
                continue;
            }
            bool const is_list = each.demand == must::be_a_list;
            for (auto const& wrong : {std::string{"null"}, std::string{"7"}, std::string{"\"x\""},
                                      std::string{"true"}, std::string{is_list ? "{}" : "7"}}) {
                check_fails(each, 200, envelope(wrong), errc::malformed_response);
            }
            check_fails(each, 204, "", errc::malformed_response);
            check_fails(each, 200, R"({"success":true})", errc::malformed_response);
            check_fails(each, 200,
                        R"({"success":true,"result":)" + each.good.front() + R"(,"result":null})",
                        errc::malformed_response);
        }
    }
    for (auto const& each : es::all_operations) {
        BOOST_TEST_CONTEXT(each.area << "::" << each.function) {
            BOOST_TEST(seen.count({to_string(each.what.method), each.what.path}) == 1U);
        }
    }
    BOOST_TEST(seen.size() == 75U);
}

BOOST_AUTO_TEST_CASE(a_batch_is_told_in_the_order_of_the_request) {
    world w;
    es::block_senders const blocked{w.client, account_id};
    es::block_senders::batch_request changes;
    changes.remove("1").remove("2").create({"a.example", es::pattern_type::domain});
    changes.create({"b.example", es::pattern_type::domain});
    w.server->answer(200,
                     envelope(R"({"deletes":[{"id":"2"},{"id":"1"}],"posts":[)"
                              R"({"id":"4","pattern":"b.example","pattern_type":"DOMAIN"},)"
                              R"({"id":"3","pattern":"a.example","pattern_type":"DOMAIN"}]})"));
    auto const done = w.run(blocked.batch(changes)).value();
    BOOST_TEST(done.deletes.at(0).id.text() == "1");
    BOOST_TEST(done.deletes.at(1).id.text() == "2");
    BOOST_TEST(done.posts.at(0).id.text() == "3");
    BOOST_TEST(done.posts.at(1).id.text() == "4");
}

BOOST_AUTO_TEST_CASE(a_create_that_is_not_shown_is_looked_up) {
    for (auto const* const shown : {"{}", "null", R"({"id":"9","pattern":"z.example"})"}) {
        BOOST_TEST_CONTEXT(shown) {
            world w;
            w.server->answer(200, envelope(shown));
            w.server->answer(
                200, envelope(R"([{"id":"7","pattern":"a.example","pattern_type":"DOMAIN"}])"));
            es::block_senders const blocked{w.client, account_id};
            auto const got = w.run(blocked.create({"a.example", es::pattern_type::domain}));
            BOOST_TEST(got.value().id.text() == "7");
            BOOST_TEST(w.server->is_used_up());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_page_has_no_more_entries_than_were_asked_for) {
    auto const entries = [](int count) {
        std::string text = "[";
        for (int i = 0; i != count; ++i) text += i == 0 ? "{}" : ",{}";
        return text + ']';
    };
    for (auto const& [asked, given, fits] :
         {std::tuple{0, 1000, true}, std::tuple{0, 1001, false}, std::tuple{5, 5, true},
          std::tuple{5, 6, false}, std::tuple{1000, 1001, false}}) {
        BOOST_TEST_CONTEXT(asked << ' ' << given) {
            world w;
            es::block_sender_filter which;
            if (asked > 0) which.per_page(asked);
            w.server->answer(200, envelope(entries(given)));
            auto const got = w.run(es::block_senders{w.client, account_id}.list_page(which, once));
            BOOST_TEST(got.has_value() == fits);
            if (!got) BOOST_CHECK(got.error().code() == errc::response_too_large);

            es::message_filter searched;
            if (asked > 0) searched.per_page(asked);
            w.server->answer(200, envelope(entries(given)));
            auto const found =
                w.run(es::investigate{w.client, account_id}.search_page(searched, once));
            BOOST_TEST(found.has_value() == fits);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(searches)

BOOST_AUTO_TEST_CASE(all_pages_have_the_time_of_one_call) {
    // Each page takes a while, so that their number is limited however fast the machine is.
    world w;
    std::size_t number = 0;
    w.server->on_request = [&] {
        auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{5};
        while (std::chrono::steady_clock::now() < end) continue;
        auto const info = R"({"next":"c)" + std::to_string(++number) + "\"}";
        w.server->answer(200, envelope(R"([{"id":"m"}])", info));
    };
    auto search = es::investigate{w.client, account_id}.search(
        {}, call_options{}.timeout(std::chrono::milliseconds{100}));
    std::optional<error> failure;
    while (!failure && number < 1000) failure = failure_of(w.run(search.next()));
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_CHECK(failure->code() == errc::timed_out);
    BOOST_TEST(number <= 20U);
}

BOOST_AUTO_TEST_CASE(a_cursor_has_a_bound) {
    world w;
    auto const info = R"({"next":")" + std::string(20'000, 'c') + "\"}";
    w.server->answer(200, envelope(R"([{"id":"m"}])", info));
    auto search = es::investigate{w.client, account_id}.search({});
    auto const failure = failure_of(w.run(search.next()));
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_CHECK(failure->code() == errc::malformed_response);
}

BOOST_AUTO_TEST_SUITE_END()
