#include "../body.hpp"
#include "../time_text.hpp"
#include "actions.hpp"
#include "mail.hpp"
#include "paging.hpp"
#include "search.hpp"
#include "vocabulary.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

json::value time_or_null(std::optional<timestamp> const& when) {
    return when ? json::value(to_rfc3339(*when)) : json::value(nullptr);
}

json::object action_params(bulk_job const& job) {
    json::object result{{"type", job.action}};
    if (job.action != "MOVE") return result;
    result["destination"] = job.destination;
    if (!job.expected_disposition.empty())
        result["expected_disposition"] = job.expected_disposition;
    return result;
}

std::int64_t count(bulk_job const& job, std::string_view status) {
    return std::ranges::count(job.items, status, &bulk_job::item::status);
}

json::object render_job(bulk_job const& job) {
    json::object result{{"job_id", job.id}};
    result["action_type"] = job.action;
    result["action_params"] = action_params(job);
    result["comment"] = job.comment ? json::value(*job.comment) : json::value(nullptr);
    result["search_params"] = job.search_params;
    result["status"] = job.status;
    result["status_message"] = nullptr;
    result["total_messages_discovered"] = job.items.size();
    result["messages_pending"] = count(job, "PENDING");
    result["messages_successful"] = count(job, "COMPLETED");
    result["messages_failed"] = count(job, "FAILED");
    result["messages_skipped"] = count(job, "SKIPPED");
    result["messages_cancelled"] = count(job, "CANCELLED");
    result["created_at"] = to_rfc3339(job.created);
    result["started_at"] = time_or_null(job.started);
    result["completed_at"] = time_or_null(job.completed);
    return result;
}

json::object render_item(bulk_job const& job, bulk_job::item const& item, message const& m) {
    json::object params = action_params(job);
    params["client_recipient"] = m.to.front().address;
    json::object result{{"message_id", item.id}};
    result["postfix_id"] = m.postfix_id;
    result["email_message_id"] = m.message_id;
    result["alert_id"] = m.alert_id.empty() ? json::value(nullptr) : json::value(m.alert_id);
    result["action_type"] = job.action;
    result["action_params"] = std::move(params);
    result["status"] = item.status;
    result["status_message"] =
        item.status_message.empty() ? json::value(nullptr) : json::value(item.status_message);
    result["retry_count"] = 0;
    result["retry_after"] = nullptr;
    result["created_at"] = to_rfc3339(job.created);
    result["processed_at"] = time_or_null(item.processed);
    result["message"] = render_details(m);
    return result;
}

std::string make_id(mail_context& c) {
    return json::value_to<std::string>(c.identifiers.to_json(c.identifiers.make()));
}

bool searches_submissions(bulk_job const& job) {
    json::value const* const value = job.search_params.if_contains("submissions");
    return value && *value == true;
}

void discover(mail_context& c, bulk_job& job) {
    problems none;
    message_search const wanted =
        read_search(parameters(job.search_params, "", none), search_form::bulk, job.created);
    for (message const& m : c.box.messages) {
        if (!matches(wanted, m, c.now)) continue;
        if (job.action == "RELEASE" && !m.quarantined()) continue;
        bulk_job::item item;
        item.id = make_id(c);
        item.message_id = m.id;
        job.items.push_back(std::move(item));
    }
}

/// Works off the first items that are pending, as many as it says.
void process(mail_context& c, bulk_job& job, std::size_t limit) {
    for (bulk_job::item& item : job.items) {
        if (limit == 0) return;
        if (item.status != "PENDING") continue;
        --limit;
        message& m = *c.box.find(item.message_id, searches_submissions(job));
        std::string_view const why =
            job.action == "MOVE" ? move(m, job.destination, c.now) : release(m, c.now);
        item.status = why.empty() ? "COMPLETED" : "FAILED";
        item.status_message = why;
        item.processed = c.now;
    }
}

void go_on(mail_context& c, bulk_job& job) {
    if (job.status == "PENDING") {
        job.status = "DISCOVERING";
        job.started = c.now;
    } else if (job.status == "DISCOVERING") {
        job.status = "PROCESSING";
        discover(c, job);
        process(c, job, job.items.size() / 2);
    } else if (job.status == "PROCESSING") {
        job.status = "COMPLETED";
        process(c, job, job.items.size());
        job.completed = c.now;
    }
}

