// Plans in files: written, read back, compared with the list, applied.
#include "email_security/sync/owner_marks.hpp"
#include "fixture.hpp"

#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(saved_plans)

namespace {

using block_traits = es::block_senders_traits;
using block_saved = es::saved_plan<block_traits>;
namespace json = boost::json;

/// Comments as a sync of the owner writes them.
std::string marked(std::string const& text) {
    return es::created_comments(text, "me", {});
}

std::string const seeds = R"([
    {"pattern":"same.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"},
    {"pattern":"changed.example","pattern_type":"DOMAIN","is_regex":false,
     "comments":")" + marked("old") +
                          R"("},
    {"pattern":"gone.example","pattern_type":"DOMAIN","is_regex":false,"comments":"[owner:me]"},
    {"pattern":"foreign.example","pattern_type":"DOMAIN","is_regex":false}])";
constexpr auto feed_text =
    "pattern,comments\nsame.example,\nchanged.example,new\nNew.Example,\"x, \"\"y\"\"\"\nnodot,\n";

/// A list, and a plan for it: one create, one update, one delete, one rejected line.
struct planned : fixture {
    planned() {
        server.seed_entries(account, "block_senders", seeds);
        auto const made = plan(feed_of(feed_text), options).value();
        std::ostringstream out;
        es::save_plan(out, made, blocked(), options);
        text = out.str();
    }

    cf::result<block_saved> load() const { return load(text); }
    static cf::result<block_saved> load(std::string const& document) {
        std::istringstream in{document};
        return es::load_plan<block_traits>(in);
    }
    es::sync_report apply(es::plan_check how = es::plan_check::exact) {
        return run(context, es::apply_saved(blocked(), load().value(), {}, how));
    }
    std::string id_of(std::string const& pattern) {
        auto const all = run(context, blocked().list_all()).value();
        for (auto const& each : all) {
            if (each.pattern == pattern) return each.id.text();
        }
        return {};
    }
    void remove(std::string const& pattern) {
        BOOST_TEST(run(context, blocked().remove(id_of(pattern))).has_value());
    }
    void comment(std::string const& pattern, std::string const& text_of_it) {
        auto const changes = es::block_sender_patch{}.comments(text_of_it);
        BOOST_TEST(run(context, blocked().edit(id_of(pattern), changes)).has_value());
    }
    void create(std::string const& pattern, std::string const& comments) {
        auto item = es::new_block_sender{pattern, es::pattern_type::domain};
        if (!comments.empty()) item.comments(comments);
        BOOST_TEST(run(context, blocked().create(item)).has_value());
    }
    /// Applies the plan, which is refused for this reason.
    void refuses(std::string const& why, es::plan_check how = es::plan_check::exact) {
        auto const before = server.entries(account);
        auto const report = apply(how);
        BOOST_REQUIRE(report.failure);
        BOOST_CHECK(report.failure->code() == cf::errc::conflict);
        auto const& why_it_failed = report.failure->detail();
        BOOST_TEST(why_it_failed.find(why) != std::string::npos, why_it_failed);
        BOOST_TEST(report.left == 3);
        BOOST_TEST(report.created + report.updated + report.deleted == 0);
        BOOST_TEST(server.entries(account) == before);
    }

