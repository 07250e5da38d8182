// How well processes share a quota: each creates block senders, as fast as the quota allows,
// against a simulator that counts as Cloudflare does.
//
//     shared_quota [STORE]      redis (default), file, none, or killed, paused or flushed: what
//                               happens to Redis once a third of the writes are done
//     --processes N             [8]
//     --writes N                of each process [100]
//     --quota N/SECONDS         [120/10]
//
// Ends with 1 when a process failed, or, but for `none`, when a request was refused.

#include "quota_store/fleet.hpp"
#include "quota_store/redis_server.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

namespace {

struct run_options {
    std::string store = "redis";
    test::fleet::size size{8, 100, 120, std::chrono::seconds{10}};
};

void disturb(run_options const& run, test::fleet& all, test::redis_server& redis) {
    auto const writes = run.size.processes * static_cast<std::size_t>(run.size.writes);
    auto const wait_for = [&](std::size_t requests) {
        while (all.server.stats().requests < requests) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    };
    if (run.store == "killed" || run.store == "paused" || run.store == "flushed") {
        wait_for(writes / 3);
    }
    if (run.store == "killed") redis.kill();
    if (run.store == "flushed") redis.command({"FLUSHALL"});
    if (run.store != "paused") return;
    redis.pause();
    wait_for(2 * writes / 3);
    redis.resume();
}

int measure(run_options const& run) {
    test::fleet all{run.size};
    std::optional<test::redis_server> redis;
    test::scratch const files;
    auto const begun = std::chrono::steady_clock::now();
    if (run.store == "none") {
        all.start("none");
    } else if (run.store == "file") {
        all.start("file:" + (files.path() / "quota").string());
    } else {
        redis.emplace();
        all.start(redis->address());
        disturb(run, all, *redis);
    }
    auto const came = all.finish();
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
    auto const number = [&came](char const* name) {
        auto const found = came.sum.find(name);
        return static_cast<long long>(found == came.sum.end() ? 0 : found->second);
    };
    // All but the last window last to their end; one request in a hundred is left to others.
    auto const allowed = run.size.quota - run.size.quota / 100;
    auto const writes = run.size.processes * static_cast<std::size_t>(run.size.writes);
    auto const windows = (writes - 1) / allowed;
    auto const least =
        static_cast<double>(windows) * std::chrono::duration<double>(run.size.window).count();
    std::printf(
        "%s: %lld of %zu done, %llu refused; %.1f s, the quota allows no less than %.1f s (%+.1f "
        "%%)"
        "; %.2f exchanges a request, %lld failed, %lld requests granted without the store\n",
        run.store.c_str(), number("done"), writes,
        static_cast<unsigned long long>(all.server.stats().refused_by_quota), took.count(), least,
        100 * (took.count() / least - 1),
        static_cast<double>(number("exchanges")) / static_cast<double>(writes), number("failures"),
        number("own"));
    std::fputs(came.errors.c_str(), stderr);
    bool const is_refused = run.store != "none" && all.server.stats().refused_by_quota > 0;
    return came.broken > 0 || number("failed") > 0 || is_refused ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    run_options run;
    std::string quota = "120/10";
    CLI::App app{"How well processes share a quota"};
    app.add_option("store", run.store, "redis, file, none, killed, paused or flushed")
        ->capture_default_str();
    app.add_option("--processes", run.size.processes, "How many")->capture_default_str();
    app.add_option("--writes", run.size.writes, "Of each process")->capture_default_str();
    app.add_option("--quota", quota, "N/SECONDS")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        auto const slash = quota.find('/');
        run.size.quota = std::stoul(quota.substr(0, slash));
        run.size.window = std::chrono::milliseconds{
            static_cast<std::int64_t>(1000 * std::stod(quota.substr(slash + 1)))};
        return measure(run);
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
