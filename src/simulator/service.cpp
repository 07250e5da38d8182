#include "service.hpp"

#include "collections/collections.hpp"
#include "credentials.hpp"
#include "mail/mail.hpp"
#include "patterns.hpp"
#include "text.hpp"
#include "time_text.hpp"
#include "user.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cstdio>
#include <ranges>
#include <stdexcept>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;
namespace urls = boost::urls;

namespace {

constexpr std::size_t log_limit = 10'000;
constexpr std::size_t log_bytes_limit = std::size_t{256} << 20U;

bool is_account_id(std::string_view text) {
    return text.size() <= 32 && consists_of_alphanumerics(text, "_-");
}

bool is_json(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return boost::algorithm::iequals(type, "application/json");
}

std::size_t collection_index(std::string_view name) {
    auto const all = all_collections();
    auto const found = std::ranges::find(all, name, [](collection const* c) { return c->name; });
    if (found == all.end()) {
        throw std::invalid_argument("no collection is named '" + std::string{name} + '\'');
    }
    return static_cast<std::size_t>(found - all.begin());
}

std::size_t pattern_field(collection const& c) {
    if (auto const index = c.find("pattern")) return *index;
    throw std::invalid_argument(std::string{c.name} + " has no patterns");
}

/// The error document that a fault or a refusal by the quota answers with.
reply faulty(fault const& f) {
    reply answer;
    if (f.what == fault::kind::html) {
        answer.status = f.status;
        answer.content_type = "text/html; charset=UTF-8";
        std::string const code = std::to_string(f.status);
        answer.body = "<!DOCTYPE html>\n<html>\n<head><title>simulator | " + code +
                      ": injected fault</title></head>\n<body><h1>Error " + code +
                      "</h1></body>\n</html>\n";
    } else {
        answer = failure(f.status, 10000 + static_cast<int>(f.status), "Injected fault");
    }
    if (f.status == 429) answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

/// What becomes of a good answer under a fault.
void spoil(delivery& d, fault const& f) {
    switch (f.what) {
        case fault::kind::status:
        case fault::kind::html:
            d.answer = faulty(f);
            break;
        case fault::kind::reset:
            d.send = delivery::form::none;
            d.then = delivery::ending::reset;
            break;
        case fault::kind::hang:
            d.send = delivery::form::none;
            d.then = delivery::ending::hang;
            break;
        case fault::kind::truncate:
            d.send = delivery::form::cut;
            d.then = delivery::ending::close;
            break;
        case fault::kind::stall:
            d.send = delivery::form::cut;
            d.then = delivery::ending::hang;
            break;
        case fault::kind::empty:
            d.answer.status = 200;
            d.answer.body.clear();
            break;
        case fault::kind::garbage:
            d.answer.status = 200;
            d.answer.body.resize(d.answer.body.size() / 2);
            break;
    }
}

}  // namespace

service::service(service_settings settings, std::string_view fault_spec)
    : settings_(std::move(settings)),
      faults_(fault_spec, settings_.seed),
      identifiers_(settings_.identifiers, settings_.seed),
      mail_identifiers_(identifier_form::uuid, ~settings_.seed) {
    for (std::size_t i = 0; i != all_collections().size(); ++i) add_collection_routes(i);
    add_mail_routes();
    // What there is too much of to build at the first request.
    if (settings_.account_id) account_of(*settings_.account_id);
}

void service::add_collection_routes(std::size_t index) {
    collection const& c = *all_collections()[index];
    std::string const base = "settings/" + std::string{c.name};
    std::string const one = base + "/{}";
    auto const on_store = [this, index](auto operation) {
        return [this, index, operation](call const& asked) {
            return operation(context(*account_of(asked.account_id).stores[index]), asked);
        };
    };
    using context_type = operation_context;
    router_.add("GET", base, [this, index](call const& asked) {
        account& all = account_of(asked.account_id);
        store& there = all.shown.empty() ? *all.stores[index] : all.shown[index]->at(now());
        return list_entries(context(there), asked.query);
    });
    router_.add("POST", base, on_store([](context_type o, call const& asked) {
                    return create_entry(o, asked.asked.body);
                }));
    router_.add("GET", one, on_store([](context_type o, call const& asked) {
                    return get_entry(o, asked.arguments.front());
                }));
    router_.add("PATCH", one, on_store([](context_type o, call const& asked) {
                    return edit_entry(o, asked.arguments.front(), asked.asked.body);
                }));
    router_.add("DELETE", one, on_store([](context_type o, call const& asked) {
                    return delete_entry(o, asked.arguments.front());
                }));
    if (c.has_put) {
        router_.add("PUT", one, on_store([](context_type o, call const& asked) {
                        return replace_entry(o, asked.arguments.front(), asked.asked.body);
                    }));
    }
    if (c.has_delete_all) {
        router_.add("DELETE", base,
                    on_store([](context_type o, call const&) { return delete_all_entries(o); }));
    }
    if (c.has_verification) {
        router_.add("GET", one + "/verification", on_store([](context_type o, call const& asked) {
                        return get_verification(o, asked.arguments.front());
                    }));
    }
    if (c.batch != batch_support::none) {
        router_.add("POST", base + "/batch", on_store([](context_type o, call const& asked) {
                        return apply_batch(o, asked.asked.body);
                    }));
    }
}

void service::add_mail_routes() {
    for (mail_route const& route : mail_routes()) {
        router_.add(route.method, route.path, [this, &route](call const& asked) {
            mailbox& box = account_of(asked.account_id).mail;
            return route.operation({box, mail_identifiers_, now(), settings_.former_bodies}, asked);
        });
    }
}

delivery service::serve(request const& asked) {
    ++statistics_.requests;
    catch_up();
    delivery result;
    result.delay = settings_.latency;
    std::optional<fault> const struck = faults_.next(asked.method);
    std::vector<std::pair<std::string, std::string>> headers;
    if (auto refused = charge(asked, headers)) {
        result.answer = *std::move(refused);
    } else if (struck) {
        ++statistics_.faults;
        if (struck->processed) result.answer = process(asked);
        if (struck->late) late_.push_back(asked);
        spoil(result, *struck);
    } else {
        result.answer = process(asked);
        if (asked.method != "GET") {
            for (auto const& each : std::exchange(late_, {})) process(each);
        }
    }

    for (auto& each : accounts_) follow(each.second, now() + settings_.list_lag);

    char ray[32];
    std::snprintf(ray, sizeof ray, "%016llx-SIM",
                  static_cast<unsigned long long>(0x8f00000000000000ULL + statistics_.requests));
    headers.emplace_back("CF-Ray", ray);
    headers.emplace_back("Date", to_http_date(now()));
    std::ranges::move(headers, std::back_inserter(result.answer.headers));
    log(asked, result);
    return result;
}

std::optional<reply> service::charge(request const& asked,
                                     std::vector<std::pair<std::string, std::string>>& headers) {
    if (!settings_.request_quota) return std::nullopt;
    quota const& limit = *settings_.request_quota;
    auto const decision =
        windows_[credential_key(asked)].take(limit, std::chrono::steady_clock::now());
    auto const window = std::chrono::ceil<std::chrono::seconds>(limit.window);
    headers.emplace_back("Ratelimit", "\"default\";r=" + std::to_string(decision.remaining) +
                                          ";t=" + std::to_string(decision.reset.count()));
    headers.emplace_back("Ratelimit-Policy", "\"default\";q=" + std::to_string(limit.requests) +
                                                 ";w=" + std::to_string(window.count()));
    if (decision.allowed) return std::nullopt;

    ++statistics_.refused_by_quota;
    reply refused = failure(429, 10429, "Rate limit exceeded. Please wait and try again.");
    refused.headers.emplace_back("Retry-After", std::to_string(decision.reset.count()));
    return refused;
}

reply service::process(request const& asked) {
    if (auto refused = check_credentials(asked, settings_.token)) return *std::move(refused);

    auto const target = urls::parse_origin_form(asked.target);
    if (!target) return no_route(asked.target);
    std::vector<std::string> path;
    for (std::string segment : target->segments()) path.push_back(std::move(segment));
    if (auto answer = answer_user(asked, path)) return *std::move(answer);
    bool const known = path.size() > 5 && path[0] == "client" && path[1] == "v4" &&
                       path[2] == "accounts" && is_account_id(path[3]) &&
                       path[4] == "email-security";
    if (!known) return no_route(asked.target);
    if (settings_.account_id && path[3] != *settings_.account_id) {
        return failure(403, 9109, "Unauthorized to access requested resource");
    }
    if (asked.too_large) return failure(413, 10413, "Request body is too large");
    if (!asked.body.empty() && !is_json(asked.content_type)) {
        return failure(415, 10415, "Content-Type must be application/json");
    }

    call c{asked, path[3], target->params(), {}};
    std::vector<std::string> const rest(path.begin() + 5, path.end());
    return router_.route(c, rest);
}

std::optional<reply> service::answer_user(request const& asked,
                                          std::vector<std::string> const& path) const {
    if (asked.method != "GET" || path.size() < 3 || path[0] != "client" || path[1] != "v4") {
        return std::nullopt;
    }
    std::vector<std::string> const rest(path.begin() + 2, path.end());
    if (rest == std::vector<std::string>{"user", "tokens", "verify"}) return verify_token(asked);
    if (rest != std::vector<std::string>{"accounts"}) return std::nullopt;
    std::vector<std::string> ids;
    for (auto const& each : accounts_) ids.push_back(each.first);
    if (settings_.account_id) ids = {*settings_.account_id};
    std::ranges::sort(ids);
    return list_accounts(ids);
}

void service::log(request const& asked, delivery const& outcome) {
    if (!settings_.log_requests) return;
    bool const silent = outcome.send == delivery::form::none;
    log_.push_back({asked.method, asked.target, asked.body, silent ? 0 : outcome.answer.status});
    logged_bytes_ += asked.body.size();
    while (log_.size() > log_limit || logged_bytes_ > log_bytes_limit) {
        logged_bytes_ -= log_.front().body.size();
        log_.pop_front();
    }
}

std::vector<logged_request> service::take_log() {
    logged_bytes_ = 0;
    std::vector<logged_request> taken(std::make_move_iterator(log_.begin()),
                                      std::make_move_iterator(log_.end()));
    log_.clear();
    return taken;
}

timestamp service::now() const {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()) +
           clock_offset_;
}

