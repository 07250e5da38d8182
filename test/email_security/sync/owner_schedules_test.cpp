// Owners and people at one list, in the order that a seed says, without sockets: the plans are made
// by the code that makes them, and carried out here.
//
// The oracle knows what the marks cannot: who wrote each text and each entry. After every sync it
// holds what was there against what is there.
#include "email_security/sync/entries.hpp"
#include "email_security/sync/plan_maker.hpp"
#include "fixture.hpp"

#include <cloudflare/email_security/allow_policies.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <random>

using namespace test;

BOOST_AUTO_TEST_SUITE(owner_schedules)

namespace {

using traits = es::allow_policies_traits;

constexpr int schedules = 1000;
constexpr std::size_t patterns = 4;
constexpr std::int64_t seconds_a_day = 86'400;

struct wanted {
    bool is_exempt = false;
    std::optional<std::string> text;
    std::int32_t last_day = es::no_last_day;
};

struct owner {
    std::string name;
    std::optional<int> keep_days;
    std::map<std::string, wanted> feed;
};

/// What is really known of an entry.
struct entry {
    es::allow_policy shown;
    bool is_text_by_hand = false;
};

es::mark_view marks_of(es::allow_policy const& of, std::string const& owner) {
    return es::look_at_marks(of.comments ? std::string_view{*of.comments} : "", owner);
}

class schedule {
public:
    explicit schedule(unsigned seed) : random_{seed} {
        auto const count = 2 + pick(3);
        for (std::size_t i = 0; i != count; ++i) {
            auto& made = owners_.emplace_back();
            made.name = std::string(1, static_cast<char>('a' + i));
            if (pick(2) == 0) made.keep_days = static_cast<int>(1 + pick(3));
            change_feed(made);
        }
    }

    void run() {
        for (int step = 0; step != 24; ++step) {
            switch (pick(6)) {
                case 0:
                    act_as_a_person();
                    break;
                case 1:
                    change_feed(owners_[pick(owners_.size())]);
                    break;
                case 2:
                    day_ += static_cast<int>(pick(3));
                    break;
                default:
                    sync(owners_[pick(owners_.size())], pick(3) != 0);
            }
        }
        settle();
    }

private:
    std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
    }
    static std::string pattern(std::size_t number) {
        return "d" + std::to_string(number) + ".example";
    }

    void change_feed(owner& of) {
        of.feed.clear();
        for (std::size_t i = 0; i != patterns; ++i) {
            if (pick(2) == 0) continue;
            wanted made;
            made.is_exempt = pick(4) == 0;
            if (pick(2) == 0) made.text = "by " + of.name + std::to_string(pick(2));
            if (pick(4) == 0) made.last_day = day_ + static_cast<int>(pick(4)) - 1;
            of.feed.emplace(pattern(i), made);
        }
    }

