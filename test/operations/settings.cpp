#include "exchange.hpp"

#include <cloudflare/email_security/operations.hpp>

/// What the collections of the settings send.
namespace cloudflare::test {

namespace {

namespace es = email_security;

template <class Collection>
Collection in(world& w) {
    return Collection{w.client, account_id};
}

/// What all collections have: get, remove, and a list without filters.
template <class Collection>
void add_common(std::vector<exchange>& all, std::string const& path) {
    all.push_back({[](world& w) { return w.run(in<Collection>(w).get("4f-1")).has_value(); },
                   "GET " + path + "/4f-1"});
    all.push_back({[](world& w) {
                       auto const gone = w.run(in<Collection>(w).remove("4f-1"));
                       return gone && gone->id == "4f-1";
                   },
                   "DELETE " + path + "/4f-1"});
    all.push_back({[](world& w) { return w.run(in<Collection>(w).list_page({})).has_value(); },
                   "GET " + path, 200, "[]"});
}

template <class Collection>
auto create(typename Collection::new_item value) {
    return [value = std::move(value)](world& w) {
        return w.run(in<Collection>(w).create(value)).has_value();
    };
}
template <class Collection>
auto edit(typename Collection::patch changes) {
    return [changes = std::move(changes)](world& w) {
        return w.run(in<Collection>(w).edit("4f-1", changes)).has_value();
    };
}
template <class Collection>
auto replace(typename Collection::replacement value) {
    return [value = std::move(value)](world& w) {
        return w.run(in<Collection>(w).replace("4f-1", value)).has_value();
    };
}
template <class Collection>
auto list(typename Collection::filter which) {
    return [which = std::move(which)](world& w) {
        return w.run(in<Collection>(w).list_page(which)).has_value();
    };
}
template <class Collection>
auto batch(typename Collection::batch_request changes) {
    return [changes = std::move(changes)](world& w) {
        return w.run(in<Collection>(w).batch(changes)).has_value();
    };
}

void add_block_senders(std::vector<exchange>& all) {
    using block = es::block_senders;
    add_common<block>(all, "/settings/block_senders");
    es::new_block_sender const item{"a.example", es::pattern_type::domain};
    all.push_back({create<block>(item),
                   R"(POST /settings/block_senders {"pattern":"a.example",)"
                   R"("pattern_type":"DOMAIN","is_regex":false})",
                   201});
    all.push_back({replace<block>(item),
                   R"(PUT /settings/block_senders/4f-1 {"pattern":"a.example",)"
                   R"("pattern_type":"DOMAIN","is_regex":false})"});
    all.push_back({edit<block>(es::block_sender_patch{}.clear_comments()),
                   R"(PATCH /settings/block_senders/4f-1 {"comments":null})"});
    all.push_back({list<block>(es::block_sender_filter{}.order(es::list_order::pattern)),
                   "GET /settings/block_senders?order=pattern", 200, "[]"});
    all.push_back({batch<block>(block::batch_request{}.remove("1").replace("2", item)),
                   R"(POST /settings/block_senders/batch {"deletes":[{"id":"1"}],"patches":[],)"
                   R"("puts":[{"id":"2","pattern":"a.example","pattern_type":"DOMAIN",)"
                   R"("is_regex":false}],"posts":[]})"});
}

void add_allow_policies(std::vector<exchange>& all) {
    using allow = es::allow_policies;
    add_common<allow>(all, "/settings/allow_policies");
    es::new_allow_policy const item{"a@a.example", es::pattern_type::email};
    std::string const body =
        R"("pattern":"a@a.example","pattern_type":"EMAIL","is_regex":false,)"
        R"("is_trusted_sender":false,"is_acceptable_sender":false,"is_exempt_recipient":false,)"
        R"("verify_sender":true)";
    all.push_back({create<allow>(item), "POST /settings/allow_policies {" + body + '}', 201});
    all.push_back({replace<allow>(item), "PUT /settings/allow_policies/4f-1 {" + body + '}'});
    all.push_back({edit<allow>(es::allow_policy_patch{}.verify_sender(false)),
                   R"(PATCH /settings/allow_policies/4f-1 {"verify_sender":false})"});
    all.push_back({batch<allow>(allow::batch_request{}.create(item)),
                   R"(POST /settings/allow_policies/batch {"deletes":[],"patches":[],"puts":[],)"
                   R"("posts":[{)" +
                       body + "}]}"});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    all.push_back(
        {edit<allow>(es::allow_policy_patch{}.is_sender(true).is_spoof(true).is_recipient(true)),
         R"(PATCH /settings/allow_policies/4f-1 {"is_trusted_sender":true,)"
         R"("is_acceptable_sender":true,"is_exempt_recipient":true})"});
#pragma GCC diagnostic pop
}

void add_trusted_domains(std::vector<exchange>& all) {
    using trusted = es::trusted_domains;
    add_common<trusted>(all, "/settings/trusted_domains");
    auto const item = es::new_trusted_domain{"a.example"}.is_recent(true).comments("c");
    std::string const body =
        R"("pattern":"a.example","is_regex":false,"is_recent":true,"is_similarity":false,)"
        R"("comments":"c")";
    all.push_back({create<trusted>(item), "POST /settings/trusted_domains {" + body + '}', 201});
    all.push_back({replace<trusted>(item), "PUT /settings/trusted_domains/4f-1 {" + body + '}'});
    all.push_back({edit<trusted>(es::trusted_domain_patch{}.is_similarity(true).clear_comments()),
                   R"(PATCH /settings/trusted_domains/4f-1 {"is_similarity":true,)"
                   R"("comments":null})"});
    all.push_back(
        {list<trusted>(
             es::trusted_domain_filter{}.is_recent(true).is_similarity(false).pattern("x y").page(
                 2)),
         "GET /settings/trusted_domains?page=2&pattern=x%20y&is_recent=true&is_similarity=false",
         200, "[]"});
    all.push_back({batch<trusted>(trusted::batch_request{}
                                      .edit("1", es::trusted_domain_patch{}.pattern("b.example"))
                                      .replace("2", item)
                                      .create(item)),
                   R"(POST /settings/trusted_domains/batch {"deletes":[],)"
                   R"("patches":[{"id":"1","pattern":"b.example"}],"puts":[{"id":"2",)" +
                       body + R"(}],"posts":[{)" + body + "}]}"});
}

void add_content_policies(std::vector<exchange>& all) {
    using content = es::content_policies;
    add_common<content>(all, "/settings/content_policies");
    es::new_content_policy const item{
        "Gift cards", "gift card", {es::content_target::subject, es::content_target::body}};
    std::string const body =
        R"("name":"Gift cards","pattern":"gift card","targets":["SUBJECT","BODY"],)"
        R"("enabled":true)";
    all.push_back({create<content>(item), "POST /settings/content_policies {" + body + '}', 201});
    all.push_back({edit<content>(es::content_policy_patch{}.enabled(false).clear_notes()),
                   R"(PATCH /settings/content_policies/4f-1 {"enabled":false,"notes":null})"});
    all.push_back({list<content>(es::content_policy_filter{}
                                     .name("a b")
                                     .enabled(true)
                                     .order(es::content_policy_order::name)
                                     .direction(es::direction::descending)),
                   "GET /settings/content_policies?order=name&direction=desc&enabled=true"
                   "&name=a%20b",
                   200, "[]"});
    all.push_back({batch<content>(content::batch_request{}.replace("2", item).create(item)),
                   R"(POST /settings/content_policies/batch {"deletes":[],"patches":[],)"
                   R"("puts":[{"id":"2",)" +
                       body + R"(}],"posts":[{)" + body + "}]}"});
}

void add_impersonation_registry(std::vector<exchange>& all) {
    using registry = es::impersonation_registry;
    add_common<registry>(all, "/settings/impersonation_registry");
    auto const item =
        es::new_impersonation_entry{"Ann", "ann@a.example"}.directory_id(7).provenance(
            es::provenance::internal);
    all.push_back({create<registry>(item),
                   R"(POST /settings/impersonation_registry {"name":"Ann",)"
                   R"("email":"ann@a.example","is_email_regex":false,"directory_id":7,)"
                   R"("provenance":"A1S_INTERNAL"})",
                   201});
    all.push_back(
        {edit<registry>(es::impersonation_entry_patch{}.name("Bob").clear_directory_node_id()),
         R"(PATCH /settings/impersonation_registry/4f-1 {"name":"Bob",)"
         R"("directory_node_id":null})"});
    all.push_back({list<registry>(es::impersonation_filter{}
                                      .provenance(es::provenance::google_directory)
                                      .order(es::impersonation_order::email)
                                      .search("a")),
                   "GET /settings/impersonation_registry?search=a&order=email"
                   "&provenance=SNOOPY-GOOGLE_DIRECTORY",
                   200, "[]"});
}

void add_sending_domain_restrictions(std::vector<exchange>& all) {
    using restrictions = es::sending_domain_restrictions;
    add_common<restrictions>(all, "/settings/sending_domain_restrictions");
    all.push_back(
        {create<restrictions>(es::new_sending_domain_restriction{"a.example", {"b.a.example"}}),
         R"(POST /settings/sending_domain_restrictions {"domain":"a.example",)"
         R"("exclude":["b.a.example"]})",
         201});
    all.push_back({edit<restrictions>(es::sending_domain_restriction_patch{}.exclude({})),
                   R"(PATCH /settings/sending_domain_restrictions/4f-1 {"exclude":[]})"});
    all.push_back({list<restrictions>(es::sending_domain_restriction_filter{}
                                          .order(es::domain_order::domain)
                                          .direction(es::direction::descending)),
                   "GET /settings/sending_domain_restrictions?order=domain&direction=desc", 200,
                   "[]"});
    all.push_back({batch<restrictions>(restrictions::batch_request{}.remove("1").remove("2")),
                   R"(POST /settings/sending_domain_restrictions/batch )"
                   R"({"deletes":[{"id":"1"},{"id":"2"}]})"});
}

void add_url_ignore_patterns(std::vector<exchange>& all) {
    using urls = es::url_ignore_patterns;
    add_common<urls>(all, "/settings/url_ignore_patterns");
    all.push_back({create<urls>(es::new_url_ignore_pattern{"^https://a"}.comments("c")),
                   R"(POST /settings/url_ignore_patterns {"pattern":"^https://a","comments":"c"})",
                   201});
    all.push_back({edit<urls>(es::url_ignore_pattern_patch{}.pattern("x")),
                   R"(PATCH /settings/url_ignore_patterns/4f-1 {"pattern":"x"})"});
    all.push_back({list<urls>(es::url_ignore_pattern_filter{}.page(2).per_page(50)),
                   "GET /settings/url_ignore_patterns?page=2&per_page=50", 200, "[]"});
    all.push_back({batch<urls>(urls::batch_request{}.create(es::new_url_ignore_pattern{"x"})),
                   R"(POST /settings/url_ignore_patterns/batch {"deletes":[],"patches":[],)"
                   R"("puts":[],"posts":[{"pattern":"x"}]})"});
}

void add_domains(std::vector<exchange>& all) {
    using es::domains;
    add_common<domains>(all, "/settings/domains");
    std::vector const modes{es::delivery_mode::direct, es::delivery_mode::retro_scan};
    std::vector const regions{es::region::germany};
    auto const item = es::new_domain{"a.example", modes, regions}
                          .ip_restrictions({"192.0.2.0/24"})
                          .clear_transport()
                          .lookback_hops(2);
    std::string const body =
        R"("allowed_delivery_modes":["DIRECT","RETRO_SCAN"],"drop_dispositions":[],)"
        R"("ip_restrictions":["192.0.2.0/24"],"regions":["DE"],"lookback_hops":2,)"
        R"("transport":null,"domain":"a.example")";
    all.push_back({create<domains>(item), "POST /settings/domains {" + body + '}', 201});
    all.push_back({edit<domains>(es::domain_patch{}.clear_folder().drop_dispositions(
                       {es::disposition::malicious_bec})),
                   R"(PATCH /settings/domains/4f-1 {"drop_dispositions":["MALICIOUS-BEC"],)"
                   R"("folder":null})"});
    auto const whole = es::domain_replacement{modes, regions}.folder(es::scanned_folder::all_items);
    std::string const replacement =
        R"("allowed_delivery_modes":["DIRECT","RETRO_SCAN"],"drop_dispositions":[],)"
        R"("ip_restrictions":[],"regions":["DE"],"folder":"AllItems")";
    all.push_back(
        {[whole](world& w) { return w.run(in<domains>(w).replace("4f-1", whole)).has_value(); },
         "PUT /settings/domains/4f-1 {" + replacement + '}'});
    all.push_back({list<domains>(es::domain_filter{}
                                     .domain({"a.example", "b.example"})
                                     .status(es::domain_status::active)
                                     .allowed_delivery_mode(es::delivery_mode::bcc)
                                     .active_delivery_mode(es::delivery_mode::api)
                                     .integration_id("i")
                                     .order(es::domain_order::created_at)),
                   "GET /settings/domains?order=created_at&domain=a.example&domain=b.example"
                   "&status=ACTIVE&allowed_delivery_mode=BCC&active_delivery_mode=API"
                   "&integration_id=i",
                   200, "[]"});
    all.push_back(
        {batch<domains>(domains::batch_request{}.replace("2", whole).create(item).remove("1")),
         R"(POST /settings/domains/batch {"deletes":[{"id":"1"}],"patches":[],)"
         R"("puts":[{"id":"2",)" +
             replacement + R"(}],"posts":[{)" + body + "}]}"});
    all.push_back({[](world& w) {
                       auto const got = w.run(in<domains>(w).verification("4f-1"));
                       return got && *got && (*got)->txt_record_name == "n";
                   },
                   "GET /settings/domains/4f-1/verification", 200,
                   R"({"status":"pending","txt_record_name":"n","txt_record_value":"v",)"
                   R"("last_checked_at":null})"});
    all.push_back({[](world& w) {
                       auto const got = w.run(in<domains>(w).verification("4f-1"));
                       return got && !*got;
                   },
                   "GET /settings/domains/4f-1/verification", 204});
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    all.push_back({[](world& w) {
                       auto const gone = w.run(in<domains>(w).bulk_remove());
                       return gone && gone->size() == 2 && gone->at(1).id == "2";
                   },
                   "DELETE /settings/domains", 200, R"([{"id":"1"},{"id":"2"}])"});
#pragma GCC diagnostic pop
}

}  // namespace

std::vector<exchange> settings_exchanges() {
    std::vector<exchange> all;
    add_block_senders(all);
    add_allow_policies(all);
    add_trusted_domains(all);
    add_content_policies(all);
    add_impersonation_registry(all);
    add_sending_domain_restrictions(all);
    add_url_ignore_patterns(all);
    add_domains(all);
    return all;
}

}  // namespace cloudflare::test
