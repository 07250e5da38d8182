#include "cfes/cfes.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace test;

BOOST_AUTO_TEST_SUITE(settings)

namespace {

using words = std::vector<std::string>;

/// What the verbs of a collection are tried with.
struct collection {
    std::string name;
    words create;
    std::string created;  ///< what is to be seen of it
    words edit;
    std::string edited;
    std::string shown;     ///< a line of the record
    std::string required;  ///< an option that `create` cannot do without
    std::string batch;     ///< ID stands for an entry that is there
    std::string done;      ///< a line of what the batch has done, without the identifier
};
std::ostream& operator<<(std::ostream& out, collection const& each) {
    return out << each.name;
}

std::vector<collection> const all{
    {"trusted-domains",
     {"--pattern", "new.example", "--is-recent", "--is-similarity", "false", "--comments", "ours"},
     R"({"pattern":"new.example","is_recent":true,"is_similarity":false,"is_regex":false,
         "comments":"ours"})",
     {"--is-similarity", "true", "--is-recent", "false"},
     R"({"pattern":"new.example","is_recent":false,"is_similarity":true})",
     "is_similarity  true\n",
     "--pattern",
     R"({"patches":[{"id":"ID","comments":"x"}],"posts":[{"pattern":"more.example",
         "is_recent":true,"is_regex":false,"is_similarity":false}]})",
     "more.example\n"},
    {"content-policies",
     {"--name", "Gift cards", "--pattern", "gift cards?", "--targets", "SUBJECT,BODY", "--notes",
      "INC-1"},
     R"({"name":"Gift cards","pattern":"gift cards?","targets":["SUBJECT","BODY"],"enabled":true,
         "notes":"INC-1"})",
     {"--enabled", "false", "--clear-notes", "--targets", "BODY"},
     R"({"name":"Gift cards","enabled":false,"targets":["BODY"]})",
     "enabled      false\n",
     "--name",
     R"({"puts":[{"id":"ID","name":"Vouchers","pattern":"voucher","targets":["BODY"],
         "enabled":true}]})",
     "Vouchers\n"},
    {"impersonation-registry",
     {"--name", "Ann Boss", "--email", "ann@corp.example", "--directory-id", "7", "--comments",
      "chief"},
     R"({"name":"Ann Boss","email":"ann@corp.example","is_email_regex":false,"directory_id":7,
         "comments":"chief"})",
     {"--email", "ann.*@corp", "--is-email-regex", "--clear-directory-id"},
     R"({"name":"Ann Boss","email":"ann.*@corp","is_email_regex":true})",
     "email           ann.*@corp\n",
     "--name",
     {},
     {}},
    {"sending-domain-restrictions",
     {"--domain", "corp.example", "--exclude", "a.corp.example,b.corp.example", "--exclude",
      "c.corp.example", "--comments", "x"},
     R"({"domain":"corp.example","exclude":["a.corp.example","b.corp.example","c.corp.example"],
         "comments":"x"})",
     {"--exclude", "d.corp.example"},
     R"({"domain":"corp.example","exclude":["d.corp.example"]})",
     "exclude      d.corp.example\n",
     "--domain",
     R"({"deletes":[{"id":"ID"}]})",
     "deleted  "},
    {"url-ignore-patterns",
     {"--pattern", "https://corp\\.example/.*", "--comments", "x"},
     R"({"pattern":"https://corp\\.example/.*","comments":"x"})",
     {"--pattern", "https://www\\.corp\\.example/.*"},
     R"({"pattern":"https://www\\.corp\\.example/.*","comments":"x"})",
     "pattern      https://www\\.corp\\.example/.*\n",
     "--pattern",
     R"({"puts":[{"id":"ID","pattern":"https://put\\.example"}]})",
     "https://put\\.example\n"},
    {"domains",
     {"--domain", "corp.example", "--allowed-delivery-modes", "DIRECT,API", "--regions", "GLOBAL",
      "--folder", "Inbox", "--lookback-hops", "2"},
     R"({"domain":"corp.example","allowed_delivery_modes":["DIRECT","API"],"regions":["GLOBAL"],
         "folder":"Inbox","lookback_hops":2,"status":"PENDING"})",
     {"--allowed-delivery-modes", "BCC", "--clear-folder", "--ip-restrictions",
      "192.0.2.1,198.51.100.0/24", "--drop-dispositions", "SPAM"},
     R"({"allowed_delivery_modes":["BCC"],"drop_dispositions":["SPAM"],
         "ip_restrictions":["192.0.2.1","198.51.100.0/24"]})",
     "ip_restrictions         192.0.2.1, 198.51.100.0/24\n",
     "--allowed-delivery-modes",
     R"({"patches":[{"id":"ID","regions":["US","DE"]}]})",
     "corp.example\n"},
};

