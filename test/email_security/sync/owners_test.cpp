// Several owners of one list, and the people who edit it too, through the public API against the
// simulator.
#include "fixture.hpp"

#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

using namespace test;
namespace data = boost::unit_test::data;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(owners)

namespace {

es::sync_options owned(std::string name) {
    return es::sync_options{}.owner(std::move(name)).max_delete_percent(100);
}
es::sync_options pruned(std::string name) {
    return owned(std::move(name)).prune(true).allow_empty(true);
}

block_feed empty_feed() {
    return feed_of("# nothing\n", es::feed_options<es::block_senders_traits>{}.allow_empty(true));
}

struct shared_list : fixture {
    using fixture::fixture;

    /// The comments of each pattern.
    std::map<std::string, std::string> comments() {
        std::map<std::string, std::string> all;
        for (auto const& each : run(context, blocked().list_all()).value()) {
            BOOST_TEST(all.emplace(*each.pattern, each.comments.value_or("")).second);
        }
        return all;
    }
    std::string comments(std::string const& pattern) {
        auto const all = comments();
        auto const found = all.find(pattern);
        return found == all.end() ? "absent" : found->second;
    }
    cf::identifier id_of(std::string const& pattern) {
        for (auto const& each : run(context, blocked().list_all()).value()) {
            if (each.pattern == pattern) return each.id;
        }
        return {};
    }
    /// A person's edit.
    void write(std::string const& pattern, std::string const& text) {
        auto const edit = es::block_sender_patch{}.comments(text);
        BOOST_REQUIRE(run(context, blocked().edit(id_of(pattern), edit)));
    }
    void create(std::string const& pattern, std::string const& text) {
        auto const item = es::new_block_sender{pattern, es::pattern_type::domain}.comments(text);
        BOOST_REQUIRE(run(context, blocked().create(item)));
    }
    /// Syncs, which must not fail, and the next time must not have anything to do.
    es::sync_report sync_twice(block_feed const& feed, es::sync_options const& options) {
        auto report = sync(feed, options);
        BOOST_TEST(!report.failure);
        server.take_log();
        BOOST_TEST(!sync(feed, options).failure);
        BOOST_TEST(count("POST") == 0U);
        return report;
    }
};

std::int64_t changes(es::sync_report const& of) {
    return of.created + of.updated + of.deleted + of.shared + of.unmarked + of.retired;
}

}  // namespace

