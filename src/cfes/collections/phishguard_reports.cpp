#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/phishguard.hpp>

namespace cfes {

namespace {

asio::awaitable<int> run_list(session& with, es::phishguard_filter which) {
    es::phishguard_reports const from{with.client(), with.account_id()};
    auto const got = co_await from.list(std::move(which));
    co_return show_result(with, got, {"id", "created_at", "priority", "disposition", "title"});
}

}  // namespace

void add_phishguard_reports(command_line& line) {
    auto& collection =
        add_collection(line, area::mail, "phishguard-reports", "Reports of PhishGuard");
    add_list<es::phishguard_filter>(line, *collection.add_subcommand("list", "List reports"),
                                    {{"start", "From this time on"},
                                     {"end", "Until this time"},
                                     {"from_date", "From this day on; use --start", "DATE"},
                                     {"to_date", "Until this day; use --end", "DATE"}},
                                    &run_list);
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
