#include "collections/collections.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/analytics.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cfes {

namespace {

/// A disposition of a month.
struct monthly_line {
    std::string month;
    std::optional<std::string> disposition;
    std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(monthly_line, (), (month, disposition, total))

std::vector<monthly_line> lines_of(es::monthly_report const& report) {
    std::vector<monthly_line> lines;
    for (auto const& [month, counts] : report.by_month) {
        for (auto const& each : counts) lines.push_back({month, each.disposition, each.total});
    }
    return lines;
}

asio::awaitable<int> run_monthly_report(session& with) {
    es::analytics const from{with.client(), with.account_id()};
    auto const got = co_await from.monthly_report();
    if (!got || with.output() == output_form::json) co_return show_result(with, got);
    co_return show_rows(with, lines_of(*got));
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