BOOST_AUTO_TEST_CASE(marks_are_added_and_taken_off_and_the_last_one_deletes) {
    std::vector<std::string> order{"a", "b", "c", "d"};
    auto const feed = feed_of("x.example\n");
    do {
        shared_list f;
        std::string expected;
        for (auto const& owner : order) {
            auto const report = f.sync_twice(feed, owned(owner));
            BOOST_TEST(report.created == (expected.empty() ? 1 : 0));
            BOOST_TEST(report.shared == (expected.empty() ? 0 : 1));
            BOOST_TEST(report.updated + report.unchanged == 0);
            expected += (expected.empty() ? "[owner:" : " [owner:") + owner + ']';
            BOOST_TEST(f.comments("x.example") == expected);
        }
        for (std::size_t i = 0; i != order.size(); ++i) {
            auto const report = f.sync_twice(empty_feed(), pruned(order[i]));
            bool const is_last = i + 1 == order.size();
            BOOST_TEST(report.unmarked == (is_last ? 0 : 1));
            BOOST_TEST(report.deleted == (is_last ? 1 : 0));
            auto const left = f.comments("x.example");
            BOOST_TEST(left.find("[owner:" + order[i] + ']') == std::string::npos);
            BOOST_TEST((left == "absent") == is_last);
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(what_is_made_by_hand_is_left_alone_and_counts_as_there) {
    shared_list f;
    f.create("hand.example", "INC-1, ask Ann");
    auto const feed = feed_of("pattern,comments\nhand.example,from the feed\n");
    for (auto const& options : {owned("a"), pruned("a")}) {
        auto const report = f.sync_twice(feed, options);
        BOOST_TEST(report.unchanged == 1);
        BOOST_TEST(changes(report) == 0);
        BOOST_TEST(report.left_alone.empty());
    }
    BOOST_TEST(changes(f.sync_twice(empty_feed(), pruned("a"))) == 0);
    BOOST_TEST(f.comments("hand.example") == "INC-1, ask Ann");
}

BOOST_AUTO_TEST_CASE(two_feeds_with_two_texts_do_not_take_turns) {
    shared_list f;
    auto const of_a = feed_of("pattern,comments\nx.example,malware\n");
    auto const of_b = feed_of("pattern,comments\nx.example,phishing\n");
    for (int round = 0; round != 3; ++round) {
        auto const a = f.sync(of_a, pruned("a"));
        auto const b = f.sync(of_b, pruned("b"));
        BOOST_TEST(changes(a) == (round == 0 ? 1 : 0));
        BOOST_TEST(changes(b) == (round == 0 ? 1 : 0));
        BOOST_TEST(f.comments("x.example").starts_with("malware [owner:a] ["));
    }
    // The text of who left is the other's to change, and not again by who comes back.
    f.sync(empty_feed(), pruned("a"));
    BOOST_TEST(f.sync_twice(of_b, pruned("b")).updated == 1);
    BOOST_TEST(f.sync_twice(of_a, pruned("a")).shared == 1);
    BOOST_TEST(f.comments("x.example").starts_with("phishing [owner:b] ["));
}

BOOST_AUTO_TEST_CASE(notes_of_text_lines_do_not_take_turns_either) {
    shared_list f;
    es::feed_options<es::block_senders_traits> with_notes;
    with_notes.comments_from_feed(true);
    auto const of_a = feed_of("x.example # one\n", with_notes);
    auto const of_b = feed_of("x.example # two\n", with_notes);
    f.sync(of_a, owned("a"));
    f.sync(of_b, owned("b"));
    for (int round = 0; round != 3; ++round) {
        BOOST_TEST(changes(f.sync(of_a, owned("a"))) == 0);
        BOOST_TEST(changes(f.sync(of_b, owned("b"))) == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_feed_changes_its_own_text) {
    shared_list f;
    f.sync(feed_of("pattern,comments\nx.example,one\n"), owned("a"));
    BOOST_TEST(f.sync_twice(feed_of("pattern,comments\nx.example,two\n"), owned("a")).updated == 1);
    BOOST_TEST(f.comments("x.example").starts_with("two [owner:a]"));
    // The marks alone have room for a text that comes later.
    f.sync(feed_of("y.example\n"), owned("a"));
    BOOST_TEST(f.sync_twice(feed_of("pattern,comments\ny.example,new\n"), owned("a")).updated == 1);
}

BOOST_AUTO_TEST_CASE(text_by_hand_is_neither_overwritten_nor_deleted) {
    shared_list f;
    auto const feed = feed_of("pattern,comments\nx.example,one\ny.example,\n");
    f.sync(feed, owned("a"));
    auto text = f.comments("x.example");
    text.replace(0, 3, "Ann: keep");
    f.write("x.example", text);
    f.write("y.example", "Bob [owner:a]");
    BOOST_TEST(f.sync_twice(feed, pruned("a")).unchanged == 2);
    BOOST_TEST(f.comments("x.example") == text);
    auto const other = feed_of("pattern,comments\nx.example,two\ny.example,two\n");
    BOOST_TEST(f.sync_twice(other, pruned("a")).unchanged == 2);
    auto const report = f.sync_twice(empty_feed(), pruned("a"));
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.unmarked == 2);
    BOOST_TEST(f.comments("x.example") == "Ann: keep");
    BOOST_TEST(f.comments("y.example") == "Bob");
}

BOOST_AUTO_TEST_CASE(a_sync_without_an_owner_is_a_person) {
    shared_list f;
    f.create("hand.example", "one");
    f.create("owned.example", "one [owner:a]");
    auto const feed = feed_of("pattern,comments\nhand.example,two\nowned.example,two\n");
    auto const report = f.sync_twice(feed, {});
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(f.comments("hand.example") == "two");
    BOOST_TEST(f.comments("owned.example") == "one [owner:a]");
}

namespace {

using policy_traits = es::allow_policies_traits;

struct policies : fixture {
    es::allow_policies allowed() { return {client, account}; }
    es::sync_report sync(std::string const& text, es::sync_options options) {
        return run(context, es::sync(allowed(), feed_of<policy_traits>(text), std::move(options)));
    }
    es::allow_policy only() {
        auto const all = run(context, allowed().list_all()).value();
        BOOST_REQUIRE(all.size() == 1);
        return all.front();
    }
};

constexpr auto head = "pattern,is_trusted_sender,is_exempt_recipient\n";

}  // namespace

BOOST_FIXTURE_TEST_CASE(fields_are_edited_only_where_all_marks_are_own, policies) {
    auto const plain = std::string{head} + "x.example,true,false\n";
    auto const exempt = std::string{head} + "x.example,true,true\n";
    BOOST_TEST(sync(plain, owned("a")).created == 1);
    BOOST_TEST(sync(exempt, owned("a")).updated == 1);

    // Another owner who wants it otherwise does not touch it, and does not share it.
    for (int round = 0; round != 2; ++round) {
        auto const report = sync(plain, pruned("b"));
        BOOST_TEST(changes(report) == 0);
        BOOST_REQUIRE(report.left_alone.size() == 1);
        auto const& left = report.left_alone.front();
        BOOST_TEST(left.line == 2);
        BOOST_TEST(left.pattern == "x.example");
        BOOST_TEST(left.reason.find("is_exempt_recipient") != std::string::npos, left.reason);
        BOOST_TEST(left.reason.find("another owner") != std::string::npos, left.reason);
        BOOST_TEST(report.unchanged == 0);
    }
    // Nor does who shares it, once it wants it otherwise.
    BOOST_TEST(sync(exempt, owned("b")).shared == 1);
    auto const report = sync(plain, owned("a"));
    BOOST_TEST(changes(report) == 0);
    BOOST_TEST(report.left_alone.size() == 1);
    BOOST_TEST(*only().is_exempt_recipient == true);
    // Alone again, it does.
    BOOST_TEST(sync(std::string{head} + "y.example,true,false\n", pruned("b")).unmarked == 1);
    BOOST_TEST(sync(plain, owned("a")).updated == 1);
}

BOOST_FIXTURE_TEST_CASE(a_person_s_fields_stay, policies) {
    es::new_allow_policy made{"x.example", es::pattern_type::domain};
    made.is_trusted_sender(true).comments("by hand");
    BOOST_REQUIRE(run(context, allowed().create(made)));
    auto const report = sync(std::string{head} + "x.example,true,true\n", pruned("a"));
    BOOST_TEST(changes(report) == 0);
    BOOST_REQUIRE(report.left_alone.size() == 1);
    BOOST_TEST(report.left_alone[0].reason.find("by hand") != std::string::npos);
    BOOST_TEST(only().comments.value() == "by hand");
}

BOOST_AUTO_TEST_CASE(notes_of_content_policies_are_shared_too) {
    fixture f;
    es::content_policies const policies{f.client, account};
    using traits = es::content_policies_traits;
    auto const feed = feed_of<traits>(R"({"name":"x","pattern":"gift","targets":["BODY"]})"
                                      "\n");
    BOOST_TEST(run(f.context, es::sync(policies, feed, owned("a"))).created == 1);
    BOOST_TEST(run(f.context, es::sync(policies, feed, owned("b"))).shared == 1);
    es::feed_options<traits> nothing;
    nothing.allow_empty(true);
    auto const empty = feed_of<traits>("[]", nothing);
    BOOST_TEST(run(f.context, es::sync(policies, empty, pruned("a"))).unmarked == 1);
    BOOST_TEST(run(f.context, es::sync(policies, empty, pruned("b"))).deleted == 1);
}

BOOST_AUTO_TEST_CASE(a_mark_that_does_not_fit_is_reported) {
    shared_list f;
    f.create("x.example", std::string(1010, 'x') + " [owner:a]");
    auto const report = f.sync_twice(feed_of("x.example\n"), owned("b"));
    BOOST_TEST(changes(report) == 0);
    BOOST_REQUIRE(report.left_alone.size() == 1);
    BOOST_TEST(report.left_alone[0].reason.find("no room") != std::string::npos);
    BOOST_TEST(report.rejected.empty());
}

BOOST_AUTO_TEST_CASE(guards_count_what_is_unmarked) {
    shared_list f;
    f.sync(feed_of(domains(10)), owned("a"));
    f.sync(feed_of(domains(10)), owned("b"));
    auto options = pruned("a").max_delete_percent(30);
    auto report = f.sync(feed_of(domains(2)), options);
    BOOST_REQUIRE(report.failure);
    BOOST_TEST(report.left == 8);
    BOOST_TEST(report.unmarked == 0);
    report = f.sync(feed_of(domains(7)), options);
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.unmarked == 3);
}

BOOST_AUTO_TEST_CASE(rejected_lines_keep_the_mark) {
    shared_list f;
    f.sync(feed_of("x.example\ny.example\n"), owned("a"));
    f.sync(feed_of("x.example\ny.example\n"), owned("b"));
    auto const report = f.sync(feed_of("y.example\n*.x.example\n"), pruned("a"));
    BOOST_TEST(report.unmarked == 0);
    BOOST_TEST(f.comments("x.example") == "[owner:a] [owner:b]");
}

BOOST_AUTO_TEST_CASE(each_number_is_told_once) {
    shared_list f;
    f.create("hand.example", "x");
    f.sync(feed_of("shared.example\nother.example\n"), owned("b"));
    f.sync(feed_of("gone.example\nold.example\nsame.example\n"), owned("a"));
    f.sync(feed_of("gone.example\nshared.example\nother.example\n"), owned("b"));
    auto const feed = feed_of("hand.example\nshared.example\nsame.example\nnew.example\nnodot\n");
    auto const plan = f.plan(feed, pruned("a"));
    BOOST_REQUIRE(plan);
    auto const report = f.sync(feed, pruned("a"));
    for (auto const& each : {plan->report, report}) {
        BOOST_TEST(each.desired == 4);
        BOOST_TEST(each.current == 6);
        BOOST_TEST(each.created == 1);
        BOOST_TEST(each.shared == 1);
        BOOST_TEST(each.unchanged == 2);
        BOOST_TEST(each.updated == 0);
        BOOST_TEST(each.unmarked == 1);
        BOOST_TEST(each.deleted == 1);
        BOOST_TEST(each.rejected.size() == 1);
    }
    BOOST_TEST(report.left == 0);
}

namespace {

es::saved_plan<es::block_senders_traits> saved_and_loaded(shared_list& f, block_plan const& plan,
                                                          es::sync_options const& options) {
    std::stringstream file;
    es::save_plan(file, plan, f.blocked(), options);
    return es::load_plan<es::block_senders_traits>(file).value();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_saved_plan_has_it_all) {
    shared_list f;
    f.sync(feed_of("shared.example\nboth.example\n"), owned("b"));
    f.sync(feed_of("both.example\nold.example\n"), owned("a"));
    auto const options = pruned("a");
    auto const feed = feed_of("shared.example\nnew.example\n");
    auto const plan = f.plan(feed, options).value();
    BOOST_TEST(plan.report.shared == 1);
    BOOST_TEST(plan.report.unmarked == 1);
    auto const saved = saved_and_loaded(f, plan, options);
    BOOST_TEST(saved.plan.report.shared == 1);
    BOOST_TEST(saved.plan.report.unmarked == 1);
    BOOST_TEST(saved.plan.report.updated == 0);
    auto report = run(f.context, es::apply_saved(f.blocked(), saved));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.shared == 1);
    BOOST_TEST(report.unmarked == 1);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(f.comments("both.example") == "[owner:b]");
    BOOST_TEST(f.comments("shared.example") == "[owner:b] [owner:a]");
    BOOST_TEST(changes(f.sync(feed, options)) == 0);
    // Again, it finds all of it done.
    report = run(f.context, es::apply_saved(f.blocked(), saved, {}, es::plan_check::resume));
    BOOST_TEST(!report.failure);
    BOOST_TEST(changes(report) == 0);
    BOOST_TEST(report.unchanged == 2);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_does_not_edit_what_others_mark_since) {
    shared_list f;
    f.sync(feed_of("both.example\n"), owned("b"));
    f.sync(feed_of("both.example\n"), owned("a"));
    auto const options = pruned("a");
    auto const plan = f.plan(empty_feed(), options).value();
    auto saved = saved_and_loaded(f, plan, options);
    f.sync(feed_of("both.example\n"), owned("c"));
    BOOST_REQUIRE(run(f.context, es::apply_saved(f.blocked(), saved)).failure);
    BOOST_TEST(f.comments("both.example") == "[owner:b] [owner:a] [owner:c]");

    // An edited one that takes another owner's mark off, or overwrites what it does not own.
    saved = saved_and_loaded(f, f.plan(empty_feed(), options).value(), options);
    saved.plan.updates.at(0).new_comments = "[owner:c]";
    BOOST_REQUIRE(run(f.context, es::apply_saved(f.blocked(), saved)).failure);
    saved.plan.updates.at(0).new_comments = "mine [owner:b] [owner:c]";
    BOOST_REQUIRE(run(f.context, es::apply_saved(f.blocked(), saved)).failure);
    BOOST_TEST(f.comments("both.example") == "[owner:b] [owner:a] [owner:c]");
}

BOOST_DATA_TEST_CASE(lost_answers_lose_no_mark,
                     data::make({"POST:reset-after#1", "POST:500-after#1", "POST:reset-before#1",
                                 "POST:garbage#1", "POST:truncate#1"}),
                     fault) {
    shared_list f;
    f.sync(feed_of(domains(40)), owned("b"));
    f.sync(feed_of(domains(20)), owned("a"));
    // Of a: 20 shared ones leave, 20 are shared, 20 are new.
    f.server.set_fault(fault);
    auto const report = f.sync(feed_of(domains(40, 20)), pruned("a").batch_size(7));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.shared == 20);
    BOOST_TEST(report.unmarked == 20);
    BOOST_TEST(report.created == 20);
    f.server.set_fault("");
    auto const all = f.comments();
    BOOST_TEST(all.size() == 60);
    for (auto const& [pattern, comments] : all) {
        auto const number = std::stoi(pattern.substr(1));
        auto const* const expected = number < 20   ? "[owner:b]"
                                     : number < 40 ? "[owner:b] [owner:a]"
                                                   : "[owner:a]";
        BOOST_TEST(comments == expected, pattern);
    }
}

// Ageing.

namespace {

std::string day_after(int days) {
    auto const day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) +
                     std::chrono::days{days};
    std::chrono::year_month_day const parts{day};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(parts.year()),
                  static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
    return text;
}

/// A list whose API is some days ahead: this host's clock must not count.
struct ageing_list : shared_list {
    ageing_list() { pass(days_ahead); }
    void pass(int days) {
        server.advance_clock(std::chrono::hours{24 * days});
        now += days;
    }
    /// The day it is there, or so many days later.
    std::string day(int later = 0) const { return day_after(now + later); }

    static constexpr int days_ahead = 1000;
    int now = 0;
};

auto const two = "x.example\ny.example\n";
auto const one = "y.example\n";

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_left_the_feed_stays_for_some_days, ageing_list) {
    auto const options = pruned("a").keep_days(3);
    sync(feed_of(two), options);
    auto report = sync_twice(feed_of(one), options);
    BOOST_TEST(report.retired == 1);
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(comments("x.example") == "[owner:a] [gone:" + day() + ']');
    for (int passed = 0; passed != 2; ++passed) {
        pass(1);
        report = sync_twice(feed_of(one), options);
        BOOST_TEST(changes(report) == 0);
        BOOST_TEST(report.waiting == 1);
    }
    pass(1);
    BOOST_TEST(sync_twice(feed_of(one), options).deleted == 1);
    BOOST_TEST(comments("x.example") == "absent");
}

BOOST_FIXTURE_TEST_CASE(what_returns_loses_the_date, ageing_list) {
    auto const options = pruned("a").keep_days(3);
    sync(feed_of(two), options);
    sync(feed_of(one), options);
    pass(2);
    BOOST_TEST(sync_twice(feed_of(two), options).updated == 1);
    BOOST_TEST(comments("x.example") == "[owner:a]");
    pass(2);
    BOOST_TEST(sync_twice(feed_of(one), options).retired == 1);
    BOOST_TEST(comments("x.example") == "[owner:a] [gone:" + day() + ']');
}

BOOST_FIXTURE_TEST_CASE(without_prune_nothing_goes, ageing_list) {
    auto const options = owned("a").keep_days(1);
    sync(feed_of(two), options);
    BOOST_TEST(sync_twice(feed_of(one), options).retired == 1);
    pass(5);
    BOOST_TEST(changes(sync_twice(feed_of(one), options)) == 0);
    BOOST_TEST(comments("x.example") != "absent");
    // Without days to wait it goes at once.
    BOOST_TEST(sync_twice(feed_of(one), pruned("a")).deleted == 1);
}

BOOST_FIXTURE_TEST_CASE(each_owner_has_its_own_dates, ageing_list) {
    sync(feed_of(two), pruned("a").keep_days(3));
    sync(feed_of(two), pruned("b").keep_days(3));
    sync(feed_of(one), pruned("a").keep_days(3));
    auto const first = day();
    pass(1);
    sync(feed_of(one), pruned("b").keep_days(3));
    auto const second = day();
    BOOST_TEST(comments("x.example") ==
               "[owner:a] [gone:" + first + "] [owner:b] [gone:" + second + ']');
    pass(2);
    BOOST_TEST(sync_twice(feed_of(one), pruned("a").keep_days(3)).unmarked == 1);
    BOOST_TEST(comments("x.example") == "[owner:b] [gone:" + second + ']');
    pass(1);
    BOOST_TEST(sync_twice(feed_of(one), pruned("b").keep_days(3)).deleted == 1);
}

BOOST_FIXTURE_TEST_CASE(what_a_feed_wants_until_a_day_ends_with_it, ageing_list) {
    auto const text = [](std::string const& until) {
        return feed_of("pattern,expires\nx.example," + until + "\ny.example,\n");
    };
    auto const options = pruned("a").keep_days(30);
    auto report = sync_twice(text(day(2)), options);
    BOOST_TEST(report.created == 2);
    BOOST_TEST(comments("x.example") == "[owner:a] [until:" + day(2) + ']');
    // Renewed, and then for ever.
    BOOST_TEST(sync_twice(text(day(4)), options).updated == 1);
    BOOST_TEST(comments("x.example") == "[owner:a] [until:" + day(4) + ']');
    BOOST_TEST(sync_twice(text(""), options).updated == 1);
    BOOST_TEST(comments("x.example") == "[owner:a]");
    auto const last = text(day(1));
    BOOST_TEST(sync_twice(last, options).updated == 1);
    pass(1);
    BOOST_TEST(changes(sync_twice(last, options)) == 0);
    pass(1);
    // It goes with prune only, and does not wait.
    auto without_prune = options;
    without_prune.prune(false);
    report = sync_twice(last, without_prune);
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.expired == 1);
    report = sync_twice(last, options);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.expired == 1);
    BOOST_TEST(report.created == 0);
    BOOST_TEST(comments("x.example") == "absent");
}

