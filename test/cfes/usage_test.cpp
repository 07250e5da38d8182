#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <sstream>

using namespace test;

BOOST_AUTO_TEST_SUITE(usage)

namespace {

struct refused {
    std::vector<std::string> arguments;
    char const* says;
};
std::ostream& operator<<(std::ostream& out, refused const& each) {
    for (auto const& argument : each.arguments) out << argument << ' ';
    return out;
}

/// What is refused before anything is sent. FEED stands for a good feed, BATCH for a bad batch.
std::vector<refused> const all{
    {{"frob"}, "no collection 'frob'"},
    {{"completion", "tcsh"}, "must be bash, zsh or fish, not 'tcsh'"},
    {{"completion"}, "SHELL is required"},
    {{"--bogus"}, "no option '--bogus'"},
    {{"block-senders", "--bogus"}, "no option '--bogus'"},
    {{"block_senders", "list"}, "no collection 'block_senders': did you mean 'block-senders'?"},
    {{"Block-Senders", "list"}, "no such collection: did you mean 'block-senders'?"},
    {{"block-senders", "lsit"}, "'lsit': did you mean 'list'? (see cfes block-senders --help)"},
    {{"block-senders", "list", "bad-00012.example"},
     "there is one argument too many (see cfes block-senders list --help)"},
    {{"help", "block-sender"}, "did you mean 'block-senders'? (see cfes --help)"},
    {{"help", "block-senders", "lsit"}, "did you mean 'list'?"},
    {{"block-senders", "list", "--start", "soon"}, "no option '--start'"},
    {{"investigate", "list", "--start", "soon"}, "--start: must be a time such as 2h, 3d, today"},
    {{"investigate", "list", "--start", "2026-02-30"}, "--start: must be a time"},
    {{"block-senders", "frob"}, "block-senders has no verb 'frob'"},
    {{"content-polices", "create", "--name", "n"},
     "no collection 'content-polices': did you mean 'content-policies'?"},
    {{"block-sender", "list"}, "did you mean 'block-senders'?"},
    {{"--output", "json", "frob", "--bogus"}, "no collection 'frob'"},
    {{"block-senders", "lits", "--order", "pattern"},
     "block-senders has no verb 'lits': did you mean 'list'?"},
    {{"block-senders", "crate"}, "did you mean 'create'?"},
    {{"investigate", "bulk"}, "did you mean 'bulk-create'?"},
    {{"block-senders", "list", "--orders", "x"}, "no option '--orders': did you mean '--order'?"},
    {{"investigate", "get", "an-id", "another"}, "'another' is one argument too many"},
    {{"content-policies", "create", "--name", "n", "--pattern", "p"}, "--targets"},
    {{"content-policies", "create", "--name", "n", "--pattern", "p", "--targets", ""},
     "targets is empty"},
    {{"content-policies", "edit", "an-id", "--targets", ""}, "targets is empty"},
    {{"--name", "n", "content-policies", "create"}, "'--name' must come after 'create'"},
    {{"content-policies", "plan", "FEED", "--format", "text"}, "csv, jsonl, json, not 'text'"},
    {{"content-policies", "sync", "FEED", "--format", "text"}, "csv, jsonl, json, not 'text'"},
    {{"content-policies", "export", "--format", "text"}, "csv, jsonl, not 'text'"},
    {{"content-policies", "create", "--name", "n", "--pattern", "(p)", "--targets", "BODY"},
     "pattern has a group"},
    {{"content-policies", "create", "--name", "n", "--pattern", "p", "--targets", "BODY,HEAD"},
     "'HEAD'"},
    {{"content-policies", "replace", "an-id"}, "content-policies has no verb 'replace'"},
    {{"block-senders", "replace", "an-id"}, "--pattern"},
    {{"block-senders", "replace", "an-id", "--pattern", "nodot"}, "nodot"},
    {{"block-senders", "replace", "an-id", "--pattern", ".*", "--is-regex"},
     "needs --pattern-type"},
    {{"block-senders", "create", "--pattern", "fe80::1"}, "link-local"},
    {{"submissions", "reclassify", "--expected-disposition", "SPAM"}, "ALERT_ID"},
    {{"submissions", "reclassify", "an-alert"}, "--expected-disposition"},
    {{"submissions", "reclassify", "an-alert", "--expected-disposition", "UNKNOWN"}, "one of"},
    {{"submissions", "report-missed", "--postfix-id", "p", "--message-id", "m",
      "--expected-disposition", "SPAM"},
     "--recipient-emails"},
    {{"submissions", "report-missed", "--postfix-id", "p", "--message-id", "m",
      "--recipient-emails", "a@b.example", "--expected-disposition", "SPAM", "--eml",
      "/nonexistent"},
     "/nonexistent"},
    {{"submissions", "report-missed", "--postfix-id", "p", "--message-id", "m",
      "--recipient-emails", "a@b.example", "--expected-disposition", "SPAM", "--eml", ""},
     "--eml names no file"},
    {{"investigate", "bulk-list", "--status", "SKIPPED"}, "SKIPPED"},
    {{"block-senders", "list", "--nope"}, "--nope"},
    {{"block-senders", "list", "--per-page", "1001"}, "per_page"},
    {{"block-senders", "list", "--order", "size"}, "--order"},
    {{"block-senders", "list", "--output", "xml"}, "--output"},
    {{"block-senders", "list", "--quota", "12"}, "--quota"},
    {{"block-senders", "list", "--timeout", "0"}, "--timeout"},
    {{"block-senders", "list", "--connections", "0"}, "--connections"},
    {{"block-senders", "list", "--max-retries", "-1"}, "--max-retries"},
    {{"block-senders", "list", "--base-url", "no url"}, "base"},
    {{"block-senders", "list", "--base-url", ""}, "base"},
    {{"block-senders", "list", "--base-url", "http://127.0.0.1/client/v4"}, "http"},
    {{"block-senders", "list", "--ca-file", "/nonexistent"}, "/nonexistent"},
    {{"block-senders", "list", "--token-file", "/nonexistent"}, "--token-file"},
    {{"block-senders", "list", "--account-id", "../x"}, "account"},
    {{"block-senders", "list", "--simulate", "--base-url", "https://127.0.0.1/"}, "--simulate"},
    {{"block-senders", "get"}, "ID"},
    {{"investigate", "bulk-get", ".."}, "id"},
    {{"investigate", "bulk-get", "a/b"}, "id"},
    {{"block-senders", "delete", ""}, "id"},
    {{"block-senders", "create"}, "--pattern"},
    {{"block-senders", "create", "--pattern", "nodot"}, "nodot"},
    {{"block-senders", "create", "--pattern", "10.0.0.1"}, "private"},
    {{"block-senders", "create", "--pattern", "a.example", "--pattern-type", "UNKNOWN"}, "UNKNOWN"},
    {{"block-senders", "create", "--pattern", "a.example", "--pattern-type", "FOO"}, "FOO"},
    {{"block-senders", "create", "--pattern", "a.example", "--comments", std::string(1025, 'x')},
     "comments"},
    {{"block-senders", "create", "--pattern", "user@"},
     "'user@' is not an e-mail address: no domain"},
    {{"block-senders", "create", "--pattern", ".*", "--is-regex"}, "needs --pattern-type"},
    {{"block-senders", "edit", "an-id"}, "no field"},
    {{"block-senders", "edit", "an-id", "--pattern", "nodot"}, "nodot"},
    {{"block-senders", "edit", "an-id", "--pattern", "a.example", "--pattern-type", "IP"},
     "'a.example' is a domain, not of the type IP"},
    {{"block-senders", "create", "--pattern", "post@parcel.example", "--pattern-type", "domain"},
     "'post@parcel.example' is an e-mail address, not of the type DOMAIN"},
    {{"block-senders", "create", "--pattern", "hxxps://evil[.]example/login"}, "is a URL\n"},
    {{"block-senders", "create", "--pattern", "Ann <a@evil.example>, <b@evil.example>"},
     "has no single address"},
    {{"block-senders", "edit", "an-id", "--pattern", "8.8.8.8-8.8.8.12"}, "more than one CIDR"},
    {{"block-senders", "edit", "an-id", "--pattern", "10.0.0.1", "--is-regex", "false"}, "private"},
    {{"block-senders", "edit", "an-id", "--comments", "x", "--clear-comments"}, "--comments"},
    {{"block-senders", "list", "--direction", "up"}, "--direction: must be one of asc, desc"},
    {{"block-senders", "create", "--pattern", "a.example", "--is-regex", "perhaps"},
     "--is-regex: must be true or false"},
    {{"block-senders", "list", "--page", "one"}, "--page: must be a whole number"},
    {{"domains", "edit", "an-id", "--regions", "US,XX"}, "'XX'"},
    {{"block-senders", "batch", "/nonexistent"}, "/nonexistent"},
    {{"block-senders", "batch", "BATCH"}, "patern"},
    {{"block-senders", "sync"}, "FEED"},
    {{"block-senders", "sync", "/nonexistent"}, "/nonexistent"},
    {{"block-senders", "sync", "/"}, "directory"},
    {{"block-senders", "sync", "/dev/null"}, "empty"},
    {{"block-senders", "sync", "FEED", "--format", "xml"}, "--format"},
    {{"block-senders", "sync", "FEED", "--prune"}, "owner"},
    {{"block-senders", "sync", "FEED", "--owner", "a b"}, "owner"},
    {{"block-senders", "sync", "FEED", "--batch-size", "1001"}, "--batch-size must"},
    {{"block-senders", "sync", "FEED", "--max-delete-percent", "101"}, "--max-delete-percent must"},
    {{"block-senders", "sync", "FEED", "--report", "/nonexistent/x"}, "/nonexistent/x"},
    {{"block-senders", "sync", "FEED", "--progress", "often"}, "--progress"},
    {{"block-senders", "plan", "FEED", "--plan", "x"}, "--plan"},
    {{"block-senders", "plan", "FEED", "--out", "/nonexistent/x"}, "/nonexistent/x"},
    {{"block-senders", "sync", "FEED", "--out", "x"}, "--out"},
    {{"block-senders", "export", "--format", "csv", "--output", "json"}, "--format"},
};

}  // namespace

