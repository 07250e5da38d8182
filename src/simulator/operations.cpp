#include "operations.hpp"

#include "body.hpp"
#include "entry_reader.hpp"
#include "patterns.hpp"
#include "time_text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

constexpr std::size_t batch_limit = 1000;

bool gives_a_field(collection const& c, json::object const& given) {
    return std::ranges::any_of(c.fields, [&](field const& f) {
        return !f.read_only && !f.hidden &&
               (given.contains(f.name) || (!f.alias.empty() && given.contains(f.alias)));
    });
}

/// Each of these does one thing to the store, or leaves it and adds to `found`. `at` is where in
/// the body the item stands. They return the slot of the entry.
/// @{
std::optional<store::slot> create(operation_context& c, json::object const& given,
                                  std::string const& at, problems& found) {
    row values;
    if (!read_entry(c.entries.described(), given, write_kind::create, values, at, found)) return {};
    if (c.normalises) normalise(c.entries.described(), values);
    if (c.entries.find_same(values)) {
        found.add(409, "an entry like this exists already", at);
        return {};
    }
    identifier const id = c.identifiers.make();
    if (auto const complete = c.entries.described().complete) {
        complete(c.entries.described(), values, json::serialize(c.identifiers.to_json(id)),
                 to_rfc3339(c.now));
    }
    return c.entries.add(id, std::move(values), c.now);
}

std::optional<store::slot> change(operation_context& c, store::slot where, write_kind kind,
                                  json::object const& given, std::string const& at,
                                  problems& found) {
    row values = c.entries[where].values;
    collection const& described = c.entries.described();
    if (described.locked) {
        std::string_view const why = described.locked(described, values);
        if (!why.empty()) {
            found.add(400, std::string{why}, at);
            return {};
        }
    }
    if (!read_entry(described, given, kind, values, at, found)) return {};
    if (c.normalises) normalise(described, values);
    auto const same = c.entries.find_same(values);
    if (same && *same != where) {
        found.add(409, "an entry like this exists already", at);
        return {};
    }
    c.entries.replace(where, std::move(values), c.now);
    return where;
}

std::optional<store::slot> find(operation_context& c, json::object const& given,
                                std::string const& at, problems& found) {
    json::value const* const value = given.if_contains("id");
    auto const id = value ? c.identifiers.from_json(*value) : std::nullopt;
    if (!id) {
        found.add(400, value ? "id is malformed" : "id is required", at + "/id");
        return {};
    }
    auto const where = c.entries.find(*id);
    if (!where) found.add(404, "there is no entry with this id", at + "/id");
    return where;
}
/// @}

std::optional<store::slot> find(operation_context& c, std::string_view id) {
    auto const parsed = c.identifiers.from_path(id);
    return parsed ? c.entries.find(*parsed) : std::nullopt;
}

json::object render_deleted(operation_context const& c, identifier const& id,
                            json::storage_ptr memory = {}) {
    json::object result(std::move(memory));
    result["id"] = c.identifiers.to_json(id);
    return result;
}

reply change_entry(operation_context c, std::string_view id, write_kind kind,
                   std::string_view body) {
    auto const where = find(c, id);
    if (!where) return no_such_entry();
    json::monotonic_resource memory;
    problems found;
    json::value const given = parse_object(body, &memory, found);
    if (!found.empty()) return failure(found.list());
    collection const& described = c.entries.described();
    bool const may_be_empty = kind == write_kind::replace || described.patch_may_be_empty;
    if (!may_be_empty && !gives_a_field(described, given.get_object())) {
        return failure(400, 10400, "request body gives no field to change");
    }
    if (!change(c, *where, kind, given.get_object(), {}, found)) return failure(found.list());
    return success(render(c, *where));
}

/// The four arrays of a batch, in the order in which the API works them off.
constexpr std::string_view batch_arrays[] = {"deletes", "patches", "puts", "posts"};

/// Does one item of a batch. @returns what it shows as its result.
json::object apply_item(operation_context& c, std::string_view array, json::object const& given,
                        std::string const& at, problems& found, json::storage_ptr const& memory) {
    std::optional<store::slot> where;
    if (array == "posts") {
        where = create(c, given, at, found);
    } else if (where = find(c, given, at, found); where) {
        if (array == "deletes") {
            identifier const id = c.entries[*where].id;
            c.entries.remove(*where);
            return render_deleted(c, id, memory);
        }
        auto const kind = array == "patches" ? write_kind::patch : write_kind::replace;
        where = change(c, *where, kind, given, at, found);
    }
    if (!where || !found.empty()) return json::object(memory);
    return render(c, *where, memory);
}

}  // namespace

