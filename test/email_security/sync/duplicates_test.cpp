// Entries that the list has more than once.
#include "email_security/sync/owner_marks.hpp"
#include "email_security/sync/plan_maker.hpp"
#include "fixture.hpp"

#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;
namespace data = boost::unit_test::data;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(duplicates)

namespace {

struct listed {
    std::string pattern;
    std::string comments;
};

struct list_of : fixture {
    explicit list_of(std::vector<listed> const& entries, sim::options options = {})
        : fixture{std::move(options)} {
        json::array all;
        for (auto const& each : entries) {
            all.push_back({{"pattern", each.pattern},
                           {"pattern_type", "DOMAIN"},
                           {"is_regex", false},
                           {"comments", each.comments}});
        }
        server.seed_entries(account, "block_senders", json::serialize(all));
    }

    std::vector<std::string> comments() const {
        std::vector<std::string> found;
        auto const all = json::parse(server.entries(account));
        for (auto const& each : all.as_array()) {
            auto const& text = each.at("comments");
            found.emplace_back(text.is_string() ? std::string{text.as_string()} : "");
        }
        std::sort(found.begin(), found.end());
        return found;
    }
};

std::size_t surplus(es::sync_report const& report) {
    auto const is_surplus = [](es::duplicate const& each) { return each.is_surplus; };
    auto const& all = report.duplicates;
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_surplus));
}

es::sync_options owned() {
    return es::sync_options{}.owner("feed");
}

