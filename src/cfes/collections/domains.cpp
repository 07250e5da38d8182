#include "collections/collections.hpp"
#include "feed_commands.hpp"
#include "question.hpp"

#include <cloudflare/email_security/domains.hpp>

namespace cfes {

namespace {

es::domains domains_in(session const& with) {
    return {with.client(), with.account_id()};
}

asio::awaitable<int> run_verification(session& with, cf::identifier id) {
    auto const got = co_await domains_in(with).verification(std::move(id));
    if (!got) co_return complain_about(with, got.error());
    if (*got) {
        using shown = std::remove_cvref_t<decltype(**got)>;
        co_return show_object(with, wire::fields_of<shown>(), wire::codec_for<shown>(), &**got);
    }
    co_return show_either(with, "null", "not by a DNS record");
}

/// Asks whether all domains are to lose their protection; `done` is yes.
asio::awaitable<int> ask_for_all(session& with) {
    std::string const what = "end the protection of all domains";
    require_answer(with, what);
    if (with.globals().yes) co_return done;
    auto reading = domains_in(with).list_all();
    auto const there = co_await std::move(reading);
    if (!there) co_return complain_about(with, there.error());
    question about{what, there->size(), {}};
    for (auto const& each : *there) {
        if (about.first.size() < most_asked)
            about.first.push_back(each.domain.value_or(each.id.text()));
    }
    auto asking = ask(with, std::move(about));
    bool const is_agreed = co_await std::move(asking);
    co_return is_agreed ? done : failed;
}

// The command offers what the API has, and says that it is deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
asio::awaitable<int> run_bulk_delete(session& with) {
    auto asking = ask_for_all(with);
    auto const answer = co_await std::move(asking);
    if (answer != done) co_return answer;
    es::domains const where{with.writer(), with.account_id()};
    auto const got = co_await where.bulk_remove();
    co_return show_result(with, got);
}
#pragma GCC diagnostic pop

void add_bulk_delete(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "bulk-delete", "End the protection of all domains (deprecated: use batch)");
    verb.add_flag("--force", line.globals.yes, "The same as --yes (deprecated)");
    add_dry_run(line, verb);
    on_verb(line, verb, [] { return &run_bulk_delete; });
}

}  // namespace

void add_domains(command_line& line) {
    using traits = es::domains_traits;
    collection_info const info{
        .name = "domains",
        .what = "Domains that Email Security protects",
        .required = {"domain", "allowed_delivery_modes", "regions"},
        .helps = {{"domain", "Name of the domain"},
                  {"allowed_delivery_modes", "How its mail may come"},
                  {"regions", "Where its mail is processed"},
                  {"drop_dispositions", "Drop mail that is found to be one of these"},
                  {"ip_restrictions", "Addresses or CIDR blocks that its mail may come from"},
                  {"folder", "What of a mailbox is scanned"},
                  {"integration_id", "Integration that gives access to its mailboxes, a UUID"},
                  {"lookback_hops", "Hops to look back for the sender, 1 to 20"},
                  {"require_tls_inbound", "Take mail only with TLS"},
                  {"require_tls_outbound", "Pass mail on only with TLS"},
                  {"transport", "Where mail is passed on to"},
                  {"status", "Only domains of this status"},
                  {"allowed_delivery_mode", "Only domains that allow this one"},
                  {"active_delivery_mode", "Only domains that use this one"}},
        .shown = {"id", "domain", "status", "allowed_delivery_modes", "regions", "created_at"},
        .harm = "end the protection of"};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
    add_verb_for_id(line, collection, "verification", "Show the DNS record that verifies a domain",
                    "The entry", &run_verification);
    add_bulk_delete(line, collection);
    group_verbs(collection, "Domains");
}

}  // namespace cfes
