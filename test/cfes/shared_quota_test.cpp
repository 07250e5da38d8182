#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace test;
namespace data = boost::unit_test::data;

/// A quota that processes share, and none.
BOOST_AUTO_TEST_SUITE(shared_quota)

namespace {

using words = std::vector<std::string>;

constexpr auto password = "s3cret";

std::string store_of(fixture const& f) {
    return "file:" + (f.files.path() / "quota").string();
}

}  // namespace

BOOST_AUTO_TEST_CASE(processes_that_share_it_are_never_refused) {
    // A window that outlasts the test, however busy the machine is.
    fixture f{sim::options{}.request_quota(sim::quota{20, std::chrono::hours{1}})};
    words create{CFES,        "block-senders",  "create",        "--pattern",
                 "x.example", "--pattern-type", "DOMAIN",        "--yes",
                 "--quota",   "20/3600",        "--quota-store", store_of(f)};
    create = f.with_ca(std::move(create));
    std::vector<std::unique_ptr<program>> running;
    for (int i = 0; i != 25; ++i) {
        running.push_back(std::make_unique<program>(create, f.environment()));
    }
    while (f.server.patterns(account).size() < 20U) std::this_thread::yield();
    // The others wait for the next window, or have been told that it comes too late for them.
    for (auto const& each : running) each->signal(SIGINT);
    int waited = 0;
    for (auto const& each : running) waited += each->wait() != 0;
    BOOST_TEST(waited >= 5);
    BOOST_TEST(f.server.stats().refused_by_quota == 0U);
    BOOST_TEST(f.server.patterns(account).size() == 20U);
}

BOOST_AUTO_TEST_CASE(what_a_process_leaves_is_there_for_the_next) {
    fixture f;
    for (int i = 0; i != 5; ++i) {
        auto const came = f.run({"block-senders", "list", "--quota-store", store_of(f)});
        BOOST_TEST(came.status == 0, came.err);
        BOOST_TEST(came.err.empty(), came.err);
    }
    // One window for all, of which nothing is held by those that are gone.
    auto const text = read_file(f.files.path() / "quota");
    BOOST_TEST(text.find(token) == std::string::npos);
    BOOST_TEST(text.find(" 1195 0 1 ") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(the_environment_or_a_file_may_say_where_and_an_argument_goes_first) {
    fixture f;
    auto variables = f.environment();
    variables["CFES_QUOTA_STORE"] = "file:" + (f.files.path() / "from-environment").string();
    auto const run = [&](words more) {
        more.insert(more.begin(), {"block-senders", "list"});
        return cfes(f.with_ca(std::move(more)), variables).status;
    };
    BOOST_TEST(run({}) == 0);
    BOOST_TEST(std::filesystem::exists(f.files.path() / "from-environment"));
    BOOST_TEST(run({"--quota-store", store_of(f)}) == 0);
    BOOST_TEST(std::filesystem::exists(f.files.path() / "quota"));
    auto const file =
        f.files.file("address", "file:" + (f.files.path() / "from-file").string() + "\n");
    BOOST_TEST(run({"--quota-store-file", file}) == 0);
    BOOST_TEST(std::filesystem::exists(f.files.path() / "from-file"));
}

BOOST_DATA_TEST_CASE(a_password_is_not_taken_as_an_argument_and_not_repeated,
                     data::make(words{"redis://me:s3cret@host:1", "redis://s3cret@host",
                                      "redis://:s3cret@host/1", "redis+unix://me:s3cret@/socket",
                                      "redis://me:s3cret@host:x", "redis://me:s3 cret@host",
                                      "s3cret"}),
                     address) {
    fixture f;
    for (auto const& arguments :
         {words{"--quota-store", address}, words{"--quota-store=" + address}}) {
        words all{"block-senders", "list"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        auto const refused = f.run(all);
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.err.starts_with("cfes: --quota-store: "), refused.err);
        BOOST_TEST(refused.err.find(password) == std::string::npos, refused.err);
    }
    auto variables = f.environment();
    variables["CFES_QUOTA_STORE"] = "s3cret://me:s3cret@host";
    auto const refused = cfes(f.with_ca({"block-senders", "list"}), variables);
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.starts_with("cfes: CFES_QUOTA_STORE: "), refused.err);
    BOOST_TEST(refused.err.find(password) == std::string::npos, refused.err);
    BOOST_TEST(f.server.stats().requests == 0U);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_away_is_told_and_done_without) {
    fixture f;
    auto variables = f.environment();
    variables["CFES_QUOTA_STORE"] = "redis+unix://me:s3cret@/nowhere/redis.sock?db=1";
    auto const came = cfes(f.with_ca({"block-senders", "list"}), variables);
    BOOST_TEST(came.status == 0, came.err);
    BOOST_TEST(
        came.err.find("without the quota store unix:/nowhere/redis.sock: ") != std::string::npos,
        came.err);
    BOOST_TEST(came.err.find("keeping to a share of the quota") != std::string::npos, came.err);
    BOOST_TEST(came.err.find(password) == std::string::npos, came.err);
}

BOOST_AUTO_TEST_CASE(there_may_be_no_quota) {
    fixture f{sim::options{}.request_quota(sim::quota{2, std::chrono::hours{1}})};
    for (int i = 0; i != 2; ++i) {
        BOOST_TEST(f.run({"block-senders", "list", "--quota", "none"}).status == 0);
    }
    BOOST_TEST(cfes({"--simulate", "--quota", "none", "block-senders", "list"}).status == 0);
    auto const refused =
        f.run({"block-senders", "list", "--quota", "none", "--quota-store", store_of(f)});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err == "cfes: --quota none leaves no quota to share\n");
    auto const wrong = f.run({"block-senders", "list", "--quota", "nothing"});
    BOOST_TEST(wrong.status == 64);
    BOOST_TEST(wrong.err.find("must be N/SECONDS or none") != std::string::npos, wrong.err);
}

BOOST_AUTO_TEST_SUITE_END()