void service::set_fault(std::string_view spec) {
    faults_ = fault_plan(spec, settings_.seed);
}

service::account& service::account_of(std::string_view id) {
    auto const [where, is_new] = accounts_.try_emplace(std::string{id});
    if (is_new) {
        bool const unique = settings_.on_duplicate == duplicates::conflict;
        for (collection const* const c : all_collections()) {
            where->second.stores.push_back(std::make_unique<store>(*c, unique));
        }
        account& made = where->second;
        made.mail = make_mailbox(settings_.seed, id, now());
        for (auto const& each : made.stores) {
            if (settings_.list_lag.count() > 0) {
                made.shown.push_back(std::make_unique<lagging_store>(*each));
            }
            if (settings_.writers > 0) {
                made.others.emplace_back(settings_.writers, settings_.seed + made.others.size());
                made.others.back().begin(context(*each));
            }
        }
        seed_block_senders(id, settings_.block_senders);
        follow(made, now());
    }
    return where->second;
}

store& service::store_of(std::string_view account_id, std::string_view collection_name) {
    std::size_t const index = collection_index(collection_name);
    return *account_of(account_id).stores[index];
}

operation_context service::context(store& entries) {
    return {entries, identifiers_, now(), settings_.normalise};
}

void service::catch_up() {
    for (auto& [id, all] : accounts_) {
        for (std::size_t i = 0; i != all.others.size(); ++i) {
            all.others[i].catch_up(context(*all.stores[i]));
        }
        follow(all, now() + settings_.list_lag);
    }
}

