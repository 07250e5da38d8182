// Calls whose co_await expressions have temporaries that own memory: callables with captures,
// options, items. GCC 12 destroys some kinds of them twice, which AddressSanitizer shows here.
// Where it would, our functions refuse to compile with it; other compilers run that too.

#if !defined(__GNUC__) || defined(__clang__) || __GNUC__ >= 13
#define RUNS_ALL
#define REFUSED_ON_PROGRESS
#define REFUSED_ON_PROGRESS_FIRST
#define REFUSED_ON_EVENT
#define REFUSED_FOR_EACH
#define REFUSED_PAGER
#endif
#include "refused.hpp"

#include <cloudflare/detail/concurrent.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/analytics.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/bulk_jobs.hpp>
#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/impersonation_registry.hpp>
#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/email_security/phishguard.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/sending_domain_restrictions.hpp>
#include <cloudflare/email_security/submissions.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>
#include <cloudflare/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

namespace {

// What operations take by value: none is an aggregate that owns something, the other kind of
// temporary that GCC 12 destroys twice.
template <class... Parameters>
constexpr bool are_safe() {
    return (
        (std::is_trivially_destructible_v<Parameters> || !std::is_aggregate_v<Parameters>)&&...);
}
template <class Traits>
constexpr bool is_safe_collection() {
    return are_safe<typename Traits::model, typename Traits::new_item, typename Traits::patch,
                    typename Traits::filter, cf::collection<Traits>>();
}
template <class Traits>
constexpr bool is_safe_to_sync() {
    return are_safe<cf::batch_request<Traits>, es::feed<Traits>, es::sync_plan<Traits>,
                    es::saved_plan<Traits>, es::feed_options<Traits>>();
}
static_assert(are_safe<cf::call_options, cf::client_options, cf::pool_options, cf::tls_options,
                       cf::retry_options, cf::proxy, cf::credentials, cf::request, cf::reply,
                       cf::identifier, cf::account, cf::client>());
static_assert(are_safe<es::sync_options, es::sync_journal, es::bulk_search, es::new_bulk_job,
                       es::bulk_job_filter, es::bulk_message_filter, es::bulk_wait,
                       es::message_filter, es::move_request, es::move_many_request,
                       es::reclassify_request, es::action_log_filter, es::phishguard_filter,
                       es::reclassification, es::missed_detection, es::submission_filter>());
static_assert(is_safe_collection<es::block_senders_traits>() &&
              is_safe_collection<es::allow_policies_traits>() &&
              is_safe_collection<es::content_policies_traits>() &&
              is_safe_collection<es::domains_traits>() &&
              is_safe_collection<es::impersonation_registry_traits>() &&
              is_safe_collection<es::sending_domain_restrictions_traits>() &&
              is_safe_collection<es::trusted_domains_traits>() &&
              is_safe_collection<es::url_ignore_patterns_traits>());
static_assert(is_safe_to_sync<es::block_senders_traits>() &&
              is_safe_to_sync<es::allow_policies_traits>() &&
              is_safe_to_sync<es::content_policies_traits>() &&
              is_safe_to_sync<es::trusted_domains_traits>() &&
              is_safe_to_sync<es::url_ignore_patterns_traits>());

/// Too long for the small buffer of a string.
std::string text(char c) {
    return std::string(60, c);
}

void expect(bool holds, char const* what) {
    if (holds) return;
    std::cerr << "not so: " << what << '\n';
    std::exit(1);
}

es::feed<es::block_senders_traits> feed_of(char c) {
    std::vector<std::string> const patterns{text(c) + ".example", text(c) + ".test"};
    return es::make_feed<es::block_senders_traits>(patterns).value();
}

cf::client_options options_for(cf::simulator::server const& api) {
    auto options = cf::client_options{cf::credentials::api_token(text('t'))};
    options.base_url(api.base_url()).tls(cf::tls_options{}.extra_ca(api.ca_certificate()));
    return options;
}

/// What a callable has captured is there once for each that is alive.
asio::awaitable<void> use_callables(es::block_senders blocked, keeper keep) {
    auto const work = [keep](std::size_t) -> asio::awaitable<void> {
        expect(keep->size() == 60, "what work has captured is there");
        co_return;
    };
    co_await cf::for_each_concurrently(5, 2, work);
    co_await cf::for_each_concurrently(5, 2, std::ref(work));
    std::function<asio::awaitable<void>(std::size_t)> named = work;
    co_await cf::for_each_concurrently(5, 2, std::move(named));

    int seen = 0;
    int* const count = &seen;
    auto const hook = [keep, count](es::sync_progress const&) { ++*count; };
    auto const wanted = feed_of('n');
    co_await es::sync(blocked, wanted, es::sync_options{}.on_progress(hook));
    co_await es::sync(blocked, wanted, es::sync_options{}.on_progress(es::progress_hook{hook}));
    // Nothing of these has to be destroyed.
    co_await es::sync(blocked, wanted,
                      es::sync_options{}.on_progress([count](auto const&) { ++*count; }));
    // By itself in a statement, a temporary is in no co_await expression.
    es::sync_options options;
    options.on_progress([keep, count](auto const&) { ++*count; });
    co_await es::sync(blocked, wanted, options);
    expect(seen > 4, "progress was reported");
}

/// Operations with options, items and filters that own texts.
asio::awaitable<void> use_options(cf::client client, std::string account) {
    auto const call = [] { return cf::call_options{}.header("X-Trace", text('h')); };
    es::block_senders const blocked{client, account};
    auto const made =
        (co_await blocked.create(
             es::new_block_sender{text('a') + ".example", es::pattern_type::domain}.comments(
                 text('c')),
             call()))
            .value();
    auto const found =
        co_await blocked.list_all(es::block_sender_filter{}.search(text('a')), call());
    expect(found && found->size() == 1, "the entry is found");
    expect((co_await blocked.edit(made.id, es::block_sender_patch{}.comments(text('d')), call()))
               .has_value(),
           "it is edited");
    expect((co_await blocked.batch(es::block_senders::batch_request{}.remove(made.id).create(
                es::new_block_sender{text('b') + ".example", es::pattern_type::domain})))
               .has_value(),
           "a batch is done");

    auto const wanted = feed_of('f');
    auto planned =
        (co_await es::plan(blocked, wanted, es::sync_options{}.owner(text('o')).call(call())))
            .value();
    std::stringstream saved;
    es::save_plan(saved, planned, blocked, es::sync_options{}.owner(text('o')));
    auto restored = es::load_plan<es::block_senders_traits>(saved).value();
    auto const report = co_await es::apply_saved(blocked, std::move(restored),
                                                 es::sync_options{}.owner(text('o')).call(call()));
    expect(!report.failure && report.created == 2, "a saved plan is applied");
    auto const again = co_await es::apply(
        blocked, (co_await es::plan(blocked, wanted, es::sync_options{}.owner(text('o')))).value(),
        es::sync_options{}.owner(text('o')).prune(true).call(call()));
    expect(!again.failure && again.created == 0, "it is done already");

    es::investigate const mail{client, account};
    expect((co_await mail.search(es::message_filter{}.query(text('q')).subject(text('s')), call())
                .next())
               .has_value(),
           "a search is answered");
    expect((co_await es::submissions{client, account}.list_page(
                es::submission_filter{}.query(text('q')), call()))
               .has_value(),
           "submissions are listed");
}

}  // namespace

int main() {
    cf::simulator::server const api;
    asio::io_context context;
    auto const keep = std::make_shared<std::string>(text('k'));
    auto options = options_for(api);
    options.on_event([keep](cf::event const&) { expect(keep->size() == 60, "a hook is whole"); });
    auto const run = [&]() -> asio::awaitable<void> {
        cf::client const client{context.get_executor(), options};
        es::block_senders const blocked{client, "callables"};
        co_await use_callables(blocked, keep);
        co_await use_options(client, "options");
#ifdef RUNS_ALL
        co_await refused_for_each(keep);
        co_await refused_on_progress(blocked, feed_of('r'), keep);
        co_await refused_on_progress_first(blocked, feed_of('s'), keep);
        co_await refused_on_event(options_for(api), keep);
        co_await refused_pager(keep);
#endif
        auto closing = client.close();
        co_await std::move(closing);
    };
    std::exception_ptr failure;
    asio::co_spawn(context, run(), [&](std::exception_ptr thrown) { failure = thrown; });
    context.run();
    if (failure) std::rethrow_exception(failure);
    options = options_for(api);
    expect(keep.use_count() == 1, "what callables have captured is destroyed once each");
    std::cout << "1 passed, 0 failed\n";
}
