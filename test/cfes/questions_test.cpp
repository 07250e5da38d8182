#include "cfes/cfes.hpp"
#include "cfes/terminal.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <csignal>
#include <ostream>

using namespace test;
namespace data = boost::unit_test::data;

/// What is asked before it is done, and what is not.
BOOST_AUTO_TEST_SUITE(questions)

namespace {

using words = std::vector<std::string>;

words ids_of(fixture const& f, words const& terms) {
    words arguments{"investigate", "list"};
    arguments.insert(arguments.end(), terms.begin(), terms.end());
    words ids;
    auto const found = f.document(arguments);
    for (auto const& each : found.as_array()) ids.push_back(text_of(each.at("id")));
    return ids;
}

words const quarantined{"--delivery-status", "quarantined"};

std::size_t writes_in(std::vector<sim::logged_request> const& log) {
    return static_cast<std::size_t>(std::ranges::count_if(
        log, [](sim::logged_request const& each) { return each.method != "GET"; }));
}

/// The command on a terminal, up to its question.
struct asked {
    asked(fixture const& f, words arguments)
        : on{command(f, std::move(arguments)), f.environment()} {
        on.await("[y/N] ");
    }
    static words command(fixture const& f, words arguments) {
        arguments.insert(arguments.begin(), CFES);
        return f.with_ca(std::move(arguments));
    }
    ended answer(std::string const& keys) {
        on.type(keys);
        ended result;
        result.status = on.wait();
        result.out = on.written();
        return result;
    }

    terminal on;
};

}  // namespace

BOOST_AUTO_TEST_CASE(many_are_released_only_when_that_is_agreed_on) {
    fixture f;
    auto const held = ids_of(f, quarantined);
    BOOST_TEST_REQUIRE(held.size() == 7U);
    words release{"investigate", "release"};
    release.insert(release.end(), held.begin(), held.end());
    f.server.take_log();

    auto const alone = f.run(release);
    BOOST_TEST(alone.status == 64);
    BOOST_TEST(
        alone.err.find("release 7 messages from the quarantine needs --yes") != std::string::npos,
        alone.err);
    BOOST_TEST(f.server.take_log().empty());

    for (std::string const no : {"n\n", "\n", "yesterday\n", "\x04"}) {
        asked question{f, release};
        auto const result = question.answer(no);
        BOOST_TEST(result.status == 1);
        BOOST_TEST(result.out.find("About to release 7 messages") != std::string::npos, result.out);
        BOOST_TEST(result.out.find(std::string{"in account "} + account) != std::string::npos,
                   result.out);
        BOOST_TEST(result.out.find(held[4]) != std::string::npos, result.out);
        BOOST_TEST(result.out.find(held[5]) == std::string::npos, result.out);
        BOOST_TEST(result.out.find("and 2 more") != std::string::npos, result.out);
        BOOST_TEST(result.out.find("nothing was changed") != std::string::npos, result.out);
        BOOST_TEST(f.server.take_log().empty());
    }
    {
        asked question{f, release};
        auto const result = question.answer("\x03");
        BOOST_TEST(result.status == -SIGINT);
        BOOST_TEST(f.server.take_log().empty());
    }
    asked question{f, release};
    BOOST_TEST(question.answer("y\n").status == 0);
    BOOST_TEST(ids_of(f, quarantined).empty());
}

BOOST_AUTO_TEST_CASE(yes_answers_beforehand_and_one_that_is_named_needs_no_answer) {
    fixture f;
    auto const held = ids_of(f, quarantined);
    BOOST_TEST(f.run({"investigate", "release", held[0]}).status == 0);
    BOOST_TEST(f.run({"investigate", "release", held[1], held[2], "--yes"}).status == 0);
    BOOST_TEST(f.run({"-y", "investigate", "release", held[3], held[4]}).status == 0);
    BOOST_TEST(ids_of(f, quarantined).size() == held.size() - 5);
}

