#include "entry_finding.hpp"

#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

namespace cfes {

namespace {

std::string text_of(wire::field const& field, any_object const& entry) {
    auto* const at = field.address(const_cast<any_object&>(entry).get());
    return field.how->is_present(at) ? wire::to_text(*field.how, at) : std::string{};
}

std::string lowered(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return text;
}

/// A UUID or a number, as identifiers are: it names nothing else.
bool is_identifier(std::string_view text) {
    constexpr std::size_t length_of_uuid = 36;
    bool is_uuid = text.size() == length_of_uuid;
    for (std::size_t i = 0; is_uuid && i != text.size(); ++i) {
        bool const is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        auto const c = static_cast<unsigned char>(text[i]);
        is_uuid = is_dash ? c == '-' : std::isxdigit(c) != 0;
    }
    bool const is_number =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return is_uuid || is_number;
}

/// Whether it may be an identifier of a form that is not known here.
bool may_be_identifier(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) {
        return c == '-' || c == '_' || (c < 0x80 && std::isalnum(c) != 0);
    });
}

/// The ways in which the API may hold a name: as given, in lower case, in canonical form.
std::vector<std::string> spellings_of(std::string const& name) {
    std::vector<std::string> all{name};
    auto const add = [&all](std::string spelling) {
        if (std::ranges::find(all, spelling) == all.end()) all.push_back(std::move(spelling));
    };
    if (auto const read = es::read_patterns(name); read && read->size() == 1) {
        add(read->front().pattern);
        add(lowered(read->front().pattern));
    }
    add(lowered(name));
    return all;
}

/// A text that names have in common when they name the same.
std::string key_of(std::string const& name) {
    auto const read = es::read_patterns(name);
    return lowered(read && read->size() == 1 ? read->front().pattern : name);
}

/// Keeps those entries of a list that somebody asked for.
class wanted_entries final : public cf::detail::any_list_visitor {
public:
    explicit wanted_entries(std::vector<std::string> const& asked) {
        for (auto const& each : asked) {
            ids_.insert(each);
            keys_.insert(key_of(each));
        }
    }

    void restart() override {
        by_id_.clear();
        by_key_.clear();
    }
    void take(std::size_t, object_list entries) override {
        for (std::size_t i = 0; i != entries.size(); ++i) {
            any_object one{entries.type(), std::as_const(entries)[i]};
            auto id = id_of(one).text();
            auto const name = name_of(one);
            auto key = name.empty() ? name : key_of(name);
            if (ids_.contains(id)) by_id_.emplace(std::move(id), one);
            if (!key.empty() && keys_.contains(key)) by_key_.emplace(std::move(key), one);
        }
    }

    /// Those of a name. An identifier comes before a name.
    std::vector<any_object> take_of(std::string const& asked) const {
        if (auto const found = by_id_.find(asked); found != by_id_.end()) return {found->second};
        std::vector<any_object> found;
        auto const [begin, end] = by_key_.equal_range(key_of(asked));
        for (auto each = begin; each != end; ++each) found.push_back(each->second);
        return found;
    }

private:
    std::set<std::string> ids_;
    std::set<std::string> keys_;
    std::map<std::string, any_object> by_id_;
    std::multimap<std::string, any_object> by_key_;
};

cf::error missing(collection_verbs const& of) {
    auto const what = std::string{naming_field(of)};
    return cf::error{cf::errc::not_found, "there is no entry with this id or " + what};
}

/// One that has an identifier and nothing else.
any_object only_id(collection_verbs const& of, std::string const& id) {
    any_object made{*of.type->model};
    auto const& field = of.type->model->fields().front();
    wire::from_text(*field.how, field.address(made.get()), id);
    return made;
}

using found_by_name = cf::result<std::vector<any_object>>;

asio::awaitable<found_by_name> find_by_id(session const& with, collection_verbs const& of,
                                          std::string const& id) {
    auto const& type = *of.type;
    auto reading =
        collection_in(with, type).call(type.get, cf::identifier{id}, nullptr, *type.model);
    auto got = co_await std::move(reading);
    if (!got) co_return got.error();
    std::vector<any_object> all;
    all.push_back(std::move(*got));
    co_return std::move(all);
}

/// Reads what passes a filter.
asio::awaitable<cf::result<void>> read_list(session const& with, collection_verbs const& of,
                                            any_object which, wanted_entries& into) {
    constexpr std::size_t at_a_time = 4;
    auto reading = collection_in(with, *of.type).visit_all(into, std::move(which), {}, at_a_time);
    co_return co_await std::move(reading);
}

