#include "operations.hpp"
#include "text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;
namespace urls = boost::urls;

namespace {

/// What a field must be; of several values, any.
struct list_filter {
    std::string_view parameter;
    std::size_t index = 0;
    bool first_item = false;
    std::vector<json::value> wanted;
};

/// The list's query, understood.
struct list_query {
    std::uint64_t page = 1;
    std::uint64_t per_page = 20;
    bool descending = false;
    std::optional<std::size_t> order;
    /// Empty when there is none.
    std::string search;
    std::vector<list_filter> filters;

    bool selects_all() const noexcept { return search.empty() && filters.empty(); }
};

/// What `text` stands for as a value of the field; nothing when it is none.
std::optional<json::value> to_value(field const& f, std::string const& text) {
    switch (f.type) {
        case field_type::boolean:
            if (text == "true") return json::value(true);
            if (text == "false") return json::value(false);
            return std::nullopt;
        case field_type::integer:
            if (auto const number = to_number<std::uint64_t>(text)) return json::value(*number);
            return std::nullopt;
        case field_type::object:
            return std::nullopt;
        case field_type::text:
        case field_type::text_list:
            if (!f.values.empty() && std::ranges::find(f.values, text) == f.values.end()) {
                return std::nullopt;
            }
            return json::value(text);
    }
    return std::nullopt;
}

/// The filter that a parameter's name stands for; null when it stands for none.
list_filter* find_filter(collection const& c, std::string_view name, list_query& query) {
    auto const known = std::ranges::find(query.filters, name, &list_filter::parameter);
    if (known != query.filters.end()) return &*known;
    auto const other = std::ranges::find(c.parameters, name, &list_parameter::name);
    if (other != c.parameters.end()) {
        query.filters.push_back({other->name, *c.find(other->field_name), other->first_item, {}});
        return &query.filters.back();
    }
    auto const index = c.find(name);
    if (!index || !c.fields[*index].filter) return nullptr;
    query.filters.push_back({c.fields[*index].name, *index, false, {}});
    return &query.filters.back();
}

list_query read_query(collection const& c, urls::params_view query, problems& found) {
    list_query result;
    // Without fields for them these parameters are unknown, and unknown ones are passed over.
    bool const has_order = std::ranges::any_of(c.fields, &field::order);
    bool const has_search = std::ranges::any_of(c.fields, &field::search);
    for (urls::param const parameter : query) {
        std::string const& name = parameter.key;
        std::string const& value = parameter.value;
        auto const refuse = [&] {
            found.add(400, "query parameter " + name + " has an invalid value", {});
        };
        if (name == "page" || name == "per_page") {
            auto const number = to_number<std::uint64_t>(value);
            bool const fits = number && *number >= 1 && (name == "page" || *number <= 1000);
            if (!fits) {
                refuse();
            } else {
                (name == "page" ? result.page : result.per_page) = *number;
            }
        } else if (name == "direction" && has_order) {
            if (value != "asc" && value != "desc") refuse();
            result.descending = value == "desc";
        } else if (name == "order" && has_order) {
            result.order = c.find(value);
            bool const known = result.order ? c.fields[*result.order].order : value == "created_at";
            if (!known) refuse();
        } else if (name == "search" && has_search) {
            result.search = value;
        } else if (list_filter* const filter = find_filter(c, name, result)) {
            if (auto wanted = to_value(c.fields[filter->index], value)) {
                filter->wanted.push_back(*std::move(wanted));
            } else {
                refuse();
            }
        }
    }
    return result;
}

bool contains(json::value const& value, std::string_view part) {
    auto const* const text = value.if_string();
    return text && contains_ignoring_case(*text, part);
}

bool matches(list_filter const& filter, json::value const& value) {
    auto const is_wanted = [&](json::value const& one) {
        return std::ranges::find(filter.wanted, one) != filter.wanted.end();
    };
    auto const* const items = value.if_array();
    if (!items) return is_wanted(value);
    if (filter.first_item) return !items->empty() && is_wanted(items->front());
    return std::ranges::any_of(*items, is_wanted);
}

bool matches(collection const& c, list_query const& query, row const& values) {
    for (list_filter const& filter : query.filters) {
        if (!matches(filter, values[filter.index])) return false;
    }
    if (query.search.empty()) return true;
    for (std::size_t i = 0; i != c.fields.size(); ++i) {
        if (c.fields[i].search && contains(values[i], query.search)) return true;
    }
    return false;
}

/// The slots of the page that was asked for.
std::vector<store::slot> select_page(store& entries, list_query const& query) {
    std::vector<store::slot> page;
    std::span<store::slot const> const all = entries.in_order(query.order);
    auto const at = [&](std::size_t i) { return all[query.descending ? all.size() - 1 - i : i]; };

    // The product of two large numbers would wrap; no list is longer than a slot can count.
    std::uint64_t const before = std::min<std::uint64_t>(query.page - 1, all.size());
    std::uint64_t to_skip = before * query.per_page;
    std::size_t i = 0;
    if (query.selects_all()) {
        i = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip, all.size()));
        to_skip = 0;
    }
    for (; i != all.size() && page.size() != query.per_page; ++i) {
        if (!matches(entries.described(), query, entries[at(i)].values)) continue;
        if (to_skip != 0) {
            --to_skip;
        } else {
            page.push_back(at(i));
        }
    }
    return page;
}

}  // namespace

reply list_entries(operation_context c, urls::params_view query) {
    problems found;
    list_query const asked = read_query(c.entries.described(), query, found);
    if (!found.empty()) return failure(found.list());

    json::monotonic_resource memory;
    json::array result(&memory);
    for (store::slot const where : select_page(c.entries, asked)) {
        result.push_back(render(c, where, &memory));
    }
    json::object info(&memory);
    info["count"] = result.size();
    info["page"] = asked.page;
    info["per_page"] = asked.per_page;
    // All that there are, whatever the filters: this is what the API says.
    info["total_count"] = c.entries.size();
    return success(std::move(result), std::move(info));
}

}  // namespace cloudflare::inline v0::simulator