BOOST_AUTO_TEST_CASE(a_purge_asks_also_for_one) {
    fixture f;
    auto const there = ids_of(f, {"--delivery-status", "delivered"});
    f.server.take_log();
    auto const alone =
        f.run({"investigate", "move", there[0], "--destination", "RecoverableItemsPurges"});
    BOOST_TEST(alone.status == 64);
    BOOST_TEST(f.server.take_log().empty());
    BOOST_TEST(f.run({"investigate", "move", there[0], "--destination", "JunkEmail"}).status == 0);
    BOOST_TEST(
        f.run({"investigate", "move", there[0], there[1], "--destination", "JunkEmail"}).status ==
        64);
    BOOST_TEST(
        f.run({"investigate", "move", there[0], "--destination", "RecoverableItemsPurges", "--yes"})
            .status == 0);
}

BOOST_AUTO_TEST_CASE(a_bulk_job_needs_a_filter_and_counts_first) {
    fixture f;
    f.server.take_log();
    words const all{"investigate", "bulk-create", "--action", "RELEASE"};
    auto const with = [&all](words const& more) {
        auto arguments = all;
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    for (auto const& refused :
         {with({"--yes"}), with({"--yes", "--detections-only", "false"}),
          with({"--yes", "--subject", ""}), with({"--delivery-status", "quarantined"}),
          with({"--all-messages"}), with({"--yes", "--all-messages", "--subject", "x"})}) {
        auto const result = f.run(refused);
        BOOST_TEST(result.status == 64, result.err);
        BOOST_TEST(result.out.empty());
    }
    BOOST_TEST(f.server.take_log().empty());

    auto const few = f.run(with({"--delivery-status", "quarantined", "--max", "6", "--yes"}));
    BOOST_TEST(few.status == 1);
    BOOST_TEST(few.err.find("7 messages match, and --max allows 6") != std::string::npos, few.err);
    BOOST_TEST(writes_in(f.server.take_log()) == 0U);

    asked question{f, with({"--delivery-status", "quarantined"})};
    auto const no = question.answer("n\n");
    BOOST_TEST(no.status == 1);
    BOOST_TEST(no.out.find("About to release 7 messages from the quarantine") != std::string::npos,
               no.out);
    BOOST_TEST(no.out.find("and 2 more") != std::string::npos, no.out);
    BOOST_TEST(writes_in(f.server.take_log()) == 0U);

    asked again{f, with({"--delivery-status", "quarantined"})};
    BOOST_TEST(again.answer("yes\n").status == 0);
    BOOST_TEST(f.run(with({"--delivery-status", "quarantined", "--max", "7", "--yes"})).status ==
               0);
    BOOST_TEST(f.run(with({"--all-messages", "--yes"})).status == 0);
}

BOOST_AUTO_TEST_CASE(what_a_bulk_job_finds_is_counted_as_the_search_does) {
    fixture f;
    auto const found = f.document({"investigate", "list", "--detections-only", "false"});
    auto const subject = text_of(found.at(0).at("subject"));
    std::size_t same = 0;
    for (auto const& each : found.as_array()) same += text_of(each.at("subject")) == subject;
    words const job{
        "investigate",       "bulk-create", "--action",        "MOVE",  "--destination", "Inbox",
        "--detections-only", "false",       "--exact-subject", subject, "--yes",         "--max"};
    auto limited = job;
    limited.push_back(std::to_string(same - 1));
    BOOST_TEST(f.run(limited).status == 1);
    limited.back() = std::to_string(same);
    BOOST_TEST(f.run(limited).status == 0);
    // Of what was submitted, no search tells.
    BOOST_TEST(f.run({"investigate", "bulk-create", "--action", "RELEASE", "--subject", "x",
                      "--submissions", "true", "--max", "1000", "--yes"})
                   .status == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_protection_is_asked_for) {
    fixture f;
    auto const created = f.document({"domains", "create", "--domain", "corp.example",
                                     "--allowed-delivery-modes", "DIRECT", "--regions", "GLOBAL"});
    auto const id = text_of(created.at("id"));
    f.server.take_log();
    auto const batch = f.files.file("batch.json", R"({"deletes":[{"id":")" + id + R"("}]})");
    for (auto const& refused : {words{"domains", "delete", id}, words{"domains", "batch", batch},
                                words{"domains", "bulk-delete"}}) {
        auto const result = f.run(refused);
        BOOST_TEST(result.status == 64, result.err);
        BOOST_TEST(result.err.find("protection of") != std::string::npos, result.err);
    }
    BOOST_TEST(f.server.take_log().empty());
    asked question{f, {"domains", "bulk-delete"}};
    auto const no = question.answer("\n");
    BOOST_TEST(no.status == 1);
    BOOST_TEST(no.out.find("  corp.example") != std::string::npos, no.out);
    BOOST_TEST(f.document({"domains", "list"}).as_array().size() == 1U);
    BOOST_TEST(f.run({"domains", "delete", id, "--yes"}).status == 0);
    BOOST_TEST(f.document({"domains", "list"}).as_array().empty());
}

BOOST_AUTO_TEST_CASE(a_batch_that_takes_away_more_than_one_asks) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example", "b.example", "c.example"});
    auto const there = json::parse(f.server.entries(account));
    auto const deletes = [&](std::initializer_list<std::size_t> which) {
        std::string text;
        for (auto const i : which) {
            text += (text.empty() ? "" : ",") + std::string{R"({"id":")"} +
                    text_of(there.at(i).at("id")) + "\"}";
        }
        return f.files.file("batch.json", R"({"deletes":[)" + text + "]}");
    };
    auto const many = deletes({0, 1});
    auto const alone = f.run({"block-senders", "batch", many});
    BOOST_TEST(alone.status == 64);
    BOOST_TEST(alone.err.find("delete 2 entries needs --yes") != std::string::npos, alone.err);
    BOOST_TEST(f.server.patterns(account).size() == 3U);
    BOOST_TEST(f.run({"block-senders", "batch", many, "--yes"}).status == 0);
    BOOST_TEST(f.run({"block-senders", "batch", deletes({2})}).status == 0);
    auto const news = f.files.file(
        "news.json", R"({"posts":[{"pattern":"x.example","pattern_type":"DOMAIN","is_regex":false},
                                  {"pattern":"y.example","pattern_type":"DOMAIN","is_regex":false}]})");
    BOOST_TEST(f.run({"block-senders", "batch", news}).status == 0);
}