BOOST_DATA_TEST_CASE(is_one_clear_line_and_nothing_is_sent, boost::unit_test::data::make(all)) {
    fixture f;
    auto arguments = sample.arguments;
    for (auto& each : arguments) {
        if (each == "FEED") each = f.files.file("feed.txt", "a.example\n");
        if (each == "BATCH") each = f.files.file("b.json", R"({"posts":[{"patern":"x.example"}]})");
    }
    bool const has_ca =
        std::find(arguments.begin(), arguments.end(), "--ca-file") != arguments.end();
    auto const result = has_ca ? cfes(arguments, f.environment()) : f.run(arguments);
    BOOST_TEST(result.status == 64);
    bool const is_json = std::find(arguments.begin(), arguments.end(), "json") != arguments.end();
    if (is_json) {
        BOOST_TEST(text_of(result.document().at("error").at("code")) == "invalid_argument");
    } else {
        BOOST_TEST(result.out.empty(), result.out);
    }
    BOOST_TEST(lines_in(result.err) == 1, result.err);
    BOOST_TEST(result.err.find(sample.says) != std::string::npos, result.err);
    BOOST_TEST(f.server.stats().connections == 0U);
}

namespace {

/// The verbs of a collection, or the collections, as the help lists them.
std::vector<std::string> listed_by(std::string const& help) {
    std::vector<std::string> names;
    std::istringstream lines{help};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z') {
            names.push_back(line.substr(2, line.find(' ', 2) - 2));
        }
    }
    return names;
}