asio::awaitable<found_by_name> find_by_name(session const& with, collection_verbs const& of,
                                            std::string const& name) {
    auto const* const filter = find_field(of.type->filter->fields(), naming_field(of));
    std::vector<std::string> const asked{name};
    auto spellings = filter ? spellings_of(name) : asked;
    for (auto const& each : spellings) {
        any_object which{*of.type->filter};
        if (filter) wire::from_text(*filter->how, filter->address(which.get()), each);
        wanted_entries kept{asked};
        auto reading = read_list(with, of, std::move(which), kept);
        auto const read = co_await std::move(reading);
        if (!read) co_return read.error();
        auto found = kept.take_of(name);
        if (!found.empty()) co_return std::move(found);
    }
    co_return missing(of);
}

asio::awaitable<found_by_name> find_one(session const& with, collection_verbs const& of,
                                        std::string const& asked, entry_reading how) {
    bool const is_id = is_identifier(asked);
    if (is_id && how == entry_reading::only_ids) {
        std::vector<any_object> all;
        all.push_back(only_id(of, asked));
        co_return std::move(all);
    }
    if (is_id) {
        auto reading = find_by_id(with, of, asked);
        co_return co_await std::move(reading);
    }
    auto searching = find_by_name(with, of, asked);
    auto found = co_await std::move(searching);
    bool const is_missing = !found && found.error().code() == cf::errc::not_found;
    if (!is_missing || !may_be_identifier(asked)) co_return std::move(found);
    auto reading = find_by_id(with, of, asked);
    co_return co_await std::move(reading);
}

/// How many pages the whole list has; empty when that is not told.
asio::awaitable<cf::result<std::optional<std::size_t>>> count_pages(session const& with,
                                                                    collection_verbs const& of) {
    any_object which{*of.type->filter};
    of.type->set_page(which.get(), -1, 1, 1);
    object_list entries{*of.type->model};
    cf::page_info info;
    cf::call_options const options;
    auto const from = collection_in(with, *of.type);
    auto reading = from.read_page(which, entries, info, options);
    auto const read = co_await std::move(reading);
    if (!read) co_return read.error();
    std::optional<std::size_t> count;
    if (info.total_count && *info.total_count >= 0) {
        count = static_cast<std::size_t>(*info.total_count / cf::max_page_size) + 1;
    }
    co_return count;
}

}  // namespace

std::string_view naming_field(collection_verbs const& of) {
    return of.type->model->fields()[1].name;
}

std::string name_of(any_object const& entry) {
    return text_of(entry.type().fields()[1], entry);
}

cf::identifier id_of(any_object const& entry) {
    return cf::identifier{text_of(entry.type().fields()[0], entry)};
}

asio::awaitable<std::vector<found_entries>> find_entries(session const& with,
                                                         collection_verbs const& of,
                                                         std::vector<std::string> const& asked,
                                                         entry_reading how) {
    std::vector<found_entries> all;
    // So few that it is not worth to ask how long the list is.
    constexpr std::size_t few = 5;
    if (asked.size() > few) {
        auto counting = count_pages(with, of);
        auto const pages = co_await std::move(counting);
        std::optional<cf::error> failure;
        if (!pages) failure = pages.error();
        if (pages && *pages && **pages < asked.size()) {
            wanted_entries kept{asked};
            any_object every{*of.type->filter};
            auto reading = read_list(with, of, std::move(every), kept);
            auto const read = co_await std::move(reading);
            if (!read) failure = read.error();
            for (auto const& each : asked) {
                auto& one = all.emplace_back();
                one.asked = each;
                one.entries = kept.take_of(each);
                if (one.entries.empty()) one.failure = failure.value_or(missing(of));
            }
            co_return all;
        }
        if (failure) {
            for (auto const& each : asked) {
                auto& one = all.emplace_back();
                one.asked = each;
                one.failure = failure;
            }
            co_return all;
        }
    }
    std::optional<cf::error> over;
    for (auto const& each : asked) {
        found_entries one;
        one.asked = each;
        if (over) {
            one.failure = over;
        } else {
            auto finding = find_one(with, of, each, how);
            auto found = co_await std::move(finding);
            if (found) {
                one.entries = std::move(*found);
            } else {
                one.failure = found.error();
                // The others would end likewise, each after its time.
                if (found.error().code() != cf::errc::not_found) over = found.error();
            }
        }
        all.push_back(std::move(one));
    }
    co_return all;
}

cf::result<any_object> only_entry(collection_verbs const& of, found_entries const& found) {
    if (found.failure) return *found.failure;
    if (found.entries.size() == 1) return found.entries.front();
    std::string ids;
    for (auto const& each : found.entries) ids += (ids.empty() ? "" : ", ") + id_of(each).text();
    return cf::error{
        cf::errc::conflict,
        "several entries have this " + std::string{naming_field(of)} + ": give one of " + ids};
}

}  // namespace cfes
