#pragma once

#include "commands.hpp"
#include "fields.hpp"
#include "files.hpp"
#include "output.hpp"

#include <cloudflare/collection.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The verbs of a collection, from the description of its models.
namespace cfes {

namespace asio = boost::asio;
namespace cf = cloudflare;

inline void require_valid(cf::result<void> const& valid) {
    if (!valid) throw usage_error(valid.error().detail());
}

template <class T>
int show_result(cf::result<T> const& got, output_form form) {
    if (!got) return complain_about(got.error());
    return print(show(*got, form)) ? done : failed;
}

/// Checks the pattern of a new item or of changes as the API would, and brings it into canonical
/// form; tells the type where none is given.
template <class Object>
void recognise(Object& object, bool has_type) {
    namespace es = cf::email_security;
    auto const* const pattern = find_field<Object>("pattern");
    auto const* const type = find_field<Object>("pattern_type");
    auto const* const is_regex = find_field<Object>("is_regex");
    if (!type || !pattern->how->is_present(pattern->address(&object))) return;
    if (is_regex && cf::wire::to_text(*is_regex->how, is_regex->address(&object)) == "true") return;
    std::optional<es::pattern_type> wanted;
    if (has_type) {
        auto const name = cf::wire::to_text(*type->how, type->address(&object));
        wanted = cf::from_wire_name<es::pattern_type>(name);
    }
    auto const text = cf::wire::to_text(*pattern->how, pattern->address(&object));
    auto const found = es::recognise_pattern(text, wanted);
    if (!found) throw usage_error('\'' + text + "' " + found.error().detail());
    cf::wire::from_text(*pattern->how, pattern->address(&object), found->pattern);
    cf::wire::from_text(*type->how, type->address(&object), cf::wire_name(found->type));
}

template <class Traits>
using collection_of = cf::collection<Traits>;

template <class Traits>
collection_of<Traits> collection_in(session const& with) {
    return {with.client(), with.account_id()};
}

template <class Traits>
asio::awaitable<int> run_create(session& with, typename Traits::new_item item, output_form form) {
    auto const got = co_await collection_in<Traits>(with).create(std::move(item));
    co_return show_result(got, form);
}

template <class Traits>
void add_create(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("create", "Create an entry");
    auto const item = add_field_options<typename Traits::new_item>(verb);
    verb.get_option("--pattern")->required();
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    verb.callback([&line, item, type] {
        line.prepare = [&line, item, type] {
            bool const has_type = type && type->count() > 0;
            if constexpr (requires { item->pattern_type(); }) {
                if (item->is_regex() && !has_type) {
                    throw usage_error("a regular expression needs --pattern-type");
                }
            }
            recognise(*item, has_type);
            require_valid(item->validate());
            return [&line, item](session& with) {
                return run_create<Traits>(with, *item, line.globals.output);
            };
        };
    });
}

/// The argument ID, checked.
inline std::shared_ptr<std::string> add_id(CLI::App& verb) {
    auto id = std::make_shared<std::string>();
    verb.add_option("ID", *id, "The entry")->required()->type_name("");
    return id;
}

inline cf::identifier to_identifier(std::string const& text) {
    cf::identifier id{text};
    require_valid(cf::check_identifier(id));
    return id;
}

/// A verb that takes an ID and nothing else.
template <class Run>
void add_verb_for_id(command_line& line, CLI::App& collection, std::string const& name,
                     std::string const& what, Run run) {
    auto& verb = *collection.add_subcommand(name, what);
    auto const id = add_id(verb);
    verb.callback([&line, id, run] {
        line.prepare = [&line, id, run] {
            return [&line, id = to_identifier(*id), run](session& with) {
                return run(with, id, line.globals.output);
            };
        };
    });
}

template <class Traits>
asio::awaitable<int> run_get(session& with, cf::identifier id, output_form form) {
    auto const got = co_await collection_in<Traits>(with).get(std::move(id));
    co_return show_result(got, form);
}

template <class Traits>
asio::awaitable<int> run_delete(session& with, cf::identifier id, output_form form) {
    auto const got = co_await collection_in<Traits>(with).remove(std::move(id));
    co_return show_result(got, form);
}

template <class Traits>
asio::awaitable<int> run_edit(session& with, cf::identifier id, typename Traits::patch changes,
                              output_form form) {
    auto const got = co_await collection_in<Traits>(with).edit(std::move(id), std::move(changes));
    co_return show_result(got, form);
}

template <class Traits>
void add_edit(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("edit", "Change the given fields of an entry");
    auto const id = add_id(verb);
    auto const changes = add_field_options<typename Traits::patch>(verb);
    auto const* const comments = find_field<typename Traits::patch>("comments");
    if (comments) {
        verb.add_flag_callback(
                "--clear-comments",
                [changes, comments] { comments->how->on_null(comments->address(changes.get())); },
                "Take the comments away")
            ->excludes("--comments");
    }
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    verb.callback([&line, id, changes, type] {
        line.prepare = [&line, id, changes, type] {
            recognise(*changes, type && type->count() > 0);
            require_valid(changes->validate());
            return [&line, id = to_identifier(*id), changes](session& with) {
                return run_edit<Traits>(with, id, *changes, line.globals.output);
            };
        };
    });
}

/// Pages of the size that was asked for, all of them.
template <class Traits>
asio::awaitable<cf::result<std::vector<typename Traits::model>>> read_pages(
    collection_of<Traits> from, typename Traits::filter which) {
    std::vector<typename Traits::model> all;
    auto pages = from.list(std::move(which));
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

template <class Traits>
asio::awaitable<int> run_list(session& with, typename Traits::filter which, output_form form) {
    auto const from = collection_in<Traits>(with);
    cf::result<std::vector<typename Traits::model>> all{std::vector<typename Traits::model>{}};
    if (which.page()) {
        auto one = co_await from.list_page(std::move(which));
        if (one) {
            all = std::move(one->items);
        } else {
            all = one.error();
        }
    } else if (which.per_page()) {
        all = co_await read_pages<Traits>(from, std::move(which));
    } else {
        all = co_await from.list_all(std::move(which));
    }
    if (!all) co_return complain_about(all.error());
    co_return print(show_all(*all, form)) ? done : failed;
}

template <class Traits>
void add_list(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand("list", "List entries, all of them by default");
    auto const which = add_field_options<typename Traits::filter>(verb);
    verb.callback([&line, which] {
        line.prepare = [&line, which] {
            require_valid(which->validate());
            return [&line, which](session& with) {
                return run_list<Traits>(with, *which, line.globals.output);
            };
        };
    });
}

template <class Traits>
asio::awaitable<int> run_batch(session& with, cf::batch_request<Traits> changes, output_form form) {
    auto const got = co_await collection_in<Traits>(with).batch(std::move(changes));
    if (!got) co_return complain_about(got.error());
    std::string text;
    if (form == output_form::json) {
        text = cf::wire::to_json(*got) + '\n';
    } else {
        std::vector<std::vector<std::string>> rows;
        for (auto const& each : got->deletes) rows.push_back({"deleted", each.id.text(), ""});
        auto const add = [&rows](std::string const& what, auto const& items) {
            for (auto const& each : items) {
                rows.push_back({what, each.id.text(), each.pattern.value_or("")});
            }
        };
        add("edited", got->patches);
        add("replaced", got->puts);
        add("created", got->posts);
        text = to_table({"done", "id", "pattern"}, rows);
    }
    co_return print(text) ? done : failed;
}

template <class Traits>
void add_batch(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "batch", "Apply many changes in one request, together or not at all");
    auto const path = std::make_shared<std::string>();
    verb.add_option("FILE", *path,
                    "JSON with deletes, patches, puts, posts, all optional; - is stdin")
        ->required()
        ->type_name("");
    verb.callback([&line, path] {
        line.prepare = [&line, path] {
            cf::batch_request<Traits> changes;
            read_json_file(*path, {&cf::wire::codec_for<cf::batch_request<Traits>>(), &changes});
            if (auto const valid = changes.validate(); !valid) {
                throw usage_error(*path + ": " + valid.error().detail());
            }
            return [&line, changes = std::move(changes)](session& with) {
                return run_batch<Traits>(with, changes, line.globals.output);
            };
        };
    });
}

/// Adds the verbs that the collection's traits have.
template <class Traits>
CLI::App& add_collection_verbs(command_line& line, std::string const& name,
                               std::string const& what) {
    auto& collection = add_collection(line, name, what);
    add_create<Traits>(line, collection);
    add_verb_for_id(line, collection, "get", "Show an entry", &run_get<Traits>);
    add_list<Traits>(line, collection);
    add_edit<Traits>(line, collection);
    add_verb_for_id(line, collection, "delete", "Delete an entry", &run_delete<Traits>);
    if constexpr (requires { Traits::batch_path; }) add_batch<Traits>(line, collection);
    return collection;
}

}  // namespace cfes