BOOST_FIXTURE_TEST_CASE(what_left_the_feed_does_not_outlive_its_day, ageing_list) {
    auto const feed = feed_of("pattern,expires\nx.example," + day(1) + "\ny.example,\n");
    auto const options = pruned("a").keep_days(30);
    sync(feed, options);
    BOOST_TEST(sync_twice(feed_of(one), options).retired == 1);
    BOOST_TEST(comments("x.example") == "[owner:a] [gone:" + day() + "] [until:" + day(1) + ']');
    pass(2);
    BOOST_TEST(sync_twice(feed_of(one), options).deleted == 1);
}

BOOST_FIXTURE_TEST_CASE(who_shares_keeps_it_when_another_s_day_is_over, ageing_list) {
    auto const limited = feed_of("pattern,expires\nx.example," + day() + "\n");
    auto const unlimited = feed_of("x.example\n");
    sync(limited, pruned("a"));
    BOOST_TEST(sync_twice(unlimited, pruned("b")).shared == 1);
    BOOST_TEST(changes(sync_twice(limited, pruned("a"))) == 0);
    pass(1);
    BOOST_TEST(sync_twice(limited, pruned("a")).unmarked == 1);
    BOOST_TEST(comments("x.example") == "[owner:b]");
    BOOST_TEST(changes(sync_twice(unlimited, pruned("b"))) == 0);
}

