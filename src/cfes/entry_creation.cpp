#include "entry_finding.hpp"
#include "entry_output.hpp"
#include "entry_patterns.hpp"
#include "entry_verbs.hpp"
#include "given_names.hpp"
#include "risky_patterns.hpp"
#include "tally.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <utility>

namespace cfes {

namespace {

using object_ptr = std::shared_ptr<any_object>;

/// What the command line says of new entries.
struct creation {
    std::vector<std::string> names;  ///< arguments
    bool if_absent = false;
};

/// The option that may be given as arguments, too: it is what an entry is about. Empty: none.
std::string_view argument_of(collection_info const& info) {
    auto const& first = info.required.front();
    return first == "pattern" || first == "domain" ? first : std::string_view{};
}

/// Finds an entry with the key of a new one.
class same_key final : public cf::detail::any_list_visitor {
public:
    same_key(collection_verbs const& of, any_object const& wanted) : of_{&of}, wanted_{&wanted} {}

    void restart() override { there.reset(); }
    void take(std::size_t, object_list entries) override {
        for (std::size_t i = 0; i != entries.size(); ++i) {
            auto const* const each = std::as_const(entries)[i];
            auto const match = of_->compare(each, wanted_->get());
            // One that is as wanted tells more than one that differs.
            if (match == cf::entry_match::other || (there && is_as_wanted)) continue;
            there.emplace(entries.type(), each);
            is_as_wanted = match == cf::entry_match::same;
        }
    }

    std::optional<any_object> there;
    bool is_as_wanted = false;

private:
    collection_verbs const* of_;
    any_object const* wanted_;
};

/// The entry that has the key of a new one already, if there is one; says that it is there.
asio::awaitable<cf::result<std::optional<any_object>>> find_same(session const& with,
                                                                 collection_verbs const& of,
                                                                 any_object const& item) {
    same_key looks{of, item};
    auto filters = of.candidates(item);
    for (auto& each : filters) {
        constexpr std::size_t at_a_time = 4;
        auto reading =
            collection_in(with, *of.type).visit_all(looks, std::move(each), {}, at_a_time);
        auto const read = co_await std::move(reading);
        if (!read) co_return read.error();
        if (looks.there) break;
    }
    if (looks.there) {
        auto const name = '\'' + name_of(*looks.there) + '\'';
        remark(name + (looks.is_as_wanted ? " is there already"
                                          : " is there already, with other values; it is left so"));
    }
    co_return std::move(looks.there);
}

/// The new entries that the arguments name, each like the one of the options.
std::vector<object_ptr> items_of(any_object const& like, std::vector<std::string> const& names,
                                 std::string_view field, bool has_type) {
    std::vector<object_ptr> items;
    auto const add = [&](std::string_view name, std::string_view type) {
        auto const one = std::make_shared<any_object>(like);
        set_field(*one, field, name);
        if (!type.empty()) set_field(*one, "pattern_type", type);
        require_whole_entry(*one, has_type || !type.empty());
        items.push_back(one);
    };
    bool const is_of_senders = find_field(like.type().fields(), "pattern_type") != nullptr;
    bool const is_read = is_of_senders && get_field(like, "is_regex") != "true";
    std::optional<es::pattern_type> type;
    if (has_type) type = cf::from_wire_name<es::pattern_type>(get_field(like, "pattern_type"));
    for (auto const& each : names) {
        if (!is_read) {
            add(each, {});
            continue;
        }
        auto const patterns = patterns_in(each, type);
        for (auto const& one : patterns) add(one.pattern, cf::wire_name(one.type));
    }
    return items;
}

}  // namespace

asio::awaitable<int> create_entries(session& with, collection_verbs of, columns shown,
                                    std::vector<object_ptr> items, creation_manner how) {
    tally ended{with, how.is_one};
    entry_output shows{with, of, shown, how.is_one, shown_for::change};
    std::vector<object_ptr> missing;
    for (auto const& each : items) {
        if (!how.if_absent) {
            missing.push_back(each);
            continue;
        }
        auto looking = find_same(with, of, *each);
        auto const there = co_await std::move(looking);
        if (!there) co_return complain_about(with, there.error());
        if (*there) {
            ended.succeed();
            shows.add(**there);
        } else {
            missing.push_back(each);
        }
    }
    auto agreeing = agree_on_patterns(with, missing, how.verb);
    auto const answer = co_await std::move(agreeing);
    if (answer != done) co_return answer;
    std::size_t left = missing.size();
    for (auto const& each : missing) {
        --left;
        auto creating = of.create(with, *each);
        auto const got = co_await std::move(creating);
        if (got) {
            ended.succeed();
            shows.add(*got);
            continue;
        }
        std::optional<any_object> there;
        if (how.if_absent && got.error().code() == cf::errc::conflict) {
            // Somebody else was faster.
            auto looking = find_same(with, of, *each);
            auto again = co_await std::move(looking);
            if (again) there = std::move(*again);
        }
        if (there) {
            ended.succeed();
            shows.add(*there);
            continue;
        }
        ended.fail(get_field(*each, naming_field(of)), got.error());
        if (!ended.may_go_on()) break;
    }
    ended.leave(left);
    auto const printed = shows.finish();
    co_return printed == done ? ended.status() : printed;
}

void add_if_absent(CLI::App& verb, bool& into) {
    verb.add_flag("--if-absent", into, "Show an entry that is there already, and create no other");
}

void add_create(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                collection_info const& info) {
    auto& verb = *collection.add_subcommand("create", "Create an entry");
    line.rows[&verb] = {verbs.type->model->fields(), info.shown};
    auto const given = std::make_shared<creation>();
    auto const field = argument_of(info);
    if (!field.empty()) {
        std::string name{field};
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        verb.description("Create entries");
        verb.add_option(name, given->names,
                        "The same as " + option_name(field) + ", for each an entry; - is stdin")
            ->type_name("");
    }
    auto const item = add_field_options(verb, *verbs.type->new_item,
                                        {.helps = info.helps, .required = info.required});
    auto const* const named = field.empty() ? nullptr : verb.get_option(option_name(field));
    if (named) verb.get_option(option_name(field))->required(false);
    add_if_absent(verb, given->if_absent);
    add_dry_run(line, verb);
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [verbs, item, type, named, field, given, shown = info.shown] {
        bool const has_type = type && type->count() > 0;
        auto const is_given = named && named->count() > 0;
        std::vector<object_ptr> items;
        bool is_one = true;
        if (named && is_given == !given->names.empty()) {
            throw usage_error(is_given ? option_name(field) + " and arguments exclude each other"
                                       : option_name(field) + " is required, or an argument");
        }
        if (given->names.empty()) {
            require_whole_entry(*item, has_type);
            items.push_back(item);
        } else {
            auto const names = read_names(given->names);
            items = items_of(*item, names.all, field, has_type);
            is_one = names.is_one && items.size() == 1;
        }
        creation_manner how;
        how.is_one = is_one;
        how.if_absent = given->if_absent;
        return [verbs, shown, items, how](session& with) {
            return create_entries(with, verbs, shown, items, how);
        };
    });
}

}  // namespace cfes
