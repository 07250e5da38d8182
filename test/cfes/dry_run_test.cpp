#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>
#include <sstream>

using namespace test;

/// `--dry-run`, of every verb that changes something.
BOOST_AUTO_TEST_SUITE(dry_run)

namespace {

using words = std::vector<std::string>;

/// A command, and the requests that it would send, in which ID stands for the entry that is there,
/// MESSAGE for a message in quarantine and BATCH for a file.
struct rehearsed {
    std::string command;
    std::string requests;
};
std::ostream& operator<<(std::ostream& out, rehearsed const& each) {
    return out << each.command;
}

std::vector<rehearsed> const all{
    {"block-senders create b.example --comments c", "POST /block_senders"},
    {"block-senders create b.example c.example", "POST /block_senders POST /block_senders"},
    {"block-senders create a.example --if-absent", ""},
    {"block-senders edit a.example --comments c", "PATCH /block_senders/ID"},
    {"block-senders replace ID --pattern b.example", "PUT /block_senders/ID"},
    {"block-senders delete a.example", "DELETE /block_senders/ID"},
    {"block-senders delete x.example --ignore-missing", ""},
    {"block-senders batch BATCH", "POST /block_senders/batch"},
    {"domains create corp.example --allowed-delivery-modes DIRECT --regions US", "POST /domains"},
    {"domains bulk-delete", "DELETE /domains"},
    {"investigate move MESSAGE --destination RecoverableItemsPurges",
     "POST /investigate/MESSAGE/move"},
    {"investigate release MESSAGE", "POST /investigate/release"},
    {"investigate reclassify MESSAGE --expected-disposition SPAM",
     "POST /investigate/MESSAGE/reclassify"},
    {"investigate create-preview MESSAGE", "POST /investigate/preview"},
    {"investigate block MESSAGE", "POST /block_senders"},
    {"investigate bulk-create --action RELEASE --all-messages", "POST /investigate/bulk"},
    {"investigate bulk-cancel ID", "POST /investigate/bulk/ID/cancel"},
    {"investigate bulk-delete ID", "DELETE /investigate/bulk/ID"},
    {"submissions reclassify MESSAGE --expected-disposition NONE", "POST /submissions"},
    {"submissions report-missed --postfix-id p --message-id m --recipient-emails a@corp.example "
     "--expected-disposition SPAM",
     "POST /submissions"},
};

std::string replace_all(std::string text, std::string const& name, std::string const& value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        text.replace(at, name.size(), value);
    }
    return text;
}

words split(std::string const& text) {
    std::istringstream in{text};
    words parts;
    for (std::string each; in >> each;) parts.push_back(each);
    return parts;
}

}  // namespace

