#pragma once

#include "support/program.hpp"
#include "support/state_home.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace test {

namespace sim = cloudflare::simulator;
namespace json = boost::json;

inline constexpr auto account = "0123456789abcdef0123456789abcdef";
inline constexpr auto token = "T0ken-that-nobody-must-see";

/// What a run of the command left.
struct ended {
    int status = 0;
    std::string out;
    std::string err;

    json::value document() const { return json::parse(out); }
};

inline program::environment no_environment() {
    return {{"CLOUDFLARE_API_TOKEN", ""},
            {"CLOUDFLARE_EMAIL", ""},
            {"CLOUDFLARE_API_KEY", ""},
            {"CLOUDFLARE_ACCOUNT_ID", ""},
            {"CLOUDFLARE_BASE_URL", ""},
            {"HTTPS_PROXY", ""},
            {"https_proxy", ""},
            {"NO_PROXY", ""},
            {"no_proxy", ""},
            {"CFES_PROFILE", ""},
            {"XDG_CONFIG_HOME", state_home()},
            {"XDG_STATE_HOME", state_home()}};
}

inline ended cfes(std::vector<std::string> arguments, program::environment const& variables) {
    arguments.insert(arguments.begin(), CFES);
    program running{std::move(arguments), variables};
    ended result;
    result.out = running.read_all();
    result.status = running.wait();
    result.err = running.errors();
    return result;
}

inline ended cfes(std::vector<std::string> arguments) {
    return cfes(std::move(arguments), no_environment());
}

/// A simulator, and the command set to use it.
struct fixture {
    explicit fixture(sim::options options = {}) : server{std::move(options.token(token))} {}

    program::environment environment() const {
        auto variables = no_environment();
        variables["CLOUDFLARE_API_TOKEN"] = token;
        variables["CLOUDFLARE_ACCOUNT_ID"] = account;
        variables["CLOUDFLARE_BASE_URL"] = server.base_url();
        return variables;
    }
    std::vector<std::string> with_ca(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--ca-file", ca_file});
        return arguments;
    }
    /// Also checks that the token is not shown.
    ended run(std::vector<std::string> arguments) const {
        auto const result = cfes(with_ca(std::move(arguments)), environment());
        BOOST_TEST((result.out + result.err).find(token) == std::string::npos);
        return result;
    }
    /// What a run that has to succeed prints as JSON.
    json::value document(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--output", "json"});
        auto const result = run(std::move(arguments));
        BOOST_TEST_REQUIRE(result.status == 0, result.err);
        return result.document();
    }

    sim::server server;
    scratch files;
    std::string ca_file = files.file("ca.pem", server.ca_certificate());
};

inline std::string text_of(json::value const& value) {
    return std::string{value.as_string()};
}

inline std::size_t lines_in(std::string const& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace test
