#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(commands)

BOOST_AUTO_TEST_CASE(block_senders_from_create_to_delete) {
    fixture f;
    auto const created =
        f.run({"block-senders", "create", "--pattern", "phish@evil.example", "--pattern-type",
               "EMAIL", "--comments", "INC-1 \"x\"", "--output", "json"});
    BOOST_TEST(created.status == 0, created.err);
    auto const entry = created.document();
    BOOST_TEST(entry.at("pattern").as_string() == "phish@evil.example");
    BOOST_TEST(entry.at("is_regex").as_bool() == false);
    std::string const id{entry.at("id").as_string()};

    auto const got = f.run({"--output", "json", "block-senders", "get", id});
    BOOST_CHECK(got.document() == entry);

    auto const edited = f.run({"block-senders", "edit", id, "--clear-comments", "--is-regex",
                               "--pattern", ".*@evil", "--output=json"});
    BOOST_TEST(edited.status == 0, edited.err);
    BOOST_CHECK(!edited.document().as_object().contains("comments"));
    BOOST_TEST(edited.document().at("is_regex").as_bool());
    auto const moved =
        f.run({"block-senders", "edit", id, "--is-regex", "false", "--pattern", "Evil.Example."});
    BOOST_TEST(moved.status == 0, moved.err);
    BOOST_TEST(moved.out.find("evil.example\n") != std::string::npos, moved.out);
    BOOST_TEST(moved.out.find("DOMAIN\n") != std::string::npos, moved.out);
    f.run({"block-senders", "edit", id, "--is-regex", "--pattern", ".*@evil"});
    f.server.take_log();

    auto const table = f.run({"block-senders", "get", id});
    BOOST_TEST(table.out.find("pattern       .*@evil\n") != std::string::npos, table.out);

    auto const gone = f.run({"block-senders", "delete", id, "--output", "json"});
    BOOST_TEST(gone.document().at("id").as_string() == id);
    auto const again = f.run({"block-senders", "delete", id});
    BOOST_TEST(again.status == 5);
    BOOST_TEST(again.out.empty());
    BOOST_TEST(lines_in(again.err) == 1);
    BOOST_TEST(again.err.find("10404") != std::string::npos, again.err);
    BOOST_TEST(again.err.find("-SIM") != std::string::npos, again.err);
}

BOOST_AUTO_TEST_CASE(allow_policies_with_flags) {
    fixture f;
    auto const created =
        f.run({"allow-policies", "create", "--pattern", "good.example", "--is-trusted-sender",
               "true", "--verify-sender", "false", "--output", "json"});
    BOOST_TEST(created.status == 0, created.err);
    BOOST_TEST(created.document().at("is_trusted_sender").as_bool());
    BOOST_TEST(!created.document().at("verify_sender").as_bool());
    BOOST_TEST(created.document().at("pattern_type").as_string() == "DOMAIN");
    auto const listed = f.run({"allow-policies", "list", "--is-trusted-sender", "true",
                               "--verify-sender", "false", "--output", "json"});
    BOOST_TEST(listed.document().as_array().size() == 1U);
}

BOOST_AUTO_TEST_CASE(lists_all_or_a_page_with_filters) {
    fixture f;
    std::vector<std::string> patterns;
    for (int i = 0; i != 2500; ++i) patterns.push_back("d" + std::to_string(i) + ".example");
    patterns.push_back("a@b.example");
    f.server.seed_block_senders(account, patterns);
    auto const count = [&f](std::vector<std::string> more) {
        more.insert(more.begin(), {"block-senders", "list", "--output", "json"});
        auto const listed = f.run(std::move(more));
        BOOST_TEST(listed.status == 0, listed.err);
        return listed.document().as_array().size();
    };
    BOOST_TEST(count({}) == 2501U);
    BOOST_TEST(count({"--per-page", "600"}) == 2501U);
    BOOST_TEST(count({"--page", "3", "--per-page", "1000"}) == 501U);
    BOOST_TEST(count({"--pattern-type", "EMAIL"}) == 1U);
    BOOST_TEST(count({"--search", "d12", "--order", "pattern", "--direction", "desc"}) == 111U);

    auto const table = f.run({"block-senders", "list", "--pattern-type", "EMAIL"});
    BOOST_TEST(lines_in(table.out) == 2);
    auto const header = table.out.find("pattern_type");
    auto const line = table.out.find('\n') + 1;
    BOOST_TEST(table.out.substr(line + header, 5) == "EMAIL", table.out);
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_an_empty_array) {
    fixture f;
    auto const listed = f.run({"block-senders", "list", "--output", "json"});
    BOOST_TEST(listed.document().as_array().empty());
}