/// Whether the object has these fields, with these values.
void check_fields(json::value const& object, std::string const& expected) {
    auto const fields = json::parse(expected);
    for (auto const& each : fields.as_object()) {
        auto const* const found = object.as_object().if_contains(each.key());
        BOOST_TEST((found && *found == each.value()), json::serialize(each.value())
                                                          << " in " << json::serialize(object));
    }
}

bool has(json::value const& object, std::string const& field) {
    return object.as_object().contains(field);
}

std::string with_id(std::string text, std::string const& id) {
    return text.replace(text.find("\"ID\""), 4, '"' + id + '"');
}

}  // namespace

BOOST_DATA_TEST_CASE(goes_through_all_its_verbs, boost::unit_test::data::make(all)) {
    fixture f;
    auto const call = [&sample](words arguments, words const& more = {}) {
        arguments.insert(arguments.begin(), sample.name);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    auto const created = f.document(call({"create"}, sample.create));
    check_fields(created, sample.created);
    auto const id = text_of(created.at("id"));
    BOOST_CHECK(f.document(call({"get", id})) == created);

    auto const all_entries = f.document(call({"list"}));
    BOOST_TEST_REQUIRE(all_entries.as_array().size() == 1U);
    BOOST_CHECK(all_entries.at(0) == created);
    BOOST_TEST(f.document(call({"list", "--page", "2", "--per-page", "5"})).as_array().empty());
    auto const table = f.run(call({"list"}));
    BOOST_TEST(table.out.starts_with("id "), table.out);
    BOOST_TEST(lines_in(table.out) == 2);
    BOOST_TEST(table.out.find('\n' + id + "  ") != std::string::npos, table.out);

    auto const edited = f.document(call({"edit", id}, sample.edit));
    check_fields(edited, sample.edited);
    auto const record = f.run(call({"get", id}));
    BOOST_TEST(record.out.find('\n' + sample.shown) != std::string::npos, record.out);
    if (has(created, "comments")) {
        BOOST_TEST(!has(f.document(call({"edit", id, "--clear-comments"})), "comments"));
    }
    if (!sample.batch.empty()) {
        auto const file = f.files.file("batch.json", with_id(sample.batch, id));
        auto const batched = f.run(call({"batch", file}));
        BOOST_TEST(batched.status == 0, batched.err);
        BOOST_TEST(batched.out.starts_with("done "), batched.out);
        BOOST_TEST(batched.out.find(sample.done) != std::string::npos, batched.out);
    }

    auto const refused = f.run(call({"create"}));
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find(sample.required) != std::string::npos, refused.err);
    BOOST_TEST(f.run(call({"edit", id})).status == 64);
    BOOST_TEST(f.run(call({"list", "--per-page", "0"})).status == 64);

    auto const last = f.document(call({"list"})).as_array();
    for (auto const& each : last) {
        auto const gone = f.document(call({"delete", text_of(each.at("id")), "--yes"}));
        BOOST_CHECK(gone.at("id") == each.at("id"));
    }
    for (auto const& verb : {words{"get", id}, words{"delete", id, "--yes"}}) {
        auto const missing = f.run(call(verb));
        BOOST_TEST(missing.status == 5);
        BOOST_TEST(missing.out.empty(), missing.out);
        BOOST_TEST(lines_in(missing.err) == 1, missing.err);
        BOOST_TEST(missing.err.find("10404") != std::string::npos, missing.err);
    }
}

BOOST_AUTO_TEST_CASE(content_policies_are_kept_in_a_file) {
    fixture f;
    auto const file = f.files.file(
        "policies.jsonl",
        R"({"name":"Gift cards","pattern":"gift card","targets":["SUBJECT","BODY"]})"
        "\n"
        R"({"name":"Vouchers","pattern":"voucher","targets":["BODY"],"enabled":false,"notes":"x"})"
        "\n");
    auto const plan = f.document({"content-policies", "plan", file});
    BOOST_TEST(plan.at("created").as_int64() == 2);
    auto const synced = f.document({"content-policies", "sync", file});
    BOOST_TEST(synced.at("created").as_int64() == 2);
    BOOST_TEST(f.document({"content-policies", "list", "--enabled", "false"}).as_array().size() ==
               1U);
    auto const exported = f.run({"content-policies", "export"});
    BOOST_TEST(exported.status == 0, exported.err);
    auto const again =
        f.document({"content-policies", "sync", f.files.file("again.jsonl", exported.out)});
    BOOST_TEST(again.at("unchanged").as_int64() == 2);
    auto const changed = f.files.file(
        "changed.jsonl", R"({"name":"Vouchers","pattern":"gift voucher","targets":["BODY"]})"
                         "\n");
    auto const shown = f.run({"content-policies", "plan", changed});
    BOOST_TEST(shown.out.find("Vouchers") != std::string::npos, shown.out);
    BOOST_TEST(f.document({"content-policies", "sync", changed}).at("updated").as_int64() == 1);
}

