#include "../time_text.hpp"
#include "mail.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

/// What the mailbox has, by month and disposition. A month without mail is not in it.
reply get_monthly_report(mail_context c, call const&) {
    std::map<std::string, std::map<std::string, std::int64_t>> months;
    for (message const& m : c.box.messages) {
        if (m.submitted) continue;
        constexpr std::size_t year_and_month = 7;
        ++months[to_rfc3339(m.scanned).substr(0, year_and_month)][m.disposition];
    }
    json::object by_month;
    for (auto const& [month, counts] : months) {
        json::array shown;
        for (auto const& [disposition, total] : counts) {
            shown.push_back({{"disposition", disposition}, {"total", total}});
        }
        by_month[month] = std::move(shown);
    }
    return success(json::object{{"by_month", std::move(by_month)}});
}

}  // namespace cloudflare::inline v0::simulator
