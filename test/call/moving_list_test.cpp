// Whether all that was there all the time is read, whatever others do meanwhile: random schedules
// of reading and changing, in which requests are under way together, and are answered and evaluated
// in any order.
#include <cloudflare/detail/moving_list.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace cf = cloudflare;
using cf::detail::list_page;
using cf::detail::moving_list;

namespace {

struct entry {
    std::size_t id = 0;
    std::size_t moment = 0;  ///< when it was created
    std::size_t name = 0;    ///< what it is called; edits change it
};

/// What a schedule is made of.
struct manners {
    bool is_oldest_first = true;
    bool has_ties = false;   ///< many are created at once, and are shuffled at each request
    bool are_moved = false;  ///< edits change places
    bool does_count = true;
    bool do_counts_lag = false;
    std::size_t entries = 0;
    std::int64_t page_size = 4;
    std::size_t concurrency = 1;
    int changes = 0;  ///< at most
};

/// A list that others change.
class server {
public:
    server(manners const& how, std::mt19937& random) : how_{how}, random_{random} {
        while (list_.size() < how.entries) create();
        for (auto const& each : list_) lasting_.insert(each.id);
        counted_ = list_.size();
    }

    void change() {
        auto const what = random_() % 3;
        if (what == 0) {
            create();
        } else if (!list_.empty()) {
            auto const at = random_() % list_.size();
            if (what == 1) {
                lasting_.erase(list_[at].id);
                list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(at));
                ++deleted;
            } else {
                list_[at].name = random_() % 1000;
                if (how_.are_moved) std::swap(list_[at], list_[random_() % list_.size()]);
            }
        }
        if (!how_.do_counts_lag) counted_ = list_.size();
    }

    std::vector<std::size_t> page(list_page const& asked, cf::page_info& info) {
        std::vector<entry> other;
        if (asked.order == 1 || how_.has_ties) other = in_order(asked.order);
        auto const& now = other.empty() ? list_ : other;
        auto const size = std::min(asked.size, how_.page_size);
        info.per_page = size;
        if (how_.does_count) info.total_count = static_cast<std::int64_t>(counted_);
        std::vector<std::size_t> keys;
        auto const first = static_cast<std::size_t>((asked.number - 1) * size);
        for (auto i = first; i < std::min(now.size(), first + static_cast<std::size_t>(size));
             ++i) {
            keys.push_back(now[i].id);
        }
        if (random_() % 4 == 0) counted_ = list_.size();
        return keys;
    }

    std::set<std::size_t> const& lasting() const { return lasting_; }
    std::size_t size() const { return list_.size(); }
    std::size_t created = 0;
    std::size_t deleted = 0;

private:
    std::vector<entry> in_order(int order) {
        auto now = list_;
        if (order == 1) {
            std::ranges::sort(now, {}, [](entry const& each) {
                return std::pair{each.name, each.id};
            });
            return now;
        }
        for (auto first = now.begin(); first != now.end();) {
            auto const end = std::find_if(first, now.end(), [first](entry const& each) {
                return each.moment != first->moment;
            });
            std::shuffle(first, end, random_);
            first = end;
        }
        return now;
    }

    void create() {
        if (!how_.has_ties || random_() % 12 == 0) ++moment_;
        // What comes later is not of a moment that was.
        if (!lasting_.empty() && moment_ == last_before_) ++moment_;
        entry const made{1000 + ++created, moment_, random_() % 1000};
        auto const at = how_.are_moved ? random_() % (list_.size() + 1) : list_.size();
        list_.insert(list_.begin() + static_cast<std::ptrdiff_t>(at), made);
        if (lasting_.empty()) last_before_ = moment_;
    }

    manners how_;
    std::mt19937& random_;
    std::vector<entry> list_;
    std::set<std::size_t> lasting_;
    std::size_t counted_ = 0;
    std::size_t moment_ = 1;
    std::size_t last_before_ = 0;
};

struct outcome {
    std::size_t requests = 0;
    std::size_t missed = 0;
    std::size_t twice = 0;
    std::size_t created = 0;
    std::size_t deleted = 0;
    std::optional<cf::error> failed;
    bool has_ended = false;
};

outcome run(manners const& how, std::mt19937& random) {
    struct request {
        list_page asked;
        bool is_evaluated = false;
        std::vector<std::size_t> keys;
        cf::page_info info;
    };
    outcome got;
    server there{how, random};
    auto const before = there.created;
    cf::detail::list_facts facts;
    facts.is_oldest_first = how.is_oldest_first;
    facts.is_counted = how.does_count;
    facts.concurrency = how.concurrency;
    moving_list reading{facts};
    std::vector<request> under_way;
    std::set<std::size_t> seen;
    int changes = 0;
    // As likely early as late, and in bursts.
    auto const pace = 1 + random() % 40;
    while (!reading.is_done() && got.requests < 20'000) {
        if (changes < how.changes && random() % pace == 0) {
            there.change();
            ++changes;
        }
        auto const what = random() % 3;
        if (what == 0 && under_way.size() < how.concurrency) {
            auto const asked = reading.next();
            if (asked) {
                under_way.push_back({*asked, false, {}, {}});
                ++got.requests;
            }
            BOOST_REQUIRE(asked || !under_way.empty());
            continue;
        }
        if (under_way.empty()) continue;
        auto const at =
            under_way.begin() + static_cast<std::ptrdiff_t>(random() % under_way.size());
        if (!at->is_evaluated) {
            at->keys = there.page(at->asked, at->info);
            at->is_evaluated = true;
        } else if (what == 2) {
            std::vector<bool> known;
            auto const keys = at->keys;
            got.failed = reading.take(at->asked, keys, at->info, known);
            BOOST_REQUIRE(known.size() == keys.size());
            for (std::size_t i = 0; i != keys.size(); ++i) {
                if (seen.insert(keys[i]).second == known[i]) ++got.twice;
            }
            under_way.erase(at);
            if (got.failed) break;
        }
    }
    got.has_ended = reading.is_done();
    got.created = there.created - before;
    got.deleted = there.deleted;
    for (auto const each : there.lasting()) got.missed += seen.contains(each) ? 0 : 1;
    return got;
}