BOOST_FIXTURE_TEST_CASE(indicators_end_by_valid_until, ageing_list) {
    auto const indicator = [](std::string const& name, std::string const& until) {
        return R"({"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = ')" +
               name + R"(']","valid_until":")" + until + "T12:00:00Z\"}";
    };
    // By this host's clock both are to come.
    auto const feed = feed_of("[" + indicator("x.example", day(1)) + "," +
                              indicator("old.example", day(-1)) + "]");
    auto const report = sync_twice(feed, pruned("a"));
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.expired == 1);
    BOOST_TEST(comments("x.example") == "[owner:a] [until:" + day(1) + ']');
    BOOST_TEST(comments("old.example") == "absent");
    pass(2);
    BOOST_TEST(sync_twice(feed, pruned("a")).deleted == 1);
}

BOOST_FIXTURE_TEST_CASE(saved_plans_have_dates, ageing_list) {
    auto const options = pruned("a").keep_days(3);
    sync(feed_of(two), options);
    auto const feed = feed_of("pattern,expires\ny.example," + day(1) + "\nz.example," + day(2) +
                              "\nold.example," + day(-1) + "\n");
    auto const planned = plan(feed, options).value();
    auto const saved = saved_and_loaded(*this, planned, options);
    BOOST_TEST(saved.plan.report.retired == 1);
    BOOST_TEST(saved.plan.report.expired == 1);
    auto const report = run(context, es::apply_saved(blocked(), saved));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.retired == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(comments("x.example") == "[owner:a] [gone:" + day() + ']');
    BOOST_TEST(comments("y.example") == "[owner:a] [until:" + day(1) + ']');
    BOOST_TEST(comments("z.example") == "[owner:a] [until:" + day(2) + ']');
    BOOST_TEST(changes(sync(feed, options)) == 0);
}