std::string help_of(std::vector<std::string> arguments) {
    arguments.emplace_back("--help");
    auto const ended = cfes(arguments);
    BOOST_TEST(ended.status == 0);
    BOOST_TEST(ended.err.empty(), ended.err);
    return ended.out;
}

/// In a group, all texts begin in one column; no line is too long to read.
void check_layout(std::string const& help) {
    std::size_t column = 0;
    std::istringstream lines{help};
    for (std::string line; std::getline(lines, line);) {
        BOOST_TEST(line.size() <= 100U, line);
        BOOST_TEST(!line.ends_with(' '), line);
        if (!line.starts_with("  ")) continue;
        if (line.starts_with("  $ ") || line.starts_with("      --")) continue;  // examples
        auto const gap = line.find("  ", line.find_first_not_of(' '));
        auto const is_continued = line.starts_with("    ");
        auto const text =
            is_continued ? line.find_first_not_of(' ') : line.find_first_not_of(' ', gap);
        if (column == 0) column = text;
        BOOST_TEST(text == column, line);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(credentials_and_account_are_needed) {
    fixture f;
    auto variables = f.environment();
    variables["CLOUDFLARE_API_TOKEN"] = "";
    auto const none = cfes(f.with_ca({"block-senders", "list"}), variables);
    BOOST_TEST(none.status == 64);
    BOOST_TEST(none.err.find("CLOUDFLARE_API_TOKEN") != std::string::npos, none.err);
    variables["CLOUDFLARE_EMAIL"] = "me@here.example";
    BOOST_TEST(cfes(f.with_ca({"block-senders", "list"}), variables).status == 64);
    variables = f.environment();
    variables["CLOUDFLARE_ACCOUNT_ID"] = "";
    auto const homeless = cfes(f.with_ca({"block-senders", "list"}), variables);
    BOOST_TEST(homeless.status == 64);
    BOOST_TEST(homeless.err.find("--account-id") != std::string::npos, homeless.err);
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(version) {
    auto const ended = cfes({"--version"});
    BOOST_TEST(ended.status == 0);
    BOOST_TEST(ended.out.starts_with("cfes "), ended.out);
    BOOST_TEST(cfes({"-V"}).out == ended.out);
    BOOST_TEST(cfes({"version"}).out == ended.out);
}

BOOST_AUTO_TEST_CASE(who_asks_for_nothing_gets_help) {
    BOOST_TEST(cfes({}).out == help_of({}));
    BOOST_TEST(cfes({"block-senders"}).out == help_of({"block-senders"}));
    BOOST_TEST(cfes({"help"}).out == help_of({}));
    BOOST_TEST(cfes({"help", "block-senders"}).out == help_of({"block-senders"}));
    BOOST_TEST(cfes({"help", "block-senders", "sync"}).out == help_of({"block-senders", "sync"}));
    for (auto const& arguments : {std::vector<std::string>{}, {"block-senders"}, {"help"}}) {
        auto const ended = cfes(arguments);
        BOOST_TEST(ended.status == 0);
        BOOST_TEST(ended.err.empty(), ended.err);
    }
    auto const listed = cfes({"--simulate", "block-senders", "ls", "-o", "json"});
    BOOST_TEST(listed.out == "[]\n", listed.err);
}

BOOST_AUTO_TEST_CASE(every_example_is_a_command_that_is_understood) {
    scratch files;
    for (auto const& collection : listed_by(help_of({}))) {
        if (collection == "show" || collection == "help" || collection == "version") continue;
        for (auto const& verb : listed_by(help_of({collection}))) {
            std::istringstream lines{help_of({collection, verb})};
            for (std::string line; std::getline(lines, line);) {
                if (!line.starts_with("  $ cfes ")) continue;
                for (std::string more; line.ends_with('\\') && std::getline(lines, more);) {
                    line.pop_back();
                    line += more;
                }
                // That of files which are not there is refused for that alone; and nobody is here
                // who could be asked.
                auto const command = "exec \"$0\" --simulate --yes " + line.substr(9);
                program running{
                    {"/bin/sh", "-c", "cd " + files.path().string() + "; " + command, CFES},
                    no_environment()};
                running.read_all();
                auto const status = running.wait();
                auto const why = running.errors();
                bool const lacks_file = why.find("cannot read") != std::string::npos ||
                                        why.find("annot open") != std::string::npos ||
                                        why.find("No such file") != std::string::npos;
                BOOST_TEST((status != 64 || lacks_file), line + "\n" + why);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(times_are_understood_as_people_say_them) {
    fixture f;
    auto variables = f.environment();
    variables["TZ"] = "CET-1";
    auto const count = [&](std::string const& start, std::string const& end) {
        auto const ended = cfes(f.with_ca({"investigate", "list", "--detections-only", "false",
                                           "-o", "ids", "--start", start, "--end", end}),
                                variables);
        BOOST_TEST(ended.status == 0, ended.err);
        return lines_in(ended.out);
    };
    // The simulator has a message a day.
    BOOST_TEST(count("2h", "now") == 1);
    BOOST_TEST(count("3d", "now") == 3);
    BOOST_TEST(count("1w", "now") == 7);
    BOOST_TEST(count("yesterday", "today") == 1);
}

BOOST_AUTO_TEST_CASE(every_help_is_aligned_and_tells_what_it_is_about) {
    auto const root = help_of({});
    check_layout(root);
    auto collections = listed_by(root);
    // What is no collection has no verbs.
    for (auto const* const other : {"show", "help", "version", "completion"}) {
        BOOST_TEST(std::erase(collections, other) == 1U);
    }
    BOOST_TEST(collections.size() == 13U);
    for (auto const& collection : collections) {
        auto const help = help_of({collection});
        check_layout(help);
        for (auto const& verb : listed_by(help)) {
            auto const usage = help_of({collection, verb});
            check_layout(usage);
            BOOST_TEST(usage.find("\nUsage: cfes " + collection + ' ' + verb) != std::string::npos,
                       usage);
            // Two examples, as one line each.
            auto const begin = "\n  $ cfes " + collection + ' ' + verb;
            auto const first = usage.find(begin);
            BOOST_TEST(first != std::string::npos, usage);
            BOOST_TEST(usage.find(begin, first + 1) != std::string::npos, usage);
            // Every option says what it is for.
            std::istringstream lines{usage};
            for (std::string line; std::getline(lines, line);) {
                if (!line.starts_with("  --")) continue;
                BOOST_TEST(line.find("  ", 2) != std::string::npos, line);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_deprecated_is_marked_in_the_help) {
    BOOST_TEST(help_of({"domains"}).find("(deprecated: use batch)") != std::string::npos);
    BOOST_TEST(help_of({"investigate"}).find("(deprecated: use submissions") != std::string::npos);
    for (auto const& [collection, verb, option] :
         {std::array{"investigate", "move", "--expected-disposition NAME"},
          std::array{"investigate", "bulk-create", "--expected-disposition NAME"},
          std::array{"impersonation-registry", "create", "--external-directory-node-id TEXT"}}) {
        auto const help = help_of({collection, verb});
        auto const at = help.find(option);
        BOOST_TEST_REQUIRE(at != std::string::npos, help);
        BOOST_TEST(help.substr(at, help.find('\n', at) - at).ends_with("(deprecated)"), help);
    }
}

BOOST_AUTO_TEST_CASE(help_offers_no_value_that_is_refused) {
    BOOST_TEST(help_of({"investigate", "bulk-list"}).find("SKIPPED") == std::string::npos);
    BOOST_TEST(help_of({"investigate", "bulk-messages"}).find("DISCOVERING") == std::string::npos);
    for (std::string const verb : {"plan", "sync", "export"}) {
        BOOST_TEST(help_of({"content-policies", verb}).find("text|csv") == std::string::npos, verb);
    }
}

BOOST_AUTO_TEST_SUITE_END()
