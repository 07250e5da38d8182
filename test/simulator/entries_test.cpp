#include "client.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::block_sender;
using test::client;
using test::error_pointers;
using test::path_of;

namespace {

constexpr char const* unknown_id = "/f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

json::object allow_policy() {
    return {{"pattern", "a@b.example"},  {"pattern_type", "EMAIL"},
            {"is_regex", false},         {"is_exempt_recipient", false},
            {"is_trusted_sender", true}, {"is_acceptable_sender", false},
            {"verify_sender", true},     {"comments", "INC-1"}};
}

std::string id_of(answer const& created) {
    return json::value_to<std::string>(created.json("/result/id"));
}

/// The text with `#` for every hexadecimal digit.
std::string shape_of(std::string text) {
    auto const is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    std::ranges::replace_if(text, is_hex, '#');
    return text;
}

std::string text_of(std::size_t code_points) {
    std::string result;
    for (std::size_t i = 0; i != code_points; ++i) result += "\xc3\xa4";
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(entries)

BOOST_AUTO_TEST_CASE(a_block_sender_from_create_to_delete) {
    sim::server const server;
    client c(server);
    answer const created = c.send(
        "POST", path_of("block_senders"),
        R"({"pattern":"a@b.example","pattern_type":"EMAIL","is_regex":false,"comments":"INC-1"})");
    BOOST_TEST(created.status == 201U);
    BOOST_TEST(created.json("/success") == true);
    BOOST_TEST(created.json("/errors") == json::array());
    BOOST_TEST(created.json("/messages") == json::array());
    json::value const result = created.json("/result");
    json::object const& entry = result.as_object();
    BOOST_TEST(entry.size() == 8U);
    BOOST_TEST(entry.at("pattern") == "a@b.example");
    BOOST_TEST(entry.at("pattern_type") == "EMAIL");
    BOOST_TEST(entry.at("is_regex") == false);
    BOOST_TEST(entry.at("comments") == "INC-1");
    BOOST_TEST(shape_of(id_of(created)) == "########-####-####-####-############");
    BOOST_TEST(id_of(created)[14] == '4');
    BOOST_TEST(shape_of(json::value_to<std::string>(entry.at("created_at"))) ==
               "####-##-##T##:##:##.######Z");
    BOOST_TEST(entry.at("modified_at") == entry.at("created_at"));
    BOOST_TEST(entry.at("last_modified") == entry.at("created_at"));

    std::string const one = path_of("block_senders", '/' + id_of(created));
    BOOST_TEST(c.send("GET", one).json("/result") == json::value(entry));

    answer const edited = c.send("PATCH", one, R"({"comments":null})");
    BOOST_TEST(edited.status == 200U);
    BOOST_TEST(edited.json("/result/comments").is_null());
    BOOST_TEST(edited.json("/result/pattern") == "a@b.example");
    BOOST_TEST(edited.json("/result/created_at") == entry.at("created_at"));
    BOOST_TEST(edited.json("/result/modified_at").as_string() >=
               entry.at("created_at").as_string());

    answer const deleted = c.send("DELETE", one);
    BOOST_TEST(deleted.status == 200U);
    BOOST_TEST(deleted.json("/result") == (json::value{{"id", entry.at("id")}}));
    for (char const* const method : {"GET", "DELETE"})
        BOOST_TEST(c.send(method, one).status == 404U);
    BOOST_TEST(c.send("PATCH", one, R"({"comments":"a"})").status == 404U);
}

BOOST_AUTO_TEST_CASE(an_allow_policy_shows_both_names_of_renamed_fields) {
    sim::server const server;
    client c(server);
    answer const created =
        c.send("POST", path_of("allow_policies"), json::serialize(allow_policy()));
    BOOST_TEST(created.status == 201U);
    json::value const result = created.json("/result");
    json::object const& entry = result.as_object();
    BOOST_TEST(entry.size() == 15U);
    BOOST_TEST(entry.at("is_trusted_sender") == true);
    BOOST_TEST(entry.at("is_sender") == true);
    BOOST_TEST(entry.at("is_exempt_recipient") == false);
    BOOST_TEST(entry.at("is_recipient") == false);
    BOOST_TEST(entry.at("is_acceptable_sender") == false);
    BOOST_TEST(entry.at("is_spoof") == false);
    BOOST_TEST(entry.at("verify_sender") == true);

    std::string const one = path_of("allow_policies", '/' + id_of(created));
    answer const edited = c.send("PATCH", one, R"({"is_spoof":true})");
    BOOST_TEST(edited.json("/result/is_acceptable_sender") == true);
    BOOST_TEST(edited.json("/result/is_spoof") == true);
}

BOOST_AUTO_TEST_CASE(an_allow_policy_can_be_written_in_the_deprecated_names) {
    sim::server const server;
    client c(server);
    json::object policy = allow_policy();
    policy.erase("is_exempt_recipient");
    policy["is_recipient"] = true;
    answer const created = c.send("POST", path_of("allow_policies"), json::serialize(policy));
    BOOST_TEST(created.status == 201U);
    BOOST_TEST(created.json("/result/is_exempt_recipient") == true);
}

BOOST_AUTO_TEST_CASE(every_required_field_is_asked_for) {
    sim::server const server;
    client c(server);
    for (json::key_value_pair const& field : allow_policy()) {
        if (field.key() == "comments") continue;
        json::object policy = allow_policy();
        policy.erase(field.key());
        answer const got = c.send("POST", path_of("allow_policies"), json::serialize(policy));
        BOOST_TEST(got.status == 400U);
        BOOST_TEST(error_pointers(got) == std::vector<std::string>{'/' + std::string(field.key())},
                   boost::test_tools::per_element());
    }
    BOOST_TEST(error_pointers(c.send("POST", path_of("block_senders"), "{}")) ==
                   (std::vector<std::string>{"/pattern", "/pattern_type", "/is_regex"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_create_refuses) {
    struct {
        std::string change;
        std::string pointer;
    } const cases[] = {
        {R"({"pattern":1})", "/pattern"},
        {R"({"pattern":null})", "/pattern"},
        {R"({"pattern":""})", "/pattern"},
        {R"({"pattern":")" + std::string(1025, 'a') + R"("})", "/pattern"},
        {R"({"pattern":"a.example"})", "/pattern"},
        {R"({"pattern_type":"DOMAIN"})", "/pattern"},
        {R"({"pattern_type":"IP"})", "/pattern"},
        {R"({"pattern":"10.0.0.1","pattern_type":"IP"})", "/pattern"},
        {R"({"pattern":"(","is_regex":true})", "/pattern"},
        {R"({"pattern_type":"UNKNOWN"})", "/pattern_type"},
        {R"({"pattern_type":"email"})", "/pattern_type"},
        {R"({"pattern_type":7})", "/pattern_type"},
        {R"({"is_regex":"true"})", "/is_regex"},
        {R"({"is_regex":null})", "/is_regex"},
        {R"({"comments":true})", "/comments"},
        {R"({"comments":")" + text_of(1025) + R"("})", "/comments"},
    };
    sim::server const server;
    client c(server);
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.change) {
            json::value sound = json::parse(block_sender("a@b.example", "EMAIL"));
            json::object& body = sound.as_object();
            json::value const changes = json::parse(one.change);
            for (auto const& field : changes.as_object()) {
                body[field.key()] = field.value();
            }
            answer const got = c.send("POST", path_of("block_senders"), json::serialize(body));
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == std::vector<std::string>{one.pointer},
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(server.patterns("acc").empty());
}

BOOST_AUTO_TEST_CASE(what_a_create_takes) {
    std::string const cases[] = {
        R"({"comments":null})",
        R"({"comments":""})",
        R"({"comments":")" + text_of(1024) + R"("})",
        R"({"pattern":")" + std::string(1024, 'a') + R"(","is_regex":true})",
        R"({"id":"not looked at","created_at":3,"modified_at":null,"last_modified":{}})",
        R"({"a field of tomorrow":1})",
    };
    sim::server const server;
    client c(server);
    for (std::string const& one : cases) {
        BOOST_TEST_CONTEXT(one) {
            json::value sound = json::parse(block_sender("a@b.example", "EMAIL"));
            json::object& body = sound.as_object();
            json::value const changes = json::parse(one);
            for (auto const& field : changes.as_object()) body[field.key()] = field.value();
            answer const got = c.send("POST", path_of("block_senders"), json::serialize(body));
            BOOST_TEST(got.status == 201U, got.body);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_an_edit_refuses) {
    struct {
        std::string body;
        std::string pointer;
    } const cases[] = {
        {"{}", ""},
        {R"({"id":"x","modified_at":"y"})", ""},
        {R"({"unknown":1})", ""},
        {R"({"pattern":""})", "/pattern"},
        {R"({"pattern":null})", "/pattern"},
        {R"({"pattern_type":"UNKNOWN"})", "/pattern_type"},
        // Each is fine by itself, but not with the rest of the entry.
        {R"({"pattern":"a@b.example"})", "/pattern"},
        {R"({"pattern_type":"IP"})", "/pattern"},
    };
    sim::server const server;
    client c(server);
    answer const created = c.send("POST", path_of("block_senders"), block_sender("a.example"));
    std::string const one = path_of("block_senders", '/' + id_of(created));
    for (auto const& refused : cases) {
        BOOST_TEST_CONTEXT(refused.body) {
            answer const got = c.send("PATCH", one, refused.body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == std::vector<std::string>{refused.pointer},
                       boost::test_tools::per_element());
        }
    }
    BOOST_TEST(c.send("GET", one).json("/result") == created.json("/result"));
}

BOOST_AUTO_TEST_CASE(ids_that_lead_nowhere) {
    sim::server const server;
    client c(server);
    for (char const* const id :
         {unknown_id, "/2402", "/x", "/%7B%7D", "/zzzzzzzz-zzzz-4zzz-zzzz-zzzzzzzzzzzz"}) {
        BOOST_TEST_CONTEXT(id) {
            answer const got = c.send("GET", path_of("block_senders", id));
            BOOST_TEST(got.status == 404U);
            BOOST_TEST(got.json("/errors/0/code") == 10404);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_older_form_of_entries) {
    sim::options opts;
    opts.identifiers(sim::identifier_form::integer);
    sim::server const server(opts);
    client c(server);
    answer const created = c.send("POST", path_of("block_senders"), block_sender("a.example"));
    json::value const result = created.json("/result");
    json::object const& entry = result.as_object();
    BOOST_TEST(entry.at("id").is_int64());
    BOOST_TEST(entry.contains("last_modified"));
    BOOST_TEST(!entry.contains("modified_at"));
    std::string const one = path_of("block_senders", '/' + json::serialize(entry.at("id")));
    BOOST_TEST(c.send("GET", one).status == 200U);
    BOOST_TEST(c.send("GET", path_of("block_senders", unknown_id)).status == 404U);
    BOOST_TEST(c.send("DELETE", one).json("/result/id") == entry.at("id"));
}

BOOST_AUTO_TEST_CASE(duplicates_are_accepted) {
    sim::server const server;
    client c(server);
    for (int i = 0; i != 2; ++i) {
        BOOST_TEST(c.send("POST", path_of("block_senders"), block_sender("a.example")).status ==
                   201U);
    }
    BOOST_TEST(server.patterns("acc").size() == 2U);
}

BOOST_AUTO_TEST_CASE(duplicates_conflict) {
    sim::options opts;
    opts.on_duplicate(sim::duplicates::conflict);
    sim::server const server(opts);
    client c(server);
    std::string const all = path_of("block_senders");
    answer const first = c.send("POST", all, block_sender("a.example"));
    BOOST_TEST(c.send("POST", all, block_sender("a.example")).status == 409U);
    // Another regex flag makes another entry.
    BOOST_TEST(
        c.send("POST", all, R"({"pattern":"a.example","pattern_type":"DOMAIN","is_regex":true})")
            .status == 201U);
    answer const second = c.send("POST", all, block_sender("b.example"));

    std::string const one = path_of("block_senders", '/' + id_of(second));
    BOOST_TEST(c.send("PATCH", one, R"({"pattern":"a.example"})").status == 409U);
    BOOST_TEST(c.send("PATCH", one, R"({"pattern":"b.example"})").status == 200U);
    BOOST_TEST(c.send("PATCH", one, R"({"pattern":"c.example"})").status == 200U);
    BOOST_TEST(c.send("POST", all, block_sender("b.example")).status == 201U);
    c.send("DELETE", path_of("block_senders", '/' + id_of(first)));
    BOOST_TEST(c.send("POST", all, block_sender("a.example")).status == 201U);
}

BOOST_AUTO_TEST_CASE(patterns_are_stored_as_given) {
    sim::server const server;
    client c(server);
    answer const made = c.send("POST", path_of("block_senders"), block_sender("A.Example"));
    BOOST_TEST(made.json("/result/pattern") == "A.Example");
}

BOOST_AUTO_TEST_CASE(a_server_that_normalises_stores_lower_case) {
    sim::server const server(sim::options{}
                                 .normalise(true)
                                 .on_duplicate(sim::duplicates::conflict)
                                 .block_senders({"Seed.Example"}));
    client c(server);
    std::string const all = path_of("block_senders");
    answer const made = c.send("POST", all, block_sender("A.Example"));
    BOOST_TEST(made.json("/result/pattern") == "a.example");
    BOOST_TEST(c.send("POST", all, block_sender("a.EXAMPLE")).status == 409U);
    std::string const one = path_of("block_senders", '/' + id_of(made));
    BOOST_TEST(c.send("PATCH", one, R"({"pattern":"SEED.example"})").status == 409U);
    BOOST_TEST(c.send("PATCH", one, R"({"pattern":"B.example"})").json("/result/pattern") ==
               "b.example");
    std::string const regex =
        R"({"pattern":"\\S+\\.Example","pattern_type":"DOMAIN","is_regex":true})";
    BOOST_TEST(c.send("POST", all, regex).json("/result/pattern") == "\\S+\\.Example");
    // Filters compare with what is stored.
    BOOST_TEST(c.send("GET", all + "?pattern=B.example").json("/result_info/count") == 0);
    BOOST_TEST(c.send("GET", all + "?pattern=b.example").json("/result_info/count") == 1);

    struct {
        char const* collection;
        char const* body;
        char const* pointer;
        char const* stored;
    } const others[] = {
        {"trusted_domains",
         R"({"pattern":"A.Example","is_regex":false,"is_recent":true,"is_similarity":false})",
         "/result/pattern", "a.example"},
        {"url_ignore_patterns", R"({"pattern":"https://A\\.Example/"})", "/result/pattern",
         "https://A\\.Example/"},
        {"domains",
         R"({"domain":"A.Example","allowed_delivery_modes":["API"],"drop_dispositions":[],)"
         R"("ip_restrictions":[],"regions":["GLOBAL"]})",
         "/result/domain", "a.example"},
        {"impersonation_registry",
         R"({"name":"Jane","email":"Jane@A.Example","is_email_regex":false})", "/result/email",
         "jane@a.example"},
        {"sending_domain_restrictions", R"({"domain":"A.Example","exclude":["X.A.Example"]})",
         "/result/exclude/0", "x.a.example"},
    };
    for (auto const& each : others) {
        BOOST_TEST_CONTEXT(each.collection) {
            answer const kept = c.send("POST", path_of(each.collection), each.body);
            BOOST_TEST(kept.status == 201U);
            BOOST_TEST(kept.json(each.pointer) == each.stored);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
