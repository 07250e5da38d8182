#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/impersonation_registry.hpp>
#include <cloudflare/email_security/protection.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr char const* way_out = ": --no-protection lets it through";

}  // namespace

boost::asio::awaitable<std::optional<error>> protect_account(client with, std::string account,
                                                             protection& into) {
    domains const own{with, account};
    auto const names = co_await own.list_all();
    if (!names) co_return names.error();
    impersonation_registry const registry{with, account};
    auto const people = co_await registry.list_all();
    if (!people) co_return people.error();
    for (auto const& each : *names) {
        if (!each.domain) continue;
        auto found = recognise_pattern(*each.domain, pattern_type::domain);
        if (found) {
            into.add(std::move(*found), std::string{"is a domain of the account"} + way_out);
        }
    }
    for (auto const& each : *people) {
        if (!each.email) continue;
        if (each.is_email_regex.value_or(false)) {
            // One that cannot be tried is left out: the registry is not the feed's to mend.
            into.add_expression(*each.email, pattern_type::email,
                                "is an address of a protected person" + std::string{way_out});
            continue;
        }
        auto found = recognise_pattern(*each.email, pattern_type::email);
        if (found) {
            into.add(std::move(*found),
                     "is the address of a protected person" + std::string{way_out});
        }
    }
    co_return std::nullopt;
}

}  // namespace cloudflare::inline v0::email_security