    es::sync_options options = es::sync_options{}.owner("me").prune(true).max_delete_percent(50);
    std::string text;
};

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(is_a_documented_json_file, planned) {
    auto const document = json::parse(text);
    BOOST_TEST(document.at("format").as_string() == "cloudflare-email-security-plan");
    BOOST_TEST(document.at("version").as_int64() == 1);
    BOOST_TEST(document.at("collection").as_string() == "block_senders");
    BOOST_TEST(document.at("account_id").as_string() == account);
    BOOST_TEST(document.at("owner").as_string() == "me");
    BOOST_TEST(cf::parse_timestamp(document.at("made_at").as_string()).has_value());
    BOOST_TEST(document.at("current").as_int64() == 4);
    BOOST_TEST(document.at("unchanged").as_int64() == 1);
    auto const& create = document.at("creates").at(0);
    BOOST_TEST(create.at("line").as_int64() == 4);
    BOOST_TEST(create.at("item").at("pattern").as_string() == "new.example");
    auto const& update = document.at("updates").at(0);
    BOOST_TEST(update.at("item").at("pattern").as_string() == "changed.example");
    BOOST_TEST(update.at("set").at("comments").as_string() == marked("new"));
    BOOST_TEST(update.at("comments").as_string() == marked("old"));
    BOOST_TEST(document.at("deletes").at(0).at("pattern").as_string() == "gone.example");
    BOOST_TEST(document.at("rejected").at(0).at("line").as_int64() == 5);
    BOOST_TEST(text.find("test-token") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(is_bound_to_the_base_url, planned) {
    BOOST_TEST(json::parse(text).at("base_url").as_string() == server.base_url());
    fixture elsewhere;
    elsewhere.server.seed_entries(account, "block_senders", seeds);
    auto const before = elsewhere.server.entries(account);
    std::string const member = R"("base_url":")" + server.base_url() + "\",";
    for (auto const& document : {text, replaced(text, member, "")}) {
        for (auto const how : {es::plan_check::exact, es::plan_check::resume}) {
            auto const report =
                run(elsewhere.context,
                    es::apply_saved(elsewhere.blocked(), load(document).value(), {}, how));
            BOOST_REQUIRE(report.failure);
            BOOST_CHECK(report.failure->code() == cf::errc::invalid_argument);
            BOOST_TEST(
                report.failure->detail().find(elsewhere.server.base_url()) != std::string::npos,
                report.failure->detail());
            BOOST_TEST(elsewhere.server.entries(account) == before);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(is_bound_to_the_api_and_not_to_how_its_url_is_spelt, planned) {
    auto spelt = server.base_url();
    spelt.replace(0, 5, "HTTPS");
    spelt += '/';
    auto settings = quick_options();
    settings.base_url(spelt).tls(
        cf::tls_options{}.system_trust(false).extra_ca(server.ca_certificate()));
    es::block_senders const same{cf::client{context.get_executor(), settings}, account};
    auto const report = run(context, es::apply_saved(same, load().value()));
    BOOST_CHECK(!report.failure);
}

BOOST_FIXTURE_TEST_CASE(is_applied_as_if_it_had_just_been_made, planned) {
    fixture direct;
    direct.server.seed_entries(account, "block_senders", seeds);
    auto const expected = direct.sync(feed_of(feed_text), options);
    auto const report = apply();
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 1);
    BOOST_TEST(report.deleted == 1);
    BOOST_TEST(report.unchanged == 1);
    BOOST_TEST(report.desired == expected.desired);
    BOOST_TEST(report.current == 4);
    BOOST_TEST(report.rejected.size() == 1);
    BOOST_TEST(report.requests == 3);
    auto const entries = server.entries(account);
    BOOST_TEST(entries.find(R"("comments":"x, \"y\" [owner:me] [text:)") != std::string::npos,
               entries);
    BOOST_TEST(entries.find("\"comments\":\"" + marked("new")) != std::string::npos, entries);
    BOOST_TEST(patterns() == direct.patterns(), boost::test_tools::per_element());
    BOOST_TEST(sync(feed_of(feed_text), options).unchanged == 3);
}

BOOST_FIXTURE_TEST_CASE(what_the_plan_does_not_touch_may_change, planned) {
    create("another.example", "");
    remove("foreign.example");
    comment("same.example", "edited");
    auto const report = apply();
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created + report.updated + report.deleted == 3);
}

BOOST_FIXTURE_TEST_CASE(what_came_meanwhile_is_a_conflict, planned) {
    create("NEW.example", "");
    refuses("1 of its changes does not fit any more, 'new.example' is there already");
}

BOOST_FIXTURE_TEST_CASE(what_was_edited_meanwhile_is_a_conflict, planned) {
    comment("changed.example", "by hand [owner:me]");
    refuses("'changed.example' has changed");
    comment("gone.example", "keep it");
    refuses("2 of its changes do not fit");
}

BOOST_FIXTURE_TEST_CASE(what_went_meanwhile_is_a_conflict, planned) {
    remove("changed.example");
    refuses("'changed.example' is gone");
    remove("gone.example");
    refuses("2 of its changes");
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_plan_is_resumed, planned) {
    create("new.example", marked("x, \"y\""));
    comment("changed.example", marked("new"));
    remove("gone.example");
    refuses("3 of its changes");
    auto const report = apply(es::plan_check::resume);
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(report.created + report.updated + report.deleted == 0);
    BOOST_TEST(report.unchanged == 3);
    BOOST_TEST(report.requests == 1);
    create("another.example", "");
    BOOST_TEST(apply().current == 5);
}

BOOST_FIXTURE_TEST_CASE(resuming_is_not_for_what_others_did, planned) {
    // Without the owner's mark it is not what the plan would have created.
    create("new.example", "x, \"y\"");
    refuses("'new.example' is there already", es::plan_check::resume);
    remove("new.example");
    comment("changed.example", "something else");
    refuses("'changed.example' has changed", es::plan_check::resume);
    comment("changed.example", marked("new"));
    comment("gone.example", "taken over");
    refuses("'gone.example' has changed", es::plan_check::resume);
    comment("gone.example", "[owner:me]");
    auto const report = apply(es::plan_check::resume);
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 1);
    BOOST_TEST(report.updated == 0);
    BOOST_TEST(report.deleted == 1);
}

BOOST_FIXTURE_TEST_CASE(a_plan_for_something_else_is_refused, planned) {
    auto const elsewhere =
        run(context, es::apply_saved(es::block_senders{client, "other"}, load().value()));
    BOOST_REQUIRE(elsewhere.failure);
    BOOST_CHECK(elsewhere.failure->code() == cf::errc::invalid_argument);
    std::istringstream in{text};
    auto const other = es::load_plan<es::trusted_domains_traits>(in);
    BOOST_REQUIRE(!other);
    BOOST_TEST(other.error().detail().find("block_senders") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_broken_or_changed_file_is_refused, planned) {
    struct change {
        std::string from;
        std::string to;
        std::string says;
    };
    for (auto const& [from, to, says] : {
             change{"\"version\":1", "\"version\":2", "version 2"},
             change{"security-plan", "security-plane", "not a saved plan"},
             change{"]}", "]", "invalid JSON"},
             change{"]}", "]} x", "something follows"},
             change{"\"creates\":[", "\"creates\":{", "unexpected type"},
             change{"new.example", "", "creates/0: pattern"},
             change{"\"seen\":\"", "\"seen\":\"x", "updates/0: seen"},
             change{"\"owner\":\"me\"", "\"owner\":\"\"", "deletes/0: only an owner's"},
             change{"\"set\":{\"comments\":\"" + marked("new") + "\"}", "\"set\":{}", "updates/0"},
             change{"\"pattern\":\"changed.example\"", "\"pattern\":\"new.example\"", "twice"},
         }) {
        auto const loaded = load(replaced(text, from, to));
        BOOST_REQUIRE_MESSAGE(!loaded, from);
        BOOST_CHECK(loaded.error().code() == cf::errc::invalid_argument);
        auto const why_it_failed = loaded.error().detail();
        BOOST_TEST(why_it_failed.find(says) != std::string::npos, why_it_failed);
    }
    BOOST_TEST(!load(""));
    BOOST_TEST(!load(text.substr(0, text.size() / 2)));
    BOOST_TEST(!load("[1]"));
}

BOOST_FIXTURE_TEST_CASE(an_edited_plan_deletes_nothing_that_is_not_the_owners, planned) {
    text = replaced(text, "\"owner\":\"me\"", "\"owner\":\"you\"");
    refuses("'changed.example' is not the owner's to edit");
    refuses("is not the owner's", es::plan_check::resume);
}

BOOST_AUTO_TEST_CASE(say_where_they_are_wrong_wherever_the_text_is_cut) {
    // They are read in parts of 64 KiB; the names around a value may lie in an earlier part, or in
    // two, or be escaped.
    for (std::size_t padding = 65'300; padding < 65'600; ++padding) {
        auto const text = R"({"format":"cloudflare-email-security-plan","version":1,)"
                          R"("collection":"block_senders","creates":[{"line":1,"it\u0065m":{)"
                          R"("comments":")" +
                          std::string(padding, 'x') + R"(","pattern":5}}]})";
        auto const loaded = planned::load(text);
        BOOST_REQUIRE(!loaded);
        BOOST_TEST(loaded.error().detail() ==
                       "is not a saved plan: /creates/0/item/pattern has an unexpected type",
                   "after " << padding << ": " << loaded.error().detail());
    }
}

