#include "exchange.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <chrono>
#include <type_traits>
#include <vector>

/// Every request with all fields and parameters that it can have, for the check against the API's
/// description.
namespace cloudflare::test {

namespace {

namespace es = email_security;

// Deprecated fields are part of the fullest body.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

template <class Collection>
void add(std::vector<exchange>& all, typename Collection::new_item item,
         typename Collection::patch changes) {
    all.push_back({[item](world& w) {
                       return w.run(Collection{w.client, account_id}.create(item)).has_value();
                   },
                   "", 201});
    all.push_back(
        {[changes](world& w) {
             return w.run(Collection{w.client, account_id}.edit("1", changes)).has_value();
         },
         ""});
    using traits = typename Collection::traits;
    if constexpr (has_batch<traits> && !has_batch_of_deletes<traits> &&
                  std::is_same_v<typename Collection::replacement, typename Collection::new_item>) {
        typename Collection::batch_request batch;
        batch.remove("1").edit("2", changes).replace("3", item).create(item);
        all.push_back({[batch](world& w) {
                           return w.run(Collection{w.client, account_id}.batch(batch)).has_value();
                       },
                       ""});
    }
    if constexpr (has_replace<traits> &&
                  std::is_same_v<typename Collection::replacement, typename Collection::new_item>) {
        all.push_back(
            {[item](world& w) {
                 return w.run(Collection{w.client, account_id}.replace("1", item)).has_value();
             },
             ""});
    }
}

template <class Settings>
Settings with_all(Settings value) {
    return value.ip_restrictions({"192.0.2.0/24"})
        .drop_dispositions({es::disposition::spam})
        .folder(es::scanned_folder::inbox)
        .integration_id("a5dbb180-60ea-4578-84bb-d01a5d4e50c3")
        .lookback_hops(20)
        .require_tls_inbound(true)
        .require_tls_outbound(false)
        .transport("mx.a.example");
}

template <class Settings>
Settings with_nulls(Settings value) {
    return value.clear_folder()
        .clear_integration_id()
        .clear_lookback_hops()
        .clear_require_tls_inbound()
        .clear_require_tls_outbound()
        .clear_transport();
}

void add_domains(std::vector<exchange>& all) {
    using es::domains;
    std::vector const modes{es::delivery_mode::direct, es::delivery_mode::bcc,
                            es::delivery_mode::journal, es::delivery_mode::api,
                            es::delivery_mode::retro_scan};
    std::vector const regions{es::region::global, es::region::australia, es::region::germany,
                              es::region::india, es::region::united_states};
    auto const item = with_all(es::new_domain{"a.example", modes, regions});
    auto const nulls = with_nulls(es::new_domain{"a.example", modes, regions});
    auto const changes = es::domain_patch{}
                             .allowed_delivery_modes(modes)
                             .drop_dispositions({es::disposition::bulk})
                             .ip_restrictions({})
                             .regions(regions)
                             .folder(es::scanned_folder::all_items)
                             .integration_id("a5dbb180-60ea-4578-84bb-d01a5d4e50c3")
                             .lookback_hops(1)
                             .require_tls_inbound(false)
                             .require_tls_outbound(true)
                             .transport("t");
    auto const clears = es::domain_patch{}.clear_folder().clear_integration_id();
    auto const whole = with_all(es::domain_replacement{modes, regions});
    auto const bare = es::domain_replacement{modes, regions};
    add<domains>(all, item, changes);
    add<domains>(all, nulls, clears);
    for (auto const& each : {whole, bare, with_nulls(bare)}) {
        all.push_back(
            {[each](world& w) {
                 return w.run(domains{w.client, account_id}.replace("1", each)).has_value();
             },
             ""});
    }
    domains::batch_request batch;
    batch.remove("1").edit("2", changes).edit("3", clears).replace("4", whole).replace("5", bare);
    batch.create(item).create(nulls);
    all.push_back({[batch](world& w) {
                       return w.run(domains{w.client, account_id}.batch(batch)).has_value();
                   },
                   ""});
}

void add_settings(std::vector<exchange>& all) {
    add<es::block_senders>(
        all, es::new_block_sender{"192.0.2.1", es::pattern_type::ip}.is_regex(true).comments("c"),
        es::block_sender_patch{}
            .pattern("p")
            .pattern_type(es::pattern_type::email)
            .is_regex(true)
            .comments("c"));
    add<es::allow_policies>(all,
                            es::new_allow_policy{"p", es::pattern_type::domain}
                                .is_regex(true)
                                .is_trusted_sender(true)
                                .is_acceptable_sender(true)
                                .is_exempt_recipient(true)
                                .verify_sender(false)
                                .comments("c"),
                            es::allow_policy_patch{}
                                .pattern("p")
                                .pattern_type(es::pattern_type::email)
                                .is_regex(true)
                                .is_trusted_sender(true)
                                .is_acceptable_sender(true)
                                .is_exempt_recipient(true)
                                .verify_sender(false)
                                .comments("c"));
    add<es::trusted_domains>(
        all,
        es::new_trusted_domain{"p"}.is_regex(true).is_recent(true).is_similarity(true).comments(
            "c"),
        es::trusted_domain_patch{}
            .pattern("p")
            .is_regex(true)
            .is_recent(true)
            .is_similarity(true)
            .comments("c"));
    timestamp const day = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};
    std::vector const parts{es::content_target::subject, es::content_target::body};
    add<es::content_policies>(
        all, es::new_content_policy{"n", "p", parts}.enabled(false).notes("n").expires_at(day),
        es::content_policy_patch{}
            .name("n")
            .pattern("p")
            .targets(parts)
            .enabled(true)
            .notes("n")
            .expires_at(day));
    add<es::content_policies>(all, es::new_content_policy{"n", "p", parts},
                              es::content_policy_patch{}.clear_notes().clear_expires_at());
    add<es::impersonation_registry>(all,
                                    es::new_impersonation_entry{"n", "e"}
                                        .is_email_regex(true)
                                        .comments("c")
                                        .directory_id(1)
                                        .directory_node_id(2)
                                        .provenance(es::provenance::casb_office_365)
                                        .external_directory_node_id("x"),
                                    es::impersonation_entry_patch{}
                                        .name("n")
                                        .email("e")
                                        .is_email_regex(true)
                                        .comments("c")
                                        .directory_id(1)
                                        .directory_node_id(2)
                                        .provenance(es::provenance::office_365)
                                        .external_directory_node_id("x"));
    add<es::impersonation_registry>(all, es::new_impersonation_entry{"n", "e"},
                                    es::impersonation_entry_patch{}
                                        .clear_comments()
                                        .clear_directory_id()
                                        .clear_directory_node_id()
                                        .clear_external_directory_node_id());
    add<es::sending_domain_restrictions>(
        all, es::new_sending_domain_restriction{"d", {"x.d"}}.comments("c"),
        es::sending_domain_restriction_patch{}.domain("d").exclude({"x.d"}).comments("c"));
    add<es::sending_domain_restrictions>(all, es::new_sending_domain_restriction{"d"},
                                         es::sending_domain_restriction_patch{}.clear_comments());
    add<es::url_ignore_patterns>(all, es::new_url_ignore_pattern{"p"}.comments("c"),
                                 es::url_ignore_pattern_patch{}.pattern("p").comments("c"));
    add<es::url_ignore_patterns>(all, es::new_url_ignore_pattern{"p"},
                                 es::url_ignore_pattern_patch{}.clear_comments());
}

void add_messages(std::vector<exchange>& all) {
    all.push_back(
        {[](world& w) {
             es::move_request const where{es::mailbox_folder::recoverable_items_purges};
             return w.run(es::investigate{w.client, account_id}.move("m", where)).has_value();
         },
         "", 200, "[]"});
    all.push_back(
        {[](world& w) {
             es::move_many_request const what{es::mailbox_folder::recoverable_items_deletions,
                                              {"a"}};
             return w.run(es::investigate{w.client, account_id}.move_many(what)).has_value();
         },
         "", 200, "[]"});
    all.push_back(
        {[](world& w) {
             es::reclassify_request const what{es::submission_disposition::none};
             return w.run(es::investigate{w.client, account_id}.reclassify("m", what)).has_value();
         },
         "", 202});
    all.push_back({[](world& w) {
                       timestamp const day = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};
                       es::bulk_search which;
                       which.start(day).end(day).query("q").detections_only(false).metric("m");
                       which.final_disposition(es::disposition::malicious_bec).smtp_helo_ip("i");
                       which.message_action(es::message_action::quarantine_released);
                       which.delivery_status(es::delivery_status::queued).recipient("r");
                       which.sender("s").domain("d").subject("t").exact_subject("u");
                       which.message_id("i").alert_id("a").submissions(true);
                       auto what = es::new_bulk_job::move(es::mailbox_folder::inbox, which);
                       what.comment("c");
                       return w.run(es::bulk_jobs{w.client, account_id}.create(what)).has_value();
                   },
                   "", 201});
}

