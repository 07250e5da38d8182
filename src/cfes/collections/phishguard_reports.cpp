#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/phishguard.hpp>

namespace cfes {

namespace {

asio::awaitable<int> run_list(session& with, es::phishguard_filter which) {
    es::phishguard_reports const from{with.client(), with.account_id()};
    bool const reads_all = !which.page() && !which.per_page();
    auto reading = reads_all ? from.list_all(std::move(which)) : read_list(from, std::move(which));
    auto const got = co_await std::move(reading);
    co_return show_result(with, got, {"id", "created_at", "priority", "disposition", "title"});
}

}  // namespace

void add_phishguard_reports(command_line& line) {
    auto& collection =
        add_collection(line, area::mail, "phishguard-reports", "Reports of PhishGuard");
    add_list<es::phishguard_filter>(
        line, *collection.add_subcommand("list", "List reports, all of them by default"),
        {{"start", "From this time on"}, {"end", "Until this time"}}, &run_list);
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
