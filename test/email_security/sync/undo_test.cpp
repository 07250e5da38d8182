// What was there before a sync comes back.
#include "journal_fixture.hpp"

#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <sstream>

using namespace test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(undoing)

namespace {

/// Entries of people and of an owner; of 60, the feed leaves some alone, edits some, and lets some
/// go.
std::string seeded_list() {
    std::string all = "[";
    for (int i = 0; i != 60; ++i) {
        auto const number = std::to_string(i);
        auto const comments = i % 4 == 0   ? "\"by hand " + number + '"'
                              : i % 4 == 1 ? "\"text " + number + " [owner:me]\""
                              : i % 4 == 2 ? std::string{"\"[owner:me]\""}
                                           : std::string{"null"};
        all +=
            (i == 0 ? "" : ",") + std::string{"{\"pattern\":\"e"} + number +
            ".example\",\"pattern_type\":\"DOMAIN\",\"is_regex\":false,\"comments\":" + comments +
            '}';
    }
    return as_synced(all + ']');
}

block_feed next_feed() {
    std::string text = "pattern,pattern_type,is_regex,comments\n";
    for (int i = 30; i != 90; ++i) {
        text +=
            "e" + std::to_string(i) + ".example,DOMAIN,false,news " + std::to_string(i % 3) + '\n';
    }
    return feed_of(text);
}

/// That a sync with the feed sends: at most 10 changes of a kind each.
constexpr int batches = 3;

es::sync_options all_options(std::shared_ptr<kept_journal> to) {
    return es::sync_options{}
        .owner("me")
        .prune(true)
        .max_delete_percent(100)
        .batch_size(10)
        .journal(std::move(to));
}

void stop_when_struck(fixture& f, asio::cancellation_signal& cancel) {
    if (f.server.stats().faults > 0) {
        cancel.emit(asio::cancellation_type::terminal);
    } else {
        asio::post(f.context, [&] { stop_when_struck(f, cancel); });
    }
}

std::vector<std::string> reasons_of(es::sync_report const& report) {
    std::vector<std::string> all;
    for (auto const& each : report.rejected) all.push_back(each.pattern + ' ' + each.reason);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_undone_sync_leaves_the_list_as_it_was_and_is_undone_in_turn) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", seeded_list());
    auto const before = f.contents();
    auto const kept = std::make_shared<kept_journal>();
    BOOST_REQUIRE(!f.sync(next_feed(), all_options(kept)).failure);
    auto const after = f.contents();
    BOOST_TEST((before != after));

    auto const undone = std::make_shared<kept_journal>();
    auto report = f.undo(kept->text, es::sync_options{}.journal(undone));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(report.created == 15);
    BOOST_TEST(report.updated == 15);
    BOOST_TEST(report.deleted == 30);
    BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
    BOOST_TEST(undone->lines()[0].at("operation").as_string() == "undo");

    // Twice is once.
    report = f.undo(kept->text);
    BOOST_TEST(report.created + report.updated + report.deleted == 0);
    BOOST_TEST(report.unchanged == 60);
    BOOST_TEST(f.contents() == before, boost::test_tools::per_element());

    report = f.undo(undone->text);
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(f.contents() == after, boost::test_tools::per_element());
}

