#include "client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace json = boost::json;
namespace sim = cloudflare::simulator;
using test::answer;
using test::client;
using test::error_pointers;
using test::path_of;

namespace {

using strings = std::vector<std::string>;

/// What there is to know about a collection to put it through its paces.
struct subject {
    std::string name;
    /// A sound body for create.
    std::string body;
    strings required;
    /// A patch, and the field that it changes.
    std::string patch;
    std::string patched;
};

std::vector<subject> const& subjects() {
    static std::vector<subject> const all{
        {"trusted_domains",
         R"({"pattern":"a.example","is_regex":false,"is_recent":true,"is_similarity":false,
             "comments":"INC-1"})",
         {"pattern", "is_regex", "is_recent", "is_similarity"},
         R"({"is_recent":false})",
         "is_recent"},
        {"content_policies",
         R"({"name":"Gift cards","pattern":"gift cards?","targets":["SUBJECT","BODY"],
             "enabled":true})",
         {"name", "pattern", "targets", "enabled"},
         R"({"enabled":false})",
         "enabled"},
        {"impersonation_registry",
         R"({"name":"A B","email":"a@b.example","is_email_regex":false,"comments":null})",
         {"name", "email", "is_email_regex"},
         R"({"directory_id":7})",
         "directory_id"},
        {"sending_domain_restrictions",
         R"({"domain":"a.example","exclude":["b.a.example"]})",
         {"domain", "exclude"},
         R"({"exclude":[]})",
         "exclude"},
        {"url_ignore_patterns",
         R"({"pattern":"https://a.example/*"})",
         {"pattern"},
         R"({"comments":"changed"})",
         "comments"},
        {"domains",
         R"({"domain":"a.example","allowed_delivery_modes":["DIRECT"],"drop_dispositions":[],
             "ip_restrictions":[],"regions":["GLOBAL"],"lookback_hops":2,"transport":null})",
         {"domain", "allowed_delivery_modes", "drop_dispositions", "ip_restrictions", "regions"},
         R"({"lookback_hops":20})",
         "lookback_hops"},
    };
    return all;
}

subject const& subject_named(std::string_view name) {
    for (subject const& one : subjects()) {
        if (one.name == name) return one;
    }
    throw std::invalid_argument("no such subject");
}

/// The body with changes; a change to `"-"` takes the field out.
std::string changed(std::string const& body, std::string const& changes) {
    json::object result = json::parse(body).as_object();
    json::value const wanted = json::parse(changes);
    for (json::key_value_pair const& one : wanted.as_object()) {
        if (one.value() == "-") {
            result.erase(one.key());
        } else {
            result[one.key()] = one.value();
        }
    }
    return json::serialize(result);
}

std::string id_of(answer const& created) {
    return json::value_to<std::string>(created.json("/result/id"));
}

strings column(answer const& listed, std::string_view field) {
    strings result;
    json::value const entries = listed.json("/result");
    for (json::value const& entry : entries.as_array()) {
        result.push_back(json::value_to<std::string>(entry.at(field)));
    }
    return result;
}

struct settings {
    sim::server server;
    client c{server};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings_collections, settings)

BOOST_AUTO_TEST_CASE(from_create_to_delete) {
    for (subject const& one : subjects()) {
        BOOST_TEST_CONTEXT(one.name) {
            answer const created = c.send("POST", path_of(one.name), one.body);
            BOOST_TEST(created.status == 201U, created.body);
            std::string const path = path_of(one.name, '/' + id_of(created));
            BOOST_TEST(c.send("GET", path).json("/result") == created.json("/result"));
            BOOST_TEST(c.send("GET", path_of(one.name)).json("/result/0") ==
                       created.json("/result"));

            answer const edited = c.send("PATCH", path, one.patch);
            BOOST_TEST(edited.status == 200U, edited.body);
            BOOST_TEST(edited.json("/result/" + one.patched) ==
                       json::parse(one.patch).at(one.patched));
            BOOST_TEST(edited.json("/result/created_at") == created.json("/result/created_at"));

            BOOST_TEST(c.send("DELETE", path).json("/result") ==
                       (json::value{{"id", created.json("/result/id")}}));
            BOOST_TEST(c.send("GET", path).status == 404U);
        }
    }
}

