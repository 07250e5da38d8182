#pragma once

#include "commands.hpp"
#include "failures.hpp"
#include "fields.hpp"
#include "output.hpp"
#include "row_writer.hpp"
#include "tables.hpp"

#include <cloudflare/detail/validation.hpp>
#include <cloudflare/pager.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
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
namespace wire = cloudflare::wire;

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

/// The option `--dry-run`, of every verb that changes something.
void add_dry_run(command_line& line, CLI::App& verb);

/// Prints an object: a record for people, or one row of a list.
int show_object(session const& with, std::span<wire::field const> fields, wire::codec const& how,
                void const* object);

/// Prints a list.
template <class T>
int show_rows(session const& with, std::vector<T> const& all, columns const& shown = {}) {
    row_writer rows{with.output(), with.rows(), {wire::fields_of<T>(), shown}};
    rows.expect(all.size());
    for (auto const& each : all) rows.add(&each);
    return rows.finish();
}

/// Prints what a call gave, or complains; its result is the exit status.
template <class T>
int show_result(session const& with, cf::result<T> const& got) {
    if (!got) return complain_about(with, got.error());
    return show_object(with, wire::fields_of<T>(), wire::codec_for<T>(), &*got);
}
template <class T>
int show_result(session const& with, cf::result<std::vector<T>> const& got,
                columns const& shown = {}) {
    if (!got) return complain_about(with, got.error());
    return show_rows(with, *got, shown);
}

/// The same of a write, of which --quiet tells nothing when it was done.
template <class T>
int show_done(session const& with, cf::result<T> const& got) {
    return got && with.is_silent() ? done : show_result(with, got);
}

/// Prints what became of each; the exit status says whether it is what was wanted. `failure` says
/// what has become of the others.
template <class T, class Succeeded>
int show_outcomes(session const& with, cf::result<std::vector<T>> const& got,
                  std::string const& failure, Succeeded has_succeeded) {
    auto const status = show_done(with, got);
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

/// The same, of a function that changes something.
template <class Area, auto Function>
asio::awaitable<int> show_change(session& with, cf::identifier id) {
    Area const from{with.writer(), with.account_id()};
    auto const got = co_await (from.*Function)(std::move(id), cf::call_options{});
    co_return show_done(with, got);
}

/// A verb that takes an ID and nothing else.
template <class Run>
CLI::App& add_verb_for_id(command_line& line, CLI::App& collection, std::string const& name,
                          std::string const& what, std::string const& what_id, Run run) {
    auto& verb = *collection.add_subcommand(name, what);
    auto const id = add_id(verb, what_id);
    on_verb(line, verb, [id, run] {
        return [id = to_identifier(*id), run](session& with) { return run(with, id); };
    });
    return verb;
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

/// Gives a verb that lists what passes a filter its options. `Row` is what a row shows, by a table
/// those fields only that are named.
template <class Row, class Filter, class Run>
void add_list(command_line& line, CLI::App& verb, std::vector<field_help> helps,
              columns const& shown, Run run) {
    line.rows[&verb] = {wire::fields_of<Row>(), shown};
    auto const which = add_field_options<Filter>(verb, {.helps = std::move(helps)});
    on_verb(line, verb, [which, run, shown] {
        require_valid(which->validate());
        return [which, run, shown](session& with) { return run(with, *which, shown); };
    });
}

/// Prints pages, one after the other, as they come.
template <class T>
asio::awaitable<int> print_pages(session& with, cf::pager<T> pages, columns shown) {
    row_writer rows{with.output(), with.rows(), {wire::fields_of<T>(), std::move(shown)}};
    while (rows.wants_more()) {
        auto next = co_await pages.next();
        if (!next) co_return complain_about(with, next.error());
        if (!*next) break;
        auto const& items = (*next)->items;
        for (auto const& each : items) rows.add(&each);
        // One that is not full is mostly the last: then all widths are known.
        if (items.size() >= static_cast<std::size_t>(cf::max_page_size)) rows.flush();
    }
    co_return rows.finish();
}

/// Prints one page.
template <class T>
asio::awaitable<int> print_page(session& with, asio::awaitable<cf::result<cf::page<T>>> reading,
                                columns shown) {
    row_writer rows{with.output(), with.rows(), {wire::fields_of<T>(), std::move(shown)}};
    auto const one = co_await std::move(reading);
    if (!one) co_return complain_about(with, one.error());
    for (auto const& each : one->items) rows.add(&each);
    co_return rows.finish(false);
}

/// Prints the page that the filter names, or all of them, in pages as large as the API allows
/// unless the filter says otherwise.
template <class Area, class Filter>
asio::awaitable<int> print_list(session& with, Area const& from, Filter which, columns shown) {
    if (which.page()) {
        return print_page(with, from.list_page(std::move(which)), std::move(shown));
    }
    if (!which.per_page()) which.per_page(cf::max_page_size);
    return print_pages(with, from.list(std::move(which)), std::move(shown));
}

}  // namespace cfes
