#include "cfes/cfes.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

using namespace test;
namespace data = boost::unit_test::data;
namespace asio = boost::asio;

/// Descriptors that are closed, readers that go, and calls that end before what was begun for them.
BOOST_AUTO_TEST_SUITE(processes)

namespace {

using words = std::vector<std::string>;

/// The command, with its descriptors as a shell sets them up.
words in_shell(fixture const& f, std::string const& redirections, words const& arguments,
               std::string const& before = "") {
    words all{"/bin/sh", "-c", before + "exec \"$0\" \"$@\" " + redirections, CFES};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return f.with_ca(std::move(all));
}

ended finish(program& running) {
    ended result;
    result.out = running.read_all();
    result.status = running.wait();
    result.err = running.errors();
    return result;
}

ended run_in_shell(fixture const& f, std::string const& redirections, words const& arguments,
                   std::string const& before = "") {
    program running{in_shell(f, redirections, arguments, before), f.environment()};
    return finish(running);
}

/// The first descriptor above 5 is a pipe that nobody reads.
std::string broken_pipe(fixture const& f) {
    auto const fifo = (f.files.path() / "unread").string();
    return "mkfifo '" + fifo + "'; exec 4<>'" + fifo + "'; exec 5>'" + fifo + "' 4<&-; rm '" +
           fifo + "'; ";
}

std::string many_domains() {
    std::string feed;
    for (int i = 0; i != 3000; ++i) feed += "d" + std::to_string(i) + ".example\n";
    return feed;
}

bool is_report_of_all(std::string const& path) {
    boost::system::error_code wrong;
    auto const report = json::parse(read_file(path), wrong);
    return !wrong && report.at("created").as_int64() == 3000;
}

}  // namespace

BOOST_DATA_TEST_CASE(nothing_is_written_into_what_was_opened_instead,
                     data::make({"2>&-", "1>&-", "0<&-", "0<&- 1>&-", "1>&- 2>&-",
                                 "0<&- 1>&- 2>&-"}),
                     closed) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\nbad bad\nb.example\n");
    auto const plan = (f.files.path() / "plan").string();
    auto const report = (f.files.path() / "report").string();
    auto const log = (f.files.path() / "log").string();
    words const arguments{"block-senders", "plan", feed, "--out",      plan,
                          "--report",      report, "-v", "--progress", "always"};
    bool const has_output = std::string{closed}.find("1>") == std::string::npos;
    auto const got = run_in_shell(f, closed, arguments);
    BOOST_TEST(got.status == (has_output ? 3 : 1), got.err);
    auto const saved = read_file(plan);
    BOOST_TEST(saved.starts_with('{'), saved);
    BOOST_TEST(saved.find("cfes:") == std::string::npos, saved);
    BOOST_CHECK_NO_THROW(json::parse(read_file(report)));
    auto const applied = f.run({"block-senders", "sync", "--plan", plan});
    BOOST_TEST(f.server.patterns(account).size() == 2U, applied.err);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_not_empty_nor_what_is_closed_a_place) {
    fixture f;
    for (auto const* const stdin_is : {"0<&-", "</"}) {
        for (words const& arguments :
             {words{"plan", "-", "--allow-empty", "--owner", "me", "--prune"},
              words{"plan", "-", "--expect-sha256", std::string(64, '0')}, words{"batch", "-"},
              words{"sync", "--plan", "-"}}) {
            auto all = arguments;
            all.insert(all.begin(), "block-senders");
            auto const unread = run_in_shell(f, stdin_is, all);
            BOOST_TEST(unread.status == 64);
            BOOST_TEST(unread.err.find("cannot read stdin") != std::string::npos, unread.err);
        }
    }
    auto const no_place = run_in_shell(f, "1>&-", {"block-senders", "list"});
    BOOST_TEST(no_place.status == 1);
    BOOST_TEST(no_place.err.find("cannot write to stdout: ") != std::string::npos, no_place.err);
}

BOOST_AUTO_TEST_CASE(a_sync_goes_on_without_the_reader_of_its_progress) {
    fixture f{sim::options{}.request_quota(std::nullopt)};
    auto const feed = f.files.file("feed.txt", many_domains());
    auto const report = (f.files.path() / "report").string();
    words const arguments{"block-senders", "sync",         feed,          "--progress",
                          "always",        "--batch-size", "100",         "--report",
                          report,          "-v",           "--account-id"};
    auto const with_account = [&](std::string const& id) {
        auto all = arguments;
        all.push_back(id);
        return all;
    };
    // Its reader goes after the first line.
    program left{in_shell(f, "3>&1 1>/dev/null 2>&3 3>&-", with_account("one")), f.environment()};
    left.read_line();
    left.stop_reading();
    BOOST_TEST(left.wait() == 0);
    BOOST_TEST(f.server.patterns("one").size() == 3000U);
    BOOST_TEST(is_report_of_all(report));

    // Nobody reads anything from the beginning: what it did cannot be told.
    auto const unread = run_in_shell(f, ">&5 2>&5", with_account("two"), broken_pipe(f));
    BOOST_TEST(unread.status == 1);
    BOOST_TEST(f.server.patterns("two").size() == 3000U);
    BOOST_TEST(is_report_of_all(report));
    BOOST_TEST(std::distance(begin(std::filesystem::directory_iterator{f.files.path()}), {}) == 3);
}

