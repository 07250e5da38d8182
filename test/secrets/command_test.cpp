#include "echoes.hpp"
#include "harness.hpp"
#include "program.hpp"
#include "state_home.hpp"
#include "transcript.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace cloudflare::test;
using arguments = std::vector<std::string>;
using variables = ::test::program::environment;

namespace {

/// What a run of the command left.
struct ended {
    int status = 0;
    std::string out;
    std::string err;

    std::string all() const { return out + err; }
};

/// `cfes`, told to use a scripted server.
struct command {
    ended run(arguments line, variables const& more = {}) const {
        line.insert(line.begin(), CFES);
        line.insert(line.end(), {"--ca-file", ca_file});
        variables environment{{"CLOUDFLARE_API_TOKEN", token},
                              {"CLOUDFLARE_EMAIL", ""},
                              {"CLOUDFLARE_API_KEY", ""},
                              {"CLOUDFLARE_ACCOUNT_ID", account},
                              {"CLOUDFLARE_BASE_URL", server.base_url()},
                              {"HTTPS_PROXY", ""},
                              {"https_proxy", ""},
                              {"NO_PROXY", ""},
                              {"no_proxy", ""},
                              {"XDG_STATE_HOME", ::test::state_home()}};
        for (auto const& [name, value] : more) environment[name] = value;
        ::test::program running{std::move(line), environment};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    }

    scripted_server server;
    ::test::scratch files;
    std::string ca_file = files.file("ca.pem", trusted_authority().certificate());
};

/// With a key instead of the token.
variables const key_instead{{"CLOUDFLARE_API_TOKEN", ""},
                            {"CLOUDFLARE_EMAIL", "me@x.test"},
                            {"CLOUDFLARE_API_KEY", api_key}};

}  // namespace

BOOST_AUTO_TEST_SUITE(commands)

BOOST_DATA_TEST_CASE(show_no_secret_that_a_server_repeats, boost::unit_test::data::make(echoes()),
                     each) {
    command cfes;
    auto const feed = cfes.files.file("feed.txt", "one.example\ntwo.example\n");
    auto const report = cfes.files.path() / "report.json";
    auto const plan = cfes.files.path() / "plan.json";
    bool lists = false;
    cfes.server.otherwise({serve([&](seen_request const& asked) {
        return lists && asked.method == "GET" ? success("[]") : answer_with(each, asked);
    })});
    for (auto const& line :
         {arguments{"block-senders", "list"}, arguments{"block-senders", "get", "1"},
          arguments{"block-senders", "create", "--pattern", "a.example", "--output", "json"},
          arguments{"investigate", "list"}, arguments{"block-senders", "plan", feed},
          arguments{"block-senders", "sync", feed, "--report", report.string()}}) {
        lists = line.at(1) == "sync";
        auto with = line;
        with.insert(with.end(), {"-v", "--max-retries", "0"});
        auto const got = cfes.run(with, line.at(1) == "get" ? key_instead : variables{});
        check_shows_no_secret(got.all());
        BOOST_TEST(got.err.find("attempt ended") != std::string::npos, got.err);
    }
    check_shows_no_secret(::test::read_file(report));
    // A plan is written when all went well.
    lists = true;
    cfes.run({"block-senders", "plan", feed, "--out", plan.string()});
    BOOST_TEST(std::filesystem::exists(plan));
    check_shows_no_secret(::test::read_file(plan));
}

BOOST_AUTO_TEST_CASE(show_no_secret_when_they_try_again) {
    command cfes;
    cfes.server.otherwise({serve([](seen_request const& asked) {
        return failure(503, 1, secret_line(asked), "CF-Ray: " + secret_line(asked) + "\r\n");
    })});
    auto const got = cfes.run({"block-senders", "list", "-v", "--max-retries", "1"});
    BOOST_TEST(got.status == 75);
    BOOST_TEST(got.err.find("retry scheduled") != std::string::npos, got.err);
    BOOST_TEST(got.err.find("Authorization: Bearer ***") != std::string::npos, got.err);
    check_shows_no_secret(got.all());
}