BOOST_AUTO_TEST_CASE(large_ones_and_other_collections) {
    fixture f;
    es::trusted_domains const where{f.client, account};
    auto const feed = feed_of<es::trusted_domains_traits>(domains(5000));
    auto const options = es::sync_options{}.owner("me");
    std::optional<es::sync_plan<es::trusted_domains_traits>> made;
    auto keep = [&](std::exception_ptr, cf::result<es::sync_plan<es::trusted_domains_traits>> got) {
        made = std::move(got).value();
    };
    asio::co_spawn(f.context, es::plan(where, feed, options), keep);
    f.context.restart();
    f.context.run();
    std::stringstream file;
    es::save_plan(file, *made, where, options);
    auto loaded = es::load_plan<es::trusted_domains_traits>(file).value();
    BOOST_TEST(loaded.plan.creates.size() == 5000);
    auto const report = run(f.context, es::apply_saved(where, std::move(loaded)));
    BOOST_TEST(report.created == 5000);
    BOOST_TEST(report.requests == 7);
}

BOOST_AUTO_TEST_CASE(an_entry_that_went_before_its_update_is_created_whole) {
    using traits = es::allow_policies_traits;
    fixture f;
    f.server.seed_entries(account, "allow_policies", R"([{"pattern":"p.example",
        "pattern_type":"DOMAIN","is_regex":false,"is_trusted_sender":true,
        "is_acceptable_sender":false,"is_exempt_recipient":false,"verify_sender":false,
        "comments":"old"}])");
    es::allow_policies const allowed{f.client, account};
    auto const wanted = feed_of<traits>(
        "pattern,is_trusted_sender,verify_sender,comments\np.example,true,false,new\n");
    auto const plan = run(f.context, es::plan(allowed, wanted)).value();
    BOOST_TEST(plan.updates.size() == 1);
    std::stringstream file;
    es::save_plan(file, plan, allowed, {});
    auto loaded = es::load_plan<traits>(file).value();

    // After the check of the plan, so to say.
    BOOST_TEST(run(f.context, allowed.remove(plan.updates.at(0).id)).has_value());
    auto const report = run(f.context, es::apply(allowed, std::move(loaded.plan)));
    BOOST_CHECK(!report.failure);
    BOOST_TEST(report.created == 1);
    auto const there = json::parse(f.server.entries(account, "allow_policies")).at(0);
    BOOST_TEST(there.at("is_trusted_sender").as_bool());
    BOOST_TEST(!there.at("verify_sender").as_bool());
    BOOST_TEST(there.at("comments").as_string() == "new");
}

BOOST_AUTO_TEST_SUITE_END()
