#include "canned_transport.hpp"

#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/email_security/operations.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

namespace es = cloudflare::email_security;
using namespace cloudflare;
using namespace cloudflare::test;
using namespace std::chrono_literals;

namespace {

std::string job(std::string const& status) {
    return envelope(R"({"job_id":"j","status":")" + status + "\"}");
}

std::string search_info(std::string const& next) {
    return R"({"count":1,"per_page":1,"total_count":0,"next":)" + next + '}';
}

struct mail_world : world {
    es::investigate mail{client, account_id};
    es::bulk_jobs jobs{client, account_id};
    es::submissions submissions{client, account_id};
    es::phishguard_reports reports{client, account_id};
};

/// A list of so many items with identifiers from `first` on.
std::string items(int first, int count) {
    std::string text = "[";
    for (int i = 0; i != count; ++i) {
        text += (i == 0 ? "{\"id\":" : ",{\"id\":") + std::to_string(first + i) + '}';
    }
    return text + ']';
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(searching, mail_world)

BOOST_AUTO_TEST_CASE(follows_cursors_to_the_end) {
    server->answer(200, envelope(R"([{"id":"1"}])", search_info("\"c1\"")));
    server->answer(200, envelope("[]", search_info("\"c2\"")));
    server->answer(200, envelope(R"([{"id":"2"}])", search_info("null")));
    auto pages = mail.search(es::message_filter{}.subject("s"));
    auto first = run(pages.next());
    BOOST_TEST_REQUIRE(first.value().has_value());
    BOOST_TEST((*first)->items.at(0).id == "1");
    BOOST_TEST((*first)->info.next.value() == "c1");
    auto second = run(pages.next());
    BOOST_TEST_REQUIRE(second.value().has_value());
    BOOST_TEST((*second)->items.at(0).id == "2");
    BOOST_TEST(server->last() == "GET /investigate?subject=s&cursor=c2");
    BOOST_TEST(!run(pages.next()).value().has_value());
    BOOST_TEST(server->is_used_up());
}

BOOST_AUTO_TEST_CASE(ends_when_the_server_goes_in_a_circle) {
    server->answer(200, envelope(R"([{"id":"1"}])", search_info("\"c1\"")));
    server->answer(200, envelope(R"([{"id":"1"}])", search_info("\"c1\"")));
    auto pages = mail.search();
    BOOST_TEST(run(pages.next()).has_value());
    BOOST_TEST((run(pages.next()).error().code() == errc::malformed_response));
}

BOOST_AUTO_TEST_CASE(ends_when_the_server_goes_in_a_wide_circle) {
    for (auto const* const next : {"\"c1\"", "\"c2\"", "\"c1\""}) {
        server->answer(200, envelope(R"([{"id":"1"}])", search_info(next)));
    }
    auto pages = mail.search();
    BOOST_TEST(run(pages.next()).has_value());
    BOOST_TEST(run(pages.next()).has_value());
    BOOST_TEST((run(pages.next()).error().code() == errc::malformed_response));
}

BOOST_AUTO_TEST_CASE(says_that_a_page_is_pending_and_asks_where_it_will_be) {
    auto const path = std::string{"/accounts/"} + account_id + "/email-security/investigate";
    server->answer(202, envelope("[]", search_info("null")),
                   "https://evil.example/client/v4" + path + "?ticket=7");
    server->answer(200, envelope(R"([{"id":"1"}])", search_info("null")));
    auto pages = mail.search();
    auto const pending = run(pages.next());
    BOOST_TEST_REQUIRE(pending.value().has_value());
    BOOST_TEST((*pending)->is_pending);
    BOOST_TEST((*pending)->items.empty());
    auto const ready = run(pages.next());
    BOOST_TEST_REQUIRE(ready.value().has_value());
    BOOST_TEST(!(*ready)->is_pending);
    BOOST_TEST(server->last() == "GET /investigate?ticket=7");
    BOOST_TEST(!run(pages.next()).value().has_value());
}

BOOST_AUTO_TEST_CASE(asks_anew_when_a_pending_page_is_gone) {
    auto const path = std::string{"/accounts/"} + account_id + "/email-security/investigate";
    server->answer(202, envelope("[]", search_info("null")), path + "?ticket=7");
    server->answer(404, R"({"success":false,"errors":[],"messages":[],"result":null})");
    server->answer(200, envelope(R"([{"id":"1"}])", search_info("null")));
    auto pages = mail.search();
    BOOST_TEST(run(pages.next()).value()->is_pending);
    BOOST_TEST((run(pages.next()).error().code() == errc::not_found));
    BOOST_TEST(run(pages.next()).value()->items.at(0).id == "1");
    BOOST_TEST(server->last() == "GET /investigate");
}

BOOST_AUTO_TEST_CASE(polls_nothing_but_searches_of_the_account) {
    auto const path = std::string{"/accounts/"} + account_id + "/email-security/investigate";
    for (std::string const& where :
         {std::string{},
          std::string{"/"},
          path + "/../settings/domains",
          path + "x",
          path + " x",
          path + "?a\r\nX: y",
          std::string{"/accounts/other/email-security/investigate"},
          "/other?u=" + path,
          path + "/%2e%2e/settings/domains",
          path + "/.%2E/x",
          path + "/%2e%2e/%2e%2e/%2e%2e/other-account/tokens",
          path + "/%2e/x",
          path + "/a/%2e",
          path + "/...",
          path + "/a%2f..%2fb",
          path + "/a%5cb",
          path + "/%252e%252e/x",
          path + "/..;/settings",
          path + "/..%3b/settings",
          path + "/%00",
          path + "/a%0d%0ab",
          path + "//x",
          path + "%2f..",
          path + "%3fx",
          path + "#x",
          path + "?a#x",
          "/#" + path,
          "/%2e%2e" + path,
          "https://evil.example/..;" + path,
          "/accounts/" + std::string{account_id} + "%2f/email-security/investigate",
          "/accounts/" + std::string{account_id} + "/x/email-security/investigate"}) {
        BOOST_TEST_CONTEXT(where) {
            BOOST_TEST((run(mail.poll(where)).error().code() == errc::invalid_argument));
        }
    }
    BOOST_TEST(server->requests.empty());
}

BOOST_AUTO_TEST_CASE(polls_a_search_however_it_is_written) {
    auto const path = std::string{"/accounts/"} + account_id + "/email-security/investigate";
    std::pair<std::string, std::string> const cases[] = {
        {path, "GET /investigate"},
        {"/client/v4" + path + "?cursor=..%2F..&x=%20", "GET /investigate?cursor=..%2F..&x=%20"},
        {path + "/search-7/page=2", "GET /investigate/search-7/page%3D2"},
        {path + "/%61.b", "GET /investigate/a.b"},
    };
    for (auto const& [where, asked] : cases) {
        BOOST_TEST_CONTEXT(where) {
            server->answer(200, envelope("[]", search_info("null")));
            BOOST_TEST(run(mail.poll(where)).has_value());
            BOOST_TEST(server->last() == asked);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_list_is_read_by_one_at_least) {
    es::block_senders const blocked{client, account_id};
    auto const got = run(blocked.list_all({}, {}, 0));
    BOOST_TEST_REQUIRE(!got.has_value());
    BOOST_TEST((got.error().code() == errc::invalid_argument));
    BOOST_TEST(got.error().detail() == "concurrency must be at least 1");
    BOOST_TEST(server->requests.empty());
}

BOOST_AUTO_TEST_CASE(work_is_done_by_one_at_least) {
    int worked = 0;
    auto const work = [&worked](std::size_t) -> boost::asio::awaitable<void> {
        ++worked;
        co_return;
    };
    auto const work_with = [&](std::size_t limit) -> boost::asio::awaitable<bool> {
        co_await for_each_concurrently(3, limit, work);
        co_return true;
    };
    BOOST_TEST(run(work_with(1)));
    BOOST_TEST(worked == 3);
    try {
        run(work_with(0));
        BOOST_ERROR("nothing was done, and nobody said so");
    } catch (exception const& thrown) {
        BOOST_TEST((thrown.code() == errc::invalid_argument));
    }
    BOOST_TEST(worked == 3);
}

BOOST_AUTO_TEST_CASE(a_path_takes_what_it_has_a_place_for) {
    account const here{account_id};
    auto const made = [&here](std::string_view path, std::optional<identifier> const& id) {
        return make_request({http_method::get, path}, here, id);
    };
    BOOST_TEST(made("/a/{account_id}/b", {}).value().target ==
               std::string{"/a/"} + account_id + "/b");
    BOOST_TEST(made("/a/{id}", identifier{"x y"}).value().target == "/a/x%20y");
    std::pair<std::string_view, std::optional<identifier>> const faulty[] = {
        {"/a/{id}", {}},         {"/a/{id}/{other}", identifier{"x"}},
        {"/a", identifier{"x"}}, {"/a/{", {}},
        {"/a/{account_id", {}},  {"/{account_id}/{}", {}},
    };
    for (auto const& [path, id] : faulty) {
        BOOST_TEST_CONTEXT(path) {
            auto const refused = made(path, id);
            BOOST_TEST_REQUIRE(!refused.has_value());
            BOOST_TEST((refused.error().code() == errc::invalid_argument));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_client_needs_a_transport) {
    try {
        cloudflare::client const made{context.get_executor(), options(), nullptr};
        BOOST_ERROR("a client was made of no transport");
    } catch (exception const& thrown) {
        BOOST_TEST((thrown.code() == errc::invalid_argument));
        // Once each, and nothing else.
        BOOST_TEST(thrown.what() == std::string{"invalid argument: the transport is null"});
    }
}

BOOST_AUTO_TEST_CASE(a_lost_answer_repeats_only_what_changes_nothing) {
    server->lose_answer();
    server->answer(200, envelope(R"({"screenshot":"x"})"));
    BOOST_TEST(run(mail.create_preview("p")).value().screenshot == "x");
    BOOST_TEST(server->requests.size() == 2U);

    auto const is_left_open = [this](auto call) {
        server->lose_answer();
        auto const before = server->requests.size();
        auto const got = run(call());
        return !got && got.error().outcome() == outcome::unknown &&
               server->requests.size() == before + 1;
    };
    BOOST_TEST(is_left_open([this] { return mail.release({"m"}); }));
    BOOST_TEST(is_left_open(
        [this] { return mail.move("m", es::move_request{es::mailbox_folder::inbox}); }));
    BOOST_TEST(is_left_open([this] {
        return mail.move_many(es::move_many_request{es::mailbox_folder::inbox, {"m"}});
    }));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    BOOST_TEST(is_left_open([this] {
        return mail.reclassify("m", es::reclassify_request{es::submission_disposition::spam});
    }));
#pragma GCC diagnostic pop
    BOOST_TEST(is_left_open([this] {
        std::vector const some{es::reclassification{"a", es::submission_disposition::spam}};
        return submissions.reclassify(some);
    }));
    BOOST_TEST(is_left_open([this] { return jobs.create(es::new_bulk_job::release({})); }));
    BOOST_TEST(is_left_open([this] { return jobs.cancel("j"); }));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused_before_it_is_sent) {
    auto const is_refused = [this](auto call) {
        auto const got = run(std::move(call));
        return !got && got.error().code() == errc::invalid_argument;
    };
    BOOST_TEST(is_refused(mail.release({})));
    BOOST_TEST(is_refused(mail.release({"a", ""})));
    BOOST_TEST(is_refused(mail.move("m", {})));
    BOOST_TEST(is_refused(mail.move_many(es::move_many_request{es::mailbox_folder::inbox, {}})));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    BOOST_TEST(is_refused(mail.reclassify("m", {})));
#pragma GCC diagnostic pop
    BOOST_TEST(is_refused(mail.create_preview("")));
    BOOST_TEST(is_refused(mail.get("a/b")));
    BOOST_TEST(is_refused(mail.search_page(es::message_filter{}.per_page(1001))));
    BOOST_TEST(is_refused(jobs.create({})));
    es::bulk_job_filter only_skipped;
    only_skipped.status(es::bulk_status::skipped);
    BOOST_TEST(is_refused(jobs.list_page(only_skipped)));
    es::bulk_message_filter only_discovering;
    only_discovering.status(es::bulk_status::discovering);
    BOOST_TEST(is_refused(jobs.messages_page("j", only_discovering)));
    BOOST_TEST(is_refused(jobs.wait("j", es::bulk_wait{}.interval(-1ms))));
    es::domains domains{client, account_id};
    std::vector<es::delivery_mode> const modes{es::delivery_mode::api};
    std::vector<es::region> const regions{es::region::global};
    BOOST_TEST(is_refused(domains.create(es::new_domain{"a", {}, regions})));
    BOOST_TEST(is_refused(domains.create(es::new_domain{"", modes, regions})));
    BOOST_TEST(
        is_refused(domains.replace("1", es::domain_replacement{modes, regions}.lookback_hops(21))));
    BOOST_TEST(is_refused(domains.edit("1", {})));
    BOOST_TEST(is_refused(es::sending_domain_restrictions{client, account_id}.batch({})));
    BOOST_TEST(server->requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(pages_that_nobody_announces, mail_world)

BOOST_AUTO_TEST_CASE(a_server_that_gives_less_than_was_asked_for_is_read_on) {
    // As the API did where it had no pages before: 20 unless it says something else.
    server->answer(200, envelope(items(1, 20)));
    server->answer(200, envelope(items(21, 5)));
    auto const got = run(reports.list_all());
    BOOST_TEST(got.value().size() == 25U);
    BOOST_TEST(server->last() == "GET /phishguard/reports?page=2&per_page=1000");
    BOOST_TEST(server->is_used_up());
}

BOOST_AUTO_TEST_CASE(a_server_that_says_how_much_it_gives_is_believed) {
    server->answer(200, envelope(items(1, 3), R"({"per_page":3})"));
    server->answer(200, envelope(items(4, 1), R"({"per_page":3})"));
    auto const got = run(reports.list_all());
    BOOST_TEST(got.value().size() == 4U);
    BOOST_TEST(server->is_used_up());
}

BOOST_AUTO_TEST_CASE(an_action_log_is_read_to_its_end) {
    std::string const one = R"({"operation":"MOVE","started_at":"2026-01-02T03:04:0)";
    auto const entries = [&one](char from, char to) {
        std::string text = "[";
        for (char digit = from; digit != to; ++digit) {
            if (digit != from) text += ',';
            text += one + digit + "Z\"}";
        }
        return text + ']';
    };
    server->answer(200, envelope(entries('0', '4'), R"({"per_page":4})"));
    server->answer(200, envelope(entries('4', '6'), R"({"per_page":4})"));
    BOOST_TEST(run(mail.action_log_all("m")).value().size() == 6U);
    BOOST_TEST(server->last() == "GET /investigate/m/action_log?page=2&per_page=1000");
}

BOOST_AUTO_TEST_CASE(reports_that_come_while_they_are_read_make_none_twice) {
    server->answer(200, envelope(items(1, 2), R"({"per_page":2})"));
    server->answer(200, envelope(items(2, 2), R"({"per_page":2})"));  // one was added in front
    server->answer(200, envelope(items(4, 1), R"({"per_page":2})"));
    auto const all = run(reports.list_all()).value();
    BOOST_REQUIRE(all.size() == 4U);
    for (std::size_t i = 0; i != all.size(); ++i) {
        BOOST_TEST(all[i].id.text() == std::to_string(i + 1));
    }
    BOOST_TEST(server->is_used_up());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(submitting, mail_world)

BOOST_AUTO_TEST_CASE(names_the_message_that_cannot_be_submitted) {
    using disposition = es::submission_disposition;
    es::missed_detection const good{"p", "m", {"x@a.example"}, disposition::spam};
    auto const fault_of = [this, &good](es::missed_detection const& bad) {
        auto const got = run(submissions.report_missed({good, bad}));
        return got ? std::string{"none"} : got.error().detail();
    };
    auto const is_in = [](std::string const& part, std::string const& text) {
        return text.find(part) != std::string::npos;
    };
    BOOST_TEST(is_in("/messages/1", fault_of({})));
    BOOST_TEST(is_in("postfix_id", fault_of({"", "m", {"x"}, disposition::spam})));
    BOOST_TEST(is_in("message_id", fault_of({"p", "", {"x"}, disposition::spam})));
    BOOST_TEST(is_in("recipient_emails", fault_of({"p", "m", {}, disposition::spam})));
    BOOST_TEST(is_in("recipient_emails", fault_of({"p", "m", {""}, disposition::spam})));
    BOOST_TEST(!run(submissions.report_missed({})));
    BOOST_TEST(!run(submissions.reclassify({})));
    BOOST_TEST(!run(submissions.reclassify({es::reclassification{"", disposition::spam}})));
    BOOST_TEST(server->requests.empty());
}

BOOST_AUTO_TEST_CASE(an_eml_file_of_the_limit_is_sent_and_a_larger_one_is_not) {
    es::missed_detection message{"p", "m", {"x"}, es::submission_disposition::spam};
    std::string eml(es::missed_detection::max_eml_size, 'x');
    BOOST_TEST(message.eml(eml).validate().has_value());
    eml += "xxx";
    auto const refused = message.eml(eml).validate();
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().detail().find("25 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(content_patterns)

namespace {

bool is_taken(std::string const& pattern) {
    es::new_content_policy const item{"n", pattern, {es::content_target::body}};
    return item.validate().has_value();
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_the_dialect_are_taken) {
    for (auto const* const each :
         {"gift card", "a|b", "^x.*y$", "a{3}", "a{3,50}", "a{0,0}", R"(\(\))", "[()]", "[^()]",
          "[]()]", R"([\]()])", R"(\{51,\})", "{", "a{b}", "a{,60}", "x}"}) {
        BOOST_TEST(is_taken(each), each);
    }
    BOOST_TEST(is_taken(std::string(2048, 'x')));
}

BOOST_AUTO_TEST_CASE(of_another_are_refused) {
    for (auto const* const each : {"", "(a)", "a)", "(?=a)", "(?i)a", "a{3,}", "a{51}", "a{1,51}",
                                   "a{99999999999}", "[a", "[]", "[^]", "a\\", R"([a\])"}) {
        BOOST_TEST(!is_taken(each), each);
    }
    BOOST_TEST(!is_taken(std::string(2049, 'x')));
}

BOOST_AUTO_TEST_CASE(have_policies_with_limits_around_them) {
    std::vector const parts{es::content_target::subject};
    BOOST_TEST(es::new_content_policy(std::string(256, 'n'), "p", parts).validate().has_value());
    BOOST_TEST(!es::new_content_policy(std::string(257, 'n'), "p", parts).validate());
    BOOST_TEST(!es::new_content_policy("", "p", parts).validate());
    es::new_content_policy item{"n", "p", parts};
    BOOST_TEST(item.notes(std::string(4096, 'n')).validate().has_value());
    BOOST_TEST(!item.notes(std::string(4097, 'n')).validate());
    BOOST_TEST(!es::content_policy_patch{}.validate());
    BOOST_TEST(es::content_policy_patch{}.clear_notes().validate().has_value());
    BOOST_TEST(!es::content_policy_patch{}.pattern("(a)").validate());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(older_answers)

BOOST_AUTO_TEST_CASE(have_a_domain_status_in_lower_case) {
    world w;
    w.server->answer(200, envelope(R"({"id":"1","status":"active"})"));
    auto const got = w.run(es::domains{w.client, account_id}.get("1"));
    BOOST_TEST((got.value().status == es::domain_status::active));
    BOOST_TEST(got->status->text() == "ACTIVE");
}

BOOST_AUTO_TEST_CASE(have_jobs_with_fewer_counters) {
    mail_world w;
    w.server->answer(200, envelope(R"({"job_id":"j","status":"SKIPPED","messages_failed":1})"));
    auto const got = w.run(w.jobs.get("j"));
    BOOST_TEST(got.value().messages_skipped == 0);
    BOOST_TEST(es::count_not_done(*got) == 1);
    BOOST_TEST((got->status == es::bulk_status::skipped));
}

BOOST_AUTO_TEST_CASE(have_a_search_whose_ended_field_is_not_sent_again) {
    mail_world w;
    w.server->answer(200, envelope(R"({"job_id":"j","search_params":{"action_log":true,)"
                                   R"("sender":"s"}})"));
    auto const former = w.run(w.jobs.get("j")).value();
    w.server->answer(201, envelope(R"({"job_id":"k"})"));
    auto const again = es::new_bulk_job::release(former.search_params);
    BOOST_TEST(w.run(w.jobs.create(again)).has_value());
    BOOST_TEST(w.server->last() ==
               R"(POST /investigate/bulk {"action":"RELEASE","search_params":{"sender":"s"}})");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(waiting_for_a_job, mail_world)

BOOST_AUTO_TEST_CASE(looks_until_it_has_ended) {
    for (auto const* const status : {"PENDING", "DISCOVERING", "NEW", "PROCESSING"}) {
        server->answer(200, job(status));
    }
    server->answer(200, job("FAILED"));
    auto const got = run(jobs.wait("j", es::bulk_wait{}.interval(0ms)));
    BOOST_TEST(got.value().status.value().has_value());
    BOOST_TEST((got->status == es::bulk_status::failed));
    BOOST_TEST(server->is_used_up());
    BOOST_TEST(server->requests.size() == 5U);
}

BOOST_AUTO_TEST_CASE(gives_up_at_the_deadline) {
    server->answer(200, job("PENDING"));
    auto const got = run(jobs.wait("j", es::bulk_wait{}.interval(1h).timeout(0ms)));
    BOOST_TEST((got.error().code() == errc::timed_out));
    BOOST_TEST(got.error().detail() == "the job is still PENDING");
}

BOOST_AUTO_TEST_CASE(looks_once_more_at_the_deadline) {
    // A look that takes longer than the whole wait.
    server->on_request = [] {
        auto const end = std::chrono::steady_clock::now() + 2ms;
        while (std::chrono::steady_clock::now() < end) continue;
    };
    server->answer(200, job("PENDING"));
    server->answer(200, job("COMPLETED"));
    auto const got = run(jobs.wait("j", es::bulk_wait{}.interval(1h).timeout(1ms)));
    BOOST_TEST((got.value().status == es::bulk_status::completed));
}

BOOST_AUTO_TEST_CASE(ends_with_a_look_that_fails) {
    server->answer(404, R"({"success":false,"errors":[],"messages":[],"result":null})");
    auto const got = run(jobs.wait("j"));
    BOOST_TEST((got.error().code() == errc::not_found));
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_between_two_looks) {
    server->answer(200, job("PENDING"));
    boost::asio::cancellation_signal signal;
    std::optional<result<es::bulk_job>> got;
    boost::asio::co_spawn(
        context, jobs.wait("j", es::bulk_wait{}.interval(1h)),
        boost::asio::bind_cancellation_slot(
            signal.slot(), [&got](std::exception_ptr thrown, result<es::bulk_job> ended) {
                BOOST_TEST(!thrown);
                got = std::move(ended);
            }));
    while (server->requests.empty()) context.run_one();
    context.poll();
    BOOST_TEST(!got.has_value());
    signal.emit(boost::asio::cancellation_type::terminal);
    context.run();
    BOOST_TEST_REQUIRE(got.has_value());
    BOOST_TEST((got->error().code() == errc::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(former_names, world)

BOOST_AUTO_TEST_CASE(the_old_time_of_change_stands_in_for_the_new_one) {
    auto const changed = [this](std::string const& body) {
        server->answer(200, envelope(body));
        auto const got = run(es::trusted_domains{client, account_id}.get("1")).value();
        return got.modified_at ? to_string(*got.modified_at) : std::string{};
    };
    BOOST_TEST(changed(R"({"last_modified":"2001-01-01T00:00:00Z"})") ==
               "2001-01-01T00:00:00.000000Z");
    BOOST_TEST(
        changed(
            R"({"modified_at":"2002-01-01T00:00:00Z","last_modified":"2001-01-01T00:00:00Z"})") ==
        "2002-01-01T00:00:00.000000Z");
    BOOST_TEST(changed(R"({"last_modified":"2001-01-01T00:00:00Z","modified_at":null})") ==
               "2001-01-01T00:00:00.000000Z");
    BOOST_TEST(changed("{}") == "");
}

BOOST_AUTO_TEST_CASE(fields_know_that_they_are_deprecated) {
    std::string names;
    for (auto const& each : wire::fields_of<es::allow_policy>()) {
        if (each.is_deprecated) names += std::string{each.name} + ' ';
    }
    BOOST_TEST(names == "last_modified is_recipient is_sender is_spoof ");
    std::string of_domains;
    for (auto const& each : wire::fields_of<es::domain_entry>()) {
        if (each.is_deprecated) of_domains += std::string{each.name} + ' ';
    }
    BOOST_TEST(of_domains == "last_modified ");
}

BOOST_AUTO_TEST_CASE(a_lost_create_is_found_by_its_natural_key) {
    server->lose_answer();
    server->answer(200, envelope(R"([{"id":"0","domain":"b.example"},)"
                                 R"({"id":"1","domain":"A.example"}])"));
    es::sending_domain_restrictions where{client, account_id};
    auto const got = run(where.create(es::new_sending_domain_restriction{"a.example"}));
    BOOST_TEST(got.value().id == "1");
    BOOST_TEST(server->last() ==
               "GET /settings/sending_domain_restrictions?page=1&per_page=1000&order=created_at"
               "&direction=desc");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

template <class T>
concept has_a_batch = requires(T where) {
    where.batch({});
};
template <class T>
concept can_edit_in_a_batch = requires(T where, typename T::batch_request changes) {
    changes.edit("1", typename T::patch{});
};
template <class T>
concept can_replace = requires(T where) {
    where.replace("1", typename T::new_item{});
};

static_assert(has_a_batch<es::trusted_domains> && !has_a_batch<es::impersonation_registry>);
static_assert(can_edit_in_a_batch<es::url_ignore_patterns> &&
              !can_edit_in_a_batch<es::sending_domain_restrictions>);
static_assert(can_replace<es::block_senders> && !can_replace<es::content_policies> &&
              !can_replace<es::domains>);

}  // namespace