BOOST_AUTO_TEST_CASE(required_fields_are_asked_for) {
    for (subject const& one : subjects()) {
        for (std::string const& field : one.required) {
            BOOST_TEST_CONTEXT(one.name << ' ' << field) {
                std::string const changes = "{\"" + field + "\":\"-\"}";
                answer const got = c.send("POST", path_of(one.name), changed(one.body, changes));
                BOOST_TEST(got.status == 400U);
                BOOST_TEST(error_pointers(got) == strings{'/' + field},
                           boost::test_tools::per_element());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_create_refuses) {
    struct {
        std::string collection;
        std::string change;
        std::string pointer;
    } const cases[] = {
        {"trusted_domains", R"({"pattern":"not a domain"})", "/pattern"},
        {"trusted_domains", R"({"pattern":"(","is_regex":true})", "/pattern"},
        {"trusted_domains", R"({"is_recent":null})", "/is_recent"},
        {"content_policies", R"({"name":""})", "/name"},
        {"content_policies", R"({"name":")" + std::string(257, 'n') + R"("})", "/name"},
        {"content_policies", R"({"pattern":")" + std::string(2049, 'p') + R"("})", "/pattern"},
        {"content_policies", R"~({"pattern":"(gift)"})~", "/pattern"},
        {"content_policies", R"({"pattern":"a{3,}"})", "/pattern"},
        {"content_policies", R"({"pattern":"a{51}"})", "/pattern"},
        {"content_policies", R"({"pattern":"[a"})", "/pattern"},
        {"content_policies", R"({"targets":["SENDER"]})", "/targets"},
        {"content_policies", R"({"targets":"BODY"})", "/targets"},
        {"content_policies", R"({"notes":")" + std::string(4097, 'n') + R"("})", "/notes"},
        {"content_policies", R"({"expires_at":"tomorrow"})", "/expires_at"},
        {"impersonation_registry", R"({"email":"b.example"})", "/email"},
        {"impersonation_registry", R"({"email":"[","is_email_regex":true})", "/email"},
        {"impersonation_registry", R"({"name":")" + std::string(1025, 'a') + R"("})", "/name"},
        {"impersonation_registry", R"({"provenance":"ELSEWHERE"})", "/provenance"},
        {"impersonation_registry", R"({"directory_id":"7"})", "/directory_id"},
        {"sending_domain_restrictions", R"({"domain":"x"})", "/domain"},
        {"sending_domain_restrictions", R"({"exclude":[1]})", "/exclude"},
        {"sending_domain_restrictions", R"({"exclude":"a"})", "/exclude"},
        {"url_ignore_patterns", R"({"pattern":""})", "/pattern"},
        {"url_ignore_patterns", R"({"id":"x"})", "/id"},
        {"url_ignore_patterns", R"({"unheard_of":1})", "/unheard_of"},
        {"domains", R"({"domain":"x"})", "/domain"},
        {"domains", R"({"allowed_delivery_modes":[]})", "/allowed_delivery_modes"},
        {"domains", R"({"allowed_delivery_modes":["PIGEON"]})", "/allowed_delivery_modes"},
        {"domains", R"({"regions":[]})", "/regions"},
        {"domains", R"({"lookback_hops":0})", "/lookback_hops"},
        {"domains", R"({"lookback_hops":21})", "/lookback_hops"},
        {"domains", R"({"lookback_hops":1.5})", "/lookback_hops"},
        {"domains", R"({"folder":"Outbox"})", "/folder"},
        {"domains", R"({"integration_id":"x"})", "/integration_id"},
        {"domains", R"({"status":"active"})", "/status"},
        {"domains", R"({"unheard_of":1})", "/unheard_of"},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.collection << ' ' << one.change) {
            std::string const body = changed(subject_named(one.collection).body, one.change);
            answer const got = c.send("POST", path_of(one.collection), body);
            BOOST_TEST(got.status == 400U);
            BOOST_TEST(error_pointers(got) == strings{one.pointer},
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(routes_that_a_collection_has_not) {
    struct {
        std::string method;
        std::string target;
        unsigned status;
    } const cases[] = {
        {"POST", path_of("impersonation_registry", "/batch"), 405},
        {"PUT", path_of("content_policies", "/x"), 405},
        {"PUT", path_of("impersonation_registry", "/x"), 405},
        {"DELETE", path_of("trusted_domains"), 405},
        {"GET", path_of("trusted_domains", "/x/verification"), 404},
        {"POST", path_of("domains", "/x/verification"), 405},
        {"GET", path_of("domains", "/x/verification"), 404},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.method << ' ' << one.target) {
            BOOST_TEST(c.send(one.method, one.target).status == one.status);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_each_query_selects) {
    server.seed_entries("acc", "trusted_domains", R"([
        {"pattern":"b.example","is_regex":false,"is_recent":true,"is_similarity":false},
        {"pattern":"a.example","is_regex":false,"is_recent":false,"is_similarity":true}])");
    server.seed_entries("acc", "content_policies", R"([
        {"name":"b","pattern":"x","targets":["BODY"],"enabled":true},
        {"name":"a","pattern":"y","targets":["SUBJECT"],"enabled":false}])");
    server.seed_entries("acc", "impersonation_registry", R"([
        {"name":"Zoe","email":"a@b.example","is_email_regex":false,"provenance":"A1S_INTERNAL"},
        {"name":"Ann","email":"z@b.example","is_email_regex":false,
         "provenance":"SNOOPY-OFFICE_365"}])");
    server.seed_entries("acc", "sending_domain_restrictions", R"([
        {"domain":"b.example","exclude":[]}, {"domain":"a.example","exclude":["c.a.example"]}])");
    server.seed_entries("acc", "url_ignore_patterns", R"([{"pattern":"b"}, {"pattern":"a"}])");
    server.seed_entries("acc", "domains", R"([
        {"domain":"b.example","allowed_delivery_modes":["DIRECT","API"],"status":"ACTIVE",
         "integration_id":"f174e90a-fafe-4643-bbbc-4a0ed4fc8415"},
        {"domain":"a.example","allowed_delivery_modes":["API"],"status":"PENDING"},
        {"domain":"c.example","allowed_delivery_modes":["BCC"],"status":null}])");
    struct {
        std::string collection;
        std::string query;
        std::string field;
        strings expected;
    } const cases[] = {
        {"trusted_domains", "?is_recent=true", "pattern", {"b.example"}},
        {"trusted_domains", "?is_similarity=true", "pattern", {"a.example"}},
        {"trusted_domains", "?order=pattern", "pattern", {"a.example", "b.example"}},
        {"trusted_domains", "?pattern=a.example", "pattern", {"a.example"}},
        {"trusted_domains", "?search=B.EX", "pattern", {"b.example"}},
        {"content_policies", "?order=name", "name", {"a", "b"}},
        {"content_policies", "?name=a", "name", {"a"}},
        {"content_policies", "?enabled=true", "name", {"b"}},
        {"impersonation_registry", "?order=name", "name", {"Ann", "Zoe"}},
        {"impersonation_registry", "?order=email", "name", {"Zoe", "Ann"}},
        {"impersonation_registry", "?provenance=SNOOPY-OFFICE_365", "name", {"Ann"}},
        {"sending_domain_restrictions", "?order=domain", "domain", {"a.example", "b.example"}},
        {"sending_domain_restrictions", "?search=b.", "domain", {"b.example"}},
        // It knows of pages only.
        {"url_ignore_patterns", "?order=x&direction=desc&search=a", "pattern", {"b", "a"}},
        {"url_ignore_patterns", "?per_page=1&page=2", "pattern", {"a"}},
        {"domains",
         "?order=domain&direction=desc",
         "domain",
         {"c.example", "b.example", "a.example"}},
        {"domains", "?allowed_delivery_mode=API", "domain", {"b.example", "a.example"}},
        {"domains", "?active_delivery_mode=API", "domain", {"a.example"}},
        {"domains", "?domain=a.example&domain=c.example", "domain", {"a.example", "c.example"}},
        {"domains", "?status=ACTIVE", "domain", {"b.example"}},
        {"domains",
         "?integration_id=f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
         "domain",
         {"b.example"}},
    };
    for (auto const& one : cases) {
        BOOST_TEST_CONTEXT(one.collection << one.query) {
            answer const got = c.send("GET", path_of(one.collection, one.query));
            BOOST_TEST(got.status == 200U, got.body);
            BOOST_TEST(column(got, one.field) == one.expected, boost::test_tools::per_element());
        }
    }
    BOOST_TEST(c.send("GET", path_of("domains", "?allowed_delivery_mode=x")).status == 400U);
    BOOST_TEST(c.send("GET", path_of("domains", "?status=x")).status == 400U);
    BOOST_TEST(c.send("GET", path_of("domains", "?status=active")).status == 400U);
}

BOOST_AUTO_TEST_CASE(a_put_replaces_an_entry_as_a_whole) {
    subject const& trusted = subject_named("trusted_domains");
    answer const created = c.send("POST", path_of(trusted.name), trusted.body);
    BOOST_TEST(created.json("/result/comments") == "INC-1");
    std::string const one = path_of(trusted.name, '/' + id_of(created));
    BOOST_TEST(error_pointers(c.send("PUT", one, R"({"pattern":"b.example"})")) ==
                   (strings{"/is_regex", "/is_recent", "/is_similarity"}),
               boost::test_tools::per_element());
    answer const got = c.send("PUT", one, R"({"pattern":"b.example","is_regex":false,
        "is_recent":false,"is_similarity":true})");
    BOOST_TEST(got.status == 200U, got.body);
    BOOST_TEST(got.json("/result/id") == created.json("/result/id"));
    BOOST_TEST(got.json("/result/pattern") == "b.example");
    BOOST_TEST(got.json("/result/comments").is_null());
    BOOST_TEST(got.json("/result/created_at") == created.json("/result/created_at"));
}

BOOST_AUTO_TEST_CASE(a_content_policy_has_no_deprecated_time) {
    answer const created =
        c.send("POST", path_of("content_policies"), subject_named("content_policies").body);
    json::value const result = created.json("/result");
    BOOST_TEST(result.as_object().contains("modified_at"));
    BOOST_TEST(!result.as_object().contains("last_modified"));
}

BOOST_AUTO_TEST_CASE(an_entry_from_a_directory_cannot_be_changed) {
    server.seed_entries("acc", "impersonation_registry", R"([
        {"name":"Ann","email":"z@b.example","is_email_regex":false,
         "provenance":"SNOOPY-OFFICE_365"}])");
    answer const listed = c.send("GET", path_of("impersonation_registry"));
    std::string const id = json::value_to<std::string>(listed.json("/result/0/id"));
    std::string const one = path_of("impersonation_registry", '/' + id);
    BOOST_TEST(c.send("PATCH", one, R"({"comments":"x"})").status == 400U);
    BOOST_TEST(c.send("DELETE", one).status == 200U);
}

BOOST_AUTO_TEST_CASE(an_entry_made_by_hand_says_so) {
    subject const& registry = subject_named("impersonation_registry");
    answer const created = c.send("POST", path_of(registry.name), registry.body);
    BOOST_TEST(created.json("/result/provenance") == "A1S_INTERNAL");
}

BOOST_AUTO_TEST_CASE(a_batch_of_deletes_only) {
    server.seed_entries("acc", "sending_domain_restrictions", R"([
        {"domain":"b.example","exclude":[]}, {"domain":"a.example","exclude":[]}])");
    std::string const batch = path_of("sending_domain_restrictions", "/batch");
    answer const listed = c.send("GET", path_of("sending_domain_restrictions"));
    json::value const id = listed.json("/result/0/id");

    BOOST_TEST(error_pointers(c.send("POST", batch, "{}")) == strings{"/deletes"},
               boost::test_tools::per_element());
    BOOST_TEST(
        error_pointers(c.send("POST", batch, R"({"deletes":[],"posts":[]})")) == strings{"/posts"},
        boost::test_tools::per_element());
    json::object body;
    body["deletes"] = json::array{json::object{{"id", id}}};
    answer const done = c.send("POST", batch, json::serialize(body));
    BOOST_TEST(done.json("/result") == json::value(body));
    answer const left = c.send("GET", path_of("sending_domain_restrictions"));
    BOOST_TEST(column(left, "domain") == strings{"a.example"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_of_strict_entries) {
    server.seed_entries("acc", "url_ignore_patterns", R"([{"pattern":"b"}, {"pattern":"a"}])");
    std::string const batch = path_of("url_ignore_patterns", "/batch");
    answer const listed = c.send("GET", path_of("url_ignore_patterns"));
    std::string const id = json::value_to<std::string>(listed.json("/result/0/id"));
    auto const send = [&](std::string const& puts) {
        return c.send("POST", batch,
                      R"({"deletes":[],"patches":[],"posts":[],"puts":[)" + puts + "]}");
    };
    BOOST_TEST(error_pointers(send(R"({"id":")" + id + R"("})")) == strings{"/puts/0/pattern"},
               boost::test_tools::per_element());
    BOOST_TEST(error_pointers(send(R"({"id":")" + id + R"(","pattern":"c","x":1})")) ==
                   strings{"/puts/0/x"},
               boost::test_tools::per_element());
    BOOST_TEST(send(R"({"id":")" + id + R"(","pattern":"c"})").status == 200U);
    BOOST_TEST(server.patterns("acc", "url_ignore_patterns") == (strings{"c", "a"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(protected_domains, settings)

BOOST_AUTO_TEST_CASE(what_a_new_domain_shows) {
    answer const created = c.send("POST", path_of("domains"), subject_named("domains").body);
    json::value const result = created.json("/result");
    json::object const& domain = result.as_object();
    BOOST_TEST(domain.at("status") == "PENDING");
    BOOST_TEST(domain.at("authorization").at("authorized") == false);
    BOOST_TEST(domain.at("emails_processed").at("total_emails_processed") == 0);
    BOOST_TEST(domain.at("folder").is_null());
    BOOST_TEST(!domain.contains("transport"));
    BOOST_TEST(!domain.contains("verification_token"));
}

BOOST_AUTO_TEST_CASE(what_a_patch_changes) {
    answer const created = c.send("POST", path_of("domains"), subject_named("domains").body);
    std::string const one = path_of("domains", '/' + id_of(created));
    // The name stays as it is, and nothing need be given.
    for (char const* const body : {"{}", R"({"domain":"b.example","status":"active"})"}) {
        answer const got = c.send("PATCH", one, body);
        BOOST_TEST(got.status == 200U, got.body);
        BOOST_TEST(got.json("/result/domain") == "a.example");
        BOOST_TEST(got.json("/result/status") == "PENDING");
    }
    for (std::string const name :
         {"lookback_hops", "transport", "require_tls_inbound", "require_tls_outbound"}) {
        answer const got = c.send("PATCH", one, "{\"" + name + "\":null}");
        BOOST_TEST(error_pointers(got) == strings{'/' + name}, boost::test_tools::per_element());
    }
    BOOST_TEST(c.send("PATCH", one, R"({"folder":null,"integration_id":null})").status == 200U);
    BOOST_TEST(c.send("PATCH", one, R"({"regions":[]})").status == 200U);
}

BOOST_AUTO_TEST_CASE(what_a_put_replaces) {
    std::string const& body = subject_named("domains").body;
    answer const created = c.send("POST", path_of("domains"), body);
    std::string const one = path_of("domains", '/' + id_of(created));
    BOOST_TEST(error_pointers(c.send("PUT", one, "{}")) ==
                   (strings{"/allowed_delivery_modes", "/drop_dispositions", "/ip_restrictions",
                            "/regions"}),
               boost::test_tools::per_element());
    answer const got = c.send("PUT", one, R"({"allowed_delivery_modes":["API"],
        "drop_dispositions":["SPAM"],"ip_restrictions":[],"regions":["DE"]})");
    BOOST_TEST(got.status == 200U, got.body);
    BOOST_TEST(got.json("/result/domain") == "a.example");
    BOOST_TEST(got.json("/result/regions/0") == "DE");
    BOOST_TEST(!got.json("/result").as_object().contains("lookback_hops"));
    BOOST_TEST(got.json("/result/status") == "PENDING");
}

BOOST_AUTO_TEST_CASE(how_it_is_verified) {
    answer const created = c.send("POST", path_of("domains"), subject_named("domains").body);
    answer const got = c.send("GET", path_of("domains", '/' + id_of(created) + "/verification"));
    BOOST_TEST(got.status == 200U);
    BOOST_TEST(got.json("/result/status") == "PENDING");
    BOOST_TEST(got.json("/result/txt_record_name") == "_cf-email-sec-challenge.a.example");
    BOOST_TEST(!got.json("/result/txt_record_value").as_string().empty());
    BOOST_TEST(got.json("/result/last_checked_at").is_null());

    server.seed_entries("acc", "domains", R"([{"domain":"b.example"}])");
    answer const listed = c.send("GET", path_of("domains", "?domain=b.example"));
    std::string const id = json::value_to<std::string>(listed.json("/result/0/id"));
    answer const none = c.send("GET", path_of("domains", '/' + id + "/verification"));
    BOOST_TEST(none.status == 204U);
    BOOST_TEST(none.body.empty());
    BOOST_TEST(!none.headers.contains("content-length"));
    BOOST_TEST(c.send("GET", path_of("domains")).status == 200U);
}

BOOST_AUTO_TEST_CASE(all_can_be_deleted_at_once) {
    server.seed_entries("acc", "domains", R"([{"domain":"a.example"}, {"domain":"b.example"}])");
    answer const listed = c.send("GET", path_of("domains"));
    answer const gone = c.send("DELETE", path_of("domains"));
    BOOST_TEST(gone.status == 200U);
    BOOST_TEST(column(gone, "id") == column(listed, "id"), boost::test_tools::per_element());
    BOOST_TEST(server.entries("acc", "domains") == "[]");
}

BOOST_AUTO_TEST_SUITE_END()
