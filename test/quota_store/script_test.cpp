// The rule of the record, as C++ and as the script that a Redis server runs: the same, whatever
// happens in whatever order.

#include "harness.hpp"
#include "quota_store/quota_record.hpp"
#include "quota_store/redis_server.hpp"
#include "quota_store/scripts.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace cloudflare::quota;

namespace {

constexpr std::array members{std::pair{"generation", &quota_record::generation},
                             std::pair{"opened", &quota_record::opened},
                             std::pair{"end", &quota_record::end},
                             std::pair{"remaining", &quota_record::remaining},
                             std::pair{"out", &quota_record::out},
                             std::pair{"told", &quota_record::told},
                             std::pair{"heard", &quota_record::heard},
                             std::pair{"granted", &quota_record::granted},
                             std::pair{"blocked", &quota_record::blocked},
                             std::pair{"turn", &quota_record::turn}};

struct twins {
    ::test::redis_server server;
    quota_record record{};
    record_policy policy{};
    std::int64_t kept_until = 0;
    std::mt19937_64 random{42};

    std::int64_t below(std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
    }

    std::vector<std::string> run(record_exchange const& what) {
        std::vector<std::string> words{"EVAL", std::string{cloudflare::quota_record_script}, "1",
                                       "record"};
        for (auto const number :
             {policy.quota, policy.window, policy.reserve, what.generation, what.opened,
              what.ends_in, what.in_flight, what.answers, what.remaining, what.resets_in,
              what.silent, what.refused_for, what.unused, what.wanted}) {
            words.push_back(std::to_string(number));
        }
        return server.command(words);
    }
    void set(quota_record const& to) {
        record = to;
        std::vector<std::string> words{"HSET", "record"};
        for (auto const& [name, member] : members) {
            words.emplace_back(name);
            words.push_back(std::to_string(record.*member));
        }
        server.command(words);
    }
    quota_record there() {
        std::vector<std::string> words{"HMGET", "record"};
        for (auto const& each : members) words.emplace_back(each.first);
        auto const texts = server.command(words);
        quota_record read;
        for (std::size_t i = 0; i != members.size(); ++i) {
            read.*members[i].second = std::stoll(texts[i]);
        }
        return read;
    }

    /// Something that a process might say.
    record_exchange any(known_window const& known) {
        auto const now = below(2) == 0 ? std::int64_t{0} : below(policy.window);
        auto what = known.in(now);
        what.in_flight = below(3);
        if (below(2) == 0) what.wanted = below(10);
        if (below(2) == 0) {
            what.answers = below(10);
            what.remaining = policy.quota - below(policy.quota / 4 + 1);
            what.resets_in = below(policy.window + 1);
        }
        if (below(5) == 0) what.silent = below(4);
        if (below(100) == 0) what.refused_for = below(3) == 0 ? 0 : below(policy.window);
        if (below(3) == 0) what.unused = below(10);
        return what;
    }
    void check(record_exchange const& what, record_answer& answer) {
        auto const texts = run(what);
        BOOST_TEST_REQUIRE(texts.size() == 7U);
        auto const now = std::stoll(texts[6]);
        // On a busy machine it may have been longer until this command than a record is kept.
        bool const is_new = std::stoll(texts[0]) == now;
        if (is_new && now + 1 >= kept_until) record = {};
        answer = exchange(record, policy, what, now);
        kept_until = now + lifetime_of(record, policy, now);
        record_answer const from_script{std::stoll(texts[0]), std::stoll(texts[1]),
                                        std::stoll(texts[2]), std::stoll(texts[3]),
                                        std::stoll(texts[4]), std::stoll(texts[5])};
        BOOST_REQUIRE(answer == from_script);
        auto const kept = there();
        for (auto const& [name, member] : members) {
            BOOST_TEST_REQUIRE((record.*member) == (kept.*member),
                               name << " " << record.*member << " " << kept.*member);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(script)

BOOST_AUTO_TEST_CASE(does_what_the_rule_does) {
    twins both;
    int granted = 0;
    int denied = 0;
    for (auto const& policy : {record_policy{120, 40, 1}, record_policy{30, 300, 0},
                               record_policy{1, 15, 0}, record_policy{1200, 300'000, 12}}) {
        both.policy = policy;
        both.server.command({"DEL", "record"});
        both.record = {};
        std::vector<known_window> known(4);
        for (int i = 0; i != 1000; ++i) {
            auto& who = known[static_cast<std::size_t>(both.below(4))];
            auto const what = both.any(who);
            record_answer answer;
            both.check(what, answer);
            who.learn(answer, both.below(20));
            (answer.granted > 0 ? granted : denied) += 1;
            if (both.below(200) == 0) {
                both.server.command({"DEL", "record"});
                both.record = {};
            }
        }
    }
    // How many, depends on the time that passes.
    BOOST_TEST(granted > 50);
    BOOST_TEST(denied > 50);
}

BOOST_AUTO_TEST_CASE(takes_nonsense_for_nothing_as_the_rule_does) {
    twins both;
    both.policy = {120, 1000, 1};
    auto const clock = both.server.command({"TIME"});
    auto const start = std::stoll(clock[0]) * 1000;
    auto const any = [&both, start]() -> std::int64_t {
        auto const value = both.below(std::int64_t{1} << both.below(50));
        return both.below(3) == 0 ? -value : both.below(2) == 0 ? start + value : value;
    };
    for (int i = 0; i != 500; ++i) {
        both.set({any(), any(), any(), any(), any(), any(), any(), any(), any(), any()});
        record_answer answer;
        both.check(both.any(known_window{}), answer);
    }
    // What no integer is.
    for (auto const* const text : {"", "x", "nan", "inf", "1.5", "1e300", "-1e300"}) {
        both.server.command({"DEL", "record"});
        both.record = {};
        for (auto const& each : members) both.server.command({"HSET", "record", each.first, text});
        record_answer answer;
        record_exchange what;
        what.wanted = 5;
        both.check(what, answer);
        BOOST_TEST(answer.granted == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_record_is_kept_beyond_its_window_and_not_for_ever) {
    twins both;
    both.policy = {120, 10'000, 1};
    record_exchange what;
    what.wanted = 1;
    record_answer answer;
    both.check(what, answer);
    auto const left = std::stoll(both.server.command({"PTTL", "record"}).front());
    BOOST_TEST(left > 10'000);
    BOOST_TEST(left <= 20'100);
}

BOOST_AUTO_TEST_SUITE_END()
