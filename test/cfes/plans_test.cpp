// What a plan tells beside its changes, and plans that are saved.
#include "cfes/cfes.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <thread>

using namespace test;

BOOST_AUTO_TEST_SUITE(plans)

namespace {

std::string domains(int count) {
    std::string text;
    for (int i = 0; i != count; ++i) text += "d" + std::to_string(i) + ".example\n";
    return text;
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

std::int64_t number(json::value const& in, std::string_view name) {
    return in.at(name).to_number<std::int64_t>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(long_ones_are_cut_short) {
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"old.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"[owner:me]"},
        {"pattern":"d7.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"[owner:me]"}])");
    std::string text = "pattern,comments\n";
    for (int i = 0; i != 30; ++i) text += "d" + std::to_string(i) + ".example,\n";
    auto const feed = f.files.file("feed.csv", text + "d7.example,y\n");
    auto const arguments = std::vector<std::string>{
        "block-senders", "plan", feed, "--owner", "me", "--prune", "--max-delete-percent", "100"};
    auto const plan = f.run(arguments);
    BOOST_TEST(plan.status == 0, plan.err);
    // 20 of 29 creates and how many more, one update, one delete, the forecast, how the feed was
    // read, the place and the summary.
    BOOST_TEST(lines_in(plan.out) == 27, plan.out);
    BOOST_TEST(contains(plan.out, "\nread as csv: 30 entries, 1 repeated"), plan.out);
    BOOST_TEST(contains(plan.out, "\n+ … and 9 more (--all)\n~ d7.example"), plan.out);
    BOOST_TEST(contains(plan.out, "\n- old.example\n"), plan.out);
    BOOST_TEST(contains(plan.out, "\na sync takes 2 reads and 1 write, about 0:0"), plan.out);
    BOOST_TEST(plan.out.ends_with("\n29 to create, 1 to update, 1 to delete\n"), plan.out);
    auto all = arguments;
    all.push_back("--all");
    BOOST_TEST(lines_in(f.run(all).out) == 35);
}

BOOST_AUTO_TEST_CASE(changes_are_told_from_what_to_what) {
    fixture f;
    auto const before =
        f.files.file("before.csv", "pattern,comments\na.example,INC-1\nold.example,gone\n");
    BOOST_TEST_REQUIRE(f.run({"block-senders", "sync", before, "--owner", "me"}).status == 0);
    auto const feed =
        f.files.file("feed.csv", "pattern,comments\na.example,INC-2\nb@c.example,new\n");
    auto const saved = (f.files.path() / "plan.json").string();
    std::vector<std::string> const arguments{"block-senders", "plan", feed,
                                             "--owner",       "me",   "--prune"};
    auto with = [&](std::vector<std::string> const& more) {
        auto all = arguments;
        all.insert(all.end(), more.begin(), more.end());
        auto const ended = f.run(all);
        BOOST_TEST(ended.status == 0, ended.err);
        return ended.out;
    };
    auto const text = with({"--out", saved});
    constexpr auto changes =
        "+ b@c.example  EMAIL, comments: \"new\"\n"
        "~ a.example  comments: \"INC-1\" -> \"INC-2\"\n"
        "- old.example\n";
    BOOST_TEST(text.starts_with(changes), text);
    auto const document = json::parse(with({"-o", "json"}));
    auto const& all = document.at("changes").as_array();
    BOOST_TEST_REQUIRE(all.size() == 3U);
    BOOST_TEST(text_of(all[0].at("change")) == "create");
    BOOST_TEST(number(all[0], "line") == 3);
    BOOST_TEST(text_of(all[0].at("item").at("comments")) == "new");
    BOOST_TEST(text_of(all[1].at("before").at("comments")).starts_with("INC-1 [owner:me]"));
    BOOST_TEST(text_of(all[1].at("after").at("comments")).starts_with("INC-2 [owner:me]"));
    BOOST_TEST(!text_of(all[1].at("id")).empty());
    BOOST_TEST(text_of(all[2].at("before").at("comments")).starts_with("gone [owner:me]"));
    BOOST_TEST(number(document, "created") == 1);
    constexpr auto table =
        "| change | pattern | details |\n| --- | --- | --- |\n"
        "| create | b@c.example | EMAIL, comments: \"new\" |\n"
        "| update | a.example | comments: \"INC-1\" -> \"INC-2\" |\n"
        "| delete | old.example |  |\n";
    auto const request = "### block-senders: 1 to create, 1 to update, 1 to delete\n\nIn account " +
                         std::string{account} + ", at " + f.server.base_url() + ".\n\n" + table;
    BOOST_TEST(with({"-o", "markdown"}) == request);
    BOOST_TEST(lines_in(with({"-o", "csv", "--no-headers"})) == 3);
    BOOST_TEST(lines_in(with({"-o", "ids"})) == 2);

    // The same of the plan that was saved, without an account or the network.
    auto const show = [&saved](std::vector<std::string> more) {
        more.insert(more.begin(), {"show", saved});
        auto const ended = cfes(more);
        BOOST_TEST(ended.status == 0, ended.err);
        return ended.out;
    };
    auto const shown = show({});
    BOOST_TEST(shown.starts_with("plan for block_senders of the account " + std::string{account} +
                                 ", owner me, made at 2"),
               shown);
    BOOST_TEST(
        contains(shown, '\n' + std::string{changes} + "1 to create, 1 to update, 1 to delete\n"),
        shown);
    BOOST_TEST(show({"-o", "markdown"}) == request);
    BOOST_TEST(show({"-o", "csv"}) == with({"-o", "csv"}));
    auto const again = json::parse(show({"-o", "json"}));
    BOOST_CHECK(again.at("changes") == document.at("changes"));
    BOOST_TEST(text_of(again.at("account_id")) == account);

    for (auto const* const verb : {"sync", "plan"}) {
        auto const mistaken = f.run({"block-senders", verb, saved});
        BOOST_TEST(mistaken.status == 64);
        BOOST_TEST(contains(mistaken.err, "is a saved plan, not a feed"), mistaken.err);
    }
    BOOST_TEST(
        contains(f.run({"block-senders", "sync", saved}).err, "did you mean --plan " + saved));
    BOOST_TEST(cfes({"show", feed}).status == 64);
    BOOST_TEST(f.run({"block-senders", "sync", "--plan", saved}).status == 0);
    BOOST_TEST(contains(with({}), "\nNo changes.\n"));
}

BOOST_AUTO_TEST_CASE(what_left_the_feed_and_stays_is_told_in_every_form) {
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"gone.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"by hand [owner:me]"}])");
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto with = [&](std::string const& form) {
        auto const ended = f.run({"block-senders", "plan", feed, "--owner", "me", "--prune", "-o",
                                  form, "--columns", "change,pattern"});
        BOOST_TEST(ended.status == 0, ended.err);
        return ended.out;
    };
    auto const plan = f.run({"block-senders", "plan", feed, "--owner", "me", "--prune"});
    BOOST_TEST(contains(plan.out, "\n= gone.example  (left the feed, stays without"), plan.out);
    BOOST_TEST(contains(with("csv"), "\"unmark\",\"gone.example\"\n"));
    auto const document =
        f.run({"block-senders", "plan", feed, "--owner", "me", "--prune", "-o", "json"}).document();
    auto const& changes = document.at("changes").as_array();
    BOOST_REQUIRE(changes.size() == 2U);
    BOOST_TEST(text_of(changes[1].at("change")) == "unmark");
    BOOST_TEST(text_of(changes[1].at("pattern")) == "gone.example");
    BOOST_TEST(text_of(changes[1].at("before").at("comments")) == "by hand [owner:me]");
    BOOST_TEST(text_of(changes[1].at("after").at("comments")) == "by hand");
}

BOOST_AUTO_TEST_CASE(what_a_sync_would_refuse_is_shown) {
    fixture f;
    auto const ten = f.files.file("ten.txt", domains(10));
    BOOST_TEST(f.run({"block-senders", "sync", ten, "--owner", "me"}).status == 0);
    auto const two = f.files.file("two.txt", domains(2));
    auto const plan = f.run({"block-senders", "plan", two, "--owner", "me", "--prune"});
    BOOST_TEST(plan.status == 1);
    BOOST_TEST(contains(plan.out, "- d9.example\n"), plan.out);
    BOOST_TEST(plan.out.ends_with("0 to create, 0 to update, 8 to delete\n"), plan.out);
    BOOST_TEST(contains(plan.out, "\na sync refuses this: deleting 8 of 10"), plan.err);
    auto const request =
        f.run({"block-senders", "plan", two, "--owner", "me", "--prune", "-o", "markdown"});
    BOOST_TEST(contains(request.out, "\n**A sync refuses this:** deleting 8 of 10"), request.out);
    BOOST_TEST(contains(request.out, "\n| delete | d9.example |"), request.out);
    auto const report =
        f.run({"block-senders", "plan", two, "--owner", "me", "--prune", "-o", "json"});
    BOOST_TEST(report.document().at("changes").as_array().size() == 8U);
    auto const lines =
        f.run({"block-senders", "plan", two, "--owner", "me", "--prune", "-o", "jsonl"});
    BOOST_TEST(lines_in(lines.out) == 9);
    BOOST_TEST(contains(lines.out, "\n{\"failure\":\"deleting 8 of 10"), lines.out);
}

BOOST_AUTO_TEST_CASE(the_forecast_knows_the_quota) {
    // Three batches and a read: the second window has room for them, the first one is used up.
    fixture f{sim::options{}.request_quota(sim::quota{4, std::chrono::seconds{100}})};
    f.server.seed_block_senders(account, {"other.example"});
    auto const feed = f.files.file("feed.txt", domains(700));
    auto const arguments = std::vector<std::string>{
        "block-senders", "plan",  feed,       "--batch-size", "100",
        "--quota",       "4/100", "--output", "json",         "--no-protection"};
    auto const plan = f.run(arguments);
    BOOST_TEST(plan.status == 0, plan.err);
    auto const forecast = plan.document().at("forecast");
    BOOST_TEST(number(forecast, "reads") == 2);
    BOOST_TEST(number(forecast, "writes") == 7);
    BOOST_TEST(number(forecast, "quota") == 4);
    BOOST_TEST(number(forecast, "quota_left") == 3);
    // Three now, four in the next window, one in the one after it.
    BOOST_TEST(number(forecast, "duration_ms") >= 195'000);
    BOOST_TEST(number(forecast, "duration_ms") <= 210'000);
    BOOST_TEST(number(forecast, "waiting_ms") >= 190'000);
    auto const unchanged = f.files.file("same.txt", "other.example\n");
    auto const nothing = f.run({"block-senders", "plan", unchanged});
    BOOST_TEST(contains(nothing.out, "takes 1 read and 0 writes"), nothing.out);
}

BOOST_AUTO_TEST_CASE(repeated_and_covered_entries_are_told) {
    fixture f;
    auto const feed =
        f.files.file("feed.txt", "a.b.example\nb.example\nB.example\n8.8.8.8\n8.8.8.0/24\n");
    auto plan = f.run({"block-senders", "plan", feed});
    BOOST_TEST(plan.status == 0);
    BOOST_TEST(plan.out.ends_with("\n4 to create, 0 to update, 0 to delete\n"), plan.out);
    BOOST_TEST(contains(plan.err,
                        "2 lines: the first is covered by 'b.example' in line 2; "
                        "line 1: 'a.b.example', line 4: '8.8.8.8'\n"),
               plan.err);
    BOOST_TEST(contains(plan.err, "line 3: 'b.example' is in line 2 already\n"), plan.err);
    BOOST_TEST(contains(plan.err, "--drop-covered"), plan.err);

    plan = f.run({"block-senders", "plan", feed, "--drop-covered", "--output", "json"});
    auto const document = plan.document();
    BOOST_TEST(number(document, "created") == 2);
    BOOST_TEST(document.at("covered_dropped").as_bool());
    auto const& covered = document.at("covered").at(1);
    BOOST_TEST(number(covered, "line") == 4);
    BOOST_TEST(number(covered, "by_line") == 5);
    BOOST_TEST(covered.at("by_pattern").as_string() == "8.8.8.0/24");
    BOOST_TEST(number(document.at("repeated").at(0), "first_line") == 2);

    auto const sync = f.run({"block-senders", "sync", feed, "--drop-covered", "--output", "json"});
    BOOST_TEST(sync.status == 0);
    BOOST_TEST(number(sync.document(), "created") == 2);
    BOOST_TEST(sync.document().at("covered").as_array().size() == 2U);
    BOOST_TEST(f.server.patterns(account).size() == 2);
}

BOOST_AUTO_TEST_CASE(conflicts_of_both_lists) {
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([
        {"pattern":"partner.example","pattern_type":"DOMAIN","is_regex":false,
         "is_trusted_sender":true}])");
    auto const blocked = f.files.file("blocked.txt", "fine.example\nmail.partner.example\n");
    auto plan = f.run({"block-senders", "plan", blocked, "--check-conflicts"});
    BOOST_TEST(plan.status == 0, plan.err);
    BOOST_TEST(contains(plan.out,
                        "! 'mail.partner.example' is blocked, and an allow policy trusts "
                        "'partner.example' (line 2)\n1 conflict with allow policies\n"),
               plan.out);
    BOOST_TEST(f.run({"block-senders", "sync", blocked}).status == 0);

    auto const allowed = f.files.file("allowed.txt", "fine.example\nother.example\n");
    plan = f.run({"allow-policies", "plan", allowed, "--check-conflicts", "--is-trusted-sender",
                  "true", "--output", "json"});
    BOOST_TEST(plan.status == 0, plan.err);
    auto const conflicts = plan.document().at("conflicts").as_array();
    BOOST_REQUIRE(conflicts.size() == 1U);
    BOOST_TEST(conflicts[0].at("blocked").as_string() == "fine.example");
    BOOST_TEST(conflicts[0].at("overlap").as_string() == "same");
    BOOST_TEST(number(conflicts[0], "line") == 1);
    plan = f.run({"allow-policies", "plan", allowed, "--output", "json"});
    BOOST_TEST(!plan.document().as_object().contains("conflicts"));
}

BOOST_AUTO_TEST_CASE(what_is_there_twice_is_told_and_goes) {
    fixture f;
    auto const feed = f.files.file("feed.txt", domains(3));
    f.server.seed_block_senders(account, {"d0.example", "d1.example", "d2.example", "d0.example"});
    auto const plan = f.run({"block-senders", "plan", feed});
    BOOST_TEST(plan.status == 0);
    BOOST_TEST(contains(plan.out, "- d0.example  (it is there twice)\n"), plan.out);
    BOOST_TEST(plan.out.ends_with("\n0 to create, 0 to update, 1 to delete\n"), plan.out);
    BOOST_TEST(contains(plan.err, "'d0.example' is in the list twice: "), plan.err);
    auto const kept =
        f.run({"block-senders", "plan", feed, "--keep-duplicates", "--output", "json"}).document();
    BOOST_TEST(number(kept, "deleted") == 0);
    BOOST_REQUIRE(kept.at("duplicates").as_array().size() == 1U);
    BOOST_TEST(kept.at("duplicates").at(0).at("is_surplus").as_bool() == false);

    auto const sync = f.run({"block-senders", "sync", feed, "--output", "json"});
    BOOST_TEST(sync.status == 0, sync.err);
    BOOST_TEST(number(sync.document(), "deleted") == 1);
    BOOST_TEST(number(sync.document(), "unchanged") == 3);
    BOOST_TEST(f.server.patterns(account).size() == 3U);
}

BOOST_AUTO_TEST_CASE(conflicts_with_regular_expressions) {
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([
        {"pattern":".*@partner\\.example","pattern_type":"EMAIL","is_regex":true,
         "is_trusted_sender":true},
        {"pattern":"(?=a)b@x","pattern_type":"EMAIL","is_regex":true,"is_trusted_sender":true}])");
    auto const feed = f.files.file("feed.txt", "fine.example\na@partner.example\n");
    auto plan = f.run({"block-senders", "plan", feed, "--check-conflicts"});
    BOOST_TEST(contains(plan.out,
                        "! 'a@partner.example' is blocked, and an allow policy trusts "
                        "'.*@partner\\.example' (line 2)\n1 conflict with allow "
                        "policies, as far as regular expressions can be compared:\n"),
               plan.out);
    BOOST_TEST(contains(plan.out, "? '(?=a)b@x' has what only Java understands"), plan.out);
    BOOST_TEST(contains(plan.out, "by the address anyone@ alone\n"), plan.out);
    plan = f.run({"block-senders", "plan", feed, "--check-conflicts", "--output", "json"});
    BOOST_TEST(plan.document().at("not_compared").as_array().size() == 2U, plan.out);
}

BOOST_AUTO_TEST_CASE(a_program_can_read_why_one_is_refused) {
    fixture f;
    auto const ten = f.files.file("ten.txt", domains(10));
    BOOST_TEST(f.run({"block-senders", "sync", ten, "--owner", "me"}).status == 0);
    auto const two = f.files.file("two.txt", domains(2));
    auto const file = (f.files.path() / "report.json").string();
    auto result = f.run({"block-senders", "plan", two, "--owner", "me", "--prune", "--output",
                         "json", "--report", file});
    BOOST_TEST(result.status == 1);
    auto document = result.document();
    BOOST_TEST(contains(text_of(document.at("failure")), "deleting 8 of 10 entries"));
    BOOST_TEST(number(document, "deleted") == 8);
    BOOST_TEST(number(document, "unchanged") == 2);
    BOOST_TEST(lines_in(result.err) == 1, result.err);
    BOOST_CHECK(json::parse(read_file(file)) == document);

    // Before anything is sent.
    f.server.take_log();
    auto const empty = f.files.file("empty.txt", "# nothing\n");
    auto const bad = f.files.file("bad.txt", "nodot\n10.0.0.1\n");
    for (std::string const verb : {"plan", "sync"}) {
        result =
            f.run({"block-senders", verb, empty, "--owner", "me", "--prune", "--output", "json"});
        BOOST_TEST(result.status == 64);
        document = result.document();
        BOOST_TEST(contains(text_of(document.at("failure")), "the feed is empty"), document);
        for (auto const* const each : {"desired", "current", "created", "updated", "deleted",
                                       "unchanged", "requests", "retries", "elapsed_ms"}) {
            BOOST_TEST(number(document, each) == 0);
        }
        result = f.run({"block-senders", verb, bad, "--output", "json"});
        BOOST_TEST(result.status == 64);
        BOOST_TEST(result.document().at("rejected").as_array().size() == 2U);
        result = f.run({"block-senders", verb, ten, "--prune", "--output", "json"});
        BOOST_TEST(contains(text_of(result.document().at("failure")), "--prune needs an owner"));
        // Nor is an argument that cannot even be read one that a program has to guess.
        using arguments = std::vector<std::string>;
        for (auto const& wrong : {arguments{"--batch-size", "many"}, arguments{"--format", "xml"},
                                  arguments{"--timeout", "0"}, arguments{"--bogus"}}) {
            arguments all{"block-senders", verb, ten, "--output", "json"};
            all.insert(all.end(), wrong.begin(), wrong.end());
            result = f.run(all);
            BOOST_TEST(result.status == 64);
            BOOST_TEST(contains(text_of(result.document().at("failure")), wrong.front()),
                       result.out);
            BOOST_TEST(lines_in(result.err) == 1, result.err);
        }
        result = f.run({"block-senders", verb, "--output", "json"});
        BOOST_TEST(result.status == 64);
        BOOST_TEST(contains(text_of(result.document().at("failure")), "FEED"), result.out);
    }
    BOOST_TEST(f.server.take_log().empty());

    f.server.set_fault("GET:403@1");
    result = f.run({"block-senders", "plan", ten, "--output", "json"});
    BOOST_TEST(result.status == 4);
    BOOST_TEST(contains(text_of(result.document().at("failure")), "403"), result.out);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_is_applied_once_it_was_looked_at) {
    fixture f;
    f.server.seed_block_senders(account, {"d0.example"});
    auto const feed = f.files.file("feed.txt", domains(300) + "nodot\n");
    auto const saved = (f.files.path() / "plan.json").string();
    auto const plan =
        f.run({"block-senders", "plan", feed, "--owner", "me", "--out", saved, "--output", "json"});
    BOOST_TEST(plan.status == 3, plan.err);
    auto const text = read_file(saved);
    BOOST_TEST(json::parse(text).at("creates").as_array().size() == 299U);
    BOOST_TEST(!contains(text, token));
    BOOST_TEST(f.server.patterns(account).size() == 1);

    // The feed may be gone.
    std::filesystem::remove(feed);
    auto const sync = f.run({"block-senders", "sync", "--plan", saved, "--output", "json"});
    BOOST_TEST(sync.status == 3, sync.err);
    BOOST_TEST(number(sync.document(), "created") == 299);
    BOOST_TEST(number(sync.document(), "requests") == 3);
    BOOST_TEST(contains(sync.err, "line 301: 'nodot'"), sync.err);
    BOOST_TEST(contains(f.server.entries(account), "[owner:me]"));

    // It does not fit any more.
    auto const before = f.server.entries(account);
    auto const again = f.run({"block-senders", "sync", "--plan", saved});
    BOOST_TEST(again.status == 1);
    BOOST_TEST(contains(again.err, "299 of its changes do not fit any more"), again.err);
    BOOST_TEST(f.server.entries(account) == before);
    auto const resumed =
        f.run({"block-senders", "sync", "--plan", saved, "--resume", "--output", "json"});
    BOOST_TEST(number(resumed.document(), "created") == 0);
    BOOST_TEST(number(resumed.document(), "unchanged") == 300);
}

BOOST_AUTO_TEST_CASE(an_interrupted_plan_is_resumed) {
    fixture f{sim::options{}.fault("POST:hang#2")};
    auto const feed = f.files.file("feed.txt", domains(400));
    auto const saved = (f.files.path() / "plan.json").string();
    BOOST_TEST(f.run({"block-senders", "plan", feed, "--out", saved}).status == 0);
    auto arguments = f.with_ca({CFES, "block-senders", "sync", "--plan", saved, "--batch-size",
                                "100", "--connections", "1"});
    program sync{arguments, f.environment()};
    while (f.server.stats().faults == 0) std::this_thread::yield();
    sync.signal(SIGKILL);
    sync.read_all();
    sync.wait();
    BOOST_TEST(f.server.patterns(account).size() == 100);
    auto const resumed =
        f.run({"block-senders", "sync", "--plan", saved, "--resume", "--output", "json"});
    BOOST_TEST(resumed.status == 0, resumed.err);
    BOOST_TEST(number(resumed.document(), "created") == 300);
    BOOST_TEST(f.server.patterns(account).size() == 400);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_is_for_one_list_and_complete) {
    fixture f;
    auto const feed = f.files.file("feed.txt", domains(3));
    auto const saved = (f.files.path() / "plan.json").string();
    BOOST_TEST(f.run({"block-senders", "plan", feed, "--out", saved}).status == 0);
    f.server.take_log();
    struct refused {
        std::vector<std::string> arguments;
        std::string says;
    };
    for (auto const& [arguments, says] : {
             refused{{"allow-policies", "sync", "--plan", saved}, "'block_senders'"},
             refused{{"block-senders", "sync", "--plan", saved, "--account-id", "another"},
                     "for the account 0123"},
             refused{{"block-senders", "sync", "--plan", "/nonexistent"}, "/nonexistent"},
             refused{{"block-senders", "sync", "--plan", feed}, "not a saved plan"},
             refused{{"block-senders", "sync", feed, "--plan", saved}, "FEED does not go"},
             refused{{"block-senders", "sync", "--plan", saved, "--prune"}, "--prune does not go"},
             refused{{"block-senders", "sync", "--plan", saved, "--comments", "x"},
                     "--comments does not go"},
             refused{{"block-senders", "sync", feed, "--resume"}, "--plan"},
             refused{{"block-senders", "plan", feed, "--out", feed}, "would overwrite"},
             refused{{"block-senders", "plan", feed, "--out", "x", "--report", "x"}, "two files"},
         }) {
        auto const result = f.run(arguments);
        BOOST_TEST(result.status == 64, result.err);
        BOOST_TEST(result.out.empty(), result.out);
        BOOST_TEST(lines_in(result.err) == 1, result.err);
        BOOST_TEST(contains(result.err, says), result.err);
        // A line that cannot be understood has no document.
        if (arguments.back() == "--resume") continue;
        auto as_document = arguments;
        as_document.insert(as_document.end(), {"--output", "json"});
        auto const document = f.run(as_document).document();
        BOOST_TEST(contains(text_of(document.at("failure")), says), document);
    }
    BOOST_TEST(f.server.take_log().empty());

    // A plan that cannot be made leaves what was there.
    auto const old = f.files.file("old.json", "old");
    auto const few = f.files.file("few.txt", "d0.example\n");
    BOOST_TEST(f.run({"block-senders", "sync", feed, "--owner", "me"}).status == 0);
    BOOST_TEST(f.run({"block-senders", "plan", few, "--owner", "me", "--prune", "--max-delete", "0",
                      "--out", old})
                   .status == 1);
    BOOST_TEST(read_file(old) == "old");
}

BOOST_AUTO_TEST_SUITE_END()
