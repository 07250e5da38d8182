#pragma once

#include "files.hpp"
#include "verbs.hpp"

#include <cloudflare/detail/collection.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_type.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The verbs of a collection of the settings, from the description of its models.
namespace cfes {

/// A collection: what the description of its models does not tell.
struct collection_info {
    std::string name;  ///< on the command line
    std::string what;
    /// Fields that a new entry must have.
    std::vector<std::string_view> required;
    /// What its own fields mean.
    std::vector<field_help> helps = {};
    /// What the table of a list shows; all fields when it is empty.
    columns shown = {};
};

/// Checks the pattern of a new item or of changes as the API would, and brings it into canonical
/// form; tells the type where none is given.
template <class Object>
void recognise(Object& object, bool has_type) {
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

/// The same, of an entry that is given as a whole.
/// @throws usage_error
template <class Item>
void require_whole_entry(Item& item, bool has_type) {
    if constexpr (requires { item.pattern_type(); }) {
        if (item.is_regex() && !has_type) {
            throw usage_error("a regular expression needs --pattern-type");
        }
    }
    recognise(item, has_type);
    require_valid(item.validate());
}

template <class Traits>
using collection_of = cf::collection<Traits>;

template <class Traits>
collection_of<Traits> collection_in(session const& with) {
    return {with.client(), with.account_id()};
}

template <class Traits>
asio::awaitable<int> run_create(session& with, typename Traits::new_item item) {
    auto const got = co_await collection_in<Traits>(with).create(std::move(item));
    co_return show_result(with, got);
}

template <class Traits>
void add_create(command_line& line, CLI::App& collection, collection_info const& info) {
    using new_item = typename Traits::new_item;
    auto& verb = *collection.add_subcommand("create", "Create an entry");
    auto const item =
        add_field_options<new_item>(verb, {.helps = info.helps, .required = info.required});
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [item, type] {
        require_whole_entry(*item, type && type->count() > 0);
        return [item](session& with) { return run_create<Traits>(with, *item); };
    });
}

template <class Traits>
asio::awaitable<int> run_edit(session& with, cf::identifier id, typename Traits::patch changes) {
    auto const got = co_await collection_in<Traits>(with).edit(std::move(id), std::move(changes));
    co_return show_result(with, got);
}

template <class Traits>
asio::awaitable<int> run_replace(session& with, cf::identifier id,
                                 typename Traits::replacement value) {
    auto const got = co_await collection_in<Traits>(with).replace(std::move(id), std::move(value));
    co_return show_result(with, got);
}

template <class Traits>
void add_replace(command_line& line, CLI::App& collection, collection_info const& info) {
    auto& verb = *collection.add_subcommand(
        "replace", "Replace an entry as a whole: what is not given is reset");
    auto const id = add_id(verb, "The entry");
    auto const item = add_field_options<typename Traits::replacement>(
        verb, {.helps = info.helps, .required = info.required, .can_clear = true});
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [id, item, type] {
        require_whole_entry(*item, type && type->count() > 0);
        return [id = to_identifier(*id), item](session& with) {
            return run_replace<Traits>(with, id, *item);
        };
    });
}

template <class Traits>
void add_edit(command_line& line, CLI::App& collection, collection_info const& info) {
    auto& verb = *collection.add_subcommand("edit", "Change the given fields of an entry");
    auto const id = add_id(verb, "The entry");
    auto const changes =
        add_field_options<typename Traits::patch>(verb, {.helps = info.helps, .can_clear = true});
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [id, changes, type] {
        recognise(*changes, type && type->count() > 0);
        require_valid(changes->validate());
        return [id = to_identifier(*id), changes](session& with) {
            return run_edit<Traits>(with, id, *changes);
        };
    });
}

template <class Traits>
asio::awaitable<int> run_list(session& with, typename Traits::filter which, columns shown) {
    auto const from = collection_in<Traits>(with);
    bool const reads_all = !which.page() && !which.per_page();
    auto reading = reads_all ? from.list_all(std::move(which)) : read_list(from, std::move(which));
    auto const got = co_await std::move(reading);
    co_return show_result(with, got, shown);
}

/// A line for each entry of a batch: what was done, and the field that names the entry, which is
/// the one after the identifier.
template <class Result>
std::string show_batch(Result const& got) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& each : got.deletes) rows.push_back({"deleted", each.id.text()});
    std::vector<std::string> header{"done", "id"};
    if constexpr (requires { got.posts; }) {
        using model = typename decltype(got.posts)::value_type;
        auto const fields = cf::wire::fields_of<model>();
        auto const& name = fields[1];
        header.emplace_back(name.name);
        auto const add = [&rows, &name](std::string const& what, std::vector<model> items) {
            for (auto& each : items) {
                auto const text = cf::wire::to_text(*name.how, name.address(&each));
                rows.push_back({what, each.id.text(), text});
            }
        };
        add("edited", got.patches);
        add("replaced", got.puts);
        add("created", got.posts);
    }
    return to_table(header, rows);
}

template <class Traits>
asio::awaitable<int> run_batch(session& with, cf::batch_request<Traits> changes) {
    auto const got = co_await collection_in<Traits>(with).batch(std::move(changes));
    if (!got || with.output() == output_form::json) co_return show_result(with, got);
    co_return print(show_batch(*got)) ? done : failed;
}

template <class Traits>
void add_batch(command_line& line, CLI::App& collection) {
    constexpr bool only_deletes = cf::has_batch_of_deletes<Traits>;
    auto& verb = *collection.add_subcommand(
        "batch", only_deletes ? "Delete many entries in one request, together or not at all"
                              : "Apply many changes in one request, together or not at all");
    auto const path = std::make_shared<std::string>();
    verb.add_option("FILE", *path,
                    only_deletes
                        ? "JSON with deletes; - is stdin"
                        : "JSON with deletes, patches, puts, posts, all optional; - is stdin")
        ->required()
        ->type_name("");
    on_verb(line, verb, [path] {
        cf::batch_request<Traits> changes;
        read_json_file(*path, {&cf::wire::codec_for<cf::batch_request<Traits>>(), &changes});
        if (auto const valid = changes.validate(); !valid) {
            throw usage_error(*path + ": " + valid.error().detail());
        }
        return [changes](session& with) { return run_batch<Traits>(with, changes); };
    });
}

/// Adds the verbs that the collection's traits have.
template <class Traits>
CLI::App& add_collection_verbs(command_line& line, collection_info const& info) {
    auto& collection = add_collection(line, area::settings, info.name, info.what);
    add_create<Traits>(line, collection, info);
    add_verb_for_id(line, collection, "get", "Show an entry", "The entry",
                    &show_of<collection_of<Traits>, &collection_of<Traits>::get>);
    add_list<typename Traits::filter>(
        line, *collection.add_subcommand("list", "List entries, all of them by default"),
        info.helps, [shown = info.shown](session& with, typename Traits::filter which) {
            return run_list<Traits>(with, std::move(which), shown);
        });
    add_edit<Traits>(line, collection, info);
    if constexpr (cf::has_replace<Traits>) add_replace<Traits>(line, collection, info);
    add_verb_for_id(line, collection, "delete", "Delete an entry", "The entry",
                    &show_of<collection_of<Traits>, &collection_of<Traits>::remove>);
    if constexpr (cf::has_batch<Traits>) add_batch<Traits>(line, collection);
    group_verbs(collection, "Entries");
    return collection;
}

}  // namespace cfes
