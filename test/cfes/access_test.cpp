#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <filesystem>

using namespace test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

/// Whose account and token it is, and what is said when they do not do.
BOOST_AUTO_TEST_SUITE(accesses)

namespace {

using words = std::vector<std::string>;

/// A simulator that is reached by a profile only.
struct profile_fixture : fixture {
    void write_config(std::string const& text, fs::perms mode = fs::perms{0600}) const {
        fs::create_directories(files.path() / "cfes");
        fs::permissions(files.file("cfes/config.toml", text), mode);
    }
    std::string token_file() const {
        auto const path = files.file("token", std::string{token} + '\n');
        fs::permissions(path, fs::perms{0600});
        return path;
    }
    std::string prod(std::string const& token_from) const {
        return "[profiles.prod]\naccount = \"" + std::string{account} +
               "\"\nname = \"Example Corp\"\nbase-url = \"" + server.base_url() + "\"\n" +
               token_from + '\n';
    }
    program::environment bare() const {
        auto variables = no_environment();
        variables["XDG_CONFIG_HOME"] = files.path().string();
        return variables;
    }
    ended with(words arguments, program::environment const& variables) const {
        auto const result = cfes(with_ca(std::move(arguments)), variables);
        BOOST_TEST((result.out + result.err).find(token) == std::string::npos);
        return result;
    }
    ended with(words arguments) const { return with(std::move(arguments), bare()); }
};

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_profile_has_account_token_and_url) {
    profile_fixture f;
    auto const command = "token-command = \"cat '" + f.token_file() + "'\"";
    for (auto const& from : {"token-file = \"" + f.token_file() + '"', command}) {
        f.write_config(f.prod(from) + "output = \"json\"\n");
        f.server.take_log();
        auto const listed = f.with({"--profile", "prod", "block-senders", "list"});
        BOOST_TEST(listed.status == 0, listed.err);
        BOOST_TEST(listed.document().as_array().empty());
        auto const log = f.server.take_log();
        BOOST_TEST_REQUIRE(log.size() == 1U);
        BOOST_TEST(contains(log[0].target, account));
        auto variables = f.bare();
        variables["CFES_PROFILE"] = "prod";
        BOOST_TEST(f.with({"block-senders", "list", "--output", "table"}, variables).status == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_profile_says_how_a_saved_plan_is_shown) {
    profile_fixture f;
    f.write_config(f.prod("token-file = \"" + f.token_file() + '"') + "output = \"json\"\n");
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto const plan = (f.files.path() / "plan.json").string();
    auto const made = f.with({"--profile", "prod", "block-senders", "plan", feed, "--out", plan});
    BOOST_TEST(made.status == 0, made.err);
    auto const shown = f.with({"--profile", "prod", "show", plan});
    BOOST_TEST(shown.document().at("changes").as_array().size() == 1U);
    // What is written in no form needs no profile.
    auto variables = f.bare();
    variables["CFES_PROFILE"] = "nobody";
    BOOST_TEST(f.with({"version"}, variables).status == 0);
    BOOST_TEST(f.with({"show", plan}, variables).status == 64);
}

BOOST_AUTO_TEST_CASE(an_option_comes_before_a_profile_and_that_before_the_environment) {
    profile_fixture f;
    f.write_config(f.prod("token-file = \"" + f.token_file() + '"'));
    auto variables = f.bare();
    variables["CLOUDFLARE_ACCOUNT_ID"] = "ofenvironment";
    variables["CLOUDFLARE_API_TOKEN"] = "another";
    variables["CLOUDFLARE_BASE_URL"] = "https://127.0.0.1:1";
    auto const account_of = [&](words arguments) {
        f.server.take_log();
        auto const result = f.with(std::move(arguments), variables);
        BOOST_TEST(result.status == 0, result.err);
        auto const log = f.server.take_log();
        return log.empty() ? std::string{} : log[0].target;
    };
    words const list{"block-senders", "list", "--profile", "prod"};
    BOOST_TEST(contains(account_of(list), account));
    auto other = list;
    other.insert(other.end(), {"--account-id", "ofoption"});
    BOOST_TEST(contains(account_of(other), "ofoption"));
}

BOOST_AUTO_TEST_CASE(what_a_profile_cannot_be_is_refused) {
    profile_fixture f;
    auto const refuse = [&f](std::string const& config, std::string const& says,
                             fs::perms mode = fs::perms{0600}) {
        f.write_config(config, mode);
        auto const result = f.with({"--profile", "prod", "block-senders", "list"});
        BOOST_TEST(result.status == 64, config);
        BOOST_TEST(contains(result.err, says), result.err);
        BOOST_TEST(lines_in(result.err) == 1, result.err);
    };
    auto const file = "token-file = \"" + f.token_file() + '"';
    refuse("[profiles.test]\n", "has no [profiles.prod]; it has: test");
    refuse("[profiles.prod\n", "line 1: ");
    refuse(f.prod("token = \"" + std::string{token} + '"'), "a token does not belong here");
    refuse(f.prod("acount = \"x\""), "no key 'acount'");
    refuse(f.prod("output = \"yaml\"\n" + file), "--output");
    refuse(f.prod("token-command = \"exit 3\""), "exited with 3");
    refuse(f.prod("token-command = \"true\""), "prints nothing");
    refuse(f.prod(file + "\ntoken-command = \"true\""), "exclude each other");
    refuse(f.prod(file), "others can change", fs::perms{0622});
    BOOST_TEST(f.server.stats().connections == 0U);
    // Who asks for help reads none of it.
    BOOST_TEST(f.with({"--profile", "prod", "--help"}).status == 0);
}

BOOST_AUTO_TEST_CASE(a_command_prints_the_token) {
    profile_fixture f;
    auto variables = f.environment();
    variables["CLOUDFLARE_API_TOKEN"] = "";
    auto const list = [&](std::string const& command) {
        return f.with({"block-senders", "list", "--token-command", command}, variables);
    };
    BOOST_TEST(list("printf ' %s \\n' " + std::string{token}).status == 0);
    auto const failed = list("echo secret; exit 7");
    BOOST_TEST(failed.status == 64);
    BOOST_TEST(contains(failed.err, "--token-command: it exited with 7"), failed.err);
    BOOST_TEST(!contains(failed.err, "secret"));
    BOOST_TEST(contains(list("kill -9 $$").err, "ended by signal 9"));
    BOOST_TEST(contains(list("yes").err, "too much for a token"));
    // Nothing is run before the arguments are right.
    auto const mark = (f.files.path() / "ran").string();
    BOOST_TEST(f.with({"block-senders", "list", "--per-page", "0", "--token-command",
                       "touch '" + mark + "'"},
                      variables)
                   .status == 64);
    BOOST_TEST(!fs::exists(mark));
}

BOOST_AUTO_TEST_CASE(all_that_is_missing_at_first_is_told_at_once) {
    auto const first = cfes({"block-senders", "list"});
    BOOST_TEST(first.status == 64);
    BOOST_TEST(lines_in(first.err) == 1, first.err);
    for (auto const* const each : {"--account-id", "CLOUDFLARE_ACCOUNT_ID", "--token-file",
                                   "--token-command", "CLOUDFLARE_API_TOKEN", "--profile"}) {
        BOOST_TEST(contains(first.err, each), first.err);
    }
}

BOOST_AUTO_TEST_CASE(who_is_not_allowed_is_told_what_is_missing) {
    fixture f{sim::options{}.fault("403@1")};
    auto const reading = f.run({"block-senders", "list"});
    BOOST_TEST(reading.status == 4);
    BOOST_TEST(contains(reading.err,
                        "the token from CLOUDFLARE_API_TOKEN may not do this on "
                        "account " +
                            std::string{account}),
               reading.err);
    BOOST_TEST(contains(reading.err, "it needs Cloud Email Security: Read ("), reading.err);
    BOOST_TEST(contains(reading.err, "-SIM"), reading.err);
    auto const writing = f.run({"block-senders", "create", "--pattern", "a.example", "--yes"});
    BOOST_TEST(contains(writing.err, "it needs Cloud Email Security: Write ("), writing.err);
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto const sync = f.run({"block-senders", "sync", feed, "--no-protection"});
    BOOST_TEST(contains(sync.err, "it needs Cloud Email Security: Read ("), sync.err);
    f.server.set_fault("401@1");
    BOOST_TEST(contains(f.run({"block-senders", "list"}).err,
                        "the token from CLOUDFLARE_API_TOKEN is not taken"));
}

BOOST_DATA_TEST_CASE(an_error_is_a_document_too, data::make({"json", "jsonl"})) {
    fixture f{sim::options{}.fault("403@1")};
    auto const error_of = [&f, sample](words arguments) {
        arguments.insert(arguments.end(), {"--output", sample, "--max-retries", "0"});
        auto const result = f.run(arguments);
        BOOST_TEST(lines_in(result.out) == 1, result.out);
        BOOST_TEST(lines_in(result.err) == 1, result.err);
        auto error = result.document().at("error");
        BOOST_TEST(error.at("exit_status").as_int64() == result.status);
        return error;
    };
    auto error = error_of({"block-senders", "list"});
    BOOST_TEST(text_of(error.at("code")) == "forbidden");
    BOOST_TEST(error.at("status").as_int64() == 403);
    BOOST_TEST(text_of(error.at("ray")).ends_with("-SIM"));
    BOOST_TEST(text_of(error.at("outcome")) == "rejected");
    BOOST_TEST(contains(text_of(error.at("hint")), "Cloud Email Security: Read"));
    BOOST_TEST(!error.at("errors").as_array().empty());
    f.server.set_fault("500@1");
    error = error_of({"investigate", "release", "4Njp3P0STMz2c02Q-2026-01-01T00:00:10-1"});
    BOOST_TEST(text_of(error.at("outcome")) == "unknown");
    error = error_of({"block-senders", "list", "--per-page", "0"});
    BOOST_TEST(text_of(error.at("code")) == "invalid_argument");
    BOOST_TEST(text_of(error.at("outcome")) == "not sent");
    error = error_of({"block-senders", "lits"});
    BOOST_TEST(contains(text_of(error.at("message")), "lits"));
    auto const feed = f.files.file("feed.txt", "a.example\n");
    for (std::string const verb : {"plan", "sync"}) {
        error = error_of({"block-senders", verb, feed, "--no-protection"});
        BOOST_TEST(text_of(error.at("code")) == "server_error");
        error = error_of({"block-senders", verb, feed, "--prune"});
        BOOST_TEST(text_of(error.at("code")) == "invalid_argument");
    }
}

BOOST_DATA_TEST_CASE(an_error_is_no_row, data::make({"table", "csv", "tsv", "ids", "markdown"})) {
    fixture f{sim::options{}.fault("403@1")};
    auto const feed = f.files.file("feed.txt", "a.example\n");
    for (auto arguments : {words{"block-senders", "list"}, words{"block-senders", "lits"},
                           words{"block-senders", "plan", feed, "--no-protection"}}) {
        arguments.insert(arguments.end(), {"--output", sample});
        auto const result = f.run(arguments);
        BOOST_TEST(result.status != 0);
        BOOST_TEST(result.out.empty(), result.out);
        BOOST_TEST(lines_in(result.err) == 1, result.err);
    }
}

BOOST_AUTO_TEST_CASE(a_check_tells_whose_token_it_is) {
    fixture f;
    auto const found = f.document({"auth", "check"});
    BOOST_TEST(text_of(found.at("credentials")) == "the token from CLOUDFLARE_API_TOKEN");
    BOOST_TEST(text_of(found.at("token").at("status")) == "active");
    BOOST_TEST(text_of(found.at("account_id")) == account);
    BOOST_TEST(text_of(found.at("account_name")) == "Account 0123");
    BOOST_TEST(text_of(found.at("accounts").at(0).at("id")) == account);
    BOOST_TEST(found.at("permissions").at("read").as_bool());
    BOOST_TEST(found.at("permissions").at("write").as_bool());
    BOOST_TEST(found.at("quota").at("limit").as_int64() == 1200);
    BOOST_TEST(found.at("quota").at("remaining").as_int64() < 1200);
    auto const text = f.run({"auth", "check"});
    BOOST_TEST(text.status == 0);
    auto const line = f.run({"auth", "check", "-o", "jsonl", "--columns", "account_name"});
    BOOST_TEST(line.out == "{\"account_name\":\"Account 0123\"}\n");
    BOOST_TEST(contains(text.out, "may write     yes\n"), text.out);
    BOOST_TEST(f.server.patterns(account).empty());

    f.server.set_fault("PATCH:403@1");
    auto const reader = f.run({"auth", "check"});
    BOOST_TEST(reader.status == 0, reader.err);
    BOOST_TEST(contains(reader.out, "may write     no\n"), reader.out);
    f.server.set_fault("503@1");
    BOOST_TEST(f.run({"auth", "check", "--max-retries", "0"}).status == 75);
    f.server.set_fault("");

    auto variables = f.environment();
    variables["CLOUDFLARE_ACCOUNT_ID"] = "";
    auto const homeless = cfes(f.with_ca({"auth", "check"}), variables);
    BOOST_TEST(homeless.status == 0, homeless.err);
    BOOST_TEST(contains(homeless.out, std::string{"reaches       "} + account), homeless.out);
    variables["CLOUDFLARE_API_TOKEN"] = "another";
    BOOST_TEST(cfes(f.with_ca({"auth", "check"}), variables).status == 4);
    variables["CLOUDFLARE_ACCOUNT_ID"] = account;
    BOOST_TEST(cfes(f.with_ca({"auth", "check"}), variables).status == 4);
}

BOOST_AUTO_TEST_CASE(a_token_for_another_account_is_not_allowed_here) {
    fixture f{sim::options{}.account_id("theother")};
    auto const checked = f.run({"auth", "check"});
    BOOST_TEST(checked.status == 4);
    BOOST_TEST(contains(checked.out, "may read      no\n"), checked.out);
    BOOST_TEST(contains(checked.out, "theother"), checked.out);
}

BOOST_AUTO_TEST_CASE(plans_and_reports_name_account_and_profile) {
    profile_fixture f;
    f.write_config(f.prod("token-file = \"" + f.token_file() + '"'));
    auto const feed = f.files.file("feed.txt", "a.example\n");
    auto const place = "in account " + std::string{account} + " (Example Corp), profile prod";
    auto const with = [&f](words arguments) {
        arguments.insert(arguments.begin(), {"--profile", "prod", "block-senders"});
        auto result = f.with(arguments);
        BOOST_TEST(result.status == 0, result.err);
        return result;
    };
    auto const check_document = [](json::value const& document) {
        BOOST_TEST(text_of(document.at("account_id")) == account);
        BOOST_TEST(text_of(document.at("account_name")) == "Example Corp");
        BOOST_TEST(text_of(document.at("profile")) == "prod");
        BOOST_TEST(!document.as_object().contains("simulated"));
    };
    auto const plan = with({"plan", feed}).out;
    BOOST_TEST(contains(plan, '\n' + place), plan);
    BOOST_TEST(plan.ends_with("\n1 to create, 0 to update, 0 to delete\n"), plan);
    auto const request = with({"plan", feed, "-o", "markdown"}).out;
    BOOST_TEST(contains(request, "\nIn " + place.substr(3)), request);
    auto const rows = with({"plan", feed, "-o", "csv"});
    BOOST_TEST(lines_in(rows.out) == 2, rows.out);
    BOOST_TEST(contains(rows.err, place), rows.err);
    check_document(with({"plan", feed, "-o", "json"}).document());
    auto const journals = (f.files.path() / "journals").string();
    auto const sync = with({"sync", feed, "--journal", journals}).out;
    BOOST_TEST(contains(sync, '\n' + place), sync);
    check_document(with({"sync", feed, "-o", "json"}).document());
    auto const history = with({"history", "--journal", journals, "-o", "json"}).document();
    auto const journal = text_of(history.at(0).at("path"));
    check_document(with({"undo", journal, "--plan", "-o", "json"}).document());
    auto const undone = with({"undo", journal, "--no-journal"}).out;
    BOOST_TEST(contains(undone, '\n' + place), undone);
}

BOOST_AUTO_TEST_CASE(what_is_simulated_says_so_in_every_report) {
    scratch files;
    auto const feed = files.file("feed.txt", "a.example\n");
    for (std::string const verb : {"plan", "sync"}) {
        auto const text = cfes({"--simulate", "block-senders", verb, feed});
        BOOST_TEST(contains(text.out, "\nin the simulator, account 0000"), text.out);
        auto const document = cfes({"--simulate", "block-senders", verb, feed, "-o", "json"});
        BOOST_TEST(document.document().at("simulated").as_bool());
    }
}

BOOST_AUTO_TEST_SUITE_END()