// It was not applied, was stopped at each of its requests, or was applied as a whole.
BOOST_DATA_TEST_CASE(a_saved_plan_is_undone_as_a_sync_is, data::xrange(batches + 2), stopped_at) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", seeded_list());
    auto const before = f.contents();
    auto const options = all_options(nullptr);
    auto const made = run(f.context, es::plan(f.blocked(), next_feed(), options));
    BOOST_TEST_REQUIRE(!made.has_error());
    std::ostringstream file;
    es::save_plan(file, *made, f.blocked(), options);
    auto const load = [&file] {
        std::istringstream in{file.str()};
        return es::load_plan<es::block_senders_traits>(in);
    };
    auto saved = load();
    BOOST_TEST_REQUIRE(!saved.has_error());
    if (stopped_at > 0) {
        asio::cancellation_signal cancel;
        if (stopped_at <= batches) {
            f.server.set_fault("POST:hang-after#" + std::to_string(stopped_at));
            asio::post(f.context, [&] { stop_when_struck(f, cancel); });
        }
        auto applying = es::apply_saved(f.blocked(), std::move(*load()), options);
        auto const report = run(f.context, std::move(applying), cancel.slot());
        BOOST_TEST(report.failure.has_value() == (stopped_at <= batches));
        f.server.set_fault("");
    }
    auto const of = es::journal_of(*saved);
    BOOST_TEST_REQUIRE(!of.has_error());
    auto const report = f.undo_all_of(f.blocked(), *of);
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.rejected.empty());
    BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(whatever_became_of_the_requests_all_of_it_is_undone,
                     data::make({"reset-before", "reset-after", "503", "503-after", "truncate",
                                 "empty", "400", "429"}) *
                         data::make({false, true}),
                     fault, refuses_duplicates) {
    auto const manner = refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept;
    for (int number = 1; number <= batches; ++number) {
        journal_fixture f{sim::options{}.on_duplicate(manner)};
        f.server.seed_entries(account, "block_senders", seeded_list());
        auto const before = f.contents();
        auto const kept = std::make_shared<kept_journal>();
        f.server.set_fault("POST:" + std::string{fault} + '#' + std::to_string(number));
        f.sync(next_feed(), all_options(kept));
        f.server.set_fault("");
        auto const report = f.undo(kept->text);
        BOOST_TEST_CONTEXT("at request " << number) {
            BOOST_REQUIRE(!report.failure);
            BOOST_TEST(report.rejected.empty());
            BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
        }
    }
}

