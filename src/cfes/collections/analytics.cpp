#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/analytics.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cfes {

namespace {

std::string text_of(std::optional<std::int64_t> const& number) {
    return number ? std::to_string(*number) : std::string{};
}

/// A line for each disposition of a month.
std::string show_months(es::monthly_report const& report) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& [month, counts] : report.by_month) {
        for (auto const& each : counts) {
            rows.push_back({month, each.disposition.value_or(""), text_of(each.total)});
        }
    }
    return to_table(std::vector<std::string>{"month", "disposition", "total"}, rows);
}

asio::awaitable<int> run_monthly_report(session& with) {
    es::analytics const from{with.client(), with.account_id()};
    auto const got = co_await from.monthly_report();
    if (!got || with.output() == output_form::json) co_return show_result(with, got);
    co_return print(show_months(*got)) ? done : failed;
}

}  // namespace

void add_analytics(command_line& line) {
    auto& collection = add_collection(line, area::mail, "analytics", "Figures about the mail");
    auto& verb = *collection.add_subcommand(
        "monthly-report", "Count the messages of the last twelve months by disposition");
    on_verb(line, verb, [] { return &run_monthly_report; });
    group_verbs(collection, "Verbs");
}

}  // namespace cfes
