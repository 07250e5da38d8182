// What the command shows on terminals of several widths.
#include "cfes/cfes.hpp"
#include "cfes/terminal.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(screens)

namespace {

using words = std::vector<std::string>;

constexpr auto entries = R"([
    {"pattern":"bücher.example","pattern_type":"DOMAIN","is_regex":false,
     "comments":"日本語 e\u0301 \u202eevil"},
    {"pattern":"evil.example","pattern_type":"DOMAIN","is_regex":false,"comments":"INC-1"},
    {"pattern":"someone.with.a.long.name@mail.subsidiary.example","pattern_type":"EMAIL",
     "is_regex":false,"comments":"a long comment, which goes on and on until nobody reads it any more"}])";

/// A terminal like most, in a zone that is an hour ahead of UTC in winter.
struct on_terminal : fixture {
    on_terminal() { server.seed_entries(account, "block_senders", entries); }

    program::environment variables(program::environment const& more = {}) const {
        auto all = environment();
        all["TERM"] = "xterm-256color";
        all["LC_ALL"] = "C.UTF-8";
        all["TZ"] = "CET-1";
        all["NO_COLOR"] = "";
        for (auto const& [name, value] : more) all[name] = value;
        return all;
    }
    shown show(words arguments, std::size_t columns, program::environment const& more = {}) const {
        arguments.insert(arguments.begin(), CFES);
        return show_on_terminal(with_ca(std::move(arguments)), variables(more), columns);
    }
};

words lines_of(std::string const& screen) {
    std::istringstream text{screen};
    words lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

constexpr auto chosen = "pattern,pattern_type,comments";

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_table_fits_the_window, on_terminal) {
    auto const at = [this](std::size_t columns) {
        return show({"block-senders", "list", "--columns", chosen}, columns).screen;
    };
    BOOST_TEST(at(20) ==
               "pattern    comments\n"
               "bücher.e…  日本語 e\u0301…\n"
               "evil.exa…  INC-1\n"
               "someone.…  a long c…\n"
               "showing 3 of 3, with\nout pattern_type (-o\n wide shows all)\n");
    BOOST_TEST(at(40) ==
               "pattern         pattern…  comments\n"
               "bücher.example  DOMAIN    日本語 e\u0301 <U+2…\n"
               "evil.example    DOMAIN    INC-1\n"
               "someone.with.…  EMAIL     a long commen…\n"
               "showing 3 of 3\n");
    BOOST_TEST(at(80) ==
               "pattern                             pattern…  comments\n"
               "bücher.example                      DOMAIN    日本語 e\u0301 <U+202E>evil\n"
               "evil.example                        DOMAIN    INC-1\n"
               "someone.with.a.long.name@mail.sub…  EMAIL     a long comment, which goes on and…\n"
               "showing 3 of 3\n");
    constexpr auto gap = "                                  ";
    std::string const whole = "someone.with.a.long.name@mail.subsidiary.example";
    BOOST_TEST(at(120) ==
               "pattern       " + (gap + std::string{"  pattern…  comments\n"}) + "bücher.example" +
                   gap + "  DOMAIN    日本語 e\u0301 <U+202E>evil\n" + "evil.example  " + gap +
                   "  DOMAIN    INC-1\n" + whole +
                   "  EMAIL     a long comment, which goes on and on until nobody reads it…\n"
                   "showing 3 of 3\n");
    BOOST_TEST(at(200) ==
               "pattern       " + (gap + std::string{"  pattern_type  comments\n"}) +
                   "bücher.example" + gap + "  DOMAIN        日本語 e\u0301 <U+202E>evil\n" +
                   "evil.example  " + gap + "  DOMAIN        INC-1\n" + whole +
                   "  EMAIL         a long comment, which goes on and on until nobody reads it any "
                   "more\nshowing 3 of 3\n");
}