BOOST_AUTO_TEST_CASE(batches) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example", "b.example", "c.example"});
    auto const there = json::parse(f.server.entries(account));
    auto const id = [&there](std::size_t i) {
        return std::string{there.as_array()[i].at("id").as_string()};
    };
    auto const file = f.files.file(
        "batch.json",
        R"({"deletes":[{"id":")" + id(0) + R"("}],"patches":[{"id":")" + id(1) +
            R"(","comments":"x"}],"puts":[{"id":")" + id(2) +
            R"(","pattern":"e.example","pattern_type":"DOMAIN","is_regex":false}],)" +
            R"("posts":[{"pattern":"d.example","pattern_type":"DOMAIN","is_regex":false}]})");
    auto const done = f.run({"block-senders", "batch", file, "--yes", "--output", "json"});
    BOOST_TEST(done.status == 0, done.err);
    for (auto const* const kind : {"deletes", "patches", "puts", "posts"}) {
        BOOST_TEST(done.document().at(kind).as_array().size() == 1U);
    }
    auto const expected = std::vector<std::string>{"b.example", "e.example", "d.example"};
    BOOST_TEST(f.server.patterns(account) == expected, boost::test_tools::per_element());
    auto const one = f.files.file("one.json", R"({"deletes":[{"id":")" + id(1) + R"("}]})");
    BOOST_TEST(f.run({"block-senders", "batch", one}).status == 0);
}

// What a put leaves out would be replaced by a default, silently.
BOOST_AUTO_TEST_CASE(a_put_of_a_batch_names_all_that_it_replaces) {
    fixture f;
    auto const refuse = [&f](char const* collection, std::string const& put, char const* field) {
        auto const file = f.files.file("batch.json", R"({"puts":[)" + put + "]}");
        auto const refused = f.run({collection, "batch", file});
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.err.find(field) != std::string::npos, refused.err);
        BOOST_TEST(refused.err.find("/puts/0") != std::string::npos, refused.err);
    };
    refuse("block-senders", R"({"id":"1","pattern":"a.example","pattern_type":"DOMAIN"})",
           "'is_regex'");
    refuse("content-policies", R"({"id":"1","name":"n","pattern":"x","targets":["BODY"]})",
           "'enabled'");
    refuse("allow-policies",
           R"({"id":"1","pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,
               "is_trusted_sender":true,"is_acceptable_sender":false,"is_exempt_recipient":false})",
           "'verify_sender'");
    refuse("trusted-domains",
           R"({"id":"1","pattern":"a.example","is_recent":true,"is_similarity":false})",
           "'is_regex'");
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(simulates_by_itself) {
    auto const listed = cfes({"--simulate", "block-senders", "list", "--output", "json"});
    BOOST_TEST(listed.status == 0, listed.err);
    BOOST_TEST(listed.document().as_array().empty());
}

BOOST_AUTO_TEST_CASE(the_token_may_come_from_a_file_and_is_never_shown) {
    fixture f;
    auto const file = f.files.file("token", std::string{token} + "\n");
    auto variables = f.environment();
    variables["CLOUDFLARE_API_TOKEN"] = "";
    auto const arguments = f.with_ca({"block-senders", "list", "-v", "--token-file", file});
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    auto const quiet = cfes(arguments, variables);
    BOOST_TEST(quiet.status == 0, quiet.err);
    BOOST_TEST(quiet.err.find("warning") == std::string::npos);
    BOOST_TEST(quiet.err.find("attempt ended GET") != std::string::npos, quiet.err);
    BOOST_TEST((quiet.out + quiet.err).find(token) == std::string::npos);
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    BOOST_TEST(cfes(arguments, variables).err.find("warning: others can read") !=
               std::string::npos);
}

BOOST_DATA_TEST_CASE(a_broken_server_is_one_clear_line,
                     boost::unit_test::data::make({"502-html@1", "garbage@1", "empty@1",
                                                   "truncate@1", "reset-before@1", "500@1"}),
                     fault) {
    // Whom to call, or that it will do later: an outage is told from a server that is wrong.
    bool const is_garbled = std::string_view{fault} == "garbage@1" || std::string_view{fault} == "empty@1";
    fixture f{sim::options{}.fault(fault)};
    auto const failed = f.run({"block-senders", "list", "--output", "json", "--max-retries", "0"});
    BOOST_TEST(failed.status == (is_garbled ? 1 : 75));
    BOOST_TEST(failed.document().at("error").at("message").is_string());
    BOOST_TEST(lines_in(failed.err) == 1, failed.err);
}

BOOST_AUTO_TEST_CASE(wrong_credentials_and_wrong_authority) {
    fixture f;
    auto variables = f.environment();
    auto const untrusted = cfes({"block-senders", "list"}, variables);
    BOOST_TEST(untrusted.status == 1);
    BOOST_TEST(lines_in(untrusted.err) == 1, untrusted.err);
    variables["CLOUDFLARE_API_TOKEN"] = "another";
    auto const refused = cfes(f.with_ca({"block-senders", "list"}), variables);
    BOOST_TEST(refused.status == 4);
    BOOST_TEST(lines_in(refused.err) == 1, refused.err);
}

