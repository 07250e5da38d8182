#include "collections/collections.hpp"
#include "feed_commands.hpp"

#include <cloudflare/email_security/domains.hpp>

namespace cfes {

namespace {

es::domains domains_in(session const& with) {
    return {with.client(), with.account_id()};
}

asio::awaitable<int> run_verification(session& with, cf::identifier id) {
    auto const got = co_await domains_in(with).verification(std::move(id));
    if (!got) co_return complain_about(got.error());
    if (*got) {
        using shown = std::remove_cvref_t<decltype(**got)>;
        co_return show_object(with, wire::fields_of<shown>(), wire::codec_for<shown>(), &**got);
    }
    co_return show_either(with, "null", "not by a DNS record");
}

// The command offers what the API has, and says that it is deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
asio::awaitable<int> run_bulk_delete(session& with) {
    auto const got = co_await domains_in(with).bulk_remove();
    co_return show_result(with, got);
}
#pragma GCC diagnostic pop

void add_bulk_delete(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "bulk-delete", "End the protection of all domains (deprecated: use batch)");
    auto const force = std::make_shared<bool>(false);
    verb.add_flag("--force", *force, "Really: of all of them");
    on_verb(line, verb, [force] {
        if (!*force) {
            throw usage_error("bulk-delete ends the protection of all domains: it needs --force");
        }
        return [](session& with) { return run_bulk_delete(with); };
    });
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
        .shown = {"id", "domain", "status", "allowed_delivery_modes", "regions", "created_at"}};
    auto& collection = add_collection_verbs<traits>(line, info);
    add_feed_verbs<traits>(line, collection, info);
    add_verb_for_id(line, collection, "verification", "Show the DNS record that verifies a domain",
                    "The entry", &run_verification);
    add_bulk_delete(line, collection);
    group_verbs(collection, "Domains");
}

}  // namespace cfes
