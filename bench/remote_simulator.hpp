#pragma once

#include "support/program.hpp"

#include <cloudflare/client_options.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// A simulator in a process of its own, and where it is.
class remote_simulator {
public:
    /// With arguments of `cfes-simulator`.
    explicit remote_simulator(std::vector<std::string> arguments)
        : ca_file_{(files_.path() / "ca.pem").string()},
          process_{command(std::move(arguments), ca_file_)} {
        auto const line = process_.read_line();
        auto const at = line.find("https://");
        if (at == std::string::npos) throw std::runtime_error("the simulator does not start");
        base_url_ = line.substr(at);
    }

    cloudflare::client_options options() const {
        namespace cf = cloudflare;
        return cf::client_options{cf::credentials::api_token("a-token-for-the-benchmark")}
            .base_url(base_url_)
            .tls(cf::tls_options{}.system_trust(false).extra_ca(test::read_file(ca_file_)));
    }

private:
    static std::vector<std::string> command(std::vector<std::string> arguments,
                                            std::string const& ca_file) {
        arguments.insert(arguments.begin(), CFES_SIMULATOR);
        arguments.insert(arguments.end(), {"--ca-out", ca_file});
        return arguments;
    }

    test::scratch files_;
    std::string ca_file_;
    test::program process_;
    std::string base_url_;
};
