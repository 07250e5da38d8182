#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <thread>

using namespace test;

BOOST_AUTO_TEST_SUITE(feeds)

namespace {

std::string domains(int count) {
    std::string text;
    for (int i = 0; i != count; ++i) text += "d" + std::to_string(i) + ".example\n";
    return text;
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> all;
    for (int i = 0; i != count; ++i) all.push_back("d" + std::to_string(i) + ".example");
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(plan_sync_and_plan_again) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "# list\n" + domains(1200));
    auto plan = f.run({"block-senders", "plan", feed, "--detailed-exitcode"});
    BOOST_TEST(plan.status == 2, plan.err);
    BOOST_TEST(plan.out.starts_with("+ d0.example  DOMAIN\n"));
    BOOST_TEST(plan.out.ends_with("\n1200 to create, 0 to update, 0 to delete\n"));
    BOOST_TEST(f.server.patterns(account).empty());
    BOOST_TEST(f.run({"block-senders", "plan", feed}).status == 0);

    auto const report_file = (f.files.path() / "report.json").string();
    auto const sync =
        f.run({"block-senders", "sync", feed, "--output", "json", "--report", report_file});
    BOOST_TEST(sync.status == 0, sync.err);
    auto const report = sync.document();
    BOOST_TEST(report.at("desired").as_int64() == 1200);
    BOOST_TEST(report.at("current").as_int64() == 0);
    BOOST_TEST(report.at("created").as_int64() == 1200);
    // The list, two batches, and whether others wrote, too.
    BOOST_TEST(report.at("requests").as_int64() == 4);
    BOOST_TEST(report.at("retries").as_int64() == 0);
    BOOST_TEST(report.at("rejected").as_array().empty());
    BOOST_TEST(report.at("elapsed_ms").as_int64() >= 0);
    BOOST_TEST(report.at("left").as_int64() == 0);
    BOOST_TEST(!report.as_object().contains("failure"));
    BOOST_CHECK(json::parse(read_file(report_file)) == report);

    plan = f.run({"block-senders", "plan", feed, "--detailed-exitcode", "--output", "json"});
    BOOST_TEST(plan.status == 0);
    BOOST_TEST(plan.document().at("unchanged").as_int64() == 1200);
}

BOOST_AUTO_TEST_CASE(bad_lines_are_told_and_the_rest_goes) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\nnodot\n10.0.0.1\nb@c.example\n");
    auto const sync = f.run({"block-senders", "sync", feed, "--output", "json"});
    BOOST_TEST(sync.status == 3);
    auto const rejected = sync.document().at("rejected").as_array();
    BOOST_REQUIRE(rejected.size() == 2U);
    BOOST_TEST(rejected[0].at("line").as_int64() == 2);
    BOOST_TEST(rejected[0].at("pattern").as_string() == "nodot");
    BOOST_TEST(!rejected[0].at("reason").as_string().empty());
    BOOST_TEST(f.server.patterns(account).size() == 2);
}

BOOST_AUTO_TEST_CASE(a_feed_of_bad_lines_only_is_refused) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "nodot\n10.0.0.1\n");
    for (auto const* const verb : {"plan", "sync"}) {
        auto const refused = f.run({"block-senders", verb, feed, "--owner", "feed", "--prune",
                                    "--max-delete-percent", "100"});
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.out.empty(), refused.out);
        BOOST_TEST(lines_in(refused.err) == 3, refused.err);
        BOOST_TEST(refused.err.find("line 2: '10.0.0.1'") != std::string::npos, refused.err);
    }
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_report_is_replaced_only_by_a_whole_one) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto const old = f.files.file("report.json", "old");
    auto const refused = f.run({"block-senders", "sync", feed, "--report", feed});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find("--report") != std::string::npos, refused.err);
    BOOST_TEST(read_file(feed) == "a.example\n");

    // Refused after the arguments of the verb were found good.
    auto const sync = {"block-senders", "sync", feed.c_str(), "--report", old.c_str()};
    std::vector<std::string> arguments{sync.begin(), sync.end()};
    arguments.insert(arguments.end(), {"--token-file", "/nonexistent"});
    BOOST_TEST(f.run(arguments).status == 64);
    BOOST_TEST(read_file(old) == "old");

    // Written beside it first; nothing of the user's is in the way, and nothing is left.
    f.files.file("report.json.tmp", "precious");
    auto const count_files = [&f] {
        std::filesystem::directory_iterator const all{f.files.path()};
        return std::distance(begin(all), end(all));
    };
    auto const before = count_files();
    BOOST_TEST(f.run({sync.begin(), sync.end()}).status == 0);
    BOOST_TEST(json::parse(read_file(old)).at("created").as_int64() == 1);
    BOOST_TEST(read_file(old + ".tmp") == "precious");
    BOOST_TEST(count_files() == before);
    BOOST_TEST(f.run({"block-senders", "sync", feed, "--report", "/dev/null"}).status == 0);
    BOOST_TEST(std::filesystem::is_character_file("/dev/null"));
}