BOOST_DATA_TEST_CASE_F(on_terminal, a_row_is_a_line_in_every_window,
                       data::make({40U, 80U, 120U, 200U}), columns) {
    for (words const& what :
         {words{"block-senders", "list"}, words{"allow-policies", "list"},
          words{"investigate", "list", "--detections-only", "false"}, words{"submissions", "list"},
          words{"investigate", "bulk-list"}, words{"domains", "list"}}) {
        auto const rows = document(what).as_array().size();
        auto const got = show(what, columns);
        BOOST_TEST(got.status == 0);
        auto const lines = lines_of(got.screen);
        BOOST_TEST_REQUIRE(lines.size() >= rows + 2, got.screen);
        auto const total = std::to_string(rows);
        BOOST_TEST(lines[rows + 1].starts_with("showing " + total + " of " + total), got.screen);
    }
}

BOOST_FIXTURE_TEST_CASE(colours_tell_verdicts_unless_they_are_not_wanted, on_terminal) {
    words const list{"investigate", "list", "--detections-only", "false"};
    auto const with = [&](words const& more, program::environment const& variables) {
        auto all = list;
        all.insert(all.end(), more.begin(), more.end());
        return show(all, 120, variables);
    };
    constexpr auto red = "\x1b[31mMALICIOUS\x1b[0m";
    auto const usual = with({}, {});
    BOOST_TEST(contains(usual.written, red), usual.written);
    BOOST_TEST(contains(usual.written, "\x1b[33mSUSPICIOUS\x1b[0m"));
    for (auto const& plain : {with({"--color", "never"}, {}), with({}, {{"NO_COLOR", "1"}}),
                              with({}, {{"TERM", "dumb"}})}) {
        BOOST_TEST(!contains(plain.written, "\x1b"), plain.written);
        // The same stands in the same place.
        BOOST_TEST(plain.screen == usual.screen);
    }
    BOOST_TEST(contains(with({"--color", "always"}, {{"NO_COLOR", "1"}}).written, red));
    auto piped = list;
    BOOST_TEST(!contains(run(piped).out, "\x1b"));
    piped.insert(piped.end(), {"--color", "always"});
    BOOST_TEST(contains(run(piped).out, red));
}

BOOST_FIXTURE_TEST_CASE(times_are_those_of_the_zone, on_terminal) {
    words const list{"block-senders", "list",    "--columns", "created_at",
                     "--no-headers",  "--limit", "1"};
    auto const piped = run(list).out;
    BOOST_TEST(piped.ends_with("Z\n"), piped);
    auto const hour = std::stoi(piped.substr(11, 2));
    auto const minute = piped.substr(13, 3);
    auto const at = [&](int of_day) {
        auto const text = std::to_string(of_day % 24);
        return (text.size() == 1 ? " 0" : " ") + text + minute;
    };
    auto const local = show(list, 80).screen;
    BOOST_TEST(contains(local, at(hour + 1) + "\n"), local);
    BOOST_TEST(lines_of(local).front().size() == 11U, local);
    auto in_utc = list;
    in_utc.push_back("--utc");
    BOOST_TEST(contains(show(in_utc, 80).screen, at(hour) + "\n"));
    auto const id = text_of(document({"block-senders", "list"}).at(0).at("id"));
    auto const record = show({"block-senders", "get", id}, 80).screen;
    BOOST_TEST(contains(record, at(hour + 1)), record);
    BOOST_TEST(contains(record, " +0100\n"), record);
}

BOOST_FIXTURE_TEST_CASE(json_is_laid_out_for_people, on_terminal) {
    words const one{"block-senders", "list", "-o", "json", "--columns", "pattern,is_regex,comments",
                    "--limit",       "1"};
    BOOST_TEST(show(one, 80).screen ==
               "[\n"
               "  {\n"
               "    \"pattern\": \"b\u00fccher.example\",\n"
               "    \"is_regex\": false,\n"
               "    \"comments\": \"\u65e5\u672c\u8a9e e\u0301 <U+202E>evil\"\n"
               "  }\n"
               "]\n"
               "showing 1 of 3\n");
}

