// Several syncs and people at one list at the same time, in the order that a seed says: the syncs
// with all that is theirs (reading, batches, what is looked up and settled), against the
// simulator's API without sockets.
#include "fixture.hpp"
#include "shared_world.hpp"

#include <boost/asio/detached.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace test;
namespace json = boost::json;

namespace {

// Under sanitizers each takes ten times as long.
#ifdef CLOUDFLARE_KEEPS_NO_MEMORY
constexpr std::uint64_t schedules = 1'000;
#else
constexpr std::uint64_t schedules = 10'000;
#endif

/// One in so many has a list of thousands of entries; the others have one of a few pages.
constexpr std::uint64_t schedules_to_a_large_one = 200;

using entry_map = std::multimap<std::string, json::object>;

json::object entry(std::string const& pattern, std::string const& comments) {
    return {{"pattern", pattern},
            {"pattern_type", "DOMAIN"},
            {"is_regex", false},
            {"comments", comments}};
}

std::string mark(std::string const& owner) {
    return "[owner:" + owner + ']';
}

/// What one owner's syncs are to bring about.
struct owner_case {
    std::string name;
    std::set<std::string> wanted;
    std::set<std::string> former;  ///< that the list has of it, and the feed has not any more
    bool prunes = false;
};

/// Adds entries by hand, changes and deletes them again; nobody else has to do with them.
class person {
public:
    person(shared_world& world, int number) : world_{world}, name_{"p" + std::to_string(number)} {}

    asio::awaitable<void> work(int steps) {
        for (; steps > 0; --steps) {
            co_await world_.pause();
            auto const some = left_.empty() ? 0 : world_.draw(3);
            if (some == 0) {
                create();
            } else if (some == 1) {
                change("PATCH", edit_of(++count_));
            } else {
                change("DELETE", {});
                left_.erase(left_.begin());
            }
        }
    }
    /// What must be there at the end: comments by pattern.
    std::map<std::string, std::string> left() const {
        std::map<std::string, std::string> all;
        for (auto const& each : left_) all.emplace(each.pattern, each.comments);
        return all;
    }

private:
    struct own_entry {
        std::string id;
        std::string pattern;
        std::string comments;
    };

    static std::string path(std::string const& id = {}) {
        auto const base = std::string{"/client/v4/accounts/"} + account +
                          "/email-security/settings/block_senders";
        return id.empty() ? base : base + '/' + id;
    }
    json::object ask(std::string const& method, std::string const& target, std::string body) {
        sim::request asked;
        asked.method = method;
        asked.target = target;
        asked.body = std::move(body);
        asked.authorization = "Bearer person";
        asked.content_type = "application/json";
        auto const got = world_.api().serve(asked);
        BOOST_REQUIRE_MESSAGE(got.answer.status < 300, got.answer.body);
        return json::parse(got.answer.body).at("result").as_object();
    }
    void create() {
        auto const number = ++count_;
        own_entry made{{}, name_ + '-' + std::to_string(number) + ".example", "by hand"};
        auto const got = ask("POST", path(), json::serialize(entry(made.pattern, made.comments)));
        made.id = std::string{got.at("id").as_string()};
        left_.push_back(made);
    }
    static std::string edit_of(int number) { return "edit " + std::to_string(number); }
    void change(std::string const& method, std::string comments) {
        auto& first = left_.front();
        json::object const body{{"comments", comments}};
        ask(method, path(first.id), method == "PATCH" ? json::serialize(body) : std::string{});
        first.comments = std::move(comments);
    }