    void act_as_a_person() {
        if (list_.empty() || pick(3) == 0) {
            auto const about = pattern(pick(patterns));
            for (auto const& [number, each] : list_) {
                if (each.shown.pattern == about) return;
            }
            auto& made = list_[++last_id_];
            made.shown = policy(last_id_, about);
            made.shown.comments = "written by hand";
            made.is_text_by_hand = true;
            return;
        }
        auto at = list_.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(pick(list_.size())));
        auto& each = at->second;
        switch (pick(3)) {
            case 0:  // the text, with the marks left as they are
                write_text(*each.shown.comments, "note " + std::to_string(pick(9)));
                each.is_text_by_hand = true;
                break;
            case 1:  // all of it
                each.shown.comments = "mine";
                each.is_text_by_hand = true;
                break;
            default:
                list_.erase(at);
        }
    }
    static void write_text(std::string& comments, std::string const& text) {
        auto const marks = comments.substr(es::text_of(comments).size());
        comments = text + (marks.empty() || marks.front() == ' ' ? "" : " ") + marks;
    }

    static es::allow_policy policy(int id, std::string const& about) {
        es::allow_policy made;
        made.id = std::to_string(id);
        made.pattern = about;
        made.pattern_type = es::pattern_type::domain;
        made.is_regex = false;
        made.is_trusted_sender = true;
        made.is_acceptable_sender = false;
        made.is_exempt_recipient = false;
        made.verify_sender = true;
        return made;
    }

    es::feed<traits> feed_of_owner(owner const& of) const {
        std::vector<es::new_allow_policy> items;
        for (auto const& [about, each] : of.feed) {
            es::new_allow_policy item{about, es::pattern_type::domain};
            item.is_trusted_sender(true).is_exempt_recipient(each.is_exempt);
            if (each.text) item.comments(*each.text);
            items.push_back(item);
        }
        if (items.empty()) return {};
        auto made = es::make_feed<traits>(items).value();
        for (auto& each : made.entries) {
            each.last_day = of.feed.at(each.item.pattern()).last_day;
        }
        return made;
    }

    es::sync_options options_of(owner const& of, bool prunes) const {
        auto const clock = std::make_shared<cf::call_counters>();
        clock->server_time = day_ * seconds_a_day + 3600;
        es::sync_options made;
        made.owner(of.name)
            .prune(prunes)
            .keep_days(of.keep_days)
            .max_delete_percent(100)
            .call(cf::call_options{}.counters(clock));
        return made;
    }

    es::sync_plan<traits> plan(owner const& of, es::sync_options const& options) const {
        es::sync_plan<traits> made;
        made.desired = feed_of_owner(of);
        es::typed_feed_view<traits> const view{made.desired};
        es::plan_maker maker{es::sync_type_of<traits>(), view, options, made};
        maker.restart();
        cf::detail::object_list page{cf::detail::object_type_of<es::allow_policy>()};
        for (auto const& [id, each] : list_)
            *static_cast<es::allow_policy*>(page.add()) = each.shown;
        maker.take(0, std::move(page));
        BOOST_TEST(!maker.fill());
        return made;
    }

    void sync(owner const& of, bool prunes) {
        auto const options = options_of(of, prunes);
        auto const made = plan(of, options);
        auto const before = list_;
        carry_out(made, of);
        check(before, of, prunes, made.report);
        BOOST_TEST(plan(of, options).is_empty());
    }

    void carry_out(es::sync_plan<traits> const& made, owner const& of) {
        auto const& type = es::sync_type_of<traits>();
        es::typed_feed_view<traits> const view{made.desired};
        for (auto const& each : made.removals) list_.erase(std::stoi(each.id.text()));
        for (auto const& each : made.updates) {
            auto& there = list_.at(std::stoi(each.id.text()));
            auto const any = es::sent_patch(type, made, each, view);
            auto const patch = any.as<es::allow_policy_patch>();
            auto const text = std::string{marks_of(there.shown, of.name).text};
            es::copy_fields(cf::wire::fields_of<es::allow_policy_patch>(), &patch,
                            cf::wire::fields_of<es::allow_policy>(), &there.shown);
            if (marks_of(there.shown, of.name).text != text) there.is_text_by_hand = false;
        }
        for (auto const number : made.creates) {
            auto const any = es::owned_item(type, view, number, of.name);
            auto const item = any.as<es::new_allow_policy>();
            auto& there = list_[++last_id_];
            there.shown = policy(last_id_, item.pattern());
            es::copy_fields(cf::wire::fields_of<es::new_allow_policy>(), &item,
                            cf::wire::fields_of<es::allow_policy>(), &there.shown);
        }
    }

    bool is_over(std::int32_t day) const { return day != es::no_last_day && day_ > day; }

    void check(std::map<int, entry> const& before, owner const& of, bool prunes,
               es::sync_report const& report) const {
        for (auto const& [id, was] : before) {
            auto const now = list_.find(id);
            auto const old = marks_of(was.shown, of.name);
            bool const is_there = now != list_.end();
            auto const context = was.shown.comments.value_or("") + " -> " +
                                 (is_there ? now->second.shown.comments.value_or("") : "gone");
            BOOST_TEST_CONTEXT(context) {
                // What is a person's, or of others alone, stays in all that is not this mark.
                if (!is_there) {
                    BOOST_TEST(old.is_own);
                    BOOST_TEST(!old.has_others);
                    BOOST_TEST(!was.is_text_by_hand);
                    BOOST_TEST(prunes);
                    continue;
                }
                auto const& shown = now->second.shown;
                auto const made = marks_of(shown, of.name);
                if (was.is_text_by_hand || old.has_others || !old.is_own) {
                    BOOST_TEST(made.text == old.text);
                }
                if (!old.is_own || old.has_others) {
                    BOOST_TEST(*shown.is_exempt_recipient == *was.shown.is_exempt_recipient);
                }
                if (!old.is_marked()) BOOST_TEST(*shown.comments == *was.shown.comments);
                for (auto const& other : owners_) {
                    if (other.name == of.name) continue;
                    auto const one = marks_of(was.shown, other.name);
                    auto const two = marks_of(shown, other.name);
                    BOOST_TEST(one.is_own == two.is_own);
                    BOOST_TEST((one.gone == two.gone && one.until == two.until));
                }
                auto const in_feed = of.feed.find(*shown.pattern);
                bool const is_wanted =
                    in_feed != of.feed.end() && !is_over(in_feed->second.last_day);
                if (is_wanted && made.is_own) BOOST_TEST(!made.gone.has_value());
                if (!is_wanted && prunes && !of.keep_days) BOOST_TEST(!made.is_own);
                if (!is_wanted && made.is_own && prunes) {
                    BOOST_TEST(made.gone.has_value());
                    auto const due = *made.gone + std::chrono::days{*of.keep_days};
                    BOOST_TEST((es::date{std::chrono::days{day_}} < due));
                }
            }
        }
        std::size_t counted = 0;
        for (auto const& [about, each] : of.feed) {
            std::size_t there = 0;
            for (auto const& [id, now] : list_) {
                if (now.shown.pattern != about) continue;
                ++there;
                auto const made = marks_of(now.shown, of.name);
                if (is_over(each.last_day) || !made.is_own || made.has_others) continue;
                BOOST_TEST(*now.shown.is_exempt_recipient == each.is_exempt);
                bool const has_day = each.last_day != es::no_last_day;
                BOOST_TEST(made.until.has_value() == has_day);
                if (each.text && !now.is_text_by_hand) BOOST_TEST(made.text == *each.text);
            }
            if (is_over(each.last_day)) continue;
            BOOST_TEST(there == 1U);
            ++counted;
        }
        BOOST_TEST(report.created + report.updated + report.shared + report.unchanged +
                       static_cast<std::int64_t>(report.left_alone.size()) ==
                   static_cast<std::int64_t>(counted));
        BOOST_TEST(report.expired == static_cast<std::int64_t>(of.feed.size() - counted));
    }

    // With nobody else at it, all come to rest: none takes turns with another.
    void settle() {
        for (std::size_t round = 0; round != owners_.size() + 2; ++round) {
            for (auto const& each : owners_) sync(each, true);
        }
        for (auto const& each : owners_) {
            BOOST_TEST(plan(each, options_of(each, true)).is_empty());
        }
    }

    std::mt19937 random_;
    std::vector<owner> owners_;
    std::map<int, entry> list_;
    int last_id_ = 0;
    int day_ = 20'000;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_theirs_stays) {
    for (unsigned seed = 1; seed <= schedules; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            schedule made{seed};
            made.run();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