BOOST_DATA_TEST_CASE(tells_the_requests_and_sends_none, boost::unit_test::data::make(all)) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example"});
    auto const id = text_of(f.document({"block-senders", "list"}).at(0).at("id"));
    auto const message = text_of(
        f.document({"investigate", "list", "--delivery-status", "quarantined"}).at(0).at("id"));
    auto const batch = f.files.file("batch.json", R"({"deletes":[{"id":")" + id + R"("}]})");
    auto const filled = [&](std::string text) {
        text = replace_all(std::move(text), "ID", id);
        text = replace_all(std::move(text), "MESSAGE", message);
        return replace_all(std::move(text), "BATCH", batch);
    };
    f.server.take_log();
    auto arguments = split(filled(sample.command));
    arguments.emplace_back("--dry-run");
    auto const shown = f.run(arguments);
    BOOST_TEST(shown.status == 0, shown.err);
    BOOST_TEST(shown.err.find("and nothing was") != std::string::npos, shown.err);
    BOOST_TEST(shown.err.find(account) != std::string::npos, shown.err);
    auto const document = f.document(arguments);
    BOOST_TEST(document.at("dry_run").as_bool());
    std::string told;
    for (auto const& each : document.at("requests").as_array()) {
        auto path = replace_all(text_of(each.at("path")), "%3A", ":");
        path = path.substr(path.find("/email-security") + 15);
        path = replace_all(std::move(path), "/settings", "");
        told += (told.empty() ? "" : " ") + text_of(each.at("method")) + ' ' + path;
        BOOST_TEST(shown.out.find(text_of(each.at("method")) + ' ' + text_of(each.at("path"))) !=
                       std::string::npos,
                   shown.out);
    }
    BOOST_TEST(told == filled(sample.requests));
    for (auto const& each : f.server.take_log()) BOOST_TEST(each.method == "GET", each.target);
    BOOST_TEST(f.server.patterns(account) == words{"a.example"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tells_what_is_there_now_and_what_would_be_sent) {
    fixture f;
    auto const made = f.document({"block-senders", "create", "a.example", "--comments", "INC-1"});
    auto const edit =
        f.document({"block-senders", "edit", "a.example", "--comments", "INC-2", "--dry-run"});
    BOOST_CHECK(edit.at("requests").at(0).at("body") == json::parse(R"({"comments":"INC-2"})"));
    BOOST_CHECK(edit.at("requests").at(0).at("now") == made);
    auto const gone = f.run({"block-senders", "delete", "a.example", "--dry-run"});
    BOOST_TEST(gone.out.find("INC-1") != std::string::npos, gone.out);
}

BOOST_AUTO_TEST_CASE(asks_nothing_and_says_what_it_would_ask) {
    fixture f;
    f.server.seed_block_senders(account, {"a.example", "b.example"});
    auto const many = f.run({"block-senders", "delete", "a.example", "b.example", "--dry-run"});
    BOOST_TEST(many.status == 0, many.err);
    BOOST_TEST(many.err.find("would ask, without --yes: to delete 2 entries") != std::string::npos,
               many.err);
    auto const risky = f.run({"block-senders", "create", "gmail.com", "--dry-run"});
    BOOST_TEST(risky.status == 0, risky.err);
    BOOST_TEST(risky.err.find("would ask") != std::string::npos, risky.err);
    // What is wrong is told as ever.
    BOOST_TEST(f.run({"block-senders", "delete", "x.example", "--dry-run"}).status == 5);
    BOOST_TEST(f.run({"block-senders", "create", "nodot", "--dry-run"}).status == 64);
}

BOOST_AUTO_TEST_CASE(of_a_sync_is_its_plan) {
    fixture f;
    auto const feed = f.files.file("feed.txt", "a.example\nb.example\n");
    auto const rehearsed = f.run({"block-senders", "sync", feed, "--dry-run"});
    BOOST_TEST(rehearsed.status == 0, rehearsed.err);
    BOOST_TEST(rehearsed.out.find("a.example") != std::string::npos, rehearsed.out);
    BOOST_TEST(rehearsed.out.find("2 to create") != std::string::npos, rehearsed.out);
    BOOST_TEST(f.server.patterns(account).empty());
    auto const saved = f.files.file("plan.json", "");
    auto const other = f.run({"block-senders", "sync", "--plan", saved, "--dry-run"});
    BOOST_TEST(other.status == 64);
    BOOST_TEST(other.err.find("does not go with --plan") != std::string::npos, other.err);
}

// A verb that is added later must not be forgotten: the help of each that changes something has it.
BOOST_AUTO_TEST_CASE(is_an_option_of_every_verb_that_changes_something) {
    for (std::string const each :
         {"block-senders create", "block-senders edit", "block-senders replace",
          "block-senders delete", "block-senders batch", "allow-policies create",
          "trusted-domains delete", "content-policies edit", "impersonation-registry create",
          "sending-domain-restrictions delete", "url-ignore-patterns batch", "domains replace",
          "block-senders sync", "block-senders undo"}) {
        auto arguments = split(each);
        arguments.emplace_back("--help");
        BOOST_TEST(cfes(arguments).out.find("--dry-run") != std::string::npos, each);
    }
}

BOOST_AUTO_TEST_SUITE_END()