// The file is the whole truth of what it made, and not of what others made by hand.
BOOST_AUTO_TEST_CASE(content_policies_that_left_the_file_are_pruned) {
    fixture f;
    auto const policy = [](std::string const& name) {
        return R"({"name":")" + name +
               R"(","pattern":"x","targets":["BODY"],"notes":"why"})"
               "\n";
    };
    f.document(
        {"content-policies", "create", "--name", "By hand", "--pattern", "y", "--targets", "BODY"});
    auto const sync = [&](std::string const& text, std::vector<std::string> more) {
        auto const file = f.files.file("policies.jsonl", text);
        more.insert(more.begin(), {"content-policies", "sync", file, "--owner", "git"});
        return f.run(more);
    };
    std::string all;
    for (int i = 0; i != 10; ++i) all += policy("p" + std::to_string(i));
    BOOST_TEST(sync(all, {}).status == 0);
    auto const there = f.run({"content-policies", "list"}).out;
    BOOST_TEST(there.find("why [owner:git]") != std::string::npos, there);
    // One was renamed.
    auto const renamed = all.substr(0, all.size() - policy("p9").size()) + policy("q9");
    auto const kept = sync(renamed, {});
    BOOST_TEST(kept.out.find("1 created, 0 updated, 0 deleted") != std::string::npos, kept.out);
    auto const pruned = sync(renamed, {"--prune"});
    BOOST_TEST(pruned.out.find("1 deleted") != std::string::npos, pruned.out);
    // The guards are those of every prune.
    auto const refused = sync(policy("p0"), {"--prune"});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(refused.err.find("--max-delete-percent") != std::string::npos, refused.err);
    BOOST_TEST(f.document({"content-policies", "list"}).as_array().size() == 11U);
    auto const exported = f.run({"content-policies", "export"});
    BOOST_TEST(exported.out.find("owner:git") == std::string::npos, exported.out);
    auto const again = sync(exported.out, {});
    BOOST_TEST(again.out.find("0 updated") != std::string::npos, again.out);
    BOOST_TEST(sync(policy("n") + R"({"name":"m","pattern":"x","targets":["BODY"],)"
                                  R"("notes":"[owner:git]"})"
                                  "\n",
                    {})
                   .status == 3);
}

BOOST_AUTO_TEST_CASE(an_entry_is_replaced_as_a_whole) {
    fixture f;
    auto const created = f.document(
        {"block-senders", "create", "--pattern", "a.example", "--comments", "to be lost"});
    auto const id = text_of(created.at("id"));
    auto const replaced =
        f.document({"block-senders", "replace", id, "--pattern", "2620:00FE::1/48"});
    check_fields(replaced, R"({"pattern":"2620:fe::/48","pattern_type":"IP","is_regex":false})");
    BOOST_TEST(!has(replaced, "comments"));
    BOOST_CHECK(replaced.at("created_at") == created.at("created_at"));
}

BOOST_AUTO_TEST_CASE(a_domain_is_replaced_and_verified) {
    fixture f;
    auto const created = f.document({"domains", "create", "--domain", "corp.example",
                                     "--allowed-delivery-modes", "DIRECT", "--regions", "GLOBAL",
                                     "--folder", "Inbox", "--transport", "mx.corp.example"});
    auto const id = text_of(created.at("id"));
    f.server.take_log();
    auto const replaced = f.document({"domains", "replace", id, "--allowed-delivery-modes", "BCC",
                                      "--regions", "US,DE", "--clear-transport"});
    check_fields(replaced, R"({"domain":"corp.example","allowed_delivery_modes":["BCC"],
                               "regions":["US","DE"]})");
    BOOST_TEST(!has(replaced, "folder"));
    auto const sent = f.server.take_log();
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    BOOST_TEST(sent[0].method == "PUT");
    BOOST_CHECK(json::parse(sent[0].body).at("transport").is_null());
    BOOST_TEST(!has(json::parse(sent[0].body), "folder"));
    BOOST_TEST(f.run({"domains", "replace", id, "--regions", "US"}).status == 64);

    auto const record = f.document({"domains", "verification", id});
    BOOST_TEST(has(record, "txt_record_name"));
    BOOST_TEST(has(record, "txt_record_value"));
    BOOST_TEST(f.run({"domains", "verification", id}).out.starts_with("status "));
    // One that needs no record is answered 204.
    f.server.seed_entries(account, "domains",
                          R"([{"domain":"other.example","allowed_delivery_modes":["API"],
                               "regions":["GLOBAL"],"status":"active"}])");
    auto const other = f.document({"domains", "list", "--domain", "other.example"});
    BOOST_TEST_REQUIRE(other.as_array().size() == 1U);
    auto const verified = text_of(other.at(0).at("id"));
    BOOST_TEST(f.document({"domains", "verification", verified}).is_null());
    BOOST_TEST(f.run({"domains", "verification", verified}).out == "not by a DNS record\n");
    BOOST_TEST(f.run({"domains", "verification", "nosuch"}).status == 5);
}

