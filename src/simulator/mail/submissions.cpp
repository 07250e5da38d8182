#include "../text.hpp"
#include "../time_text.hpp"
#include "mail.hpp"
#include "paging.hpp"
#include "vocabulary.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

constexpr auto search_range = std::chrono::days{30};

std::string_view status_of(submission const& s) {
    return s.outcome_disposition.empty() ? "pending" : "completed";
}

std::string_view review_of(submission const& s) {
    return s.escalated ? "escalated" : "unreviewed";
}

/// What a submission is sorted by.
std::string sort_text(submission const& s, std::string_view order) {
    if (order == "submission_id") return s.id;
    if (order == "subject") return s.subject;
    if (order == "original_disposition") return s.original_disposition;
    if (order == "requested_disposition") return s.requested_disposition;
    if (order == "outcome_disposition") return s.outcome_disposition;
    return to_rfc3339(s.requested);
}

void sort(std::vector<submission const*>& all, std::string_view order, bool descending) {
    std::ranges::stable_sort(all, [=](submission const* a, submission const* b) {
        if (descending) std::swap(a, b);
        return sort_text(*a, order) < sort_text(*b, order);
    });
}

json::object render(submission const& s) {
    json::object result{{"submission_id", s.id}};
    result["type"] = s.by_user ? "User" : "Team";
    result["requested_at"] = to_rfc3339(s.requested);
    result["requested_ts"] = to_rfc3339(s.requested);
    result["requested_by"] = s.requested_by;
    result["requested_disposition"] = s.requested_disposition;
    result["original_disposition"] = s.original_disposition;
    result["original_edf_hash"] = nullptr;
    result["original_postfix_id"] = s.postfix_id;
    result["outcome"] = s.outcome_disposition.empty() ? json::value(nullptr) : "accepted";
    // The dispositions that may be absent may, by a strict reading, not be null.
    if (!s.outcome_disposition.empty()) result["outcome_disposition"] = s.outcome_disposition;
    result["status"] = status_of(s);
    result["subject"] = s.subject;
    result["customer_status"] = review_of(s);
    if (s.escalated) result["escalated_as"] = s.requested_disposition;
    result["escalated_at"] =
        s.escalated ? json::value(to_rfc3339(s.requested)) : json::value(nullptr);
    result["escalated_by"] = s.escalated ? json::value(s.requested_by) : json::value(nullptr);
    result["escalated_submission_id"] = s.escalated ? json::value(s.id) : json::value(nullptr);
    return result;
}

}  // namespace

reply list_submissions(mail_context c, call const& asked) {
    problems found;
    parameters const given(asked.query, found);
    static constexpr std::string_view types[] = {"TEAM", "USER"};
    auto const disposition = [&](std::string_view name) {
        return given.one_of(name, vocabulary::searchable_dispositions);
    };
    timestamp const start = given.time("start").value_or(c.now - search_range);
    timestamp const end = given.time("end").value_or(c.now);
    auto const type = given.one_of("type", types);
    auto const id = given.text("submission_id");
    auto const original = disposition("original_disposition");
    auto const requested = disposition("requested_disposition");
    auto const outcome = disposition("outcome_disposition");
    auto const status = given.text("status");
    auto const query = given.text("query");
    auto const escalated = given.flag("escalated_from_user");
    static constexpr std::string_view orders[] = {"submission_id",        "subject",
                                                  "original_disposition", "requested_disposition",
                                                  "outcome_disposition",  "requested_at"};
    static constexpr std::string_view directions[] = {"asc", "desc"};
    auto const order = given.one_of("order", orders);
    auto const direction = given.one_of("direction", directions);
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    if (!found.empty()) return failure(found.list());

    std::vector<submission const*> matching;
    for (submission const& s : c.box.submissions) {
        bool const wanted = s.requested >= start && s.requested <= end &&
                            (!type || (*type == "USER") == s.by_user) && (!id || *id == s.id) &&
                            (!original || *original == s.original_disposition) &&
                            (!requested || *requested == s.requested_disposition) &&
                            (!outcome || *outcome == s.outcome_disposition) &&
                            (!status || *status == status_of(s) || *status == review_of(s)) &&
                            (!query || contains_ignoring_case(s.subject, *query) ||
                             contains_ignoring_case(s.id, *query)) &&
                            (!escalated || *escalated == (s.by_user && s.escalated));
        if (wanted) matching.push_back(&s);
    }
    if (order || direction) {
        sort(matching, order.value_or("requested_at"), direction == "desc");
    }
    json::array result = render_window(matching, page_window(page, per_page), render);
    json::object info = page_info(result.size(), page, per_page, c.box.submissions.size());
    return success(std::move(result), std::move(info));
}

}  // namespace cloudflare::inline v0::simulator