    shared_world& world_;
    std::string name_;
    int count_ = 0;
    std::vector<own_entry> left_;
};

asio::awaitable<void> sync_once(shared_world& world, owner_case const& what, std::size_t batch_size,
                                std::vector<es::sync_report>& reports) {
    co_await world.pause();
    std::string text;
    for (auto const& each : what.wanted) text += each + '\n';
    es::sync_options options;
    options.owner(what.name)
        .prune(what.prunes)
        .max_delete_percent(100)
        .batch_size(batch_size * static_cast<std::size_t>(1 + world.draw(4)));
    es::block_senders const blocked{world.connect(), account};
    auto syncing = es::sync(blocked, feed_of(text), options);
    auto report = co_await std::move(syncing);
    reports.push_back(std::move(report));
}

/// What came of a schedule.
struct outcome_of {
    int reads = 0;
    int least_reads = 0;  ///< of as many syncs beside which nothing happens
};

/// Runs the schedule of a seed, and checks what is there when all have ended.
outcome_of run_schedule(std::uint64_t seed) {
    world_settings settings;
    settings.seed = seed;
    std::mt19937_64 random{seed * 2 + 1};
    auto const draw = [&random](int below) {
        return std::uniform_int_distribution<int>{0, below - 1}(random);
    };
    bool const is_large = seed % schedules_to_a_large_one == 0;
    // Of all that a small list has, it has so many.
    auto const scale = is_large ? 20 : 1;
    settings.page_size = scale * (2 + draw(6));
    settings.most_steps = draw(12);
    settings.lost_share = draw(2) == 0 ? 0.0 : 0.2;
    settings.refuses_duplicates = draw(2) == 0;
    // In every second one the search shows what it should.
    constexpr std::array other_searches{searching::is_ignored, searching::finds_nothing,
                                        searching::finds_others};
    if (draw(2) == 0) settings.search = other_searches.at(static_cast<std::size_t>(draw(3)));
    shared_world world{settings};

    // What is there before: of each owner some of what its feed has and some that left it, some of
    // what a feed has written by hand, and what nobody's feed has.
    std::vector<owner_case> owners(static_cast<std::size_t>(1 + draw(3)));
    json::array seeded;
    std::map<std::string, std::string> by_hand;
    char name = 'a';
    for (auto& each : owners) {
        each.name = name++;
        each.prunes = draw(2) == 0;
        for (int i = scale * draw(9); i >= 0; --i) {
            auto const pattern = each.name + '-' + std::to_string(i) + ".example";
            each.wanted.insert(pattern);
            auto const chance = draw(6);
            if (chance == 0) {
                seeded.push_back(entry(pattern, mark(each.name)));
            } else if (chance == 1) {
                seeded.push_back(entry(pattern, ""));
                by_hand.emplace(pattern, "");
            }
        }
        for (int i = scale * draw(5); i > 0; --i) {
            auto const pattern = each.name + "-former-" + std::to_string(i) + ".example";
            each.former.insert(pattern);
            seeded.push_back(entry(pattern, mark(each.name)));
        }
    }
    for (int i = (is_large ? 150 : 1) * draw(30); i > 0; --i) {
        auto const pattern = "nobody-" + std::to_string(i) + ".example";
        seeded.push_back(entry(pattern, "an old one"));
        by_hand.emplace(pattern, "an old one");
    }
    std::shuffle(seeded.begin(), seeded.end(), random);
    world.api().seed_entries(account, "block_senders", json::serialize(seeded));

    std::vector<es::sync_report> reports;
    std::size_t syncs = 0;
    for (auto const& each : owners) {
        // Often more than one of the same owner, as on several hosts.
        for (int times = 1 + draw(2); times > 0; --times) {
            ++syncs;
            asio::co_spawn(world.context(),
                           sync_once(world, each, static_cast<std::size_t>(scale), reports),
                           asio::detached);
        }
    }
    std::vector<std::unique_ptr<person>> people;
    for (int i = draw(3); i > 0; --i) {
        people.push_back(std::make_unique<person>(world, i));
        asio::co_spawn(world.context(), people.back()->work(draw(12)), asio::detached);
    }
    world.context().run();

    BOOST_TEST(reports.size() == syncs);
    for (auto const& each : reports) {
        BOOST_TEST(!each.failure, (each.failure ? each.failure->message() : ""));
        BOOST_TEST(each.left == 0);
        BOOST_TEST(each.rejected.empty());
    }
    entry_map there;
    auto const all = json::parse(world.api().entries(account, "block_senders"));
    for (auto const& each : all.as_array()) {
        there.emplace(each.at("pattern").as_string().c_str(), each.as_object());
    }
    for (auto const& each : owners) {
        for (auto const& pattern : each.wanted) BOOST_TEST(there.count(pattern) == 1u, pattern);
        for (auto const& pattern : each.former) {
            BOOST_TEST(there.count(pattern) == (each.prunes ? 0u : 1u), pattern);
        }
    }
    for (auto const& each : people) by_hand.merge(each->left());
    for (auto const& [pattern, comments] : by_hand) {
        BOOST_TEST(there.count(pattern) == 1u, pattern);
        auto const found = there.find(pattern);
        if (found == there.end()) continue;
        BOOST_TEST(found->second.at("comments").as_string() == comments, pattern);
    }
    outcome_of became;
    became.reads = world.reads;
    auto const pages = 1 + static_cast<int>(there.size()) / settings.page_size;
    became.least_reads = static_cast<int>(syncs) * pages;
    return became;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_list)

BOOST_AUTO_TEST_CASE(whatever_the_order_each_entry_is_there_once_and_nothing_of_others_changed) {
    long reads = 0;
    long least = 0;
    for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            auto const became = run_schedule(seed);
            reads += became.reads;
            least += became.least_reads;
        }
    }
    // Though somebody changes the list at every step, each reading ends.
    BOOST_TEST(reads < 3 * least);
    BOOST_TEST_MESSAGE(schedules << " schedules, " << reads << " reads where undisturbed ones take "
                                 << least);
}

BOOST_AUTO_TEST_SUITE_END()