BOOST_AUTO_TEST_CASE(what_nobody_reads_is_a_failure_unless_it_is_help) {
    fixture f;
    auto const list = run_in_shell(f, ">&5", {"block-senders", "list"}, broken_pipe(f));
    BOOST_TEST(list.status == 1);
    BOOST_TEST(list.err == "cfes: cannot write to stdout: Broken pipe\n");
    for (auto const* const what : {"--help", "--version"}) {
        auto const help = run_in_shell(f, ">&5", {what}, broken_pipe(f));
        BOOST_TEST(help.status == 0);
        BOOST_TEST(help.err.empty(), help.err);
        auto const full = run_in_shell(f, ">/dev/full", {what});
        BOOST_TEST(full.status == 1);
        BOOST_TEST(full.err.find("No space left") != std::string::npos, full.err);
    }
}

BOOST_AUTO_TEST_CASE(a_hangup_ends_a_sync_with_its_report_unless_it_is_ignored) {
    for (bool const is_ignored : {false, true}) {
        fixture f{sim::options{}.request_quota(std::nullopt)};
        auto const feed = f.files.file("feed.txt", many_domains());
        auto const report = (f.files.path() / "report").string();
        f.server.set_fault("POST:hang#2");
        program running{in_shell(f, "",
                                 {"block-senders", "sync", feed, "--batch-size", "1000",
                                  "--connections", "1", "--report", report},
                                 is_ignored ? "trap '' HUP; " : ""),
                        f.environment()};
        while (f.server.stats().faults == 0) std::this_thread::yield();
        running.signal(SIGHUP);
        // It goes on waiting for the answer where a hangup means nothing.
        if (is_ignored) {
            running.signal(SIGTERM);
        }
        BOOST_TEST(running.wait() == -(is_ignored ? SIGTERM : SIGHUP));
        BOOST_TEST(json::parse(read_file(report)).at("created").as_int64() == 1000);
    }
}

namespace {

using tcp = asio::ip::tcp;

/// Takes connections and never gives the answer that is waited for.
class useless_server {
public:
    explicit useless_server(std::string flood) : flood_{std::move(flood)} {}
    ~useless_server() {
        stopped_ = true;
        asio::io_context context;
        tcp::socket last{context};
        boost::system::error_code ec;
        last.connect({asio::ip::address_v4::loopback(), port()}, ec);
        thread_.join();
    }
    useless_server(useless_server const&) = delete;
    useless_server& operator=(useless_server const&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
    bool has_connection() const { return connections_ > 0; }

private:
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void serve() {
        boost::system::error_code ec;
        std::vector<tcp::socket> open;
        while (!stopped_) {
            auto next = acceptor_.accept(ec);
            if (stopped_) return;
            ++connections_;
            // Until the other side closes.
            while (!flood_.empty() && !ec) asio::write(next, asio::buffer(flood_), ec);
            open.push_back(std::move(next));
        }
    }

    std::string flood_;
    asio::io_context context_;
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::atomic<bool> stopped_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_{[this] { serve(); }};
};

/// A server that says nothing, or a proxy that says nothing, or one that never gets to the point.
struct way {
    char const* name;
    bool is_proxy;
    char const* flood;
};
std::ostream& operator<<(std::ostream& out, way const& each) {
    return out << each.name;
}
std::vector<way> const ways{{"a silent server", false, ""},
                            {"a silent proxy", true, ""},
                            {"a flood of 1xx", true, "HTTP/1.1 100 Continue\r\n\r\n"}};

}  // namespace

BOOST_DATA_TEST_CASE(the_process_ends_with_its_call, data::make(ways) * data::make({false, true}),
                     each, is_interrupted) {
    using clock = std::chrono::steady_clock;
    // Without the rule it is the dialer's limit, ten seconds. A busy machine may take long once.
    constexpr auto dial = std::chrono::seconds{10};
    auto shortest = clock::duration::max();
    for (int attempt = 0; attempt != 3 && shortest >= dial * 9 / 10; ++attempt) {
        useless_server const server{each.flood};
        auto variables = no_environment();
        variables["CLOUDFLARE_API_TOKEN"] = token;
        variables["CLOUDFLARE_ACCOUNT_ID"] = account;
        variables["CLOUDFLARE_BASE_URL"] =
            "https://" + (each.is_proxy ? "api.nowhere.invalid" : server.address());
        if (each.is_proxy) variables["HTTPS_PROXY"] = "http://" + server.address();
        words arguments{CFES, "block-senders", "list", "--max-retries", "0"};
        if (!is_interrupted) arguments.insert(arguments.end(), {"--timeout", "0.2"});
        auto const begin = clock::now();
        program running{arguments, variables};
        if (is_interrupted) {
            while (!server.has_connection()) std::this_thread::yield();
            running.signal(SIGINT);
        }
        auto const got = finish(running);
        shortest = std::min(shortest, clock::now() - begin);
        // The flood may have ended it before the signal does.
        bool const is_over = is_interrupted && *each.flood == '\0';
        BOOST_TEST((got.status == 75 || got.status == -SIGINT), got.err);
        BOOST_TEST((got.status == -SIGINT || !is_over), got.err);
        BOOST_TEST((got.status == 75 || is_interrupted), got.err);
    }
    BOOST_CHECK(shortest < dial * 9 / 10);
}

BOOST_AUTO_TEST_SUITE_END()
