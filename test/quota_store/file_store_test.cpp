// A quota in a file, for the processes of a host.

#include "harness.hpp"
#include "quota_store/fleet.hpp"

#include <cloudflare/quota_store.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace cloudflare::test;
namespace asio = boost::asio;
namespace cf = cloudflare;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto secret = "T0ken-that-nobody-must-see";

/// A limiter in this process.
struct member {
    std::vector<std::string> events;
    std::shared_ptr<cf::quota_store> limiter;

    member(asio::io_context& context, cf::quota_store_options options, char const* with = secret) {
        auto const tell = [this](cf::quota_store_event const& event) {
            auto const is_away = event.what == cf::quota_store_event::kind::away;
            events.push_back((is_away ? "away: " : "back: ") + std::string{event.reason});
        };
        limiter = cf::make_quota_store(context.get_executor(), cf::credentials::api_token(with),
                                       std::move(options.on_event(tell)));
    }
};

struct file_scene {
    ::test::scratch files;
    std::string path = (files.path() / "quota").string();
    asio::io_context context{1};

    cf::quota_store_options options(std::uint64_t quota = 120,
                                    std::chrono::milliseconds window = 60s) const {
        return cf::quota_store_options{"file:" + path}.quota(
            cf::rate_limit_options{}.quota(quota, window));
    }
    cf::result<void> acquire(member& by, std::chrono::milliseconds timeout = 1h) {
        auto waits =
            start(context, by.limiter->acquire({}, std::chrono::steady_clock::now() + timeout, {}));
        return finish(context, std::move(waits->result));
    }
    void answer(member& to, std::uint64_t remaining, std::chrono::seconds reset,
                unsigned status = 200) {
        left = remaining;
        cf::rate_limit_report report;
        report.status = status;
        auto const text =
            "\"default\";r=" + std::to_string(remaining) + ";t=" + std::to_string(reset.count());
        report.ratelimit = text;
        if (status == 429) report.retry_after = reset;
        to.limiter->observe(report);
    }
    /// As many as there are now, each of which is answered.
    int take_all(member& by) {
        int taken = 0;
        for (; acquire(by, 30s); ++taken) answer(by, left - 1, 60s);
        return taken;
    }

    std::uint64_t left = 0;  // at the server, as it said last
};

}  // namespace

BOOST_AUTO_TEST_SUITE(file_store)

BOOST_AUTO_TEST_CASE(two_limiters_have_one_quota) {
    file_scene s;
    member one{s.context, s.options()};
    member other{s.context, s.options()};
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 119, 60s);
    int const first = s.take_all(one);
    BOOST_TEST(first > 0);
    BOOST_TEST(1 + first + s.take_all(other) == 119);
    BOOST_TEST(one.limiter->metrics().exchanges > 0U);
    BOOST_TEST(!one.limiter->metrics().is_away);
    BOOST_TEST(one.limiter->snapshot().limit == 120U);
    BOOST_TEST((one.limiter->snapshot().window == 60s));

    // Another user has another one.
    member foreign{s.context, s.options(), "another-token"};
    BOOST_TEST(s.acquire(foreign).has_value());
    auto const text = ::test::read_file(s.path);
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 3);
    BOOST_TEST(text.find(secret) == std::string::npos);
    struct stat about {};
    BOOST_TEST(::stat(s.path.c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(several_tokens_of_a_user_can_share_one) {
    file_scene s;
    member one{s.context, s.options().user("someone")};
    member other{s.context, s.options().user("someone"), "another-token"};
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 30, 60s);
    BOOST_TEST(s.take_all(one) + s.take_all(other) == 29);
}

BOOST_AUTO_TEST_CASE(what_one_is_told_binds_the_other) {
    file_scene s;
    member one{s.context, s.options()};
    member other{s.context, s.options()};
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 0, 300s, 429);
    auto flushed = asio::co_spawn(s.context, one.limiter->flush(), asio::use_future);
    finish(s.context, std::move(flushed));
    auto const refused = s.acquire(other, 10s);
    BOOST_CHECK(refused.error().code() == cf::errc::rate_limited);
    BOOST_TEST((refused.error().retry_after() > 290s));
}