BOOST_DATA_TEST_CASE(a_sync_that_was_stopped_is_undone, data::make({"hang", "hang-after"}), fault) {
    for (int number = 1; number <= batches; ++number) {
        journal_fixture f;
        f.server.seed_entries(account, "block_senders", seeded_list());
        auto const before = f.contents();
        auto const kept = std::make_shared<kept_journal>();
        f.server.set_fault("POST:" + std::string{fault} + '#' + std::to_string(number));
        asio::cancellation_signal cancel;
        asio::post(f.context, [&] { stop_when_struck(f, cancel); });
        auto const stopped =
            run(f.context, es::sync(f.blocked(), next_feed(), all_options(kept)), cancel.slot());
        BOOST_REQUIRE(stopped.failure);
        BOOST_TEST(kept->kinds().back() == "ended");
        f.server.set_fault("");
        BOOST_REQUIRE(!f.undo(kept->text).failure);
        BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_journal_that_was_cut_anywhere_behind_the_plan_is_undone) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"comments":"x"},
        {"pattern":"b.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"}])");
    auto const before = f.contents();
    auto const feed = feed_of("pattern,comments\na.example,y\nc.example,z\n");
    for (std::size_t cut = 0;; cut += 5) {
        auto const kept = std::make_shared<kept_journal>();
        BOOST_REQUIRE(!f.sync(feed, all_options(kept)).failure);
        auto const end = kept->text.find('\n', kept->text.find("{\"planned\"")) + 1;
        auto const size = std::min(end + cut, kept->text.size());
        auto const report = f.undo(kept->text.substr(0, size));
        BOOST_TEST_CONTEXT("cut at " << size) {
            BOOST_REQUIRE(!report.failure);
            BOOST_TEST(report.rejected.empty());
            BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
        }
        if (size == kept->text.size()) break;
        // Before the plan was whole, nothing was sent.
        if (cut == 0) {
            auto const first = f.undo(kept->text.substr(0, end - 1));
            BOOST_TEST(first.desired == 0);
            BOOST_TEST(first.created + first.updated + first.deleted == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_somebody_has_changed_since_stays_and_is_told) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", as_synced(R"([
        {"pattern":"edited.example","pattern_type":"DOMAIN","is_regex":false,"comments":"x [owner:me]"},
        {"pattern":"edited-gone.example","pattern_type":"DOMAIN","is_regex":false,"comments":"x [owner:me]"},
        {"pattern":"edited-back.example","pattern_type":"DOMAIN","is_regex":false,"comments":"x [owner:me]"},
        {"pattern":"gone.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"a [owner:me]"},
        {"pattern":"gone-back.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"b [owner:me]"},
        {"pattern":"gone-other.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"c [owner:me]"}])"));
    auto const kept = std::make_shared<kept_journal>();
    auto const feed = feed_of(
        "pattern,comments\nedited.example,y\nedited-gone.example,y\nedited-back.example,y\n"
        "new.example,n\nnew-edited.example,n\nnew-gone.example,n\n");
    BOOST_REQUIRE(!f.sync(feed, all_options(kept)).failure);
    // Somebody else comes.
    auto const id_of = [&f](std::string const& pattern) {
        auto const entries = json::parse(f.server.entries(account));
        for (auto const& each : entries.as_array()) {
            if (each.at("pattern").as_string() == pattern) {
                return cf::identifier{std::string_view{each.at("id").as_string()}};
            }
        }
        BOOST_FAIL("there is no " + pattern);
        return cf::identifier{};
    };
    auto const edit = [&](std::string const& pattern, std::string const& comments) {
        auto editing =
            f.blocked().edit(id_of(pattern), es::block_sender_patch{}.comments(comments));
        BOOST_REQUIRE(run(f.context, std::move(editing)).has_value());
    };
    auto const remove = [&](std::string const& pattern) {
        auto removing = f.blocked().remove(id_of(pattern));
        BOOST_REQUIRE(run(f.context, std::move(removing)).has_value());
    };
    edit("edited.example", "mine");
    remove("edited-gone.example");
    edit("edited-back.example", marked("x"));
    edit("new-edited.example", "mine");
    remove("new-gone.example");
    f.server.seed_entries(account, "block_senders", as_synced(R"([
        {"pattern":"gone-back.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"b [owner:me]"},
        {"pattern":"gone-other.example","pattern_type":"DOMAIN","is_regex":false,
         "comments":"other"}])"));

    auto const report = f.undo(kept->text);
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 0);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.unchanged == 3);
    BOOST_TEST(reasons_of(report) ==
                   (std::vector<std::string>{
                       "edited-gone.example was edited, and is gone since",
                       "edited.example was changed since it was edited, and stays so",
                       "gone-other.example was deleted, and another one is there since",
                       "new-edited.example was changed since it was created, and stays"}),
               boost::test_tools::per_element());
    BOOST_TEST(f.patterns() == (std::vector<std::string>{"edited-back.example", "edited.example",
                                                         "gone-back.example", "gone-other.example",
                                                         "gone.example", "new-edited.example"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_others_created_meanwhile_is_not_taken_away) {
    // The first batch is refused, as an entry of it has come since the list was read.
    journal_fixture f{sim::options{}.on_duplicate(sim::duplicates::conflict)};
    auto const kept = std::make_shared<kept_journal>();
    bool has_come = false;
    kept->on_call = [&](std::string_view) -> std::optional<cf::error> {
        if (!std::exchange(has_come, true)) f.server.seed_block_senders(account, {"d1.example"});
        return std::nullopt;
    };
    auto const report = f.sync(feed_of(domains(3)), es::sync_options{}.journal(kept));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created == 2);
    BOOST_REQUIRE(!f.undo(kept->text).failure);
    BOOST_TEST(f.patterns() == std::vector<std::string>{"d1.example"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_is_about_one_account_at_one_place) {
    journal_fixture f;
    auto const kept = std::make_shared<kept_journal>();
    BOOST_TEST(f.sync(feed_of(domains(3)), es::sync_options{}.journal(kept)).created == 3);
    auto const changed = [&](std::string const& from, std::string const& to) {
        auto text = kept->text;
        text.replace(text.find(from), from.size(), to);
        return f.undo(text);
    };
    auto const account_differs = changed(account, "0123456789abcdef0123456789abcdee");
    BOOST_REQUIRE(account_differs.failure);
    BOOST_TEST(account_differs.failure->detail() == "the journal is for another account");
    auto const place_differs = changed(f.server.base_url(), "https://api.cloudflare.com/client/v4");
    BOOST_REQUIRE(place_differs.failure);
    BOOST_TEST(place_differs.failure->detail().starts_with("the journal was made at https://api."));
    BOOST_TEST(f.patterns().size() == 3U);
}

BOOST_AUTO_TEST_CASE(its_plan_cannot_be_saved) {
    journal_fixture f;
    auto const kept = std::make_shared<kept_journal>();
    BOOST_TEST(f.sync(feed_of(domains(3)), es::sync_options{}.journal(kept)).created == 3);
    auto planning = es::plan_undo<es::block_senders_traits>(f.blocked(), *f.load(kept->text));
    std::optional<cf::result<block_plan>> made;
    auto const keep = [&made](std::exception_ptr, cf::result<block_plan> got) {
        made.emplace(std::move(got));
    };
    asio::co_spawn(f.context, std::move(planning), keep);
    f.context.restart();
    f.context.run();
    BOOST_REQUIRE(made->has_value());
    BOOST_TEST((*made)->removals.size() == 3U);
    std::ostringstream out;
    es::save_plan(out, **made, f.blocked(), {});
    BOOST_TEST(!out.good());
    BOOST_TEST(out.str().empty());
}

BOOST_DATA_TEST_CASE(of_what_was_there_twice_one_comes_back, data::make({false, true}), is_pruned) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"},
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"},
        {"pattern":"b.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"}])");
    auto const kept = std::make_shared<kept_journal>();
    auto const feed = feed_of(is_pruned ? "b.example\n" : "a.example\nb.example\n");
    BOOST_TEST(f.sync(feed, all_options(kept)).deleted == (is_pruned ? 2 : 1));
    auto const report = f.undo(kept->text);
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(f.patterns() == (std::vector<std::string>{"a.example", "b.example"}),
               boost::test_tools::per_element());
}

namespace {

template <class Traits>
void check_collection(std::string const& name, std::string const& list, std::string const& feed,
                      bool has_owner = true) {
    BOOST_TEST_CONTEXT(name) {
        journal_fixture f;
        f.server.seed_entries(account, name, as_synced(list));
        cf::collection<Traits> const where{f.client, account};
        auto const before = f.contents(name);
        auto const kept = std::make_shared<kept_journal>();
        auto options = es::sync_options{}.journal(kept);
        if (has_owner) options.owner("me").prune(true).max_delete_percent(100);
        auto const done = run(f.context, es::sync(where, feed_of<Traits>(feed), options));
        BOOST_REQUIRE(!done.failure);
        BOOST_TEST(done.rejected.empty());
        BOOST_TEST(done.created == 1);
        BOOST_TEST(done.updated == 1);
        BOOST_TEST(done.deleted == (has_owner ? 1 : 0));
        auto const undone = f.undo<Traits>(where, kept->text);
        BOOST_REQUIRE(!undone.failure);
        BOOST_TEST(undone.rejected.empty());
        BOOST_TEST(f.contents(name) == before, boost::test_tools::per_element());
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_collection_with_a_batch) {
    check_collection<es::trusted_domains_traits>(
        "trusted_domains", R"([
        {"pattern":"changed.example","is_regex":false,"is_recent":true,"is_similarity":false,
         "comments":"[owner:me]"},
        {"pattern":"gone.example","is_regex":false,"is_recent":true,"is_similarity":true,
         "comments":"[owner:me]"}])",
        "pattern,is_recent,is_similarity\n"
        "changed.example,false,true\nnew.example,true,true\n");
    check_collection<es::url_ignore_patterns_traits>(
        "url_ignore_patterns", R"([
        {"pattern":"^https://a/","comments":"[owner:me]"},{"pattern":"^https://b/","comments":"b [owner:me]"}])",
        "pattern,comments\n^https://a/,x\n^https://c/,\n");
    check_collection<es::allow_policies_traits>("allow_policies", R"([
        {"pattern":"a.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true,
         "is_acceptable_sender":false,"is_exempt_recipient":false,"verify_sender":true,"comments":"x [owner:me]"},
        {"pattern":"b.example","pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":false,
         "is_acceptable_sender":true,"is_exempt_recipient":false,"verify_sender":true,"comments":"y [owner:me]"}])",
                                                "pattern,is_trusted_sender,verify_sender,comments\n"
                                                "a.example,true,false,z\nc.example,true,true,\n");
    check_collection<es::content_policies_traits>(
        "content_policies", R"([
        {"name":"Changed","pattern":"old","targets":["BODY"],"enabled":true,"notes":"kept [owner:me]"},
        {"name":"Gone","pattern":"x","targets":["BODY"],"enabled":false,"notes":"[owner:me]"}])",
        R"({"name":"Changed","pattern":"new","targets":["SUBJECT"],"enabled":false,"notes":"n"})"
        "\n"
        R"({"name":"New","pattern":"y","targets":["BODY"]})");
    check_collection<es::domains_traits>(
        "domains", R"([
        {"domain":"changed.example","allowed_delivery_modes":["API"],"regions":["GLOBAL"],
         "drop_dispositions":[],"ip_restrictions":[],"folder":null}])",
        "domain,allowed_delivery_modes,regions,ip_restrictions,"
        "folder\nchanged.example,\"API,BCC\",GLOBAL,8.8.4.4,Inbox\n"
        "new.example,API,GLOBAL,,\n",
        false);
}

BOOST_AUTO_TEST_SUITE_END()
