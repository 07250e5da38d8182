// cfes-simulator: serves the simulator until a signal stops it.

#include "bounded_read.hpp"
#include "command_tree.hpp"
#include "completion.hpp"
#include "man_page.hpp"
#include "process.hpp"

#include <cloudflare/simulator.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sim = cloudflare::simulator;

namespace {

constexpr int usage_error = 64;

/// `N/SECONDS`, or `none`. SECONDS may have a fraction.
std::optional<sim::quota> parse_quota(std::string const& text) {
    if (text == "none") return std::nullopt;
    sim::quota result;
    double seconds = 0;
    char const* const end = text.data() + text.size();
    auto const [slash, bad_count] = std::from_chars(text.data(), end, result.requests);
    if (bad_count == std::errc{} && slash != end && *slash == '/') {
        auto const [stop, bad_time] = std::from_chars(slash + 1, end, seconds);
        // A day is more than anyone needs, and keeps the arithmetic far from overflow.
        bool const sensible = seconds >= 0.001 && seconds <= 86400;
        if (bad_time == std::errc{} && stop == end && sensible && result.requests > 0) {
            result.window = std::chrono::milliseconds{std::llround(seconds * 1000)};
            return result;
        }
    }
    throw std::invalid_argument("quota must be N/SECONDS or none, not '" + text + '\'');
}

/// The whole file, unless it could fill the memory.
std::string read_file(std::string const& path) {
    constexpr std::size_t longest = 256U << 20U;
    std::ifstream file(path, std::ios::binary);
    auto text = programs::read_up_to(file, longest);
    if (!text) {
        throw std::runtime_error(path + " is larger than " + std::to_string(longest) + " bytes");
    }
    if (!file.is_open() || file.bad()) throw std::runtime_error("cannot read " + path);
    return std::move(*text);
}

/// One entry a line; `#` starts a comment.
std::vector<std::string> read_feed(std::string const& path) {
    std::istringstream lines{read_file(path)};
    std::vector<std::string> entries;
    constexpr char const* blank = " \t\r";
    for (std::string line; std::getline(lines, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        line.erase(line.find_last_not_of(blank) + 1);
        line.erase(0, line.find_first_not_of(blank));
        if (!line.empty()) entries.push_back(std::move(line));
    }
    return entries;
}

void write_file(std::string const& path, std::string const& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

struct command_line {
    /// What is asked for instead of a simulator, where that is a text.
    std::optional<std::string> document;
    std::uint16_t port = 0;
    std::string ca_out;
    std::string token;
    std::string account_id;
    std::string quota = "1200/300";
    std::uint32_t latency_ms = 0;
    std::string fault;
    std::uint64_t max_body = std::uint64_t{48} << 20U;
    std::uint64_t seed = 0;
    std::string seed_file;
    sim::identifier_form identifiers = sim::identifier_form::uuid;
    sim::duplicates on_duplicate = sim::duplicates::accept;
    bool former_bodies = false;
    bool normalise = false;
    std::uint32_t writers = 0;
    std::uint32_t list_lag_ms = 0;
};

void describe(CLI::App& app, command_line& line) {
    std::map<std::string, sim::identifier_form> const forms{
        {"uuid", sim::identifier_form::uuid}, {"integer", sim::identifier_form::integer}};
    std::map<std::string, sim::duplicates> const manners{{"accept", sim::duplicates::accept},
                                                         {"conflict", sim::duplicates::conflict}};
    auto const add = [&app](std::string const& name, auto& into, std::string const& help) {
        return app.add_option(name, into, help)->type_name("N");
    };
    add("--port", line.port, "TCP port on 127.0.0.1; 0 lets the system choose");
    add("--ca-out", line.ca_out, "File to write the minted CA certificate to (PEM)")
        ->type_name("FILE");
    add("--token", line.token, "The one API token to accept; any by default")->type_name("TEXT");
    add("--account-id", line.account_id, "The one account that exists; any by default")
        ->type_name("ID");
    add("--quota", line.quota, "Requests per window, N/SECONDS; or none")
        ->type_name("N/SECONDS")
        ->capture_default_str();
    add("--latency-ms", line.latency_ms, "How long to hold every answer back");
    add("--fault", line.fault,
        "Faults: [METHOD:]KIND@RATE or [METHOD:]KIND#N[-M], separated by commas. KIND: "
        "reset-before, reset-after, reset-late, NNN, NNN-after, NNN-late, NNN-html, "
        "truncate, stall, empty, garbage, hang, hang-after, hang-late")
        ->type_name("FAULTS");
    add("--max-body", line.max_body, "Most bytes of a request's body; else 413")
        ->capture_default_str();
    add("--seed", line.seed, "Seed of faults and identifiers");
    add("--seed-file", line.seed_file, "Feed of block senders to start with, one entry a line")
        ->type_name("FILE")
        ->check(CLI::Validator{CLI::ExistingFile}.description(""));
    add("--identifiers", line.identifiers, "Form of identifiers")
        ->type_name("uuid|integer")
        ->transform(CLI::CheckedTransformer(forms).description(""));
    add("--duplicates", line.on_duplicate, "What a create of an entry that is there gets")
        ->type_name("accept|conflict")
        ->transform(CLI::CheckedTransformer(manners).description(""));
    add("--writers", line.writers,
        "Changes a second that other people make in each collection; none by default");
    add("--list-lag", line.list_lag_ms, "Milliseconds until lists and their counts show a write");
    app.add_flag("--former-bodies", line.former_bodies,
                 "Also take the request bodies that the API has ended");
    app.add_flag("--normalise", line.normalise,
                 "Store patterns, domains and addresses in lower case; not regular expressions");
}

/// Commands that print what is made from the options: `completion`, and `man`, which is for who
/// installs the program.
void add_documents(CLI::App& app, command_line& line) {
    auto& completion =
        *app.add_subcommand("completion", "Print a script that lets a shell complete the options");
    completion.add_option("SHELL", "bash, zsh or fish")
        ->required()
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
    completion.callback([&app, &completion, &line] {
        auto const shell = completion.get_option("SHELL")->as<std::string>();
        line.document = programs::completion_script(programs::read_commands(app), shell);
    });
    auto& man = *app.add_subcommand("man", "Print the manual page");
    man.group("");
    man.callback([&app, &line] {
        line.document = programs::man_page(programs::read_commands(app), SIMULATOR_VERSION,
                                           "a simulator of the Cloudflare Email Security API", "");
    });
}

sim::options to_options(command_line const& line) {
    sim::options result;
    result.port(line.port)
        .request_quota(parse_quota(line.quota))
        .latency(std::chrono::milliseconds{line.latency_ms})
        .fault(line.fault)
        .max_body(line.max_body)
        .seed(line.seed)
        .identifiers(line.identifiers)
        .on_duplicate(line.on_duplicate)
        .former_bodies(line.former_bodies)
        .normalise(line.normalise)
        .writers(line.writers)
        .list_lag(std::chrono::milliseconds{line.list_lag_ms})
        .log_requests(false);
    if (!line.token.empty()) result.token(line.token);
    if (!line.account_id.empty()) result.account_id(line.account_id);
    return result;
}

int serve(sim::options opts, command_line const& line) {
    // From before the line is printed: whoever reads it may send the signal at once.
    boost::asio::io_context waiting{1};
    boost::asio::signal_set stop(waiting, SIGINT, SIGTERM);
    stop.async_wait([](boost::system::error_code, int) {});

    if (!line.seed_file.empty()) opts.block_senders(read_feed(line.seed_file));
    sim::server const server(std::move(opts));
    if (!line.ca_out.empty()) write_file(line.ca_out, server.ca_certificate());
    std::cout << "listening on " << server.base_url() << '\n' << std::flush;
    waiting.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    programs::prepare_process();
    CLI::App app{"Simulates the Cloudflare Email Security API on 127.0.0.1, over TLS.",
                 "cfes-simulator"};
    command_line line;
    describe(app, line);
    add_documents(app, line);
    sim::options opts;
    try {
        app.parse(argc, argv);
        if (line.document) {
            std::cout << *line.document << std::flush;
            return std::cout ? 0 : 1;
        }
        opts = to_options(line);
    } catch (CLI::ParseError const& stopped) {
        return app.exit(stopped) == 0 ? 0 : usage_error;
    } catch (std::invalid_argument const& wrong) {
        std::cerr << "cfes-simulator: " << wrong.what() << '\n';
        return usage_error;
    }
    try {
        return serve(std::move(opts), line);
    } catch (std::exception const& failed) {
        std::cerr << "cfes-simulator: " << failed.what() << '\n';
        return 1;
    }
}
