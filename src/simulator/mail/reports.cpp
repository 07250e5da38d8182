#include "../time_text.hpp"
#include "mail.hpp"
#include "paging.hpp"

#include <boost/json/array.hpp>

#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

json::object render(phishguard_report const& r) {
    std::string const when = to_rfc3339(r.created);
    json::object result{{"id", r.id}};
    result["title"] = r.title;
    result["content"] = r.content;
    result["disposition"] = r.disposition;
    result["priority"] = r.priority;
    result["fields"] = {{"from", r.from},
                        {"to", json::array{r.to}},
                        {"postfix_id", r.postfix_id},
                        {"occurred_at", when},
                        {"ts", when}};
    result["tags"] = json::array{json::object{{"category", "source"}, {"value", "simulator"}}};
    result["created_at"] = when;
    result["updated_at"] = nullptr;
    result["ts"] = when;
    return result;
}

}  // namespace

reply list_reports(mail_context c, call const& asked) {
    problems found;
    parameters const given(asked.query, found);
    auto start = given.time("start");
    auto end = given.time("end");
    auto const from = given.date("from_date");
    auto const to = given.date("to_date");
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    if (!found.empty()) return failure(found.list());
    if (!start) start = from;
    // A day that is named belongs to the range.
    if (!end && to) end = *to + std::chrono::days{1} - std::chrono::microseconds{1};

    std::vector<phishguard_report const*> matching;
    for (phishguard_report const& r : c.box.reports) {
        if (start && r.created < *start) continue;
        if (end && r.created > *end) continue;
        matching.push_back(&r);
    }
    json::array result = render_window(matching, page_window(page, per_page), render);
    json::object info = page_info(result.size(), page, per_page, c.box.reports.size());
    return success(std::move(result), std::move(info));
}

}  // namespace cloudflare::inline v0::simulator