BOOST_AUTO_TEST_CASE(show_no_secret_of_a_proxy) {
    command cfes;
    server_settings plain;
    plain.encrypts = false;
    scripted_server way{plain};
    way.otherwise({[](conversation& with) {
                       auto const line = with.receive().header("Proxy-Authorization");
                       with.send("HTTP/1.1 407 " + line + "\r\nX: " + line + "\r\n\r\n" + line);
                   },
                   close()});
    auto const host = "127.0.0.1:" + std::to_string(way.port());
    auto const info = std::string{proxy_user_info} + '@';
    for (auto const& url :
         {"http://" + info + host, "https://" + info + host, "http://" + info + host + "/x",
          "socks5://" + info + host, "http://" + info + "a:b:c"}) {
        auto const got = cfes.run(
            {"block-senders", "list", "-v", "--max-retries", "0"},
            {{"CLOUDFLARE_BASE_URL", "https://api.nowhere.invalid"}, {"HTTPS_PROXY", url}});
        BOOST_TEST(got.status != 0);
        check_shows_no_secret(got.all());
    }
    BOOST_TEST(way.request_count() == 1u);
}

BOOST_AUTO_TEST_CASE(do_not_repeat_a_secret_in_the_wrong_place) {
    command cfes;
    auto const secret = std::string{token};
    struct row {
        arguments wrong;
        std::string says;
    };
    for (auto const& [wrong, says] :
         std::vector<row>{{{"--token", secret}, "no option '--token'"},
                          {{"--token=" + secret}, "no option '--token'"},
                          {{"--api-key", api_key}, "no option '--api-key'"},
                          {{"-t" + secret}, "no option '-t'"},
                          {{"-v" + secret}, "no option '-"},
                          {{"--" + secret}, "there is no such option"},
                          {{secret}, "there is one argument too many"},
                          {{"--token-file", secret}, "--token-file: cannot read it: No such file"},
                          {{"--token-file=" + secret}, "--token-file: cannot read it"},
                          {{"--base-url", "https://" + secret + "@h"}, "not hold credentials"},
                          {{"--base-url", "http://" + secret + ":x@h/x"}, "begin with https"}}) {
        for (bool const comes_first : {true, false}) {
            arguments line{"block-senders", "list"};
            line.insert(comes_first ? line.begin() : line.end(), wrong.begin(), wrong.end());
            auto const got = cfes.run(line);
            BOOST_TEST(got.status == 64);
            BOOST_TEST(got.err.find(says) != std::string::npos, got.err);
            check_shows_no_secret(got.all());
        }
    }
    for (auto const& wrong :
         {variables{{"CLOUDFLARE_API_TOKEN", secret + '\n'}},
          variables{{"CLOUDFLARE_API_TOKEN", "Bearer " + secret}},
          variables{{"CLOUDFLARE_BASE_URL", "https://" + secret + "@host"}},
          variables{{"CLOUDFLARE_API_TOKEN", ""}, {"CLOUDFLARE_API_KEY", api_key}},
          variables{{"CLOUDFLARE_API_TOKEN", ""},
                    {"CLOUDFLARE_EMAIL", "me@x.test"},
                    {"CLOUDFLARE_API_KEY", std::string{api_key} + "\r\n"}}}) {
        auto const got = cfes.run({"block-senders", "list", "-v"}, wrong);
        BOOST_TEST(got.status == 64);
        check_shows_no_secret(got.all());
    }
    BOOST_TEST(cfes.server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(refuse_or_encode_line_ends) {
    command cfes;
    cfes.server.answers({success("[]")});
    for (std::string const text : {"a\r\nX-Injected: 1", "a\nb", "a\rb", "\n"}) {
        for (auto const& line :
             {arguments{"block-senders", "list", "--account-id", text},
              arguments{"block-senders", "get", text}, arguments{"block-senders", "delete", text},
              arguments{"block-senders", "edit", text, "--comments", "c"},
              arguments{"investigate", "get", text},
              arguments{"block-senders", "list", "--base-url", text}}) {
            auto const got = cfes.run(line);
            BOOST_TEST(got.status == 64, got.err);
            BOOST_TEST(std::count(got.err.begin(), got.err.end(), '\n') == 1, got.err);
        }
    }
    BOOST_TEST(cfes.server.connections() == 0u);
    for (auto const& line :
         {arguments{"block-senders", "list", "--search", "a\r\nb"},
          arguments{"block-senders", "list", "--pattern", "a\r\nb"},
          arguments{"investigate", "list", "--subject", "a\r\nb", "--sender", "a\r\nb"}}) {
        auto const got = cfes.run(line);
        BOOST_TEST(got.status == 0, got.err);
        auto const asked = cfes.server.requests().back();
        BOOST_TEST(asked.target.find("=a%0D%0Ab") != std::string::npos, asked.target);
        BOOST_TEST(asked.header("X-Injected") == "(absent)");
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(token_files)

namespace {

arguments with_file(std::string const& path) {
    return {"block-senders", "list", "--token-file", path};
}
variables const no_token{{"CLOUDFLARE_API_TOKEN", ""}};

/// With which modes of the file it is warned that others can do that.
void check_warnings(command& cfes, std::string const& file, std::string const& what,
                    std::vector<std::pair<unsigned, bool>> const& modes) {
    for (auto const& [mode, warns] : modes) {
        std::filesystem::permissions(file, std::filesystem::perms{mode});
        auto const got = cfes.run(with_file(file), no_token);
        BOOST_TEST_CONTEXT(std::oct << mode) {
            BOOST_TEST(got.status == 0, got.err);
            auto const warning = "warning: others can " + what + ' ' + file;
            BOOST_TEST((got.err.find(warning) != std::string::npos) == warns);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(others_that_can_read_are_warned_of) {
    command cfes;
    cfes.server.answers({success("[]")});
    auto const file = cfes.files.file("token", token);
    check_warnings(cfes, file, "read",
                   {{0600, false},
                    {0400, false},
                    {0700, false},
                    {0640, true},
                    {0604, true},
                    {0644, true},
                    {0440, true},
                    {0611, false}});
    // Those of the file count, not of a link to it.
    auto const link = cfes.files.path() / "link";
    std::filesystem::create_symlink(file, link);
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    BOOST_TEST(cfes.run(with_file(link.string()), no_token).err.empty());
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    BOOST_TEST(!cfes.run(with_file(link.string()), no_token).err.empty());
}

BOOST_AUTO_TEST_CASE(others_that_can_change_it_are_warned_of) {
    command cfes;
    cfes.server.answers({success("[]")});
    auto const file = cfes.files.file("token", token);
    check_warnings(cfes, file, "change",
                   {{0600, false}, {0644, false}, {0620, true}, {0602, true}, {0666, true}});
    if (::geteuid() != 0) return;
    // Whoever else owns it can change it, whatever its mode.
    std::filesystem::permissions(file, std::filesystem::perms{0400});
    BOOST_REQUIRE(::chown(file.c_str(), 12345, 0) == 0);
    auto const got = cfes.run(with_file(file), no_token);
    BOOST_TEST(got.err.find("warning: others can change " + file) != std::string::npos, got.err);
}

BOOST_AUTO_TEST_CASE(a_file_without_end_is_none) {
    command cfes;
    auto const got = cfes.run(with_file("/dev/zero"), no_token);
    BOOST_TEST(got.status == 64);
    BOOST_TEST(got.err.find("/dev/zero is larger than 65536 bytes") != std::string::npos, got.err);
    BOOST_TEST(cfes.server.request_count() == 0U);
}

BOOST_AUTO_TEST_CASE(blanks_and_line_ends_after_the_token_do_not_count) {
    command cfes;
    cfes.server.answers({success("[]")});
    for (auto const* const end : {"", "\n", "\r\n", "\n\n", " \t\n"}) {
        auto const file = cfes.files.file("token", std::string{token} + end);
        auto const got = cfes.run(with_file(file), no_token);
        BOOST_TEST(got.status == 0, got.err);
        BOOST_TEST(cfes.server.requests().back().header("Authorization") ==
                   std::string{"Bearer "} + token);
    }
    auto const sent = cfes.server.request_count();
    auto const text = std::string{token};
    for (auto const& content :
         {std::string{}, std::string{"\n"}, text + '\n' + text, '\n' + text, "Bearer " + text,
          "\xef\xbb\xbf" + text, text + std::string(1, '\0'), "TOKEN=" + text + " #"}) {
        auto const got = cfes.run(with_file(cfes.files.file("token", content)), no_token);
        BOOST_TEST(got.status == 64, got.err);
        check_shows_no_secret(got.all());
    }
    BOOST_TEST(cfes.server.request_count() == sent);
}

BOOST_AUTO_TEST_SUITE_END()
