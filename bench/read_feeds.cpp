// What reading a feed costs: a file of so many lines in each form that is read by lines, beside
// `sort -u` of the same file.
//
//     read_feeds [LINES]       default: 1000000
//
// Each reading and each `sort` is a process of its own, so that its processor time and its peak of
// memory are its own. `sort` has one thread and compares bytes.

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace es = cloudflare::email_security;
namespace fs = std::filesystem;

namespace {

struct form {
    char const* name;
    es::feed_format format;
    char const* begin;  // of the file
    char const* before;
    char const* after;
};

constexpr std::array forms{
    form{"text", es::feed_format::text, "", "", ""},
    form{"text, defanged", es::feed_format::text, "", "mail[.]", ""},
    form{"text with notes", es::feed_format::text, "", "", " # seen in November"},
    form{"hosts", es::feed_format::hosts, "", "0.0.0.0 ", ""},
    form{"csv", es::feed_format::csv, "pattern,pattern_type,comments\n", "", ",DOMAIN,phishing"},
    form{"jsonl", es::feed_format::json_lines, "", "{\"pattern\":\"", "\"}"},
    form{"adblock", es::feed_format::adblock, "[Adblock Plus 2.0]\n", "||", "^"},
    form{"rpz", es::feed_format::rpz, "$TTL 300\n", "", " CNAME ."},
    form{"dnsmasq", es::feed_format::dnsmasq, "", "address=/", "/0.0.0.0"},
    form{"unbound", es::feed_format::unbound, "server:\n", "local-zone: \"", "\" always_nxdomain"},
    form{"postfix", es::feed_format::postfix, "", "", " REJECT"},
    // Lines of which nothing is kept.
    form{"comments", es::feed_format::text, "first.example\n", "# ", ""}};

/// A name as in a feed of new domains: no two are the same, and they are in no order.
std::string name_number(std::uint64_t n) {
    auto const mixed = n * 0x9E3779B97F4A7C15U;
    constexpr std::array<char const*, 4> endings{".com", ".net", ".example", ".co.uk"};
    std::array<char, 32> digits{};
    auto const end = std::to_chars(digits.begin(), digits.end(), mixed, 36).ptr;
    return "login-" + std::string{digits.begin(), end} + endings[mixed >> 62U];
}

fs::path write_feed(fs::path const& in, form const& of, std::uint64_t lines) {
    auto path = in / "feed";
    std::ofstream file{path};
    file << of.begin;
    for (std::uint64_t i = 0; i != lines; ++i) {
        file << of.before << name_number(i) << of.after << '\n';
    }
    if (!file.flush()) throw std::runtime_error("cannot write the feed");
    return path;
}

struct cost {
    double seconds = 0;  // of the processor
    double megabytes = 0;
};

/// What a child process costs.
cost cost_of(std::function<void()> const& work) {
    std::fflush(nullptr);
    auto const child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) {
        work();
        std::_Exit(0);
    }
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    if (status != 0) throw std::runtime_error("a child failed");
    auto const seconds = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(used.ru_utime) + seconds(used.ru_stime),
            static_cast<double>(used.ru_maxrss) / 1024};
}

void read(fs::path const& path, form const& of, std::uint64_t lines) {
    auto const feed = es::read_feed<es::block_senders_traits>(path);
    bool const is_kept = std::string_view{of.name} != "comments";
    auto const entries = feed ? feed->entries.size() : 0;
    if (entries != (is_kept ? lines : 1) || feed->read_as != of.format) std::_Exit(1);
}

void sort(fs::path const& path) {
    ::setenv("LC_ALL", "C", 1);
    ::execlp("sort", "sort", "-u", "--parallel=1", "-o", "/dev/null", path.c_str(), nullptr);
    std::_Exit(1);
}

void measure(fs::path const& in, form const& of, std::uint64_t lines) {
    auto const path = write_feed(in, of, lines);
    auto const idle = cost_of([] {});
    auto const ours = cost_of([&] { read(path, of, lines); });
    auto const theirs = cost_of([&] { sort(path); });
    auto const count = static_cast<double>(lines);
    std::printf("%-16s %9.0f %8.2f %8.0f %9.0f %8.2f %8.0f\n", of.name, count / ours.seconds,
                ours.seconds, ours.megabytes - idle.megabytes, count / theirs.seconds,
                theirs.seconds, theirs.megabytes);
    std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        auto const lines = count > 1 ? std::stoull(arguments[1]) : 1'000'000ULL;
        auto name = (fs::temp_directory_path() / "read_feeds.XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no directory for the feeds");
        fs::path const directory{name};
        std::printf(
            "%llu lines       read_feed                    sort -u\n%-16s %9s %8s %8s %9s "
            "%8s %8s\n",
            lines, "form", "lines/s", "CPU s", "MB", "lines/s", "CPU s", "MB");
        for (auto const& each : forms) measure(directory, each, lines);
        fs::remove_all(directory);
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "read_feeds: %s\n", failed.what());
        return 1;
    }
    return 0;
}