BOOST_AUTO_TEST_CASE(a_pattern_that_takes_in_everything_is_asked_for) {
    fixture f;
    words const regex{"--is-regex", "true", "--pattern-type", "EMAIL"};
    auto const plus = [](words left, words const& right) {
        left.insert(left.end(), right.begin(), right.end());
        return left;
    };
    for (auto const& broad :
         {plus({"block-senders", "create", "--pattern", ".*"}, regex),
          plus({"allow-policies", "create", "--is-trusted-sender", "true", "--pattern", ".+"},
               regex),
          words{"block-senders", "create", "--pattern", "co.uk"},
          words{"block-senders", "create", "--pattern", "gmail.com"},
          words{"block-senders", "create", "--pattern", "8.0.0.0/8"},
          words{"trusted-domains", "create", "--pattern", ".*", "--is-regex", "true", "--is-recent",
                "true", "--is-similarity", "false"},
          words{"content-policies", "create", "--name", "n", "--pattern", ".*", "--targets",
                "BODY"},
          words{"url-ignore-patterns", "create", "--pattern", ".*"}}) {
        auto const alone = f.run(broad);
        BOOST_TEST(alone.status == 64, broad[0] << ' ' << broad[3] << alone.err);
        BOOST_TEST(alone.err.find("needs --yes") != std::string::npos, alone.err);
        BOOST_TEST(alone.err.find("--allow-wide") == std::string::npos, alone.err);
    }
    BOOST_TEST(f.server.stats().requests == 0U);
    asked question{f, plus({"block-senders", "create", "--pattern", ".*"}, regex)};
    BOOST_TEST(question.answer("n\n").status == 1);
    BOOST_TEST(f.server.patterns(account).empty());
    BOOST_TEST(f.run({"block-senders", "create", "--pattern", "gmail.com", "--yes"}).status == 0);
    BOOST_TEST(f.run({"block-senders", "create", "--pattern", "anyone@gmail.com"}).status == 0);
    BOOST_TEST(
        f.run(plus({"block-senders", "create", "--pattern", ".*@evil\\.example"}, regex)).status ==
        0);
    for (std::string const narrow : {"gift card", "y", "@", "[0-9]+", "^-"}) {
        BOOST_TEST(f.run({"content-policies", "create", "--name", "n", "--pattern", narrow,
                          "--targets", "BODY"})
                           .status == 0,
                   narrow);
    }
}

