#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/phishguard.hpp>

namespace cfes {

namespace {

asio::awaitable<int> run_list(session& with, es::phishguard_filter which, columns shown) {
    es::phishguard_reports const from{with.client(), with.account_id()};
    bool const reads_all = !which.page() && !which.per_page();
    if (reads_all) {
        auto reading = from.list_all(std::move(which));
        auto const got = co_await std::move(reading);
        co_return show_result(with, got, shown);
    }
    auto printing = print_list(with, from, std::move(which), std::move(shown));
    co_return co_await std::move(printing);
}

}  // namespace

void add_phishguard_reports(command_line& line) {
    auto& collection =
        add_collection(line, area::mail, "phishguard-reports", "Reports of PhishGuard");
    add_list<es::phishguard_report, es::phishguard_filter>(
        line, *collection.add_subcommand("list", "List reports, all of them by default"),
        {{"start", "From this time on"}, {"end", "Until this time"}},
        {"id", "created_at", "priority", "disposition", "title"}, &run_list);
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
