#include "cfes/cfes.hpp"
#include "support/list_contents.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

/// What syncs write down, and what brings back what was there.
BOOST_AUTO_TEST_SUITE(journals)

namespace {

using words = std::vector<std::string>;

struct journal_fixture : fixture {
    explicit journal_fixture(sim::options options = {})
        : fixture{std::move(options.request_quota(std::nullopt))} {
        server.seed_entries(account, "block_senders", R"([
            {"pattern":"hand.example","pattern_type":"DOMAIN","is_regex":false,
             "comments":"by hand"}])");
    }

    program::environment environment() const {
        auto variables = fixture::environment();
        variables["XDG_STATE_HOME"] = files.path().string();
        return variables;
    }
    /// Also checks that no token is shown, nor written down.
    ended run(words arguments) const {
        auto const result = cfes(with_ca(std::move(arguments)), environment());
        BOOST_TEST((result.out + result.err).find(token) == std::string::npos);
        return result;
    }
    ended sync(std::string const& feed, words const& more = {}) const {
        words all{"block-senders",        "sync", feed, "--owner", "me", "--prune",
                  "--max-delete-percent", "100"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }
    json::array history(words const& more = {}) const {
        words all{"block-senders", "history", "--output", "json"};
        all.insert(all.end(), more.begin(), more.end());
        auto const result = run(all);
        BOOST_TEST_REQUIRE(result.status == 0, result.err);
        return result.document().as_array();
    }
    /// The journal of the last run that left one.
    std::string last_journal() const {
        auto const all = history();
        BOOST_REQUIRE(!all.empty());
        return text_of(all.back().at("path"));
    }
    std::vector<std::string> contents() const { return contents_of(server.entries(account)); }

    /// A feed that changes with its number: of 60 entries 20 come and 20 go each time, and of what
    /// stays, some is edited.
    std::string feed(int number) const {
        std::string text = "pattern,comments\n";
        for (int i = 0; i != 60; ++i) {
            auto const entry = 20 * number + i;
            auto const note = entry % 2 == 0 ? "note" : "note " + std::to_string(number);
            text += "d" + std::to_string(entry) + ".example," + note + '\n';
        }
        return files.file("feed" + std::to_string(number) + ".csv", text);
    }

    /// Runs the command, and kills it once the server has kept an answer back.
    void kill_at(int request, std::string const& kind, words const& arguments) {
        auto all = with_ca(arguments);
        all.insert(all.begin(), CFES);
        auto const faults = server.stats().faults;
        server.set_fault(kind + '#' + std::to_string(request));
        program killed{all, environment()};
        while (server.stats().faults == faults) std::this_thread::yield();
        killed.signal(SIGKILL);
        BOOST_TEST(killed.wait() == -SIGKILL);
        server.set_fault("");
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(where_it_is_is_told) {
    journal_fixture f;
    auto const text = f.sync(f.feed(0));
    BOOST_TEST(text.status == 0, text.err);
    auto const path = f.last_journal();
    BOOST_TEST(text.out.ends_with("\njournal: " + path + '\n'), text.out);
    BOOST_TEST(fs::path{path}.parent_path() == f.files.path() / "cfes");
    BOOST_TEST(read_file(path).find(token) == std::string::npos);

    auto const directory = f.files.path() / "mine";
    auto const report = (f.files.path() / "report").string();
    auto const as_json = f.sync(
        f.feed(1), {"--output", "json", "--journal", directory.string(), "--report", report});
    BOOST_TEST(as_json.status == 0, as_json.err);
    auto const named = text_of(as_json.document().at("journal"));
    BOOST_TEST(fs::path{named}.parent_path() == directory);
    BOOST_TEST(read_file(report) == as_json.out);
    BOOST_TEST(f.history({"--journal", directory.string()}).size() == 1U);
    BOOST_TEST(f.history().size() == 1U);

    // Nothing is changed, or nothing is to be kept.
    auto const same = f.sync(f.feed(1), {"--output", "json"});
    BOOST_TEST(!same.document().as_object().contains("journal"));
    auto const without = f.sync(f.feed(2), {"--output", "json", "--no-journal"});
    BOOST_TEST(without.status == 0, without.err);
    BOOST_TEST(!without.document().as_object().contains("journal"));
    BOOST_TEST(f.history().size() == 1U);
    BOOST_TEST(f.sync(f.feed(0), {"--no-journal", "--journal", "x"}).status == 64);
}

BOOST_AUTO_TEST_CASE(undo_brings_back_what_was_there_and_is_undone_in_turn) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const before = f.contents();
    BOOST_REQUIRE(f.sync(f.feed(1)).status == 0);
    auto const after = f.contents();
    auto const journal = f.last_journal();

    auto const plan = f.run({"block-senders", "undo", journal, "--plan"});
    BOOST_TEST(plan.status == 0, plan.err);
    BOOST_TEST(plan.out.starts_with("+ d0.example  DOMAIN"), plan.out);
    BOOST_TEST(
        plan.out.find("\n~ d21.example  comments: \"note 1\" -> \"note 0\"\n") != std::string::npos,
        plan.out);
    BOOST_TEST(plan.out.ends_with("20 to create, 20 to update, 20 to delete\n"), plan.out);
    auto const counts = f.document({"block-senders", "undo", journal, "--plan"});
    BOOST_TEST(counts.at("created").as_int64() == 20);
    BOOST_CHECK(f.contents() == after);
    BOOST_TEST(f.history().size() == 2U);

    auto const undone = f.run({"block-senders", "undo", journal});
    BOOST_TEST(undone.status == 0, undone.err);
    BOOST_TEST(undone.out.starts_with("20 created, 20 updated, 20 deleted, 0 unchanged"),
               undone.out);
    BOOST_TEST(undone.out.find("60 in the journal, ") != std::string::npos, undone.out);
    BOOST_CHECK(f.contents() == before);

    auto const second = f.last_journal();
    BOOST_TEST(second != journal);
    BOOST_TEST(undone.out.ends_with("journal: " + second + '\n'), undone.out);
    BOOST_TEST(f.run({"block-senders", "undo", second}).status == 0);
    BOOST_CHECK(f.contents() == after);
}

BOOST_AUTO_TEST_CASE(an_applied_plan_is_undone) {
    journal_fixture f;
    auto const before = f.contents();
    auto const plan = (f.files.path() / "plan.json").string();
    BOOST_REQUIRE(
        f.run({"block-senders", "plan", f.feed(0), "--owner", "me", "--out", plan}).status == 0);
    BOOST_REQUIRE(f.run({"block-senders", "sync", "--plan", plan}).status == 0);
    auto const all = f.history();
    BOOST_REQUIRE(all.size() == 1U);
    BOOST_TEST(text_of(all[0].at("operation")) == "apply");
    BOOST_TEST(text_of(all[0].at("owner")) == "me");
    BOOST_TEST(f.run({"block-senders", "undo", f.last_journal()}).status == 0);
    BOOST_CHECK(f.contents() == before);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_is_undone_without_a_journal) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const before = f.contents();
    auto const plan = (f.files.path() / "plan.json").string();
    BOOST_REQUIRE(f.run({"block-senders", "plan", f.feed(1), "--owner", "me", "--prune",
                         "--max-delete-percent", "100", "--out", plan})
                      .status == 0);
    auto const nothing = f.run({"block-senders", "undo", plan, "--plan"});
    BOOST_TEST(nothing.status == 0, nothing.err);
    BOOST_TEST(nothing.out.ends_with("No changes.\n"), nothing.out);
    BOOST_REQUIRE(f.run({"block-senders", "sync", "--plan", plan, "--no-journal"}).status == 0);
    BOOST_CHECK(f.contents() != before);
    auto const undone = f.run({"block-senders", "undo", plan});
    BOOST_TEST(undone.status == 0, undone.err);
    BOOST_TEST(undone.out.starts_with("20 created, 20 updated, 20 deleted"), undone.out);
    BOOST_CHECK(f.contents() == before);
    BOOST_TEST(f.run({"allow-policies", "undo", plan}).status == 64);
}

BOOST_AUTO_TEST_CASE(what_somebody_has_changed_since_is_left_and_told) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const journal = f.last_journal();
    auto const list = f.document({"block-senders", "list", "--pattern", "d7.example"});
    auto const id = text_of(list.at(0).at("id"));
    BOOST_REQUIRE(f.run({"block-senders", "edit", id, "--comments", "mine"}).status == 0);
    for (words const& how : {words{"--plan"}, words{}}) {
        words all{"block-senders", "undo", journal};
        all.insert(all.end(), how.begin(), how.end());
        auto const undone = f.run(all);
        BOOST_TEST(undone.status == 3);
        BOOST_TEST(undone.err == "cfes: 'd7.example' was changed since it was created, and stays\n",
                   undone.err);
    }
    BOOST_TEST(f.server.patterns(account) == (words{"hand.example", "d7.example"}),
               boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(killed_at_any_request_it_is_undone_and_done_again,
                     data::make({"hang", "hang-after"}) * data::make({false, true}), kind,
                     refuses_duplicates) {
    auto const manner = refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept;
    journal_fixture f{sim::options{}.on_duplicate(manner)};
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    // A page to read, and 4 batches; what the protection reads comes first.
    auto const requests_before = f.server.stats().requests;
    BOOST_REQUIRE(f.sync(f.feed(1), {"--batch-size", "5"}).status == 0);
    auto const requests = static_cast<int>(f.server.stats().requests - requests_before);
    BOOST_REQUIRE(requests >= 5);
    int number = 1;
    for (int request = 1; request <= requests; ++request) {
        BOOST_TEST_CONTEXT("at request " << request) {
            auto const before = f.contents();
            auto const journals = f.history().size();
            auto const feed = f.feed(++number);
            f.kill_at(request, kind,
                      {"block-senders", "sync", feed, "--owner", "me", "--prune", "--batch-size",
                       "5", "--max-delete-percent", "100"});
            auto const all = f.history();
            if (all.size() > journals) {
                BOOST_TEST(!all.back().at("has_ended").as_bool());
                auto const undone =
                    f.run({"block-senders", "undo", text_of(all.back().at("path"))});
                BOOST_TEST(undone.status == 0, undone.err);
            }
            BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
            BOOST_TEST(f.sync(feed).status == 0);
            BOOST_TEST(f.server.patterns(account).size() == 61U);
            auto const again = f.sync(feed, {"--output", "json"}).document();
            BOOST_TEST(again.at("unchanged").as_int64() == 60);
            BOOST_TEST(again.at("duplicates").as_array().empty());
        }
    }
}

BOOST_DATA_TEST_CASE(several_are_undone_the_last_one_first, data::make({"hang", "hang-after"}),
                     kind) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const before = f.contents();
    auto const first = f.history().size();
    auto const feed = f.feed(1);
    // Some batches are done, one is of unknown outcome, and the next sync does the rest.
    f.kill_at(2, std::string{"POST:"} + kind,
              {"block-senders", "sync", feed, "--owner", "me", "--prune", "--batch-size", "5",
               "--max-delete-percent", "100", "--connections", "1"});
    BOOST_REQUIRE(f.sync(feed).status == 0);
    BOOST_REQUIRE(f.sync(f.feed(2)).status == 0);
    auto const all = f.history();
    BOOST_REQUIRE(all.size() == first + 3);
    for (auto each = all.size(); each > first; --each) {
        auto const undone = f.run({"block-senders", "undo", text_of(all[each - 1].at("path"))});
        BOOST_TEST(undone.status == 0, undone.err);
    }
    BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(an_undo_that_was_killed_is_done_again, data::make({"hang", "hang-after"}),
                     kind) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    for (int request = 1; request <= 5; ++request) {
        BOOST_TEST_CONTEXT("at request " << request) {
            auto const before = f.contents();
            auto const done = f.sync(f.feed(1), {"--output", "json"});
            BOOST_REQUIRE(done.status == 0);
            auto const journal = text_of(done.document().at("journal"));
            f.kill_at(request, kind, {"block-senders", "undo", journal, "--batch-size", "5"});
            auto const undone = f.run({"block-senders", "undo", journal});
            BOOST_TEST(undone.status == 0, undone.err);
            BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_cut_last_line_is_not_there) {
    journal_fixture f;
    auto const before = f.contents();
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const text = read_file(f.last_journal());
    auto const cut = f.files.file("cut.jsonl", text.substr(0, text.find("{\"done\"") + 100));
    auto const undone = f.run({"block-senders", "undo", cut});
    BOOST_TEST(undone.status == 0, undone.err);
    BOOST_CHECK(f.contents() == before);
}

BOOST_AUTO_TEST_CASE(what_is_no_journal_of_this_list_is_refused) {
    journal_fixture f;
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    auto const text = read_file(f.last_journal());
    auto const requests = f.server.stats().requests;
    auto const refused = [&](std::string const& journal, std::string const& why,
                             words const& more = {}) {
        words all{"block-senders", "undo", journal};
        all.insert(all.end(), more.begin(), more.end());
        auto const result = f.run(all);
        BOOST_TEST_CONTEXT(why) {
            BOOST_TEST(result.status == 64);
            BOOST_TEST(result.err.find(why) != std::string::npos, result.err);
            BOOST_TEST(result.err.size() < 1000U);
        }
    };
    auto const changed = [&](std::string const& from, std::string const& to) {
        auto other = text;
        other.replace(other.find(from), from.size(), to);
        return f.files.file("changed.jsonl", other);
    };
    auto const whole = f.last_journal();
    refused(whole, "is about the account " + std::string{account}, {"--account-id", "another"});
    refused(changed(f.server.base_url(), "https://api.cloudflare.com/client/v4"),
            "was made at https://api.cloudflare.com/client/v4, and this is");
    refused(changed("block_senders", "allow_policies"), "about the collection 'allow_policies'");
    refused(changed("\"owner\":\"me\"", "\"owner\":\"] [\""), "owner");
    refused(changed("{\"create\":{", "{\"create\":{\"x\":\"" + std::string(5U << 20U, 'x') + "\","),
            "is longer than");
    refused(changed("{\"create\":{", "{\"create\":7,\"x\":{"), "line 2");
    refused(f.files.file("empty.jsonl", ""), "is not a journal");
    refused(f.feed(0), "is not a journal");
    refused(f.files.path().string(), "is not a regular file");
    refused("/dev/zero", "is not a regular file");
    refused("none.jsonl", "cannot read none.jsonl");
    BOOST_TEST(f.server.stats().requests == requests);
    auto const as_json = f.run({"block-senders", "undo", "none.jsonl", "--output", "json"});
    BOOST_TEST(text_of(as_json.document().at("failure")).starts_with("cannot read none.jsonl"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_down_is_not_done) {
    journal_fixture f;
    auto const before = f.contents();
    auto const feed = f.feed(0);
    // No file may grow.
    words all{"/bin/sh", "-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\"", CFES};
    words const sync{"block-senders", "sync", feed, "--owner", "me"};
    all.insert(all.end(), sync.begin(), sync.end());
    auto variables = f.environment();
    program running{f.with_ca(all), variables};
    auto const out = running.read_all();
    BOOST_TEST(running.wait() == 1);
    BOOST_CHECK(f.contents() == before);
    BOOST_TEST(out.find("60 left") != std::string::npos, out);
}

BOOST_AUTO_TEST_CASE(history_lists_what_was_changed_here) {
    journal_fixture f;
    BOOST_TEST(f.history().empty());
    BOOST_REQUIRE(f.sync(f.feed(0)).status == 0);
    BOOST_REQUIRE(f.sync(f.feed(1)).status == 0);
    BOOST_REQUIRE(f.sync(f.feed(0), {"--account-id", "another"}).status == 0);
    auto const trusted = f.files.file("trusted.txt", "a.example\n");
    BOOST_REQUIRE(f.run({"trusted-domains", "sync", trusted, "--is-recent", "true",
                         "--is-similarity", "false"})
                      .status == 0);
    auto const all = f.history();
    BOOST_REQUIRE(all.size() == 2U);
    BOOST_TEST(all[0].at("created").as_int64() == 60);
    BOOST_TEST(all[1].at("created").as_int64() == 20);
    BOOST_TEST(all[1].at("updated").as_int64() == 20);
    BOOST_TEST(all[1].at("deleted").as_int64() == 20);
    BOOST_TEST(all[1].at("has_ended").as_bool());
    BOOST_TEST(text_of(all[1].at("owner")) == "me");
    BOOST_TEST(text_of(all[1].at("account_id")) == account);
    BOOST_TEST(f.history({"--account-id", "another"}).size() == 1U);
    auto const table = f.run({"block-senders", "history"});
    BOOST_TEST(table.status == 0);
    BOOST_TEST(table.out.starts_with("began_at"), table.out);
    BOOST_TEST(lines_in(table.out) == 3U);
    auto const nowhere =
        f.run({"block-senders", "history", "--journal", (f.files.path() / "none").string()});
    BOOST_TEST(nowhere.status == 64);
    BOOST_TEST(nowhere.err.find("cannot read ") != std::string::npos, nowhere.err);
}

BOOST_AUTO_TEST_CASE(only_what_is_changed_in_batches_has_it) {
    journal_fixture f;
    for (auto const* const collection : {"impersonation-registry", "sending-domain-restrictions"}) {
        BOOST_TEST(f.run({collection, "undo", "x"}).status == 64);
        BOOST_TEST(f.run({collection, "history"}).status == 64);
    }
    for (auto const* const collection : {"allow-policies", "trusted-domains", "domains",
                                         "url-ignore-patterns", "content-policies"}) {
        BOOST_TEST(f.run({collection, "history"}).status == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