reply no_such_job() {
    return failure(404, 10404, "there is no job with this id");
}

}  // namespace

reply create_job(mail_context c, call const& asked) {
    problems found;
    json::value const body = parse_object(asked.asked.body, {}, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = body.get_object();

    bulk_job job;
    job.action = read_word(given, "action", vocabulary::job_actions, true, found).value_or("");
    bool const moves = job.action == "MOVE";
    job.destination =
        read_word(given, "destination", vocabulary::destinations, moves, found).value_or("");
    job.expected_disposition =
        read_word(given, "expected_disposition", vocabulary::dispositions, false, found)
            .value_or("");
    if (json::value const* const comment = given.if_contains("comment")) {
        if (auto const* const text = comment->if_string()) job.comment = std::string{*text};
        if (!comment->is_string() && !comment->is_null()) {
            found.add(400, "comment must be a string", "/comment");
        }
    }
    json::value const* const search = given.if_contains("search_params");
    if (!search || !search->is_object()) {
        found.add(400, search ? "search_params must be an object" : "search_params is required",
                  "/search_params");
    } else {
        job.search_params = search->get_object();
        parameters const inner(job.search_params, "/search_params", found);
        read_search(inner, search_form::bulk, c.now);
    }
    if (!found.empty()) return failure(found.list());

    job.id = make_id(c);
    job.created = c.now;
    reply answer = success(render_job(job), nullptr, 201);
    c.box.jobs.insert(c.box.jobs.begin(), std::move(job));
    return answer;
}

reply list_jobs(mail_context c, call const& asked) {
    problems found;
    parameters const given(asked.query, found);
    auto const action = given.one_of("action_type", vocabulary::job_actions);
    auto const status = given.one_of("status", vocabulary::job_statuses);
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    if (!found.empty()) return failure(found.list());

    std::vector<bulk_job const*> matching;
    for (bulk_job const& job : c.box.jobs) {
        if (action && *action != job.action) continue;
        if (status && *status != job.status) continue;
        matching.push_back(&job);
    }
    json::array result = render_window(matching, page_window(page, per_page), render_job);
    json::object info = cursor_info(result.size(), per_page);
    return success(std::move(result), std::move(info));
}

reply get_job(mail_context c, call const& asked) {
    bulk_job* const job = c.box.find_job(asked.arguments.front());
    if (!job) return no_such_job();
    go_on(c, *job);
    return success(render_job(*job));
}

reply delete_job(mail_context c, call const& asked) {
    bulk_job const* const job = c.box.find_job(asked.arguments.front());
    if (!job) return no_such_job();
    if (!job->ended()) return failure(409, 10409, "the job has not ended");
    std::string const id = job->id;
    std::erase_if(c.box.jobs, [&](bulk_job const& one) { return one.id == id; });
    return success(json::object{{"id", id}});
}

reply cancel_job(mail_context c, call const& asked) {
    bulk_job* const job = c.box.find_job(asked.arguments.front());
    if (!job) return no_such_job();
    // To cancel it again does no harm: a client may not have had the answer.
    if (job->ended() && job->status != "CANCELLED") {
        return failure(409, 10409, "the job has ended");
    }
    if (!job->ended()) {
        job->status = "CANCELLED";
        job->completed = c.now;
        for (bulk_job::item& item : job->items) {
            if (item.status == "PENDING") item.status = "CANCELLED";
        }
    }
    return success(render_job(*job));
}

reply list_job_messages(mail_context c, call const& asked) {
    bulk_job const* const job = c.box.find_job(asked.arguments.front());
    if (!job) return no_such_job();
    problems found;
    parameters const given(asked.query, found);
    auto const status = given.one_of("status", vocabulary::job_message_statuses);
    std::uint64_t const per_page = read_per_page(given);
    std::uint64_t const page = read_page(given);
    if (!found.empty()) return failure(found.list());

    std::vector<bulk_job::item const*> matching;
    for (bulk_job::item const& item : job->items) {
        if (!status || *status == item.status) matching.push_back(&item);
    }
    json::array result =
        render_window(matching, page_window(page, per_page), [&](bulk_job::item const& item) {
            message const& m = *c.box.find(item.message_id, searches_submissions(*job));
            return render_item(*job, item, m);
        });
    json::object info = cursor_info(result.size(), per_page);
    return success(std::move(result), std::move(info));
}

}  // namespace cloudflare::inline v0::simulator
