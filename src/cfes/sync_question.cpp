#include "sync_question.hpp"

#include "output.hpp"
#include "plan_output.hpp"
#include "question.hpp"
#include "sync_runs.hpp"

#include <cloudflare/detail/counted.hpp>

#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <string>
#include <utility>

namespace cfes {

namespace {

bool is_same(es::planned_update const& a, es::planned_update const& b) {
    return a.purpose == b.purpose && a.entry == b.entry && a.id == b.id && a.fields == b.fields &&
           a.new_comments == b.new_comments && a.seen == b.seen;
}

bool is_same(es::planned_removal const& a, es::planned_removal const& b) {
    return a.id == b.id && a.seen == b.seen && a.kept == b.kept;
}

/// Whether two plans of one source change the same, of entries that are as they were.
bool is_same(es::sync_changes const& a, es::sync_changes const& b) {
    auto const same = [](auto const& x, auto const& y) { return is_same(x, y); };
    return a.creates == b.creates && std::ranges::equal(a.updates, b.updates, same) &&
           std::ranges::equal(a.removals, b.removals, same);
}

/// Adds what earlier plans have taken.
void add_work(es::sync_report& report, es::sync_report const& earlier) {
    report.requests += earlier.requests;
    report.retries += earlier.retries;
    report.throttled += earlier.throttled;
    report.elapsed_ms += earlier.elapsed_ms;
}

/// What was planned is not done.
es::sync_report leave_all(es::sync_report report) {
    report.left = 0;
    for (auto* const each : {&report.created, &report.updated, &report.deleted, &report.shared,
                             &report.unmarked, &report.retired}) {
        report.left += std::exchange(*each, 0);
    }
    return report;
}

question question_of(es::sync_type const& type, es::sync_changes const& plan) {
    auto const changes = plan.creates.size() + plan.updates.size() + plan.removals.size();
    question about;
    about.what = "make " + cf::counted(changes, "change") + " to " + title_of(type);
    auto summary = show_summary(plan.report);
    summary.pop_back();
    about.first.push_back(std::move(summary));
    // All of them stand above it.
    about.count = about.first.size();
    return about;
}

void tell_complaints(plan_source const& from, es::sync_report const& report,
                     sync_dialogue& dialogue) {
    if (dialogue.has_told) return;
    print_complaints(report);
    from.tell_notes();
    dialogue.has_told = true;
    dialogue.rejected = report.rejected.size();
}

}  // namespace

bool asks_before_sync(session const& with) {
    return can_ask() && !with.globals().yes;
}

bool is_refused_by_guard(es::sync_changes const& plan, cf::error const& why) {
    return why.code() == cf::errc::invalid_argument && !plan.is_empty();
}

asio::awaitable<es::sync_report> sync_when_agreed(session const& with, es::sync_type const& type,
                                                  plan_source& from, es::sync_options options,
                                                  bool show_all, progress_display& display,
                                                  sync_dialogue& dialogue) {
    auto const most = show_all ? all_lines : few_lines;
    es::sync_changes agreed;
    es::sync_report earlier;
    for (;;) {
        es::sync_changes made;
        auto making = from.make(options, made);
        auto failed = co_await std::move(making);
        add_work(made.report, earlier);
        earlier = made.report;
        if (failed) {
            display.pause();
            if (is_refused_by_guard(made, *failed)) {
                tell_complaints(from, made.report, dialogue);
                std::cerr << show_changes(type, from.desired(), made, most);
            }
            auto report = leave_all(std::move(made.report));
            report.failure = std::move(*failed);
            co_return report;
        }
        if (made.is_empty() || (!agreed.is_empty() && is_same(made, agreed))) {
            auto work = es::apply_changes(target_in(with, type), from.take_desired(),
                                          std::move(made), std::move(options));
            co_return co_await std::move(work);
        }
        display.pause();
        tell_complaints(from, made.report, dialogue);
        if (!agreed.is_empty()) {
            complain("the list has changed since: this is what there is to do now");
        }
        auto const forecast = es::forecast_sync(made.report, with.client(), options);
        std::cerr << show_changes(type, from.desired(), made, most) << show_forecast(forecast)
                  << std::flush;
        auto asking = ask(with, question_of(type, made));
        bool const is_agreed = co_await std::move(asking);
        if (!is_agreed) {
            dialogue.is_declined = true;
            co_return leave_all(std::move(made.report));
        }
        agreed = std::move(made);
    }
}

}  // namespace cfes