void add_submissions(std::vector<exchange>& all) {
    all.push_back({[](world& w) {
                       es::missed_detection one{"p", "m", {"x"}, es::submission_disposition::bulk};
                       one.eml_content("RnJvbQ==").escalated_submission_id("s");
                       es::submissions const submissions{w.client, account_id};
                       return w.run(submissions.report_missed({one})).has_value();
                   },
                   "", 202});
}

template <class Collection>
void add_list(std::vector<exchange>& all, typename Collection::filter which) {
    which.page(2).per_page(50);
    all.push_back({[which](world& w) {
                       return w.run(Collection{w.client, account_id}.list_page(which)).has_value();
                   },
                   "", 200, "[]"});
}

template <class Filter>
Filter sorted(Filter which) {
    return which.search("s").direction(es::direction::descending);
}

void add_lists(std::vector<exchange>& all) {
    add_list<es::block_senders>(all, sorted(es::block_sender_filter{})
                                         .order(es::list_order::pattern)
                                         .pattern_type(es::pattern_type::ip)
                                         .pattern("p"));
    add_list<es::allow_policies>(all, sorted(es::allow_policy_filter{})
                                          .order(es::list_order::created_at)
                                          .pattern_type(es::pattern_type::ip)
                                          .pattern("p")
                                          .is_trusted_sender(true)
                                          .is_acceptable_sender(true)
                                          .is_exempt_recipient(true)
                                          .verify_sender(true));
    add_list<es::trusted_domains>(all, sorted(es::trusted_domain_filter{})
                                           .order(es::list_order::pattern)
                                           .pattern("p")
                                           .is_recent(true)
                                           .is_similarity(true));
    add_list<es::content_policies>(all, sorted(es::content_policy_filter{})
                                            .order(es::content_policy_order::created_at)
                                            .enabled(true)
                                            .name("n"));
    add_list<es::impersonation_registry>(all, sorted(es::impersonation_filter{})
                                                  .order(es::impersonation_order::name)
                                                  .provenance(es::provenance::internal));
    add_list<es::sending_domain_restrictions>(
        all, sorted(es::sending_domain_restriction_filter{}).order(es::domain_order::domain));
    add_list<es::url_ignore_patterns>(all, es::url_ignore_pattern_filter{});
    add_list<es::domains>(all, sorted(es::domain_filter{})
                                   .order(es::domain_order::domain)
                                   .domain({"a.example"})
                                   .status(es::domain_status::active)
                                   .allowed_delivery_mode(es::delivery_mode::api)
                                   .active_delivery_mode(es::delivery_mode::api)
                                   .integration_id("i"));
    all.push_back(
        {[](world& w) {
             es::submission_filter which;
             which.end(timestamp{}).page(2).per_page(50).order(es::submission_order::subject);
             which.direction(es::direction::ascending);
             return w.run(es::submissions{w.client, account_id}.list_page(which)).has_value();
         },
         "", 200, "[]"});
    all.push_back(
        {[](world& w) {
             es::bulk_job_filter which;
             which.page(2);
             return w.run(es::bulk_jobs{w.client, account_id}.list_page(which)).has_value();
         },
         "", 200, "[]"});
    all.push_back({[](world& w) {
                       es::phishguard_filter which;
                       which.page(2).per_page(50);
                       return w.run(es::phishguard_reports{w.client, account_id}.list_page(which))
                           .has_value();
                   },
                   "", 200, "[]"});
    all.push_back({[](world& w) {
                       es::action_log_filter which;
                       which.page(2).per_page(50);
                       es::investigate const mail{w.client, account_id};
                       return w.run(mail.action_log_page("m", which)).has_value();
                   },
                   "", 200, "[]"});
    all.push_back({[](world& w) {
                       es::bulk_message_filter which;
                       which.page(2).per_page(50);
                       es::bulk_jobs const jobs{w.client, account_id};
                       return w.run(jobs.messages_page("j", which)).has_value();
                   },
                   "", 200, "[]"});
}

#pragma GCC diagnostic pop

}  // namespace

std::vector<exchange> full_requests() {
    std::vector<exchange> all;
    add_settings(all);
    add_domains(all);
    add_messages(all);
    add_submissions(all);
    add_lists(all);
    return all;
}

}  // namespace cloudflare::test