BOOST_AUTO_TEST_CASE(the_accounts_own_domain_is_asked_for) {
    fixture f;
    f.document({"domains", "create", "--domain", "corp.example", "--allowed-delivery-modes",
                "DIRECT", "--regions", "GLOBAL"});
    for (std::string const own : {"corp.example", "mail.corp.example", "boss@corp.example"}) {
        auto const alone = f.run({"block-senders", "create", "--pattern", own});
        BOOST_TEST(alone.status == 64, own);
        BOOST_TEST(alone.err.find(own) != std::string::npos, alone.err);
    }
    auto const other = f.document({"block-senders", "create", "--pattern", "evil.example"});
    auto const id = text_of(other.at("id"));
    BOOST_TEST(f.run({"block-senders", "edit", id, "--pattern", "corp.example"}).status == 64);
    BOOST_TEST(f.server.patterns(account) == words{"evil.example"},
               boost::test_tools::per_element());
    BOOST_TEST(f.run({"block-senders", "edit", id, "--pattern", "corp.example", "--yes"}).status ==
               0);
    // What cannot be looked at is not done.
    f.server.set_fault("GET:503@1");
    BOOST_TEST(
        f.run({"block-senders", "create", "--pattern", "x.example", "--max-retries", "0"}).status ==
        75);
}

