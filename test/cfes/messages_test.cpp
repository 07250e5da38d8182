#include "cfes/cfes.hpp"

#include <algorithm>
#include <map>

using namespace test;

/// Messages by every form of their ids, and their senders.
BOOST_AUTO_TEST_SUITE(messages)

namespace {

using words = std::vector<std::string>;

words operator+(words left, words const& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// The first message that a search finds.
json::value found_by(fixture const& f, words const& terms) {
    auto const all = f.document(words{"investigate", "list"} + terms);
    BOOST_TEST_REQUIRE(!all.as_array().empty());
    return all.at(0);
}

words const quarantined{"--delivery-status", "quarantined"};
words const benign{"--detections-only", "false", "--final-disposition", "NONE"};

std::string bare(std::string const& message_id) {
    return message_id.substr(1, message_id.size() - 2);
}

/// All that it may be called.
words names_of(json::value const& message) {
    auto const id = text_of(message.at("id"));
    auto const message_id = text_of(message.at("message_id"));
    words names{id,
                text_of(message.at("postfix_id")),
                message_id,
                bare(message_id),
                id.substr(0, 8) + "…" + id.substr(id.size() - 10),
                id.substr(0, 8) + "..." + id.substr(id.size() - 10),
                ' ' + id + ' '};
    if (message.as_object().contains("alert_id")) names.push_back(text_of(message.at("alert_id")));
    return names;
}

std::size_t writes_in(std::vector<sim::logged_request> const& log) {
    return static_cast<std::size_t>(std::ranges::count_if(
        log, [](sim::logged_request const& each) { return each.method != "GET"; }));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_verb_takes_every_form_of_an_id) {
    fixture f;
    for (auto const& message : {found_by(f, quarantined), found_by(f, benign)}) {
        auto const id = text_of(message.at("id"));
        bool const is_benign = text_of(message.at("final_disposition")) == "NONE";
        for (auto const& name : names_of(message)) {
            BOOST_TEST_CONTEXT(name) {
                BOOST_TEST(text_of(f.document({"investigate", "get", name}).at("id")) == id);
                BOOST_TEST(!f.document({"investigate", "trace", name}).as_object().empty());
                BOOST_TEST(f.document({"investigate", "action-log", name}).is_array());
                if (is_benign) continue;
                BOOST_TEST(f.run({"investigate", "detections", name}).status == 0);
                BOOST_TEST(f.run({"investigate", "raw", name}).out.starts_with("From: "));
            }
        }
    }
    auto const held = found_by(f, quarantined);
    BOOST_TEST(f.run({"investigate", "release", text_of(held.at("postfix_id"))}).status == 0);
    BOOST_TEST(
        !f.document({"investigate", "get", text_of(held.at("id"))}).at("is_quarantined").as_bool());
    auto const lunch = found_by(f, benign);
    BOOST_TEST(f.run({"investigate", "move", bare(text_of(lunch.at("message_id"))), "--destination",
                      "junkemail"})
                   .status == 0);
    BOOST_TEST(
        f.run({"investigate", "create-preview", text_of(lunch.at("postfix_id")), "-o", "json"})
            .status == 0);
    BOOST_TEST(
        f.document({"investigate", "action-log", text_of(lunch.at("id"))}).as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_apis_own_id_costs_no_more_than_before) {
    fixture f;
    auto const id = text_of(found_by(f, quarantined).at("id"));
    f.server.take_log();
    f.document({"investigate", "release", id});
    BOOST_TEST(f.server.take_log().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_unknown_is_told_with_the_forms_that_are_not) {
    fixture f;
    for (std::string const name :
         {"nosuch", "<no@such.example>", "no@such.example", "nos…uch", "a/b@such.example"}) {
        auto const missing = f.run({"investigate", "get", name});
        BOOST_TEST(missing.status == 5, name << ": " << missing.err);
        BOOST_TEST(missing.err.find("a Message-ID") != std::string::npos, missing.err);
        BOOST_TEST(lines_in(missing.err) == 1U, missing.err);
    }
    auto const document = f.run({"investigate", "get", "no@such.example", "-o", "json"});
    BOOST_TEST(text_of(document.document().at("error").at("code")) == "not_found");
    BOOST_TEST(f.run({"investigate", "get", ""}).status == 64);
    BOOST_TEST(f.run({"investigate", "get", "-"}).status == 64);
}

// The mail that the simulator begins with has the same first letters in no two of its ids, but all
// ids of a day end alike.
BOOST_AUTO_TEST_CASE(a_shortened_id_of_several_messages_names_them) {
    fixture f;
    auto const all = f.document({"investigate", "list", "--detections-only", "false"}).as_array();
    std::map<char, words> by_letter;
    for (auto const& each : all) {
        auto const id = text_of(each.at("id"));
        by_letter[id.front()].push_back(id);
    }
    auto const same =
        std::ranges::find_if(by_letter, [](auto const& each) { return each.second.size() > 1; });
    BOOST_TEST_REQUIRE((same != by_letter.end()));
    auto const told = f.run({"investigate", "get", std::string(1, same->first) + "…"});
    BOOST_TEST(told.status == 1);
    BOOST_TEST(told.err.find(std::to_string(same->second.size()) + " messages have this id") !=
                   std::string::npos,
               told.err);
    BOOST_TEST(told.err.find(same->second.front().substr(0, 1)) != std::string::npos, told.err);
}

BOOST_AUTO_TEST_CASE(nothing_is_done_when_one_of_many_is_unknown) {
    fixture f;
    auto const held = f.document(words{"investigate", "list"} + quarantined).as_array();
    f.server.take_log();
    auto const refused = f.run({"investigate", "release", text_of(held[0].at("id")), "nosuch",
                                "no@such.example", "--yes"});
    BOOST_TEST(refused.status == 5);
    BOOST_TEST(refused.err.find("'nosuch'") != std::string::npos, refused.err);
    BOOST_TEST(refused.err.find("'no@such.example'") != std::string::npos, refused.err);
    BOOST_TEST(writes_in(f.server.take_log()) == 0U);
    // The same message by two names is one.
    auto const released =
        f.document({"investigate", "release", text_of(held[0].at("id")),
                    text_of(held[0].at("postfix_id")), text_of(held[1].at("alert_id")), "--yes"});
    BOOST_TEST(released.as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(ids_come_from_stdin) {
    fixture f;
    auto const held = f.document(words{"investigate", "list"} + quarantined).as_array();
    std::string lines;
    for (std::size_t i = 0; i != 3; ++i) lines += text_of(held[i].at("postfix_id")) + '\n';
    auto const input = f.files.file("ids", lines);
    auto const pipe = [&](std::string const& more) {
        program running{
            {"/bin/sh", "-c",
             CFES " investigate release - -o json --ca-file " + f.ca_file + more + " <" + input},
            f.environment()};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    };
    BOOST_TEST(pipe("").status == 64);
    auto const released = pipe(" --yes");
    BOOST_TEST(released.status == 0, released.err);
    BOOST_TEST(released.document().as_array().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_message_is_reclassified_by_any_of_its_ids) {
    fixture f;
    auto const lunch = found_by(f, benign);
    auto const held = f.document(words{"investigate", "list"} + quarantined).as_array();
    f.server.take_log();
    auto const accepted =
        f.document({"submissions", "reclassify", text_of(held[0].at("id")),
                    text_of(held[1].at("message_id")), text_of(held[2].at("postfix_id")),
                    text_of(held[3].at("alert_id")), "--expected-disposition", "none"});
    BOOST_TEST(accepted.as_array().size() == 4U);
    auto const sent = json::parse(f.server.take_log().back().body).at("messages");
    for (std::size_t i = 0; i != 4; ++i) {
        BOOST_CHECK(sent.at(i).at("alert_id") == held[i].at("alert_id"));
    }
    f.server.take_log();
    auto const refused = f.run(
        {"submissions", "reclassify", text_of(lunch.at("id")), "--expected-disposition", "SPAM"});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(refused.err.find("report-missed") != std::string::npos, refused.err);
    BOOST_TEST(writes_in(f.server.take_log()) == 0U);
}

BOOST_AUTO_TEST_CASE(the_sender_of_a_message_is_blocked) {
    fixture f;
    auto const message = found_by(f, {"--sender", "post@parcel.example"});
    auto const id = text_of(message.at("id"));
    auto const blocked = f.document({"investigate", "block", id});
    BOOST_TEST(text_of(blocked.at("pattern")) == "post@parcel.example");
    BOOST_TEST(text_of(blocked.at("pattern_type")) == "EMAIL");
    BOOST_TEST(!blocked.at("is_regex").as_bool());
    BOOST_TEST(text_of(blocked.at("comments")) ==
               "sender of message " + text_of(message.at("message_id")));
    auto const domain = f.document({"investigate", "block", text_of(message.at("postfix_id")),
                                    "--domain", "--comments", "INC-1042"});
    BOOST_TEST(text_of(domain.at("pattern")) == "parcel.example");
    BOOST_TEST(text_of(domain.at("pattern_type")) == "DOMAIN");
    BOOST_TEST(text_of(domain.at("comments")) ==
               "INC-1042; sender of message " + text_of(message.at("message_id")));
    // Again, it is there.
    auto const again = f.run({"investigate", "block", id, "--if-absent", "-o", "json"});
    BOOST_TEST(again.status == 0);
    BOOST_CHECK(again.document() == blocked);
    BOOST_TEST(again.err.find("is there already") != std::string::npos, again.err);
    BOOST_TEST(f.server.patterns(account).size() == 2U);
    BOOST_TEST(f.run({"investigate", "block", "nosuch"}).status == 5);
}

BOOST_AUTO_TEST_CASE(the_accounts_own_domain_is_not_blocked_unasked) {
    fixture f;
    f.document({"domains", "create", "corp.example", "--allowed-delivery-modes", "DIRECT",
                "--regions", "GLOBAL"});
    // A message that pretends to come from there.
    auto const id = text_of(found_by(f, {"--final-disposition", "SPOOF"}).at("id"));
    for (auto const& more : {words{}, words{"--domain"}}) {
        auto const refused = f.run(words{"investigate", "block", id} + more);
        BOOST_TEST(refused.status == 64, refused.err);
        BOOST_TEST(refused.err.find("to block '") != std::string::npos, refused.err);
    }
    BOOST_TEST(f.server.patterns(account).empty());
    f.document({"investigate", "block", id, "--yes"});
    BOOST_TEST(f.server.patterns(account) == words{"hr@corp.example"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