BOOST_AUTO_TEST_CASE(owner_and_prune) {
    fixture f;
    f.server.seed_block_senders(account, {"hand.example"});
    auto const run = [&f](int count, std::vector<std::string> more) {
        auto const feed = f.files.file("feed.txt", domains(count));
        more.insert(more.begin(), {"block-senders", "sync", feed, "--owner", "feed"});
        return f.run(std::move(more)).status;
    };
    BOOST_TEST(run(10, {}) == 0);
    BOOST_TEST(run(8, {"--prune"}) == 0);
    BOOST_TEST(f.server.patterns(account).size() == 9);
    BOOST_TEST(run(2, {"--prune"}) == 1);
    BOOST_TEST(run(2, {"--prune", "--max-delete-percent", "90"}) == 0);
    BOOST_TEST(run(0, {"--prune"}) == 64);
    BOOST_TEST(run(0, {"--prune", "--force"}) == 64);
    BOOST_TEST(f.server.patterns(account).size() == 3);
    BOOST_TEST(run(0, {"--prune", "--allow-empty"}) == 0);
    BOOST_TEST(f.server.patterns(account).size() == 1);
}

BOOST_DATA_TEST_CASE(what_is_exported_is_synced_back_unchanged,
                     boost::unit_test::data::make({"csv", "jsonl"}), format) {
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true,
         "verify_sender":false,"is_acceptable_sender":false,"is_exempt_recipient":false,
         "comments":"x, \"y\"\nz"},
        {"pattern":".*@b\\.example","pattern_type":"EMAIL","is_regex":true,"is_trusted_sender":false,
         "verify_sender":true,"is_acceptable_sender":true,"is_exempt_recipient":false}])");
    auto const exported = f.run({"allow-policies", "export", "--format", format});
    BOOST_TEST(exported.status == 0, exported.err);
    auto const feed = f.files.file(std::string{"feed."} + format, exported.out);
    auto const same = f.run({"allow-policies", "plan", feed, "--detailed-exitcode"});
    BOOST_TEST(same.status == 0, same.out);

    if (std::string_view{format} == "csv") {
        // As a spreadsheet saves it where commas are for decimals.
        auto text = exported.out;
        for (auto const& [from, to] :
             {std::pair{"x, ", "x; "}, {",", ";"}, {"true", "TRUE"}, {"false", "FALSE"}}) {
            for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
                text.replace(at, std::string_view{from}.size(), to);
            }
        }
        for (std::size_t at = 0; (at = text.find("x; ", at)) != std::string::npos;)
            text[at + 1] = ',';
        auto const saved = f.files.file("saved.csv", "\xEF\xBB\xBF" + text);
        auto const unchanged = f.run({"allow-policies", "plan", saved, "--detailed-exitcode"});
        BOOST_TEST(unchanged.status == 0, unchanged.out + unchanged.err);
    }

    auto const elsewhere = f.run({"allow-policies", "sync", feed, "--account-id", "other"});
    BOOST_TEST(elsewhere.status == 0, elsewhere.err);
    auto const again =
        f.run({"allow-policies", "export", "--format", format, "--account-id", "other"});
    BOOST_TEST(again.out == exported.out);
}