BOOST_AUTO_TEST_CASE(what_is_flushed_can_be_had_by_others) {
    file_scene s;
    member one{s.context, s.options()};
    member other{s.context, s.options()};
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 11, 60s);
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 10, 60s);
    auto flushed = asio::co_spawn(s.context, one.limiter->flush(), asio::use_future);
    finish(s.context, std::move(flushed));
    BOOST_TEST(s.take_all(other) == 9);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_held_for_long_is_not_waited_for) {
    file_scene s;
    member one{s.context, s.options(80, 60s).expected_processes(8)};
    auto const file = ::open(s.path.c_str(), O_RDWR | O_CREAT, 0600);
    BOOST_REQUIRE(::flock(file, LOCK_EX) == 0);
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    BOOST_TEST(one.limiter->metrics().is_away);
    BOOST_REQUIRE(one.events.size() == 1U);
    BOOST_TEST(one.events[0] == "away: another process holds " + s.path);
    // A share of the quota is left: one request tells of it, then its eighth of what is there.
    s.answer(one, 79, 60s);
    BOOST_TEST(s.take_all(one) == 9);
    BOOST_TEST(one.limiter->metrics().own == 10U);
    ::close(file);
}

BOOST_AUTO_TEST_CASE(it_goes_back_to_the_file_by_itself) {
    file_scene s;
    member one{s.context, s.options(80, 1s)};
    auto const file = ::open(s.path.c_str(), O_RDWR | O_CREAT, 0600);
    BOOST_REQUIRE(::flock(file, LOCK_EX) == 0);
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 79, 1s);
    BOOST_TEST(one.limiter->metrics().is_away);
    ::close(file);
    while (one.limiter->metrics().is_away) BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    BOOST_TEST_REQUIRE(one.events.size() == 2U);
    BOOST_TEST(one.events[1] == "back: ");
    BOOST_TEST(one.limiter->metrics().times_away == 1U);
    BOOST_TEST(one.limiter->metrics().failures >= 1U);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_quota_file_is_left_as_it_is) {
    file_scene s;
    auto const foreign = s.files.file("notes", "mine\n");
    auto const directory = s.files.path().string();
    auto const link = (s.files.path() / "link").string();
    fs::create_symlink(foreign, link);
    auto const pipe = (s.files.path() / "pipe").string();
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (auto const& path : {foreign, directory, link, pipe, foreign + "/below"}) {
        s.path = path;
        member one{s.context, s.options()};
        BOOST_TEST(s.acquire(one).has_value());
        BOOST_TEST(one.events.size() == 1U, path);
    }
    BOOST_TEST(::test::read_file(foreign) == "mine\n");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_gone_or_damaged_is_made_anew) {
    file_scene s;
    member one{s.context, s.options()};
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    s.answer(one, 119, 60s);
    BOOST_TEST_REQUIRE(s.acquire(one).has_value());
    // Records are told apart by the millisecond in which they were made.
    auto const made = std::chrono::steady_clock::now();
    run_until(s.context, [&] { return std::chrono::steady_clock::now() > made + 2ms; });
    fs::remove(s.path);
    // Who has how much of the window is lost with it.
    member other{s.context, s.options()};
    s.take_all(one);
    auto const refused = s.acquire(other, 10s);
    BOOST_CHECK(refused.error().code() == cf::errc::rate_limited);
    for (auto const* const text : {"", "cloudflare quota 1\n",
                                   "cloudflare quota 1\n\n\xff\xff 1 2\n0 0 0\n", "cloudflare"}) {
        s.files.file("quota", text);
        member fresh{s.context, s.options()};
        BOOST_TEST(s.acquire(fresh).has_value());
        BOOST_TEST(fresh.events.size() == (std::string{text} == "cloudflare" ? 1U : 0U));
    }
}

/// Real processes, under a quota that each of them could use up in a moment.
BOOST_AUTO_TEST_CASE(a_fleet_is_never_refused) {
    file_scene s;
    ::test::fleet all{{}};
    all.start("file:" + s.path);
    auto const came = all.finish();
    BOOST_TEST(came.broken == 0, came.errors);
    BOOST_TEST(came.sum.at("done") == 8 * 22);
    BOOST_TEST(came.sum.at("refused") == 0);
    BOOST_TEST(all.server.stats().refused_by_quota == 0U);
}

BOOST_AUTO_TEST_CASE(who_is_killed_takes_nothing_with_it_but_its_lease) {
    file_scene s;
    ::test::fleet all{{}};
    all.start("file:" + s.path);
    while (all.server.stats().requests < 40) std::this_thread::yield();
    all.process(3).signal(SIGKILL);
    all.process(5).signal(SIGKILL);
    auto const came = all.finish();
    BOOST_TEST(came.broken == 2, came.errors);
    BOOST_TEST(came.sum.at("done") == 6 * 22);
    BOOST_TEST(all.server.stats().refused_by_quota == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
