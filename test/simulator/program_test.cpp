#include "client.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using test::client;
using test::path_of;

namespace {

using strings = std::vector<std::string>;

/// A child process that runs the program, with its standard output at hand.
class program {
public:
    explicit program(strings arguments) {
        arguments.insert(arguments.begin(), CFES_SIMULATOR);
        std::vector<char*> argv;
        for (std::string& one : arguments) argv.push_back(one.data());
        argv.push_back(nullptr);

        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addclose(&actions, ends[0]);
        int const failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
        if (failed != 0) throw std::runtime_error("cannot run " + arguments[0]);
    }
    ~program() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
        std::fclose(output_);
    }
    program(program const&) = delete;
    program& operator=(program const&) = delete;

    std::string read_line() {
        std::string line;
        for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_)) {
            line += static_cast<char>(c);
        }
        return line;
    }
    void signal(int number) const { ::kill(pid_, number); }
    /// @returns the exit status, or -1 when a signal killed it.
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = 0;
    std::FILE* output_ = nullptr;
};

/// A directory that goes with the object.
struct scratch {
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "cfes-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path = name;
    }
    ~scratch() { std::filesystem::remove_all(path); }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;

    std::filesystem::path path;
};

std::string read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_program)

BOOST_AUTO_TEST_CASE(serves_until_it_is_told_to_stop) {
    scratch const here;
    std::string const ca = here.path / "ca.pem";
    std::string const feed = here.path / "feed.txt";
    std::ofstream(feed) << "# a feed\n\n  a.example \r\n1.2.3.4 # with a comment\nb@c.example";

    for (int const number : {SIGTERM, SIGINT}) {
        program simulator({"--ca-out",     ca,         "--seed-file",   feed,
                           "--token",      "right",    "--account-id",  "mine",
                           "--quota",      "5/0.5",    "--identifiers", "integer",
                           "--duplicates", "conflict", "--fault",       "POST:500#1",
                           "--latency-ms", "1",        "--seed",        "3"});
        std::string const line = simulator.read_line();
        std::string const begin = "listening on https://127.0.0.1:";
        std::string const end = "/client/v4";
        BOOST_REQUIRE(line.starts_with(begin));
        BOOST_REQUIRE(line.ends_with(end));
        auto const port = static_cast<std::uint16_t>(std::stoul(line.substr(begin.size())));
        BOOST_TEST(line == begin + std::to_string(port) + end);

        client c(port, read_file(ca));
        std::string const target = path_of("block_senders", "", "mine");
        BOOST_TEST(c.send("GET", target).status == 403U);
        c.headers = {{"Authorization", "Bearer right"}};
        test::answer const got = c.send("GET", target);
        BOOST_TEST(got.status == 200U);
        BOOST_TEST(got.headers.at("ratelimit-policy") == "\"default\";q=5;w=1");
        BOOST_TEST(got.json("/result_info/count") == 3);
        BOOST_TEST(got.json("/result/0/pattern") == "a.example");
        BOOST_TEST(got.json("/result/0/id").is_int64());
        BOOST_TEST(got.json("/result/1/pattern") == "1.2.3.4");
        BOOST_TEST(got.json("/result/2/pattern") == "b@c.example");
        BOOST_TEST(c.send("POST", target, test::block_sender("a.example")).status == 500U);
        BOOST_TEST(c.send("POST", target, test::block_sender("a.example")).status == 409U);
        simulator.signal(number);
        BOOST_TEST(simulator.wait() == 0);
    }
}

BOOST_AUTO_TEST_CASE(usage_errors) {
    strings const cases[] = {
        {"--nonsense"},
        {"argument"},
        {"--port", "x"},
        {"--port", "65536"},
        {"--port"},
        {"--quota", "12"},
        {"--quota", "0/3"},
        {"--quota", "12/0"},
        {"--quota", "12/x"},
        {"--quota", "12/3s"},
        {"--quota", "-1/3"},
        {"--latency-ms", "-1"},
        {"--fault", "500"},
        {"--identifiers", "words"},
        {"--duplicates", "maybe"},
        {"--seed-file", "/nonexistent"},
    };
    for (strings const& arguments : cases) {
        BOOST_TEST_CONTEXT(arguments.front() << ' ' << arguments.back()) {
            program simulator(arguments);
            BOOST_TEST(simulator.read_line().empty());
            BOOST_TEST(simulator.wait() == 64);
        }
    }
}

BOOST_AUTO_TEST_CASE(other_errors) {
    program simulator({"--ca-out", "/nonexistent/ca.pem"});
    BOOST_TEST(simulator.read_line().empty());
    BOOST_TEST(simulator.wait() == 1);
}

BOOST_AUTO_TEST_CASE(help) {
    program simulator({"--help"});
    BOOST_TEST(!simulator.read_line().empty());
    BOOST_TEST(simulator.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