BOOST_AUTO_TEST_CASE(domains_are_synced_without_owners) {
    fixture f;
    auto const feed = f.files.file("domains.txt", "corp.example\nCorp.de.example\n");
    auto const arguments = std::vector<std::string>{
        "domains", "sync", feed, "--allowed-delivery-modes", "API,DIRECT", "--regions", "DE"};
    auto sync = f.run(arguments);
    BOOST_TEST(sync.status == 0, sync.err);
    BOOST_TEST(sync.out.find("\n2 created") != std::string::npos, sync.out);
    sync = f.run(arguments);
    BOOST_TEST(sync.out.find("2 unchanged") != std::string::npos, sync.out);
    auto const plan = f.run(
        {"domains", "plan", feed, "--allowed-delivery-modes", "DIRECT,API", "--regions", "DE,AU"});
    BOOST_TEST(
        plan.out.find("~ corp.example  regions: [\"DE\"] -> [\"DE\",\"AU\"]") != std::string::npos,
        plan.out);
    for (auto const* const each : {"--owner", "--prune", "--drop-covered", "--check-conflicts"}) {
        BOOST_TEST(f.run({"domains", "plan", feed, each}).status == 64);
    }
    auto const exported = f.run({"domains", "export", "--format", "csv"});
    BOOST_TEST(exported.status == 0, exported.err);
    auto const same = f.files.file("same.csv", exported.out);
    auto const again = f.run({"domains", "plan", same, "--detailed-exitcode"});
    BOOST_TEST(again.status == 0, again.out);
}

BOOST_AUTO_TEST_CASE(other_patterns_are_synced_too) {
    fixture f;
    auto const trusted = f.files.file("trusted.txt", "a.example\nb.example\n");
    auto sync = f.run({"trusted-domains", "sync", trusted, "--is-recent", "true", "--owner", "me"});
    BOOST_TEST(sync.status == 0, sync.err);
    auto const one = f.files.file("one.txt", "a.example\n");
    sync = f.run({"trusted-domains", "sync", one, "--is-recent", "true", "--owner", "me", "--prune",
                  "--max-delete-percent", "50"});
    BOOST_TEST(sync.out.find("1 deleted, 1 unchanged") != std::string::npos, sync.out);
    auto const urls = f.files.file("urls.txt", "^https://a\\.example/\n");
    sync = f.run({"url-ignore-patterns", "sync", urls});
    BOOST_TEST(sync.out.find("\n1 created") != std::string::npos, sync.out);
    auto const exported = f.run({"url-ignore-patterns", "export", "--format", "text"});
    BOOST_TEST(exported.out == "^https://a\\.example/\n");
}

BOOST_AUTO_TEST_CASE(all_domains_are_deleted_only_when_that_is_agreed_on) {
    fixture f;
    f.document({"domains", "create", "--domain", "corp.example", "--allowed-delivery-modes",
                "DIRECT", "--regions", "GLOBAL"});
    f.server.take_log();
    auto const refused = f.run({"domains", "bulk-delete"});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find("--yes") != std::string::npos, refused.err);
    BOOST_TEST(f.server.take_log().empty());
    BOOST_TEST(f.document({"domains", "bulk-delete", "--yes"}).as_array().size() == 1U);
    BOOST_TEST(f.document({"domains", "list"}).as_array().empty());
}

BOOST_AUTO_TEST_CASE(a_list_is_emptied_by_an_empty_value) {
    fixture f;
    auto const created = f.document({"sending-domain-restrictions", "create", "--domain",
                                     "corp.example", "--exclude", "a.corp.example"});
    auto const edited = f.document(
        {"sending-domain-restrictions", "edit", "--exclude", "", text_of(created.at("id"))});
    BOOST_TEST(edited.at("exclude").as_array().empty());
}

BOOST_AUTO_TEST_CASE(a_batch_may_clear_only_what_can_be_null) {
    fixture f;
    auto const created =
        f.document({"block-senders", "create", "--pattern", "a.example", "--comments", "x"});
    auto const id = text_of(created.at("id"));
    auto const batch = [&f, &id](std::string const& field) {
        auto const text = R"({"patches":[{"id":"ID",")" + field + R"(":null}]})";
        return f.run({"block-senders", "batch", f.files.file("batch.json", with_id(text, id))});
    };
    BOOST_TEST(batch("comments").status == 0);
    auto const refused = batch("pattern");
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(
        refused.err.find("/patches/0/pattern does not have a valid value") != std::string::npos,
        refused.err);
}

BOOST_AUTO_TEST_SUITE_END()
