#include "investigate/investigate_verbs.hpp"
#include "investigate/message_finding.hpp"
#include "times.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/investigate.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cfes {

namespace {

row_type message_rows() {
    return {wire::fields_of<es::message>(),
            {"id", "scanned_at", "from", "to", "subject", "final_disposition", "delivery_status"}};
}

/// What a search leaves out by default, for who wonders why it finds nothing.
std::string describe_left_out(es::message_filter& which) {
    auto const is_given = [&which](std::string_view name) {
        auto const* const field = find_field<es::message_filter>(name);
        return field->how->is_present(field->address(&which));
    };
    std::string text;
    if (!is_given("detections_only")) text = "benign ones are left out: --detections-only false";
    if (!is_given("start")) {
        constexpr std::size_t date = 10;
        auto const first = cf::to_string(current_time() - std::chrono::days{30}).substr(0, date);
        text += (text.empty() ? "since " : "; since ") + first;
    }
    return text.empty() ? text : " (" + text + ')';
}

asio::awaitable<int> run_list(session& with, es::message_filter which, bool only_one_page) {
    auto const left_out = describe_left_out(which);
    es::investigate const where{with.client(), with.account_id()};
    auto pages = where.search(std::move(which));
    row_writer rows{with.output(), with.rows(), message_rows()};
    std::string cursor;
    for (;;) {
        auto reading = next_page(with, pages);
        auto next = co_await std::move(reading);
        if (!next) co_return complain_about(with, next.error());
        if (!*next) break;
        auto& page = **next;
        for (auto const& each : page.items) rows.add(&each);
        if (only_one_page) {
            cursor = page.info.next.value_or("");
            break;
        }
        if (!rows.wants_more()) break;
        if (!page.info.next.value_or("").empty()) rows.flush();
    }
    auto const status = rows.finish(!only_one_page);
    if (rows.count() == 0) note("no message matches" + left_out);
    if (!cursor.empty()) note("there are more: --cursor " + cursor);
    co_return status;
}

}  // namespace

std::vector<field_help> search_helps() {
    return {{"query", "Words to find, separated by spaces"},
            {"detections_only", "Leave out what is benign [true]"},
            {"final_disposition", "What it was found to be"},
            {"message_action", "What was done with it"},
            {"delivery_status", "What became of it"},
            {"recipient", "E-mail address or domain"},
            {"sender", "E-mail address or domain"},
            {"domain", "Domain of the sender, a recipient or a link"},
            {"subject", "Words of the subject"},
            {"smtp_helo_ip", "IP address of the sending server"},
            {"message_id", "Message-ID of its header"},
            {"alert_id", "Identifier of its alert"},
            {"metric", "A metric of the dashboard"}};
}

void add_message_search(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "list", "Search for messages, all of the last 30 days by default");
    line.rows[&verb] = message_rows();
    auto const which = add_field_options<es::message_filter>(verb, {.helps = search_helps()});
    auto const* const cursor = verb.get_option("--cursor");
    auto const first = std::make_shared<bool>(false);
    verb.add_flag("--first-page", *first, "Only the first page; then use --cursor")
        ->excludes(verb.get_option("--cursor"))
        ->group(cursor->get_group());
    auto const* const per_page = verb.get_option("--per-page");
    on_verb(line, verb, [which, cursor, per_page, first] {
        bool const only_one_page = *first || cursor->count() > 0;
        if (!only_one_page && per_page->count() == 0) which->per_page(cf::max_page_size);
        require_valid(which->validate());
        return
            [which, only_one_page](session& with) { return run_list(with, *which, only_one_page); };
    });
}

}  // namespace cfes