namespace {

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

/// A list that a feed would change: one entry is created, one edited, one deleted.
struct feed_fixture : fixture {
    feed_fixture() {
        auto const first =
            files.file("before.csv", "pattern,comments\na.example,INC-1\nold.example,gone\n");
        BOOST_TEST_REQUIRE(run({"block-senders", "sync", first, "--owner", "me"}).status == 0);
        server.take_log();
    }
    words sync(words const& more = {}) const {
        words all{"block-senders", "sync", feed, "--owner", "me", "--prune"};
        all.insert(all.end(), {"--max-delete-percent", "50", "--color", "never"});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    words there() const {
        auto all = server.patterns(account);
        std::ranges::sort(all);
        return all;
    }
    shown show(words const& arguments) const {
        return show_on_terminal(asked::command(*this, arguments), environment(), 120);
    }

    std::string feed = files.file("feed.csv", "pattern,comments\na.example,INC-2\nb.example,\n");
    words const before{"a.example", "old.example"};
    words const after{"a.example", "b.example"};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_sync_shows_its_plan_and_asks, feed_fixture) {
    asked question{*this, sync()};
    auto const result = question.answer("y\n");
    BOOST_TEST(result.status == 0, result.out);
    BOOST_TEST(contains(result.out, "+ b.example  DOMAIN\r\n"), result.out);
    BOOST_TEST(contains(result.out, "~ a.example  comments: \"INC-1\" -> \"INC-2\"\r\n"),
               result.out);
    BOOST_TEST(contains(result.out, "- old.example\r\n"), result.out);
    BOOST_TEST(contains(result.out, "a sync takes 2 reads and 1 write, about "), result.out);
    BOOST_TEST(contains(result.out, "About to make 3 changes to block-senders, in account " +
                                        std::string{account}),
               result.out);
    BOOST_TEST(contains(result.out, "  1 to create, 1 to update, 1 to delete\r\n"), result.out);
    BOOST_TEST(contains(result.out, "1 created, 1 updated, 1 deleted"), result.out);
    BOOST_TEST((there() == after));
}

BOOST_FIXTURE_TEST_CASE(without_a_yes_a_sync_changes_nothing, feed_fixture) {
    for (std::string const no : {"n\n", "\n", "\x04", "\x03"}) {
        asked question{*this, sync({"--report", (files.path() / "report.json").string()})};
        auto const result = question.answer(no);
        BOOST_TEST(result.status == (no == "\x03" ? -SIGINT : 1));
        BOOST_TEST(contains(result.out, "nothing was changed"), result.out);
        BOOST_TEST(writes_in(server.take_log()) == 0U);
        auto const report = json::parse(read_file(files.path() / "report.json"));
        BOOST_TEST(report.at("left").as_int64() == 3);
        BOOST_TEST(text_of(report.at("error").at("code")) == "declined");
    }
    BOOST_TEST((there() == before));
}

BOOST_DATA_TEST_CASE_F(feed_fixture, a_signal_ends_a_question, data::make({SIGTERM, SIGHUP}),
                       number) {
    asked question{*this, sync()};
    question.on.signal(number);
    BOOST_TEST(question.on.wait() == -number);
    BOOST_TEST(contains(question.on.written(), "nothing was changed"), question.on.written());
    BOOST_TEST((there() == before));
}

BOOST_FIXTURE_TEST_CASE(a_sync_asks_nobody_who_is_not_there_or_has_answered, feed_fixture) {
    BOOST_TEST(run({"block-senders", "plan", feed}).status == 0);
    auto const answered = show(sync({"--yes"}));
    BOOST_TEST(answered.status == 0, answered.screen);
    BOOST_TEST(!contains(answered.written, "[y/N]"), answered.written);
    BOOST_TEST((there() == after));
    // There is nothing to ask.
    auto const same = show(sync());
    BOOST_TEST(same.status == 0, same.screen);
    BOOST_TEST(!contains(same.written, "[y/N]"), same.written);
    auto const empty = files.file("empty.csv", "pattern,comments\nc.example,\n");
    BOOST_TEST(run({"block-senders", "sync", empty, "--owner", "me"}).status == 0);
    BOOST_TEST(there().size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(what_a_guard_refuses_is_shown_and_not_asked, feed_fixture) {
    auto const refused =
        show({"block-senders", "sync", feed, "--owner", "me", "--prune", "--max-delete", "0"});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(contains(refused.screen, "\n- old.example\n"), refused.screen);
    BOOST_TEST(contains(refused.screen, "more than --max-delete 0 allows"), refused.screen);
    BOOST_TEST(!contains(refused.screen, "[y/N]"), refused.screen);
    BOOST_TEST((there() == before));
}

BOOST_FIXTURE_TEST_CASE(a_list_that_changed_during_the_question_is_asked_about_again,
                        feed_fixture) {
    asked question{*this, sync()};
    server.seed_block_senders(account, {"b.example"});
    question.on.type("y\n");
    question.on.await("the list has changed since");
    question.on.await("About to make 2 changes");
    question.on.await("[y/N] ");
    auto const result = question.answer("y\n");
    BOOST_TEST(result.status == 0, result.out);
    BOOST_TEST((there() == after));
}

BOOST_FIXTURE_TEST_CASE(a_saved_plan_was_seen_and_is_not_asked_about, feed_fixture) {
    auto const saved = (files.path() / "plan.json").string();
    BOOST_TEST(run({"block-senders", "plan", feed, "--owner", "me", "--prune",
                    "--max-delete-percent", "50", "--out", saved})
                   .status == 0);
    auto const applied = show({"block-senders", "sync", "--plan", saved});
    BOOST_TEST(applied.status == 0, applied.screen);
    BOOST_TEST(!contains(applied.written, "[y/N]"), applied.written);
    BOOST_TEST((there() == after));
}

BOOST_FIXTURE_TEST_CASE(undo_shows_its_plan_and_asks, feed_fixture) {
    auto const journals = (files.path() / "journals").string();
    BOOST_TEST(run(sync({"--journal", journals})).status == 0);
    auto const history = document({"block-senders", "history", "--journal", journals});
    auto const journal = text_of(history.at(0).at("path"));
    words const undo{"block-senders", "undo", journal, "--no-journal", "--color", "never"};
    asked no{*this, undo};
    auto const declined = no.answer("n\n");
    BOOST_TEST(declined.status == 1);
    BOOST_TEST(contains(declined.out, "+ old.example"), declined.out);
    BOOST_TEST(contains(declined.out, "About to make 3 changes to block-senders, in account "),
               declined.out);
    BOOST_TEST((there() == after));
    asked yes{*this, undo};
    BOOST_TEST(yes.answer("y\n").status == 0);
    BOOST_TEST((there() == before));
}

BOOST_AUTO_TEST_SUITE_END()