reply no_such_entry() {
    return failure(404, 10404, "there is no entry with this id");
}

json::object render(operation_context const& c, store::slot where, json::storage_ptr memory) {
    entry const& e = c.entries[where];
    collection const& described = c.entries.described();
    bool const older = c.identifiers.form() == identifier_form::integer;

    json::object result(std::move(memory));
    result.reserve(2 * described.fields.size() + 4);
    result.emplace("id", c.identifiers.to_json(e.id));
    for (std::size_t i = 0; i != described.fields.size(); ++i) {
        field const& f = described.fields[i];
        if (f.hidden || (e.values[i].is_null() && !f.nullable)) continue;
        result.emplace(f.name, e.values[i]);
        if (!f.alias.empty()) result.emplace(f.alias, e.values[i]);
    }
    result.emplace("created_at", to_rfc3339(e.created));
    std::string const modified = to_rfc3339(e.modified);
    if (described.has_last_modified) result.emplace("last_modified", modified);
    if (!older || !described.has_last_modified) result.emplace("modified_at", modified);
    return result;
}

reply get_entry(operation_context c, std::string_view id) {
    auto const where = find(c, id);
    return where ? success(render(c, *where)) : no_such_entry();
}

reply create_entry(operation_context c, std::string_view body) {
    json::monotonic_resource memory;
    problems found;
    json::value const given = parse_object(body, &memory, found);
    if (!found.empty()) return failure(found.list());
    auto const where = create(c, given.get_object(), {}, found);
    if (!where) return failure(found.list());
    return success(render(c, *where), nullptr, 201);
}

reply edit_entry(operation_context c, std::string_view id, std::string_view body) {
    return change_entry(c, id, write_kind::patch, body);
}

reply replace_entry(operation_context c, std::string_view id, std::string_view body) {
    return change_entry(c, id, write_kind::replace, body);
}

reply delete_entry(operation_context c, std::string_view id) {
    auto const where = find(c, id);
    if (!where) return no_such_entry();
    identifier const deleted = c.entries[*where].id;
    c.entries.remove(*where);
    return success(render_deleted(c, deleted));
}

reply delete_all_entries(operation_context c) {
    auto const all = c.entries.in_order();
    json::array result;
    for (store::slot const where : std::vector(all.begin(), all.end())) {
        result.push_back(render_deleted(c, c.entries[where].id));
        c.entries.remove(where);
    }
    return success(std::move(result));
}

reply apply_batch(operation_context c, std::string_view body) {
    json::monotonic_resource memory;
    problems found;
    json::value const parsed = parse_object(body, &memory, found);
    if (!found.empty()) return failure(found.list());
    json::object const& given = parsed.get_object();
    bool const only_deletes = c.entries.described().batch == batch_support::deletes;
    auto const names = std::span(batch_arrays).first(only_deletes ? 1 : std::size(batch_arrays));
    for (std::string_view const name : batch_arrays) {
        std::string const title{name};
        json::value const* const value = given.if_contains(name);
        if (std::ranges::find(names, name) == names.end()) {
            // To pass over it in silence would hide that nothing comes of it.
            if (value) found.add(400, title + " is not supported here", '/' + title);
        } else if (!value || !value->is_array()) {
            found.add(400, title + (value ? " must be an array" : " is required"), '/' + title);
        } else if (value->get_array().size() > batch_limit) {
            found.add(400, title + " has more than " + std::to_string(batch_limit) + " items",
                      '/' + title);
        }
    }
    if (!found.empty()) return failure(found.list());

    // Everything is tried even after the first problem, so that all of them can be reported; the
    // transaction takes it back.
    store::transaction all_or_nothing(c.entries);
    json::object result(&memory);
    for (std::string_view const name : names) {
        json::array done(&memory);
        std::size_t index = 0;
        for (json::value const& item : given.at(name).get_array()) {
            std::string const at = '/' + std::string{name} + '/' + std::to_string(index++);
            if (!item.is_object()) {
                found.add(400, "must be an object", at);
            } else {
                done.push_back(apply_item(c, name, item.get_object(), at, found, &memory));
            }
            if (found.full()) return failure(found.list());
        }
        result.emplace(name, std::move(done));
    }
    if (!found.empty()) return failure(found.list());
    all_or_nothing.commit();
    return success(std::move(result));
}

}  // namespace cloudflare::inline v0::simulator