BOOST_FIXTURE_TEST_CASE(another_locale_gets_ascii, on_terminal) {
    for (auto const* const form : {"table", "wide", "json", "jsonl", "csv", "tsv", "ids"}) {
        auto const got = show({"block-senders", "list", "-o", form}, 60, {{"LC_ALL", "C"}});
        BOOST_TEST(std::ranges::all_of(got.written,
                                       [](char c) { return static_cast<unsigned char>(c) < 0x80; }),
                   got.written);
        // Whatever the form, nothing that is hidden reaches a terminal.
        BOOST_TEST((std::string{form} == "ids" || contains(got.written, "<U+202E>") ||
                    contains(got.written, "...")),
                   got.written);
    }
}

BOOST_FIXTURE_TEST_CASE(what_turns_the_text_round_is_named_in_every_form, on_terminal) {
    for (auto const* const form : {"wide", "json", "jsonl", "csv", "tsv", "markdown"}) {
        auto const got = show({"block-senders", "list", "-o", form}, 200);
        BOOST_TEST(!contains(got.written, "\u202e"), form);
        BOOST_TEST(contains(got.written, "<U+202E>") + contains(got.written, "\\<U+202E>") > 0,
                   got.written);
    }
}

BOOST_DATA_TEST_CASE_F(on_terminal, help_fits_every_window, data::make({40U, 80U, 120U, 200U}),
                       columns) {
    for (words const& what :
         {words{}, words{"help", "block-senders"}, words{"block-senders", "sync"},
          words{"investigate", "bulk-create"}}) {
        auto arguments = what;
        arguments.insert(arguments.begin(), CFES);
        if (!what.empty() && what.front() != "help") arguments.emplace_back("--help");
        auto const got = show_on_terminal(arguments, variables(), columns);
        BOOST_TEST(got.status == 0);
        for (auto line : lines_of(got.written)) {
            // An example is to be copied, and has words that cannot be parted.
            if (line.starts_with("  $ ") || line.starts_with("      --")) continue;
            line.erase(line.find_last_not_of('\r') + 1);
            BOOST_TEST(line.size() <= columns, line);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_plan_has_marks_in_colour, on_terminal) {
    auto const feed =
        files.file("feed.csv", "pattern,comments\nevil.example,INC-2\nnew.example,\n");
    auto const got = show({"block-senders", "plan", feed, "--progress", "never"}, 80);
    BOOST_TEST(contains(got.written, "\x1b[32m+\x1b[0m new.example  DOMAIN\r\n"), got.written);
    BOOST_TEST(contains(got.written,
                        "\x1b[33m~\x1b[0m evil.example  comments: \"INC-1\" -> \"INC-2\"\r\n"),
               got.written);
}

BOOST_DATA_TEST_CASE_F(on_terminal, progress_leaves_one_line_in_every_window,
                       data::make({20U, 40U, 80U, 120U, 200U}), columns) {
    auto const feed = files.file("feed.txt", "a.example\nb.example\n");
    auto const bar = show({"block-senders", "sync", feed, "--yes"}, columns);
    BOOST_TEST(bar.status == 0);
    BOOST_TEST(contains(bar.written, "\x1b[K"), bar.written);
    auto const first = lines_of(bar.screen).front();
    BOOST_TEST(contains(first, "2/2"), bar.screen);
    // What a bar overwrites is not left beside it.
    BOOST_TEST(!contains(first, "reading"), bar.screen);
    auto const plain = show({"block-senders", "sync", feed, "--yes"}, columns, {{"TERM", "dumb"}});
    BOOST_TEST(!contains(plain.written, "\x1b"), plain.written);
    BOOST_TEST(!contains(plain.written, "\r["), plain.written);
}

namespace {

/// Lines as they are written to a terminal.
std::string on_lines(words const& lines) {
    std::string text;
    for (auto const& each : lines) text += each + "\r\n";
    return text;
}

/// The line of what was written that begins like this.
std::string line_beginning(std::string const& written, std::string const& begin) {
    auto const at = written.find(begin);
    if (at == std::string::npos) return "(there is no line '" + begin + "')";
    return written.substr(at, written.find('\r', at) - at);
}

}  // namespace

BOOST_DATA_TEST_CASE_F(on_terminal, a_question_stands_below_its_plan_in_every_window,
                       data::make({40U, 80U, 120U, 200U}), columns) {
    auto const feed = files.file(
        "feed.csv", "pattern,comments\nbücher.example,日本語 \u202eevil\nnew.example,\n");
    terminal on{{CFES, "--simulate", "block-senders", "sync", feed, "--color", "never",
                 "--progress", "never"},
                variables(),
                columns};
    on.await("[y/N] ");
    on.type("n\n");
    BOOST_TEST(on.wait() == 1);
    // How long it will take is what the machine makes it.
    auto const forecast = line_beginning(on.written(), "a sync takes ");
    words const lines{"cfes: simulated: nothing of this is real, and it is gone with this run",
                      "+ xn--bcher-kva.example  DOMAIN, comments: \"日本語 <U+202E>evil\"",
                      "+ new.example  DOMAIN",
                      forecast,
                      "About to make 2 changes to block-senders, in the simulator, account " +
                          std::string{account} + ":",
                      "  2 to create, 0 to update, 0 to delete",
                      "Go on? [y/N] n",
                      "cfes: nothing was changed"};
    BOOST_TEST(on.screen() == screen_of(on_lines(lines), columns));
}

BOOST_DATA_TEST_CASE_F(on_terminal, what_is_about_to_be_done_to_messages_is_shown_in_every_window,
                       data::make({40U, 80U, 120U, 200U}), columns) {
    terminal on{{CFES, "--simulate", "-q", "investigate", "bulk-create", "--action", "RELEASE",
                 "--delivery-status", "quarantined"},
                variables(),
                columns};
    on.await("[y/N] ");
    on.type("\x03");
    BOOST_TEST(on.wait() == -SIGINT);
    auto const lines = lines_of(on.written());
    BOOST_TEST_REQUIRE(lines.size() >= 8U, on.written());
    BOOST_TEST(lines[0] ==
               "About to release 7 messages from the quarantine, in the simulator, account " +
                   std::string{account} + ":\r");
    for (std::size_t i = 1; i != 6; ++i) BOOST_TEST(lines[i].starts_with("  "), lines[i]);
    BOOST_TEST(lines[6] == "  and 2 more\r");
    BOOST_TEST(lines[7].starts_with("Go on? [y/N] "));
    BOOST_TEST(on.screen() == screen_of(on.written(), columns));
}

BOOST_DATA_TEST_CASE_F(on_terminal, an_interrupted_sync_ends_below_its_bar_in_every_window,
                       data::make({40U, 80U, 120U, 200U}), columns) {
    auto const feed = files.file("feed.txt", "a.example\nb.example\n");
    server.set_fault("POST:hang#1");
    auto const faults = server.stats().faults;
    terminal on{with_ca({CFES, "block-senders", "sync", feed, "--yes"}), variables(), columns};
    while (server.stats().faults == faults) std::this_thread::yield();
    on.type("\x03");
    BOOST_TEST(on.wait() == -SIGINT);
    auto const lines = lines_of(on.screen());
    auto const report = std::ranges::find_if(lines, [](std::string const& line) {
        return line.starts_with("0 created, 0 updated, 0 deleted");
    });
    BOOST_TEST(lines.front().starts_with("[################] reading 3/3"), on.screen());
    BOOST_TEST((report != lines.end()), on.screen());
    BOOST_TEST(contains(on.written(), "run the same command again to do the rest\r\n"));
    BOOST_TEST(contains(on.written(), "\r\nin account "), on.written());
}

BOOST_FIXTURE_TEST_CASE(wide_shows_all_and_cuts_nothing, on_terminal) {
    auto const got = show({"block-senders", "list", "-o", "wide"}, 80).written;
    BOOST_TEST(contains(got, "until nobody reads it any more"), got);
    BOOST_TEST(!contains(got, "…"), got);
    BOOST_TEST(contains(got, "modified_at"), got);
}

BOOST_AUTO_TEST_SUITE_END()