BOOST_AUTO_TEST_CASE(exports_text_and_a_document) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example", "b@c.example", "8.8.8.8"});
    auto const text = f.run({"block-senders", "export", "--format", "text"});
    BOOST_TEST(text.out == "a.example\nb@c.example\n8.8.8.8\n");
    auto const all = f.run({"block-senders", "export", "--output", "json"});
    BOOST_TEST(all.document().as_array().size() == 3U);
    f.server.seed_entries(account, "block_senders",
                          R"([{"pattern":".*","pattern_type":"DOMAIN","is_regex":true}])");
    auto const partly = f.run({"block-senders", "export", "--format", "text"});
    BOOST_TEST(partly.status == 3);
    BOOST_TEST(partly.out == text.out);
    BOOST_TEST(lines_in(partly.err) == 1, partly.err);
}

BOOST_AUTO_TEST_CASE(the_form_and_what_is_held_back_are_told) {
    fixture f;
    f.server.seed_entries(account, "domains",
                          R"([{"domain":"corp.example","allowed_delivery_modes":["DIRECT"]}])");
    auto const own = f.files.file("own.txt", "partner.example\n");
    auto const feed = f.files.file("feed",
                                   "0.0.0.0 a.example gmail.com\n0.0.0.0 mail.corp.example\n"
                                   "0.0.0.0 partner.example co.uk\n");
    auto const plan = f.run({"block-senders", "plan", feed, "--protect", own});
    BOOST_TEST(plan.status == 0, plan.err);
    BOOST_TEST(plan.out.find("read as hosts: 1 entry, 4 held back") != std::string::npos, plan.out);
    BOOST_TEST(plan.err.find("--no-protection") != std::string::npos, plan.err);
    auto const report =
        f.run({"block-senders", "sync", feed, "--protect", own, "--output", "json"}).document();
    BOOST_TEST(report.at("read_as").as_string() == "hosts");
    std::vector<std::string> held;
    for (auto const& each : report.at("held_back").as_array()) {
        held.emplace_back(each.at("pattern").as_string());
        BOOST_TEST(!each.at("reason").as_string().empty());
    }
    std::ranges::sort(held);
    BOOST_TEST(held == (std::vector<std::string>{"co.uk", "gmail.com", "mail.corp.example",
                                                 "partner.example"}),
               boost::test_tools::per_element());
    BOOST_TEST(f.server.patterns(account) == std::vector<std::string>{"a.example"},
               boost::test_tools::per_element());
    auto const all = f.run({"block-senders", "sync", feed, "--no-protection", "--allow-wide"});
    BOOST_TEST(all.status == 0, all.err);
    BOOST_TEST(f.server.patterns(account).size() == 5U);
}

BOOST_AUTO_TEST_CASE(each_guard_names_its_option) {
    fixture f;
    auto const refuse = [&f](std::string const& text, std::vector<std::string> more,
                             std::string const& option, int status) {
        auto const feed = f.files.file("feed", text);
        for (auto const* const verb : {"plan", "sync"}) {
            auto arguments = more;
            arguments.insert(arguments.begin(), {"block-senders", verb, feed});
            auto const refused = f.run(arguments);
            BOOST_TEST(refused.status == status, refused.err);
            BOOST_TEST(refused.err.find(option) != std::string::npos, refused.err);
        }
    };
    std::string bad;
    for (int i = 0; i != 10; ++i) bad += "no name\n";
    refuse(domains(30) + bad, {}, "--max-rejected-percent", 64);
    refuse(domains(3), {"--min-entries", "4"}, "--min-entries", 64);
    refuse("# nothing\n", {"--owner", "x", "--prune"}, "--allow-empty", 64);
    refuse("# nothing\n", {}, "it has notes only", 64);
    refuse("a.example OK\nb.example permit\n", {}, "2 excepted from being blocked", 64);
    refuse("gmail.com\nno name\n", {}, "1 rejected, 1 held back", 64);
    refuse("a.example", {"--owner", "x", "--prune"}, "--allow-cut", 64);
    refuse("a.example\n", {"--expect-sha256", std::string(64, '0')}, "SHA-256", 64);
    refuse("<html><body>a.example\n", {"--format", "text"}, "error page", 64);
    refuse("ioc\tx\na.example\ty\n", {}, "--column pattern=", 64);
    refuse("a.example\n", {"--column", "patern=x"}, "'patern'", 64);
    refuse(domains(5), {"--max-create", "4"}, "--max-create", 1);
    BOOST_TEST(f.server.patterns(account).empty());
    // One cause is reported once.
    auto const feed = f.files.file("feed", domains(30) + bad);
    auto const once = f.run({"block-senders", "plan", feed});
    BOOST_TEST(once.err.find("10 lines: each has more than one word") != std::string::npos,
               once.err);
    BOOST_TEST(lines_in(once.err) == 2, once.err);
    BOOST_TEST(f.run({"block-senders", "plan", feed, "--max-rejected-percent", "25"}).status == 3);
}

