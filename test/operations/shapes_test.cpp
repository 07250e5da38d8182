#include "exchange.hpp"
#include "scripted_server.hpp"

#include <cloudflare/email_security/operations.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// The library's side of shapes.py. `shapes requests` prints the requests, a line each; `shapes
/// enums` the names of each enumeration; `shapes answers` reads answers, a line each, takes them
/// through the public API and prints what became of them; `shapes answers-over-tls` does it with a
/// server.
namespace es = cloudflare::email_security;
namespace json = boost::json;
using namespace cloudflare;
using namespace cloudflare::test;

namespace {

/// What an answer became, encoded again.
struct reading {
    std::string result;
    std::string info;
};

template <class T>
reading read_again(result<T> const& got) {
    return {wire::to_json(got.value()), {}};
}
template <class T>
reading read_again(result<page<T>> const& got) {
    return {wire::to_json(got.value().items), wire::to_json(got.value().info)};
}
reading read_again(result<es::message_page> const& got) {
    return {wire::to_json(got.value().items), wire::to_json(got.value().info)};
}
reading read_again(result<void> const& got) {
    got.value();
    return {"{}", {}};
}

/// Takes the answer through the function of an operation, on the entry of this identifier if it is
/// on one.
using reader = std::function<reading(world&, identifier const& id)>;
using readers = std::map<std::string, reader>;

std::string key(named_operation const& which) {
    return std::string{to_string(which.what.method)} + ' ' + std::string{which.what.path};
}

/// Reads the answer to a write as its function does, but does not compare it with the request: that
/// is for `evidence_test.cpp`, and the answers here are about anything.
template <class T>
reader unchecked(named_operation const& which) {
    return [which](world& w, identifier const&) {
        T value{};
        request message;
        message.operation = which.what;
        message.target = "/x";
        reply into;
        into.result = {&wire::codec_for<T>(), &value};
        w.run(w.client.send(std::move(message), {}, into)).value();
        return reading{wire::to_json(value), {}};
    };
}

template <class Collection>
void add_collection(readers& all, typename Collection::new_item item,
                    typename Collection::patch changes) {
    using operations = typename Collection::operations;
    using traits = typename Collection::traits;
    all[key(operations::create)] = unchecked<typename Collection::model>(operations::create);
    all[key(operations::get)] = [](world& w, identifier const& id) {
        return read_again(w.run(Collection{w.client, account_id}.get(id)));
    };
    all[key(operations::list)] = [](world& w, identifier const&) {
        return read_again(w.run(Collection{w.client, account_id}.list_page({})));
    };
    all[key(operations::edit)] = [changes](world& w, identifier const& id) {
        return read_again(w.run(Collection{w.client, account_id}.edit(id, changes)));
    };
    all[key(operations::remove)] = [](world& w, identifier const& id) {
        return read_again(w.run(Collection{w.client, account_id}.remove(id)));
    };
    if constexpr (has_replace<traits> &&
                  std::is_same_v<typename Collection::replacement, typename Collection::new_item>) {
        all[key(operations::replace)] = [item](world& w, identifier const& id) {
            return read_again(w.run(Collection{w.client, account_id}.replace(id, item)));
        };
    }
    if constexpr (has_batch<traits>) {
        all[key(operations::batch())] =
            unchecked<typename Collection::batch_result>(operations::batch());
    }
}

/// The operations of a class, by its member functions.
template <class Class>
auto caller(readers& all) {
    return [&all](named_operation const& which, auto call) {
        all[key(which)] = [call](world& w, identifier const& id) {
            if constexpr (requires { call(Class{w.client, account_id}, id); }) {
                return read_again(w.run(call(Class{w.client, account_id}, id)));
            } else {
                return read_again(w.run(call(Class{w.client, account_id})));
            }
        };
    };
}

void add_domains(readers& all) {
    using es::domains;
    es::domain_replacement const whole{{es::delivery_mode::api}, {es::region::global}};
    add_collection<domains>(all,
                            es::new_domain{"a", {es::delivery_mode::api}, {es::region::global}},
                            es::domain_patch{}.transport("t"));
    auto const add = caller<domains>(all);
    add(domains::operations::replace,
        [whole](domains d, identifier const& id) { return d.replace(id, whole); });
    add(domains::operations::verification, [](domains d) { return d.verification("1"); });
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    add(domains::operations::bulk_remove, [](domains d) { return d.bulk_remove(); });
#pragma GCC diagnostic pop
}

void add_messages(readers& all) {
    using mail = es::investigate;
    using of = mail::operations;
    auto const add = caller<mail>(all);
    add(of::search, [](mail m) { return m.search_page({}); });
    add(of::get, [](mail m) { return m.get("1"); });
    add(of::action_log, [](mail m) { return m.action_log_page("1", {}); });
    add(of::detections, [](mail m) { return m.detections("1"); });
    add(of::preview, [](mail m) { return m.preview("1"); });
    add(of::create_preview, [](mail m) { return m.create_preview("1"); });
    add(of::raw, [](mail m) { return m.raw("1"); });
    add(of::trace, [](mail m) { return m.trace("1"); });
    all[key(of::move)] = unchecked<std::vector<es::moved_message>>(of::move);
    all[key(of::move_many)] = unchecked<std::vector<es::moved_message>>(of::move_many);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    add(of::reclassify, [](mail m) {
        return m.reclassify("1", es::reclassify_request{es::submission_disposition::spam});
    });
#pragma GCC diagnostic pop
    all[key(of::release)] = unchecked<std::vector<es::released_message>>(of::release);
}

void add_others(readers& all) {
    using jobs = es::bulk_jobs;
    auto const add = caller<jobs>(all);
    add(jobs::operations::create, [](jobs j) { return j.create(es::new_bulk_job::release({})); });
    add(jobs::operations::list, [](jobs j) { return j.list_page({}); });
    add(jobs::operations::get, [](jobs j, identifier const& id) { return j.get(id); });
    add(jobs::operations::remove, [](jobs j, identifier const& id) { return j.remove(id); });
    add(jobs::operations::cancel, [](jobs j, identifier const& id) { return j.cancel(id); });
    add(jobs::operations::messages, [](jobs j) { return j.messages_page("1", {}); });
    caller<es::submissions>(all)(es::submissions::operations::list,
                                 [](es::submissions s) { return s.list_page({}); });
    using submissions = es::submissions::operations;
    all[key(submissions::submit)] = unchecked<es::submission_results>(submissions::submit);
    caller<es::phishguard_reports>(all)(es::phishguard_reports::operations::list,
                                        [](es::phishguard_reports p) { return p.list_page({}); });
    caller<es::analytics>(all)(es::analytics::operations::monthly_report,
                               [](es::analytics a) { return a.monthly_report(); });
}

readers all_readers() {
    readers all;
    add_collection<es::block_senders>(all, es::new_block_sender{"a", es::pattern_type::domain},
                                      es::block_sender_patch{}.is_regex(true));
    add_collection<es::allow_policies>(all, es::new_allow_policy{"a", es::pattern_type::domain},
                                       es::allow_policy_patch{}.is_regex(true));
    add_collection<es::trusted_domains>(all, es::new_trusted_domain{"a"},
                                        es::trusted_domain_patch{}.is_regex(true));
    add_collection<es::content_policies>(
        all, es::new_content_policy{"a", "b", {es::content_target::body}},
        es::content_policy_patch{}.enabled(true));
    add_collection<es::impersonation_registry>(all, es::new_impersonation_entry{"a", "b"},
                                               es::impersonation_entry_patch{}.name("a"));
    add_collection<es::sending_domain_restrictions>(
        all, es::new_sending_domain_restriction{"a"},
        es::sending_domain_restriction_patch{}.domain("a"));
    add_collection<es::url_ignore_patterns>(all, es::new_url_ignore_pattern{"a"},
                                            es::url_ignore_pattern_patch{}.pattern("a"));
    add_domains(all);
    add_messages(all);
    add_others(all);
    return all;
}

/// The names of a query's parameters.
json::array parameters(std::string_view target) {
    json::array names;
    for (auto at = target.find('?'); at != std::string_view::npos;) {
        target.remove_prefix(at + 1);
        names.emplace_back(target.substr(0, target.find('=')));
        at = target.find('&');
    }
    return names;
}

void print_requests() {
    for (auto const& list : {settings_exchanges(), message_exchanges(), full_requests()}) {
        for (auto const& each : list) {
            world w;
            w.server->answer(each.status, each.status == 204 ? "" : envelope(each.result));
            each.call(w);
            auto const& sent = w.server->requests.at(0);
            json::object line;
            line["operation"] = std::string{to_string(sent.operation.method)} + ' ' +
                                std::string{sent.operation.path};
            line["query"] = parameters(sent.target);
            if (!sent.body.empty()) line["body"] = json::parse(sent.body);
            std::cout << json::serialize(line) << '\n';
        }
    }
}

template <wire_enum... E>
void print_enums() {
    auto const print = [](auto const& all) {
        json::array names;
        for (auto const& each : all) names.emplace_back(each.second);
        std::cout << json::serialize(names) << '\n';
    };
    (print(wire_names(E{})), ...);
}

void print_all_enums() {
    print_enums<es::allowlist_type, es::bulk_action, es::bulk_status, es::content_policy_order,
                es::content_target, es::customer_status, es::delivery_mode, es::delivery_status,
                es::direction, es::disposition, es::dmarc_status, es::domain_order,
                es::domain_status, es::impersonation_order, es::inbox_provider, es::list_order,
                es::mailbox_folder, es::message_action, es::message_delivery_mode,
                es::message_operation, es::pattern_type, es::provenance, es::region,
                es::scanned_folder, es::spf_status, es::submission_disposition,
                es::submission_order, es::submission_type, es::validation_status>();
}

std::string body_of(json::value const& asked) {
    auto const& body = asked.at("body");
    return body.is_null() ? std::string{} : json::serialize(body);
}

unsigned status_of(json::value const& asked) {
    return asked.at("status").to_number<unsigned>();
}

/// The identifier of what an answer is about.
identifier id_of(json::value const& asked) {
    auto const* const body = asked.at("body").if_object();
    auto const* const result = body ? body->if_contains("result") : nullptr;
    if (!result || !result->is_object()) return "1";
    for (auto const* const name : {"id", "job_id"}) {
        auto const* const id = result->get_object().if_contains(name);
        if (id && id->is_string()) return std::string{id->get_string()};
        if (id && id->is_int64()) return id->get_int64();
    }
    return "1";
}

/// Takes the answer that the world is about to give through the operation's function.
json::object read_in(world& w, readers const& all, json::value const& asked) {
    json::object line;
    try {
        auto const got = all.at(std::string{asked.at("operation").as_string()})(w, id_of(asked));
        line["result"] = json::parse(got.result);
        if (!got.info.empty()) line["info"] = json::parse(got.info);
    } catch (std::exception const& thrown) {
        line["error"] = thrown.what();
    }
    return line;
}

std::vector<json::value> questions() {
    std::vector<json::value> all;
    for (std::string text; std::getline(std::cin, text);) all.push_back(json::parse(text));
    return all;
}

void read_answers() {
    auto const all = all_readers();
    for (auto const& asked : questions()) {
        world w;
        w.server->answer(status_of(asked), body_of(asked));
        std::cout << json::serialize(read_in(w, all, asked)) << '\n';
    }
}

void read_answers_over_tls() {
    auto const all = all_readers();
    auto const asked = questions();
    std::vector<std::string> answers;
    for (auto const& each : asked) {
        answers.push_back(http_answer(status_of(each), body_of(each)));
    }
    scripted_server server;
    server.answers(std::move(answers));
    auto options = world::options();
    options.base_url(server.base_url())
        .tls(tls_options{}.system_trust(false).extra_ca(trusted_authority().certificate()));
    world w{std::move(options)};
    for (auto const& each : asked) {
        std::cout << json::serialize(read_in(w, all, each)) << '\n';
    }
    if (server.request_count() != asked.size()) throw std::runtime_error("requests were repeated");
}

}  // namespace

int main(int count, char** arguments) {
    std::string_view const what = count > 1 ? arguments[1] : "";
    if (what == "requests") {
        print_requests();
    } else if (what == "enums") {
        print_all_enums();
    } else if (what == "answers") {
        read_answers();
    } else if (what == "answers-over-tls") {
        read_answers_over_tls();
    } else {
        std::cerr << "usage: shapes requests|enums|answers|answers-over-tls\n";
        return 2;
    }
}