BOOST_AUTO_TEST_CASE(of_two_records_the_later_day_counts) {
    auto const at = [](block_feed const& feed) { return feed.entries.at(0).last_day; };
    auto const day = [&at](std::string const& text) {
        return at(feed_of("pattern,expires\nx.example," + text + "\n"));
    };
    BOOST_TEST(day("1970-01-02") == 1);
    BOOST_TEST(day("2026-11-28") == day("2026-11-28T23:59:59Z"));
    BOOST_TEST(day("1795867200") == day("2026-11-28"));
    BOOST_TEST(day("") == es::no_last_day);
    BOOST_TEST(at(feed_of("pattern,expires\nx.example,2026-11-28\nx.example,2026-11-30\n")) ==
               day("2026-11-30"));
    BOOST_TEST(at(feed_of("pattern,expires\nx.example,2026-11-28\nx.example,\n")) ==
               es::no_last_day);
    auto const wrong =
        feed_of("pattern,expires\ny.example,\nx.example,soon\nz.example,2026-02-30\n");
    BOOST_TEST(wrong.entries.size() == 1);
    BOOST_TEST(wrong.rejected.size() == 2);
    es::feed_options<es::block_senders_traits> named;
    named.column("expires", "ends");
    BOOST_TEST(at(feed_of("pattern,ends\nx.example,2026-11-28\n", named)) == day("2026-11-28"));
    BOOST_TEST(at(feed_of("{\"pattern\":\"x.example\",\"expires\":\"2026-11-28\"}\n")) ==
               day("2026-11-28"));
    BOOST_TEST(at(feed_of("{\"pattern\":\"x.example\",\"expires\":1795867200}\n")) ==
               day("2026-11-28"));
}

BOOST_AUTO_TEST_SUITE_END()