BOOST_AUTO_TEST_CASE(one_cause_is_told_once_whatever_numbers_and_names_it_has) {
    fixture f;
    std::string table = "pattern,comments\n" + std::string{"a.example,x\n"};
    std::string repeated;
    std::string covered;
    for (int i = 0; i != 40; ++i) {
        auto const name = "d" + std::to_string(i) + ".example";
        table += name + std::string(static_cast<std::size_t>(2 + i % 4), ',') + '\n';
        repeated += name + '\n' + name + '\n';
        covered += name + "\nx." + name + '\n';
    }
    for (auto const& text : {table, repeated, covered}) {
        auto const feed = f.files.file("feed", text);
        auto const plan = f.run({"block-senders", "plan", feed, "--max-rejected-percent", "100"});
        BOOST_TEST(plan.err.find("40 lines: the first ") != std::string::npos, plan.err);
        BOOST_TEST(lines_in(plan.err) <= 2, plan.err);
    }
    // So is a feed that was cut.
    auto const cut = f.files.file("cut", "a.example\nb.example");
    auto const refused = f.run({"block-senders", "plan", cut, "--owner", "x", "--prune"});
    BOOST_TEST(lines_in(refused.err) == 1, refused.err);
}

BOOST_AUTO_TEST_CASE(messages_are_plain) {
    fixture f;
    auto const one = f.files.file("feed", "a.example # x\n# y\n");
    auto const plan = f.run({"block-senders", "plan", one});
    BOOST_TEST(plan.out.find("1 entry, 1 note\n") != std::string::npos, plan.out);
    auto const refused = f.run({"block-senders", "plan", one, "--max-create", "0"});
    BOOST_TEST(refused.err.starts_with("cfes: creating 1 entry is more than"), refused.err);
    for (auto const* const option :
         {"--max-delete-percent", "--max-rejected-percent", "--max-create", "--batch-size"}) {
        for (auto const* const wrong : {"x", "1.5", "", "99999999999999999999"}) {
            auto const usage = f.run({"block-senders", "plan", one, option, wrong});
            BOOST_TEST(usage.status == 64, usage.err);
            BOOST_TEST(usage.err.find(option) != std::string::npos, usage.err);
            BOOST_TEST(usage.err.find("must be a whole number from") != std::string::npos,
                       usage.err);
        }
    }
    std::string header = "pattern";
    std::string cells = "a.example";
    for (int i = 0; i != 40; ++i) {
        header += ",column" + std::to_string(i);
        cells += ",x";
    }
    auto const wide = f.files.file("wide", header + '\n' + cells + '\n');
    auto const unused = f.run({"block-senders", "plan", wide});
    BOOST_TEST(unused.err.find("'column0' (1)") != std::string::npos, unused.err);
    BOOST_TEST(unused.err.find(" more\n") != std::string::npos, unused.err);
    auto const unread = f.files.file("unread", std::string{"a.example\nb\0c.example\n", 22});
    auto const kept = f.run({"block-senders", "plan", unread, "--owner", "x", "--prune"});
    BOOST_TEST(kept.err.find("nothing is deleted, as a line of the feed cannot be read\n") !=
                   std::string::npos,
               kept.err);
}