/// Comments as a sync of the owner writes them.
std::string marked(std::string const& text) {
    return es::created_comments(text, "feed", {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(copies_of_what_a_sync_creates_go) {
    list_of f{{{"a.example", ""}, {"b.example", ""}, {"A.example", ""}, {"a.example", ""}}};
    auto const plan = f.plan(feed_of("b.example\na.example\n"));
    BOOST_REQUIRE(plan);
    BOOST_TEST(plan->removals.size() == 2);
    BOOST_TEST(plan->report.unchanged == 2);
    BOOST_TEST(plan->report.deleted == 2);
    auto const& reported = plan->report.duplicates;
    BOOST_REQUIRE(reported.size() == 2);
    for (auto const& each : reported) {
        BOOST_TEST(each.line == 2);
        BOOST_TEST(each.pattern == "a.example");
        BOOST_TEST(each.is_surplus);
        BOOST_TEST(each.id.text() != each.other_id.text());
    }
    BOOST_TEST(reported[0].other_id.text() == reported[1].other_id.text());

    auto const report = f.sync(feed_of("b.example\na.example\n"));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.deleted == 2);
    BOOST_TEST(report.left == 0);
    BOOST_TEST(f.patterns().size() == 2);
    BOOST_TEST(f.sync(feed_of("b.example\na.example\n")).duplicates.empty());
}

BOOST_AUTO_TEST_CASE(what_somebody_wrote_by_hand_stays) {
    list_of f{{{"a.example", "INC-1"},
               {"a.example", ""},
               {"b.example", "x [owner:other]"},
               {"b.example", "[owner:feed]"},
               {"c.example", "1"},
               {"c.example", "2"}}};
    auto const feed = feed_of("a.example\nb.example\nc.example\n");
    for (auto const& options : {es::sync_options{}, owned()}) {
        auto const report = f.sync(feed, options);
        BOOST_TEST(report.duplicates.size() == 3);
        BOOST_TEST(surplus(report) == 0);
        BOOST_TEST(report.deleted == 0);
        BOOST_TEST(report.unchanged == 3);
        // To read the list, and nothing else.
        BOOST_TEST(report.requests == 1);
    }
    BOOST_TEST(f.patterns().size() == 6);
}

BOOST_AUTO_TEST_CASE(a_copy_goes_beside_one_by_hand) {
    list_of f{
        {{"a.example", "[owner:feed]"}, {"a.example", "INC-1"}, {"a.example", "[owner:feed]"}}};
    auto const report = f.sync(feed_of("a.example\n"), owned());
    BOOST_TEST(report.duplicates.size() == 2);
    BOOST_TEST(report.deleted == 1);
    std::vector<std::string> const left{"INC-1", "[owner:feed]"};
    BOOST_TEST(f.comments() == left, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(with_prune_all_but_one_of_the_owners_go) {
    // The first one differs, the second is as wanted: that one stays, and nothing is updated.
    list_of f{{{"a.example", marked("old")},
               {"a.example", marked("new")},
               {"a.example", marked("older")},
               {"a.example", "by hand"},
               {"a.example", "by hand [owner:feed]"}}};
    auto const feed = feed_of("pattern,comments\na.example,new\n");
    auto report = f.sync(feed, owned());
    BOOST_TEST(report.deleted == 0);
    BOOST_TEST(report.duplicates.size() == 4);
    // They are not what --max-delete-percent is for: the pattern stays listed.
    report = f.sync(feed, owned().prune(true).max_delete_percent(0));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.deleted == 2);
    BOOST_TEST(report.updated == 0);
    BOOST_TEST(report.unchanged == 1);
    std::vector<std::string> const left{"by hand", "by hand [owner:feed]", marked("new")};
    BOOST_TEST(f.comments() == left, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_several_that_differ_the_updated_one_stays) {
    list_of f{{{"a.example", marked("1")}, {"a.example", marked("2")}}};
    auto const report = f.sync(feed_of("pattern,comments\na.example,new\n"), owned().prune(true));
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.updated == 1);
    std::vector<std::string> const left{marked("new")};
    BOOST_TEST(f.comments() == left, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_order_of_the_pages_does_not_matter) {
    // Or two syncs at a time would keep one each, and delete the other's.
    for (auto const& comments : {std::pair{"x", "x"}, std::pair{"x", "y"}, std::pair{"y", "z"}}) {
        std::vector<std::string> kept;
        std::vector<std::string> updated;
        for (bool const in_turn : {true, false}) {
            block_plan plan;
            plan.desired = feed_of("pattern,comments\na.example,x\n");
            auto const options = owned().prune(true);
            es::typed_feed_view<es::block_senders_traits> const desired{plan.desired};
            es::plan_maker comparison{es::sync_type_of<es::block_senders_traits>(), desired,
                                      options, plan};
            comparison.restart();
            for (auto const i : {0U, 1U}) {
                auto const at = in_turn ? i : 1 - i;
                cf::detail::object_list page{cf::detail::object_type_of<es::block_sender>()};
                auto& entry = *static_cast<es::block_sender*>(page.add());
                entry.id = "id-" + std::to_string(at);
                entry.pattern = "a.example";
                entry.pattern_type = es::pattern_type::domain;
                entry.is_regex = false;
                entry.comments = marked(at == 0 ? comments.first : comments.second);
                comparison.take(at, std::move(page));
            }
            BOOST_TEST(!comparison.fill());
            BOOST_REQUIRE(plan.removals.size() == 1);
            kept.push_back(plan.removals[0].kept.text());
            for (auto const& each : plan.updates) updated.push_back(each.id.text());
            BOOST_TEST(plan.removals[0].seen != 0);
        }
        BOOST_TEST(kept[0] == "id-0");
        BOOST_TEST(kept[1] == "id-0");
        for (auto const& each : updated) BOOST_TEST(each == "id-0");
        BOOST_TEST(updated.size() == (comments.first == std::string{"y"} ? 2 : 0));
    }
}

BOOST_AUTO_TEST_CASE(they_are_kept_when_asked_for) {
    list_of f{{{"a.example", ""}, {"a.example", ""}}};
    auto const report = f.sync(feed_of("a.example\n"), es::sync_options{}.keep_duplicates(true));
    BOOST_TEST(report.duplicates.size() == 1);
    BOOST_TEST(surplus(report) == 0);
    BOOST_TEST(f.patterns().size() == 2);
}

BOOST_AUTO_TEST_CASE(other_flags_make_another_policy) {
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true,
         "is_acceptable_sender":false,"is_exempt_recipient":false,"verify_sender":true},
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true,
         "is_acceptable_sender":false,"is_exempt_recipient":true,"verify_sender":true}])");
    es::allow_policies const allowed{f.client, account};
    auto const feed =
        feed_of<es::allow_policies_traits>("pattern,is_trusted_sender\na.example,true\n");
    auto const report = run(f.context, es::sync(allowed, feed));
    BOOST_TEST(report.duplicates.size() == 1);
    BOOST_TEST(report.deleted == 0);
}

