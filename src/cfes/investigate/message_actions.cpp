#include "given_names.hpp"
#include "investigate/investigate_verbs.hpp"
#include "investigate/message_finding.hpp"
#include "question.hpp"
#include "verbs.hpp"

#include <cloudflare/detail/counted.hpp>
#include <cloudflare/email_security/investigate.hpp>

#include <boost/describe/class.hpp>

#include <optional>

namespace cfes {

namespace {

/// Where messages are moved to, one or many.
struct move_arguments {
    std::optional<es::mailbox_folder> destination;
};
BOOST_DESCRIBE_STRUCT(move_arguments, (), (destination))

/// The first of many, for a question.
std::vector<std::string> first_of(std::vector<cf::identifier> const& ids) {
    std::vector<std::string> texts;
    for (auto const& each : ids) {
        if (texts.size() < most_asked) texts.push_back(each.text());
    }
    return texts;
}

/// Asks before something is done to messages, one of which needs no question by itself.
asio::awaitable<bool> ask_for_many(session const& with, std::string what,
                                   std::vector<cf::identifier> ids, bool is_grave) {
    if (ids.size() < 2 && !is_grave) co_return true;
    question about{std::move(what), ids.size(), first_of(ids)};
    auto asking = ask(with, std::move(about));
    co_return co_await std::move(asking);
}

std::string what_of_move(std::size_t count, move_arguments const& where) {
    return "move " + cf::counted(count, "message") + " to " +
           std::string{cf::wire_name(*where.destination)} +
           (*where.destination == es::mailbox_folder::recoverable_items_purges
                ? ", where nobody gets it back"
                : "");
}

asio::awaitable<int> run_move(session& with, given_names names, move_arguments where) {
    bool const is_purge = *where.destination == es::mailbox_folder::recoverable_items_purges;
    auto const count = names.all.size();
    if (count > 1 || is_purge) require_answer(with, what_of_move(count, where));
    auto finding = find_message_ids(with, std::move(names));
    auto found = co_await std::move(finding);
    if (found.status != done) co_return found.status;
    auto& ids = found.ids;
    auto asking = ask_for_many(with, what_of_move(ids.size(), where), ids, is_purge);
    bool const is_agreed = co_await std::move(asking);
    if (!is_agreed) co_return failed;
    es::investigate const from{with.writer(), with.account_id()};
    cf::result<std::vector<es::moved_message>> got{std::vector<es::moved_message>{}};
    if (count == 1) {
        es::move_request what{*where.destination};
        got = co_await from.move(std::move(ids.front()), std::move(what));
    } else {
        es::move_many_request what{*where.destination, std::move(ids)};
        got = co_await from.move_many(std::move(what));
    }
    auto const was_moved = [](es::moved_message const& each) { return each.success; };
    co_return show_outcomes(with, got, "not moved", was_moved);
}

/// The argument ID, as often as it is given.
std::shared_ptr<std::vector<std::string>> add_messages(CLI::App& verb) {
    return add_ids(verb,
                   "The messages: their ids, postfix_ids, alert_ids or Message-IDs; - is stdin, "
                   "one a line");
}

void add_move(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("move", "Move messages to another folder");
    auto const ids = add_messages(verb);
    auto const where = add_field_options<move_arguments>(
        verb, {.helps = {{"destination", "Folder to move to"}}, .required = {"destination"}});
    add_ended_option(verb, "--expected-disposition");
    add_dry_run(line, verb);
    on_verb(line, verb, [ids, where] {
        return [names = read_names(*ids), where](session& with) {
            return run_move(with, names, *where);
        };
    });
}

std::string what_of_release(std::size_t count) {
    return "release " + cf::counted(count, "message") + " from the quarantine";
}

asio::awaitable<int> run_release(session& with, given_names names) {
    auto const count = names.all.size();
    if (count > 1) require_answer(with, what_of_release(count));
    auto finding = find_message_ids(with, std::move(names));
    auto found = co_await std::move(finding);
    if (found.status != done) co_return found.status;
    auto asking = ask_for_many(with, what_of_release(found.ids.size()), found.ids, false);
    bool const is_agreed = co_await std::move(asking);
    if (!is_agreed) co_return failed;
    es::investigate const from{with.writer(), with.account_id()};
    auto const got = co_await from.release(std::move(found.ids));
    auto const was_released = [](es::released_message const& each) {
        return each.failed.empty() && each.undelivered.empty();
    };
    co_return show_outcomes(with, got, "not delivered to all recipients", was_released);
}

void add_release(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("release", "Deliver messages out of the quarantine");
    auto const ids = add_messages(verb);
    add_dry_run(line, verb);
    on_verb(line, verb, [ids] {
        return [names = read_names(*ids)](session& with) { return run_release(with, names); };
    });
}

// The command offers what the API has, and says that it is deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
asio::awaitable<int> run_reclassify(session& with, cf::identifier id, es::reclassify_request what) {
    complain(
        "investigate reclassify is deprecated: use submissions reclassify ALERT_ID "
        "--expected-disposition D, or submissions report-missed");
    es::investigate const from{with.writer(), with.account_id()};
    auto const got = co_await from.reclassify(std::move(id), std::move(what));
    if (!got) co_return complain_about(with, got.error());
    co_return show_either(with, "{}", "accepted, to be dealt with later");
}
#pragma GCC diagnostic pop

}  // namespace

void add_ended_option(CLI::App& verb, std::string const& name) {
    auto const warn = [name](std::string const&) {
        complain(name +
                 " has no effect any more, and is not sent: the API ends it on 1 December 2026");
    };
    verb.add_option_function<std::string>(name, warn, "No effect any more (deprecated)")
        ->type_name("NAME");
}

void add_message_actions(command_line& line, CLI::App& collection) {
    add_move(line, collection);
    add_release(line, collection);
    auto& verb = *collection.add_subcommand(
        "reclassify",
        "Ask to change the disposition of a message (deprecated: use submissions reclassify)");
    add_message_verb_with_body<es::reclassify_request>(
        line, verb,
        {.helps = {{"expected_disposition", "What it should have been found to be"},
                   {"eml_content", "The EML file, in base64"},
                   {"escalated_submission_id", "The user's submission that this one escalates"}},
         .required = {"expected_disposition"}},
        &run_reclassify);
    add_dry_run(line, verb);
}

}  // namespace cfes
