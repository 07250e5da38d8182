#pragma once

#include "given_names.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <cloudflare/email_security/investigate.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cfes {

/// The next page of a search, waited for where it takes longer; empty when there is none.
asio::awaitable<cf::result<std::optional<es::message_page>>> next_page(session const& with,
                                                                       es::message_search& pages);

/// All messages that a search finds.
asio::awaitable<cf::result<std::vector<es::message>>> find_messages(session const& with,
                                                                    es::message_filter which);

/// A message as a line: when, from whom, what about.
std::string describe(es::message const& one);

/// The forms of a message's id that are understood, for people.
inline constexpr char const* forms_of_ids =
    "an id may be the one that 'investigate list' shows, also shortened in the middle, a "
    "postfix_id, an alert_id or a Message-ID";

/// Where messages are kept.
enum class message_store { scanned, submitted };

/// Finds the message that a text stands for, in any of the forms in which one is told: the id of
/// `investigate list`, also as a narrow terminal shortens it, its postfix_id or alert_id, or the
/// Message-ID of its header, between < and > or not.
///
/// An id in the API's own form is taken as it is, without a request. For any other the API is asked
/// whether it knows the text as an id, and after that its search, which knows the last 30 days.
///
/// Errors: `errc::not_found`; `errc::conflict` where it stands for several messages, which are
/// named.
asio::awaitable<cf::result<cf::identifier>> find_message_id(
    session const& with, std::string text, message_store in = message_store::scanned);
/// The same, with all that is known of it.
asio::awaitable<cf::result<es::message>> find_message(session const& with, std::string text);

/// The messages that were found of those that were named.
struct found_ids {
    std::vector<cf::identifier> ids;  ///< each once
    /// Whether all were found, and if not, what the command ends with.
    int status = done;
};

/// As `find_message_id`, of many; tells of each that is not found.
asio::awaitable<found_ids> find_message_ids(session const& with, given_names names);

/// The alert of a message, in any of the forms. One that may be an alert's and is no message's is
/// taken as it is.
/// Errors: also `errc::conflict`, where nothing was detected in the message.
asio::awaitable<cf::result<std::string>> find_alert_id(session const& with, std::string text);

/// Complains about an id; the exit status.
int complain_about_id(session const& with, cf::error const& why);

/// The argument ID of a verb for one message.
std::shared_ptr<std::string> add_message(CLI::App& verb);
/// @throws usage_error when it is empty
std::string to_message(std::string const& text);

template <class Run>
asio::awaitable<int> run_on_message(session& with, std::string text, Run run) {
    auto finding = find_message_id(with, std::move(text));
    auto const id = co_await std::move(finding);
    if (!id) co_return complain_about_id(with, id.error());
    auto running = run(with, *id);
    co_return co_await std::move(running);
}

/// A verb that takes a message and nothing else.
template <class Run>
CLI::App& add_verb_for_message(command_line& line, CLI::App& collection, std::string const& name,
                               std::string const& what, Run run) {
    auto& verb = *collection.add_subcommand(name, what);
    auto const text = add_message(verb);
    on_verb(line, verb, [text, run] {
        return [text = to_message(*text), run](session& with) {
            return run_on_message(with, text, run);
        };
    });
    return verb;
}

/// Gives a verb that takes a message and options for the fields of `Body` to what is run.
template <class Body, class Run>
void add_message_verb_with_body(command_line& line, CLI::App& verb, field_options const& how,
                                Run run) {
    auto const text = add_message(verb);
    auto const body = add_field_options<Body>(verb, how);
    on_verb(line, verb, [text, body, run] {
        require_valid(body->validate());
        return [text = to_message(*text), body, run](session& with) {
            auto const go = [body, run](session& in, cf::identifier id) {
                return run(in, std::move(id), *body);
            };
            return run_on_message(with, text, go);
        };
    });
}

}  // namespace cfes