BOOST_AUTO_TEST_CASE(the_proxy_of_the_environment) {
    constexpr auto nobody_there = "http://user:hunter2@127.0.0.1:1";
    auto variables = no_environment();
    variables["CLOUDFLARE_API_TOKEN"] = token;
    variables["CLOUDFLARE_ACCOUNT_ID"] = account;
    variables["CLOUDFLARE_BASE_URL"] = "https://api.nowhere.invalid";
    variables["HTTPS_PROXY"] = nobody_there;
    std::vector<std::string> const list{"block-senders", "list", "--max-retries", "0", "-v"};
    auto const says = [](ended const& of, std::string const& what) {
        return of.err.find(what) != std::string::npos;
    };
    auto const proxied = cfes(list, variables);
    BOOST_TEST(proxied.status == 75);
    BOOST_TEST(says(proxied, "cannot connect to the proxy 127.0.0.1:1"), proxied.err);
    BOOST_TEST(!says(proxied, "hunter2"), proxied.err);

    variables["NO_PROXY"] = "nowhere.invalid";
    auto const direct = cfes(list, variables);
    BOOST_TEST(direct.status == 75);
    BOOST_TEST(!says(direct, "proxy"), direct.err);

    variables["HTTPS_PROXY"] = "socks5://user:hunter2@127.0.0.1:1";
    auto const unusable = cfes(list, variables);
    BOOST_TEST(unusable.status == 64);
    BOOST_TEST(!says(unusable, "hunter2"), unusable.err);
}

BOOST_AUTO_TEST_CASE(this_machine_is_reached_without_a_proxy) {
    auto variables = no_environment();
    variables["HTTPS_PROXY"] = "http://127.0.0.1:1";
    BOOST_TEST(cfes({"--simulate", "block-senders", "list"}, variables).status == 0);
    fixture f;
    variables = f.environment();
    variables["HTTPS_PROXY"] = "http://127.0.0.1:1";
    BOOST_TEST(cfes(f.with_ca({"block-senders", "list"}), variables).status == 0);
}

BOOST_AUTO_TEST_CASE(control_characters_do_not_reach_the_terminal) {
    fixture f;
    f.server.seed_entries(account, "block_senders",
                          R"([{"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,
                               "comments":"x\u001b[2J\u009by\nz"}])");
    auto const listed = f.run({"block-senders", "list"});
    BOOST_TEST(lines_in(listed.out) == 2);
    BOOST_TEST(listed.out.find('\x1b') == std::string::npos);
    BOOST_TEST(listed.out.find("\xC2\x9B") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_pattern_is_taken_as_it_is_pasted) {
    fixture f;
    struct pasted {
        std::string text;
        std::string pattern;
        std::string type;
    };
    for (auto const& [text, pattern, type] : std::vector<pasted>{
             {"<phish@evil.example>", "phish@evil.example", "EMAIL"},
             {"\"Mr Evil\" <phish@Evil.example>", "phish@evil.example", "EMAIL"},
             {"  phish@evil.example ", "phish@evil.example", "EMAIL"},
             {"phish[at]evil[.]example", "phish@evil.example", "EMAIL"},
             {"evil[.]example", "evil.example", "DOMAIN"},
             {"hxxps://evil[.]example/", "evil.example", "DOMAIN"},
             {"@evil.example", "evil.example", "DOMAIN"},
             {"8[.]8[.]8[.]8", "8.8.8.8", "IP"}}) {
        auto const made = f.document({"block-senders", "create", "--pattern", text, "--yes"});
        BOOST_TEST(text_of(made.at("pattern")) == pattern, text);
        BOOST_TEST(text_of(made.at("pattern_type")) == type, text);
    }
}

BOOST_AUTO_TEST_CASE(names_of_values_are_taken_in_any_case) {
    fixture f;
    auto const made = f.run({"block-senders", "create", "--pattern", "evil.example",
                             "--pattern-type", "domain", "--is-regex", "False", "-o", "JSON"});
    BOOST_TEST_REQUIRE(made.status == 0, made.err);
    BOOST_TEST(text_of(made.document().at("pattern_type")) == "DOMAIN");
    auto const policy = f.document({"content-policies", "create", "--name", "n", "--pattern", "p",
                                    "--targets", "subject,Body"});
    BOOST_CHECK(policy.at("targets") == json::parse(R"(["SUBJECT","BODY"])"));
    f.server.take_log();
    f.document({"investigate", "list", "--final-disposition", "malicious", "--delivery-status",
                "QUARANTINED"});
    auto const sent = f.server.take_log().back().target;
    BOOST_TEST(sent.find("final_disposition=MALICIOUS") != std::string::npos, sent);
    BOOST_TEST(sent.find("delivery_status=quarantined") != std::string::npos, sent);
    BOOST_TEST(f.document({"submissions", "list", "--type", "user"}).as_array().size() == 3U);
    BOOST_TEST(
        f.run({"block-senders", "list", "--direction", "DESC", "--color", "Never"}).status == 0);
    BOOST_TEST(f.run({"block-senders", "export", "--format", "JSONL"}).status == 0);
    auto const refused = f.run({"block-senders", "list", "--direction", "up", "-o", "Json"});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(text_of(refused.document().at("error").at("code")) == "invalid_argument");
    BOOST_TEST(cfes({"completion", "BASH"}).status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