void service::follow(account& all, timestamp due) {
    for (auto const& each : all.shown) each->follow(due);
}

void service::seed(store& into, row values) {
    if (settings_.normalise) normalise(into.described(), values);
    // Where entries must differ, one that is there is enough.
    if (into.find_same(values)) return;
    into.add(identifiers_.make(), std::move(values), now());
}

void service::seed_block_senders(std::string_view account_id,
                                 std::vector<std::string> const& patterns) {
    store& into = store_of(account_id, "block_senders");
    collection const& c = into.described();
    for (std::string const& pattern : patterns) {
        row values(c.fields.size());
        values[*c.find("pattern")] = pattern;
        values[*c.find("pattern_type")] = guess_pattern_type(pattern);
        values[*c.find("is_regex")] = false;
        seed(into, std::move(values));
    }
    follow(account_of(account_id), now());
}

void service::seed_entries(std::string_view account_id, std::string_view collection_name,
                           std::string_view json) {
    store& into = store_of(account_id, collection_name);
    collection const& c = into.described();
    boost::system::error_code failed;
    json::value const parsed = json::parse(json, failed);
    if (failed || !parsed.is_array()) throw std::invalid_argument("entries must be a JSON array");

    std::vector<row> all;
    for (json::value const& item : parsed.get_array()) {
        if (!item.is_object()) throw std::invalid_argument("an entry must be a JSON object");
        row values(c.fields.size());
        for (json::key_value_pair const& given : item.get_object()) {
            auto const index = c.find(given.key());
            if (!index) {
                throw std::invalid_argument(std::string{c.name} + " has no field '" +
                                            std::string{given.key()} + '\'');
            }
            values[*index] = given.value();
        }
        all.push_back(std::move(values));
    }
    for (row& values : all) seed(into, std::move(values));
    follow(account_of(account_id), now());
}

std::vector<std::string> service::patterns(std::string_view account_id, std::string_view name) {
    store& from = store_of(account_id, name);
    std::size_t const field_index = pattern_field(from.described());
    std::vector<std::string> result;
    result.reserve(from.size());
    for (store::slot const where : from.in_order()) {
        auto const* const pattern = from[where].values[field_index].if_string();
        result.emplace_back(pattern ? std::string_view{*pattern} : std::string_view{});
    }
    return result;
}

std::string service::entries(std::string_view account_id, std::string_view name) {
    store& from = store_of(account_id, name);
    operation_context const shown = context(from);
    std::string result = "[";
    for (store::slot const where : from.in_order()) {
        if (result.size() > 1) result += ',';
        result += json::serialize(render(shown, where));
    }
    return result + ']';
}

}  // namespace cloudflare::inline v0::simulator