BOOST_AUTO_TEST_CASE(identifiers_that_are_numbers) {
    list_of f{{{"a.example", ""}, {"a.example", ""}},
              sim::options{}.identifiers(sim::identifier_form::integer)};
    auto const plan = f.plan(feed_of("a.example\n"));
    BOOST_REQUIRE(plan);
    BOOST_REQUIRE(plan->report.duplicates.size() == 1);
    BOOST_TEST(plan->report.duplicates[0].other_id.is_integer());
    BOOST_TEST(plan->report.duplicates[0].id.is_integer());
    BOOST_TEST(f.sync(feed_of("a.example\n")).deleted == 1);
}

BOOST_DATA_TEST_CASE(faults_do_not_make_both_go,
                     data::make({"POST:reset-after#1", "POST:500-after#1", "POST:reset-before#1",
                                 "POST:garbage#1", "POST:truncate#1"}),
                     fault) {
    std::vector<listed> twice;
    for (int i = 0; i != 300; ++i) {
        auto const pattern = "d" + std::to_string(i % 150) + ".example";
        twice.push_back({pattern, "[owner:feed]"});
    }
    list_of f{twice, sim::options{}.fault(fault)};
    auto const feed = feed_of(domains(200));
    auto const report = f.sync(feed, owned().batch_size(40));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.deleted == 150);
    BOOST_TEST(report.created == 50);
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(what_a_server_does_late_does_not_stay_twice,
                     data::make({"POST:500-late#1", "POST:504-late#1", "POST:reset-late#1"}),
                     fault) {
    fixture f{sim::options{}.fault(fault)};
    auto const feed = feed_of(domains(100));
    auto const report = f.sync(feed, owned());
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.created == 100);
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

namespace {

using block_saved = es::saved_plan<es::block_senders_traits>;

block_saved save_and_load(fixture& f, block_plan const& plan, es::sync_options const& options) {
    std::stringstream file;
    es::save_plan(file, plan, f.blocked(), options);
    return es::load_plan<es::block_senders_traits>(file).value();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_saved_plan_deletes_them_while_the_other_one_is_there) {
    for (auto const& options : {es::sync_options{}, owned()}) {
        auto const comments = options.owner().empty() ? "" : "[owner:feed]";
        list_of f{{{"a.example", comments}, {"a.example", comments}, {"b.example", comments}}};
        auto const feed = feed_of("a.example\nb.example\n");
        auto const plan = f.plan(feed, options).value();
        auto const saved = save_and_load(f, plan, options);
        BOOST_TEST(saved.plan.removals.size() == 1);

        // Somebody else deletes the one that was to stay.
        auto const kept = plan.report.duplicates.at(0).other_id;
        BOOST_REQUIRE(run(f.context, f.blocked().remove(kept)));
        auto report = run(f.context, es::apply_saved(f.blocked(), saved));
        BOOST_REQUIRE(report.failure);
        BOOST_CHECK(report.failure->code() == cf::errc::conflict);
        BOOST_TEST(f.patterns().size() == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_saved_plan_that_deletes_both_is_refused) {
    list_of f{{{"a.example", ""}, {"a.example", ""}, {"b.example", ""}}};
    auto const feed = feed_of("a.example\nb.example\n");
    auto const plan = f.plan(feed).value();
    auto saved = save_and_load(f, plan, {});
    auto other = saved.plan.removals.at(0);
    std::swap(other.id, other.kept);
    saved.plan.removals.push_back(other);
    BOOST_REQUIRE(run(f.context, es::apply_saved(f.blocked(), saved)).failure);
    // Nor one that says that another pattern makes it superfluous.
    saved = save_and_load(f, plan, {});
    auto entries = run(f.context, f.blocked().list_all()).value();
    for (auto const& each : entries) {
        if (each.pattern == "b.example") saved.plan.removals.at(0).kept = each.id;
    }
    BOOST_REQUIRE(run(f.context, es::apply_saved(f.blocked(), saved)).failure);
    BOOST_TEST(f.patterns().size() == 3);

    auto const report = run(f.context, es::apply_saved(f.blocked(), save_and_load(f, plan, {})));
    BOOST_TEST(!report.failure);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(f.patterns() == patterns_in(feed), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