/// The list was read to its end, and each entry given as new once.
void check_ended(outcome const& got) {
    BOOST_REQUIRE_MESSAGE(!got.failed, (got.failed ? got.failed->message() : std::string{}));
    BOOST_REQUIRE(got.has_ended);
    BOOST_REQUIRE(got.twice == 0u);
}

/// Whether there may be a change during each of many readings.
bool may_give_up(manners const& how) {
    return how.changes > 8;
}

manners random_manners(std::mt19937& random) {
    manners how;
    how.page_size = 4 + static_cast<std::int64_t>(random() % 12);
    how.entries = random() % 3 == 0 ? random() % 20 : random() % 150;
    how.concurrency = 1 + random() % 6;
    how.changes = static_cast<int>(random() % 4 == 0 ? random() % 60 : random() % 8);
    how.does_count = random() % 4 != 0;
    how.do_counts_lag = random() % 3 == 0;
    return how;
}

std::string describe(manners const& how) {
    return std::to_string(how.entries) + " entries, pages of " + std::to_string(how.page_size) +
           ", " + std::to_string(how.concurrency) + " at a time, up to " +
           std::to_string(how.changes) + " changes, counted " + std::to_string(how.does_count) +
           ", lagging " + std::to_string(how.do_counts_lag);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moving_lists)

BOOST_AUTO_TEST_CASE(oldest_first_nothing_that_lasts_is_missed) {
    for (unsigned seed = 0; seed != 10'000; ++seed) {
        std::mt19937 random{seed};
        auto const how = random_manners(random);
        auto const got = run(how, random);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << describe(how)) {
            check_ended(got);
            BOOST_REQUIRE(got.missed == 0u);
            // Where the length was known, no more than the pages, a page and a bit for each lane
            // and for each page's worth of deletions, and what was appended.
            if (!how.does_count || how.do_counts_lag) continue;
            auto const a_page = static_cast<std::size_t>(how.page_size - 1);
            auto const lanes = how.concurrency + 1;
            auto bound = how.entries / a_page + 4 + lanes;
            if (got.deleted + got.created > 0) {
                bound += bound / 4 + lanes * (2 + got.deleted / a_page) + got.created;
            }
            BOOST_CHECK_LE(got.requests, bound);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_list_at_rest_costs_its_pages) {
    for (std::size_t const entries : {0, 1, 999, 1000, 1001, 1500, 1998, 2000, 2500, 3000, 3500, 4500, 20'000,
                                      20'500, 74'484, 99'000, 100'000, 999'000}) {
        for (std::size_t const concurrency : {1, 4, 16}) {
            std::mt19937 random{7};
            manners how;
            how.entries = entries;
            how.page_size = 1000;
            how.concurrency = concurrency;
            auto const got = run(how, random);
            BOOST_TEST_CONTEXT(describe(how)) {
                check_ended(got);
                BOOST_TEST(got.missed == 0u);
                // One more where pages have no room to share anything.
                std::size_t const more = entries % 1000 > 900 || entries > 500'000 ? 1 : 0;
                BOOST_CHECK_LE(got.requests, entries / 1000 + 1 + more);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(ties_of_a_list_at_rest) {
    for (unsigned seed = 0; seed != 10'000; ++seed) {
        std::mt19937 random{seed};
        auto how = random_manners(random);
        how.has_ties = true;
        how.changes = 0;
        how.page_size = 16 + static_cast<std::int64_t>(random() % 16);
        auto const got = run(how, random);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << describe(how)) {
            check_ended(got);
            BOOST_REQUIRE(got.missed == 0u);
        }
    }
}

// Others' changes hide what a server shuffles, but hardly ever: it would have to look as if it had
// been them. Here all entries are shuffled at each request, and pages are so short that it does at
// times.
BOOST_AUTO_TEST_CASE(ties_in_an_order_that_changes) {
    int missing = 0;
    for (unsigned seed = 0; seed != 10'000; ++seed) {
        std::mt19937 random{seed};
        auto how = random_manners(random);
        how.has_ties = true;
        auto const got = run(how, random);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << describe(how)) {
            if (may_give_up(how) && got.failed) continue;
            check_ended(got);
            if (got.missed > 0) ++missing;
        }
    }
    BOOST_TEST(missing < 30);
}

BOOST_AUTO_TEST_CASE(in_any_other_order_nothing_that_lasts_is_missed) {
    for (unsigned seed = 0; seed != 10'000; ++seed) {
        std::mt19937 random{seed};
        auto how = random_manners(random);
        how.is_oldest_first = false;
        how.are_moved = true;
        auto const got = run(how, random);
        BOOST_TEST_CONTEXT("seed " << seed << ": " << describe(how)) {
            if (may_give_up(how) && got.failed) continue;
            check_ended(got);
            BOOST_REQUIRE(got.missed == 0u);
            if (how.changes > 0 || !how.does_count) continue;
            auto const pages = how.entries / static_cast<std::size_t>(how.page_size) + 1;
            BOOST_CHECK_LE(got.requests, pages == 1 ? 1 : 2 * pages + 1);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
