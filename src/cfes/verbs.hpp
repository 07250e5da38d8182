#pragma once

#include "commands.hpp"
#include "failures.hpp"
#include "fields.hpp"
#include "output.hpp"
#include "tables.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the verbs of all collections are made of.
namespace cfes {

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace es = cloudflare::email_security;

/// When the verb is given, `prepare` checks its arguments, offline, and gives the command.
template <class Prepare>
void on_verb(command_line& line, CLI::App& verb, Prepare prepare) {
    verb.callback([&line, prepare] { line.prepare = prepare; });
}

/// @throws usage_error
void require_valid(cf::result<void> const& valid);
/// @throws usage_error when it can be none.
cf::identifier to_identifier(std::string const& text);

/// The argument ID.
std::shared_ptr<std::string> add_id(CLI::App& verb, std::string const& what);
/// The argument ID, as often as it is given.
std::shared_ptr<std::vector<std::string>> add_ids(CLI::App& verb, std::string const& what);

/// Prints what a call gave, or complains; its result is the exit status.
template <class T>
int show_result(session const& with, cf::result<T> const& got) {
    if (!got) return complain_about(with, got.error());
    return print(show(*got, with.output())) ? done : failed;
}
template <class T>
int show_result(session const& with, cf::result<std::vector<T>> const& got,
                columns const& shown = {}) {
    if (!got) return complain_about(with, got.error());
    return print(show(*got, with.output(), shown)) ? done : failed;
}

/// Prints what became of each; the exit status says whether it is what was wanted. `failure` says
/// what has become of the others.
template <class T, class Succeeded>
int show_outcomes(session const& with, cf::result<std::vector<T>> const& got,
                  std::string const& failure, Succeeded has_succeeded) {
    auto const status = show_result(with, got);
    if (status != done) return status;
    auto const good = std::count_if(got->begin(), got->end(), has_succeeded);
    auto const all = std::distance(got->begin(), got->end());
    if (good == all) return done;
    complain(std::to_string(all - good) + " of " + std::to_string(all) + ' ' + failure);
    return good == 0 ? failed : done_in_part;
}

/// Prints the one that was asked for.
int show_either(session const& with, std::string const& document, std::string const& text);

/// Shows what a function of an area of the API gives for an ID.
template <class Area, auto Function>
asio::awaitable<int> show_of(session& with, cf::identifier id) {
    Area const from{with.client(), with.account_id()};
    auto const got = co_await (from.*Function)(std::move(id), cf::call_options{});
    co_return show_result(with, got);
}

/// A verb that takes an ID and nothing else.
template <class Run>
void add_verb_for_id(command_line& line, CLI::App& collection, std::string const& name,
                     std::string const& what, std::string const& what_id, Run run) {
    auto& verb = *collection.add_subcommand(name, what);
    auto const id = add_id(verb, what_id);
    on_verb(line, verb, [id, run] {
        return [id = to_identifier(*id), run](session& with) { return run(with, id); };
    });
}

/// Gives a verb that takes an ID and options for the fields of `Body` to what is run.
template <class Body, class Run>
void add_verb_with_body(command_line& line, CLI::App& verb, std::string const& what_id,
                        field_options const& how, Run run) {
    auto const id = add_id(verb, what_id);
    auto const body = add_field_options<Body>(verb, how);
    on_verb(line, verb, [id, body, run] {
        require_valid(body->validate());
        return [id = to_identifier(*id), body, run](session& with) { return run(with, id, *body); };
    });
}

/// Gives a verb that lists what passes a filter its options.
template <class Filter, class Run>
void add_list(command_line& line, CLI::App& verb, std::vector<field_help> helps, Run run) {
    auto const which = add_field_options<Filter>(verb, {.helps = std::move(helps)});
    on_verb(line, verb, [which, run] {
        require_valid(which->validate());
        return [which, run](session& with) { return run(with, *which); };
    });
}

/// All pages, one after the other.
template <class T>
asio::awaitable<cf::result<std::vector<T>>> read_pages(cf::pager<T> pages) {
    std::vector<T> all;
    for (;;) {
        auto next = co_await pages.next();
        if (!next) co_return next.error();
        if (!*next) break;
        auto& items = (*next)->items;
        all.insert(all.end(), std::make_move_iterator(items.begin()),
                   std::make_move_iterator(items.end()));
    }
    co_return std::move(all);
}

/// The items of one page.
template <class T>
asio::awaitable<cf::result<std::vector<T>>> read_page(
    asio::awaitable<cf::result<cf::page<T>>> reading) {
    auto one = co_await std::move(reading);
    if (!one) co_return one.error();
    co_return std::move(one->items);
}

/// The page that the filter names, or all of them, in pages as large as the API allows unless the
/// filter says otherwise.
template <class Area, class Filter>
auto read_list(Area const& from, Filter which) {
    if (which.page()) return read_page(from.list_page(std::move(which)));
    if (!which.per_page()) which.per_page(cf::max_page_size);
    return read_pages(from.list(std::move(which)));
}

}  // namespace cfes