BOOST_AUTO_TEST_CASE(a_feed_with_the_expected_hash_is_whole) {
    fixture f;
    // printf 'a.example' | sha256sum
    auto const feed = f.files.file("feed", "a.example");
    auto const sync =
        f.run({"block-senders", "sync", feed, "--owner", "x", "--prune", "--expect-sha256",
               "B8E7453371A024DAAE06F3164492C0AFCDE134C7747C155B3D83C20DE341E855"});
    BOOST_TEST(sync.status == 0, sync.err);
    BOOST_TEST(f.server.patterns(account).size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_export_has_no_formulas_and_comes_back_the_same) {
    fixture f;
    // With what a spreadsheet evaluates, and with what looks as if it was made harmless already.
    std::vector<std::string> const comments{"=1+1",    "=cmd|'/C calc'!A0",
                                            "+1",      "-1",
                                            "@SUM(1)", "\t=1",
                                            "\n=1",    "\uFF1D1",
                                            " =1",     "'=1",
                                            "''=1",    "'",
                                            "''",      "'x",
                                            "x=1",     "x'",
                                            "' =1",    "'\uFF20"};
    json::array entries;
    for (std::size_t i = 0; i != comments.size(); ++i) {
        entries.push_back({{"pattern", "d" + std::to_string(i) + ".example"},
                           {"pattern_type", "DOMAIN"},
                           {"is_regex", false},
                           {"comments", comments[i]}});
    }
    entries.push_back(
        {{"pattern", "+1@evil.example"}, {"pattern_type", "EMAIL"}, {"is_regex", false}});
    entries.push_back({{"pattern", "=.*"}, {"pattern_type", "EMAIL"}, {"is_regex", true}});
    entries.push_back({{"pattern", "'@.*"}, {"pattern_type", "EMAIL"}, {"is_regex", true}});
    f.server.seed_entries(account, "block_senders", json::serialize(entries));

    auto const exported = f.run({"block-senders", "export", "--format", "csv"});
    BOOST_TEST(exported.status == 0);
    BOOST_TEST(exported.err.empty(), exported.err);
    for (std::string const begin : {"=", "+", "-", "@", "\t", "\uFF1D", " "}) {
        BOOST_TEST(exported.out.find('"' + begin) == std::string::npos, begin);
    }
    BOOST_TEST(exported.out.find("\"'\n=1\"") != std::string::npos, exported.out);
    BOOST_TEST(exported.out.find("\"'=1+1\"") != std::string::npos, exported.out);
    BOOST_TEST(exported.out.find("\"''=1\"") != std::string::npos, exported.out);
    BOOST_TEST(exported.out.find("\"'x\"") != std::string::npos, exported.out);

    auto const feed = f.files.file("feed.csv", exported.out);
    auto const same = f.run({"block-senders", "plan", feed, "--detailed-exitcode"});
    BOOST_TEST(same.status == 0, same.out + same.err);
    BOOST_TEST(f.run({"block-senders", "sync", feed, "--account-id", "other"}).status == 0);
    auto const list = [&f](std::string const& of) {
        return f.run({"block-senders", "export", "--account-id", of}).out;
    };
    BOOST_TEST(list("other") == list(account));
}

BOOST_AUTO_TEST_CASE(an_export_has_no_marks) {
    fixture f;
    auto const feed = f.files.file("feed.csv", "pattern,comments\na.example,x\nb.example,\n");
    BOOST_TEST(f.run({"block-senders", "sync", feed, "--owner", "corp"}).status == 0);
    for (auto const* const format : {"csv", "jsonl"}) {
        auto const exported = f.run({"block-senders", "export", "--format", format});
        BOOST_TEST(exported.out.find("[owner:") == std::string::npos, exported.out);
        auto const again = f.files.file("again", exported.out);
        auto const plan = f.run({"block-senders", "plan", again, "--detailed-exitcode"});
        BOOST_TEST(plan.status == 0, plan.out);
    }
}

BOOST_AUTO_TEST_CASE(progress_goes_to_stderr_in_lines) {
    fixture f;
    auto const feed = f.files.file("feed.txt", domains(300));
    auto const sync = f.run({"block-senders", "sync", feed, "--progress", "always", "--batch-size",
                             "100", "--output", "json"});
    BOOST_TEST(sync.document().at("created").as_int64() == 300);
    BOOST_TEST(lines_in(sync.err) == 4, sync.err);
    BOOST_TEST(sync.err.find("300/300 100%") != std::string::npos, sync.err);
    BOOST_TEST(f.run({"block-senders", "sync", feed}).err.empty());
}

BOOST_AUTO_TEST_CASE(reading_the_list_is_told_too) {
    fixture f;
    auto const all = domains(2500);
    auto const feed = f.files.file("feed.txt", all);
    BOOST_TEST(f.run({"block-senders", "sync", feed}).status == 0);
    auto const plan =
        f.run({"block-senders", "plan", feed, "--progress", "always", "--connections", "1"});
    BOOST_TEST(plan.err.starts_with("reading the list: 1000/2500 40%  ETA 0:0"), plan.err);
    BOOST_TEST(plan.err.find("reading the list: 2500/2500 100%  done") != std::string::npos,
               plan.err);
    BOOST_TEST(lines_in(plan.err) == 3, plan.err);
}

BOOST_AUTO_TEST_CASE(waiting_for_the_quota_is_told_while_the_list_is_read) {
    // Two pages fit into the window, and the third has to wait for the next one.
    fixture f{sim::options{}.request_quota(sim::quota{2, std::chrono::seconds{3}})};
    f.server.seed_block_senders(account, numbered(2500));
    auto const feed = f.files.file("feed.txt", domains(1));
    auto const plan = f.run({"block-senders", "plan", feed, "--progress", "always",
                             "--no-protection", "--quota", "2/3", "--connections", "1"});
    BOOST_TEST(plan.status == 0, plan.err);
    auto const waiting = plan.err.find(", waiting for the quota  ");
    BOOST_REQUIRE_MESSAGE(waiting != std::string::npos, plan.err);
    auto const told = plan.err.substr(0, waiting);
    BOOST_TEST(told.substr(told.rfind('\n') + 1).starts_with("reading the list: "), plan.err);
    BOOST_TEST(told.ends_with("/2500 64%  ETA 0:04"), plan.err);
}

BOOST_AUTO_TEST_CASE(the_estimate_counts_windows_and_batches) {
    // The list and a batch fit in the first window; three batches need two more, too far away.
    fixture f{sim::options{}.request_quota(sim::quota{2, std::chrono::seconds{1000}})};
    auto const feed = f.files.file("feed.txt", domains(400));
    auto const sync = f.run({"block-senders", "sync", feed, "--progress", "always", "--batch-size",
                             "100", "--no-protection", "--quota", "2/1000"});
    BOOST_TEST(sync.status == 75);
    BOOST_TEST(sync.err.find("100/400 25%") != std::string::npos, sync.err);
    BOOST_TEST(sync.err.find("ETA 33:") != std::string::npos, sync.err);
}

BOOST_AUTO_TEST_CASE(a_quota_is_kept_to) {
    // Four requests fit in the window and five are needed: the client knows and waits.
    fixture f{sim::options{}.request_quota(sim::quota{4, std::chrono::seconds{1}})};
    auto const feed = f.files.file("feed.txt", domains(400));
    auto const sync = f.run({"block-senders", "sync", feed, "--batch-size", "100",
                             "--no-protection", "--quota", "4/1", "--output", "json"});
    BOOST_TEST(sync.status == 0, sync.err);
    BOOST_TEST(f.server.stats().refused_by_quota == 0U);
    BOOST_TEST(f.server.patterns(account).size() == 400);
}

BOOST_AUTO_TEST_CASE(interrupted_it_reports_what_was_done) {
    fixture f{sim::options{}.fault("POST:hang#3")};
    auto const feed = f.files.file("feed.txt", domains(400));
    auto arguments = f.with_ca({CFES, "block-senders", "sync", feed, "--batch-size", "100",
                                "--connections", "1", "--output", "json"});
    program sync{arguments, f.environment()};
    // Two batches are done when the third, which hangs, is there.
    while (f.server.stats().faults == 0) std::this_thread::yield();
    sync.signal(SIGINT);
    ended result;
    result.out = sync.read_all();
    result.status = sync.wait();
    result.err = sync.errors();
    BOOST_TEST(result.status == -SIGINT);
    BOOST_TEST(result.document().at("created").as_int64() == 200);
    BOOST_TEST(result.document().at("unknown").as_int64() == 100);
    BOOST_TEST(result.document().at("left").as_int64() == 100);
    BOOST_TEST(!result.document().at("failure").as_string().empty());
    BOOST_TEST(lines_in(result.err) == 1, result.err);
    BOOST_TEST(f.run({"block-senders", "sync", feed}).status == 0);
    BOOST_TEST(f.server.patterns(account).size() == 400);
}

BOOST_AUTO_TEST_SUITE_END()
