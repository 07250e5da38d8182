#pragma once

#include "files.hpp"
#include "verbs.hpp"

#include <cloudflare/detail/any_collection.hpp>
#include <cloudflare/detail/collection.hpp>
#include <cloudflare/detail/entry_match.hpp>
#include <cloudflare/detail/object.hpp>

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
    /// What deleting an entry does that must not happen by accident, as `end the protection of`;
    /// empty: nothing of the kind.
    std::string harm = {};
};

using cf::detail::any_collection;
using cf::detail::any_object;
using cf::detail::object_list;
using cf::detail::object_type;

/// What the verbs need to know of a collection; they are compiled once for all of them.
struct collection_verbs {
    cf::detail::collection_type const* type;
    asio::awaitable<cf::result<any_object>> (*create)(session const& with, any_object item);
    /// The filters that let an entry with the key of a new one pass.
    std::vector<any_object> (*candidates)(any_object const& item);
    /// What an entry, which is a model, is to a new item.
    cf::entry_match (*compare)(void const* there, void const* item);
    object_type const* replacement;  ///< null where nothing is replaced
    object_type const* batch;        ///< null where there is none
    object_type const* put;          ///< what a batch replaces entries with; null if it does not
    object_type const* batch_result;
    bool batch_only_deletes;
};

template <class Traits>
asio::awaitable<cf::result<any_object>> create_entry(session const& with, any_object item) {
    cf::collection<Traits> const where{with.writer(), with.account_id()};
    auto creating = where.create(std::move(item.as<typename Traits::new_item>()));
    auto got = co_await std::move(creating);
    if (!got) co_return got.error();
    any_object made{cf::detail::object_type_of<typename Traits::model>()};
    made.as<typename Traits::model>() = std::move(*got);
    co_return std::move(made);
}

template <class Traits>
std::vector<any_object> candidates_of(any_object const& item) {
    std::vector<any_object> all;
    for (auto const& each : Traits::candidates(item.as<typename Traits::new_item>())) {
        all.push_back(cf::detail::make_any(each));
    }
    return all;
}

template <class Traits>
cf::entry_match compare_with(void const* there, void const* item) {
    return Traits::compare(*static_cast<typename Traits::model const*>(there),
                           *static_cast<typename Traits::new_item const*>(item));
}

template <class Traits>
collection_verbs verbs_of() {
    collection_verbs made{};
    made.type = &cf::detail::collection_type_of<Traits>();
    made.create = &create_entry<Traits>;
    made.candidates = &candidates_of<Traits>;
    made.compare = &compare_with<Traits>;
    if constexpr (cf::has_replace<Traits>) {
        made.replacement = &cf::detail::object_type_of<typename Traits::replacement>();
    }
    if constexpr (cf::has_batch<Traits>) {
        using where = cf::collection<Traits>;
        made.batch = &cf::detail::object_type_of<cf::batch_request<Traits>>();
        made.batch_result = &cf::detail::object_type_of<typename where::batch_result>();
        made.batch_only_deletes = cf::has_batch_of_deletes<Traits>;
        if constexpr (!cf::has_batch_of_deletes<Traits>) {
            made.put = &cf::detail::object_type_of<typename cf::replacement_of<Traits>::type>();
        }
    }
    return made;
}

any_collection collection_in(session const& with, cf::detail::collection_type const& type);
/// For what changes something: a dry run sends nothing of it.
any_collection collection_for_writing(session const& with, cf::detail::collection_type const& type);

/// Adds the verbs that the collection has.
CLI::App& add_collection_verbs(command_line& line, collection_verbs const& verbs,
                               collection_info const& info);
template <class Traits>
CLI::App& add_collection_verbs(command_line& line, collection_info const& info) {
    return add_collection_verbs(line, verbs_of<Traits>(), info);
}

}  // namespace cfes
