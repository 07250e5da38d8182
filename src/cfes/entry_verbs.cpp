#include "entry_verbs.hpp"

#include "entry_finding.hpp"
#include "entry_output.hpp"
#include "entry_patterns.hpp"
#include "given_names.hpp"
#include "question.hpp"
#include "risky_patterns.hpp"
#include "tally.hpp"

#include <cloudflare/detail/counted.hpp>
#include <cloudflare/detail/invoke.hpp>
#include <cloudflare/detail/make_request.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace cfes {

namespace {

using object_ptr = std::shared_ptr<any_object>;

std::string count_entries(std::size_t count) {
    return cf::counted(count, "entry", "entries");
}

/// What a question calls an entry.
std::string describe(any_object const& entry) {
    auto const name = name_of(entry);
    return id_of(entry).text() + (name.empty() ? "" : "  ") + name;
}

/// Takes every entry that the names stand for, once; tells of the others.
std::vector<any_object> take_entries(collection_verbs const& of,
                                     std::vector<found_entries> const& found, bool ignore_missing,
                                     tally& ended) {
    std::vector<any_object> chosen;
    std::set<std::string> ids;
    for (auto const& each : found) {
        auto one = only_entry(of, each);
        if (one) {
            if (ids.insert(id_of(*one).text()).second) chosen.push_back(std::move(*one));
        } else if (ignore_missing && one.error().code() == cf::errc::not_found) {
            remark('\'' + each.asked + "' is not there");
            ended.succeed();
        } else {
            ended.fail(each.asked, one.error());
        }
    }
    return chosen;
}

asio::awaitable<int> run_get(session& with, collection_verbs of, columns shown, given_names names) {
    auto finding = find_entries(with, of, names.all, entry_reading::whole);
    auto const found = co_await std::move(finding);
    bool const is_one = names.is_one && found.front().entries.size() <= 1;
    tally ended{with, names.is_one};
    entry_output shows{with, of, shown, is_one, shown_for::question};
    for (auto const& each : found) {
        if (each.failure) {
            ended.fail(each.asked, *each.failure);
            continue;
        }
        ended.succeed();
        for (auto const& entry : each.entries) shows.add(entry);
    }
    auto const printed = shows.finish();
    co_return printed == done ? ended.status() : printed;
}

/// Asks before something is done to several entries, one of which needs no question by itself.
asio::awaitable<bool> ask_for_many(session const& with, std::string what,
                                   std::vector<any_object> const& entries) {
    question about{std::move(what), entries.size(), {}};
    for (auto const& each : entries) {
        if (about.first.size() < most_asked) about.first.push_back(describe(each));
    }
    auto asking = ask(with, std::move(about));
    co_return co_await std::move(asking);
}

asio::awaitable<int> run_edit(session& with, collection_verbs of, columns shown, given_names names,
                              object_ptr changes) {
    auto const count = names.all.size();
    bool const asks = count > 1;
    if (asks) require_answer(with, "change " + count_entries(count));
    std::vector<object_ptr> const patterns{changes};
    auto const whose = asks ? count_entries(count) : names.all.front();
    auto agreeing = agree_on_patterns(with, patterns, "change " + whose + " to");
    auto const answer = co_await std::move(agreeing);
    if (answer != done) co_return answer;
    auto const how = with.is_rehearsal() ? entry_reading::whole : entry_reading::only_ids;
    auto finding = find_entries(with, of, names.all, how);
    auto const found = co_await std::move(finding);
    tally ended{with, names.is_one};
    auto const chosen = take_entries(of, found, false, ended);
    if (asks && !chosen.empty()) {
        auto asking = ask_for_many(with, "change " + count_entries(chosen.size()), chosen);
        bool const is_agreed = co_await std::move(asking);
        if (!is_agreed) co_return failed;
    }
    entry_output shows{with, of, shown, names.is_one, shown_for::change};
    std::size_t left = chosen.size();
    for (auto const& each : chosen) {
        --left;
        auto calling = collection_for_writing(with, *of.type)
                           .call(of.type->edit, id_of(each), changes.get(), *of.type->model);
        auto const got = co_await std::move(calling);
        if (got) {
            ended.succeed();
            shows.add(*got);
            continue;
        }
        with.add_state_if_rehearsed(got.error(), *each.type().how, each.get());
        ended.fail(name_of(each).empty() ? id_of(each).text() : name_of(each), got.error());
        if (!ended.may_go_on()) break;
    }
    ended.leave(left);
    auto const printed = shows.finish();
    co_return printed == done ? ended.status() : printed;
}

asio::awaitable<int> run_replace(session& with, collection_verbs of, given_names names,
                                 object_ptr item) {
    auto const& name = names.all.front();
    std::vector<object_ptr> const patterns{item};
    auto agreeing = agree_on_patterns(with, patterns, "change " + name + " to");
    auto const answer = co_await std::move(agreeing);
    if (answer != done) co_return answer;
    auto const how = with.is_rehearsal() ? entry_reading::whole : entry_reading::only_ids;
    auto finding = find_entries(with, of, names.all, how);
    auto const found = co_await std::move(finding);
    auto const entry = only_entry(of, found.front());
    if (!entry) co_return complain_about(with, entry.error());
    auto calling = collection_for_writing(with, *of.type)
                       .call(of.type->replace, id_of(*entry), item.get(), *of.type->model);
    auto const got = co_await std::move(calling);
    if (!got) {
        with.add_state_if_rehearsed(got.error(), *entry->type().how, entry->get());
        co_return complain_about(with, got.error());
    }
    if (with.is_silent()) co_return done;
    co_return show_object(with, got->type().fields(), *got->type().how, got->get());
}

/// How entries are deleted.
struct deletion {
    bool ignore_missing = false;
    std::string harm;  ///< as `collection_info::harm`
};

asio::awaitable<cf::result<cf::deleted>> remove_entry(session const& with,
                                                      cf::detail::collection_type const& type,
                                                      cf::identifier id) {
    auto message = cf::make_request(type.remove, cf::account{with.account_id()}, id);
    auto removing = cf::invoke_remove(with.writer(), std::move(message), std::move(id), {});
    co_return co_await std::move(removing);
}

asio::awaitable<int> run_delete(session& with, collection_verbs of, columns shown,
                                given_names names, deletion how) {
    auto const count = names.all.size();
    bool const is_grave = !how.harm.empty();
    bool const asks = is_grave || count > 1;
    auto const verb = is_grave ? how.harm : std::string{"delete"};
    auto const what = [&verb, &names](std::size_t number) {
        return verb + ' ' + (number == 1 ? names.all.front() : count_entries(number));
    };
    if (asks) require_answer(with, what(count));
    // What is deleted is read first, so that it can be printed and brought back.
    auto finding = find_entries(with, of, names.all, entry_reading::whole);
    auto const found = co_await std::move(finding);
    tally ended{with, names.is_one};
    auto const chosen = take_entries(of, found, how.ignore_missing, ended);
    if (asks && !chosen.empty()) {
        auto const number = chosen.size();
        auto about = number == count ? what(number) : verb + ' ' + count_entries(number);
        auto asking = ask_for_many(with, std::move(about), chosen);
        bool const is_agreed = co_await std::move(asking);
        if (!is_agreed) co_return failed;
    }
    entry_output shows{with, of, shown, names.is_one, shown_for::change};
    std::size_t left = chosen.size();
    bool is_shown = false;
    for (auto const& each : chosen) {
        --left;
        auto const name = name_of(each).empty() ? id_of(each).text() : name_of(each);
        auto removing = remove_entry(with, *of.type, id_of(each));
        auto const got = co_await std::move(removing);
        if (got) {
            ended.succeed();
            shows.add(each);
            is_shown = true;
        } else if (how.ignore_missing && got.error().code() == cf::errc::not_found) {
            remark('\'' + name + "' is not there any more");
            ended.succeed();
        } else {
            with.add_state_if_rehearsed(got.error(), *each.type().how, each.get());
            ended.fail(name, got.error());
            if (!ended.may_go_on()) break;
        }
    }
    ended.leave(left);
    bool const is_nothing =
        names.is_one && !is_shown && ended.status() == done && !with.is_rehearsal();
    if (is_nothing && is_document(with.output()) && !print("null\n")) co_return failed;
    auto const printed = shows.finish();
    co_return printed == done ? ended.status() : printed;
}

std::string help_of_names(collection_verbs const& of, bool is_many) {
    std::string const name{naming_field(of)};
    return is_many ? "The entries, by id or " + name + "; - is stdin, one a line"
                   : "The entry, by id or " + name;
}

std::shared_ptr<std::vector<std::string>> add_names(CLI::App& verb, collection_verbs const& of) {
    return add_ids(verb, help_of_names(of, true));
}

}  // namespace

void add_get(command_line& line, CLI::App& collection, collection_verbs const& verbs,
             collection_info const& info) {
    auto& verb = *collection.add_subcommand("get", "Show entries");
    line.rows[&verb] = {verbs.type->model->fields(), info.shown};
    auto const names = add_names(verb, verbs);
    on_verb(line, verb, [verbs, names, shown = info.shown] {
        return [verbs, shown, names = read_names(*names)](session& with) {
            return run_get(with, verbs, shown, names);
        };
    });
}

void add_edit(command_line& line, CLI::App& collection, collection_verbs const& verbs,
              collection_info const& info) {
    auto& verb = *collection.add_subcommand("edit", "Change the given fields of entries");
    verb.alias("update");
    line.rows[&verb] = {verbs.type->model->fields(), info.shown};
    auto const names = add_names(verb, verbs);
    auto const changes =
        add_field_options(verb, *verbs.type->patch, {.helps = info.helps, .can_clear = true});
    add_dry_run(line, verb);
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [verbs, names, changes, type, shown = info.shown] {
        recognise(*changes, type && type->count() > 0);
        require_valid(changes->validate());
        return [verbs, shown, names = read_names(*names), changes](session& with) {
            return run_edit(with, verbs, shown, names, changes);
        };
    });
}

void add_replace(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                 collection_info const& info) {
    auto& verb = *collection.add_subcommand(
        "replace", "Replace an entry as a whole: what is not given is reset");
    auto const name = add_id(verb, help_of_names(verbs, false));
    auto const item =
        add_field_options(verb, *verbs.replacement,
                          {.helps = info.helps, .required = info.required, .can_clear = true});
    add_dry_run(line, verb);
    auto const* const type = verb.get_option_no_throw("--pattern-type");
    on_verb(line, verb, [verbs, name, item, type] {
        require_whole_entry(*item, type && type->count() > 0);
        auto names = read_names({*name});
        if (!names.is_one) throw usage_error("replace takes one id, and none from stdin");
        return
            [verbs, names, item](session& with) { return run_replace(with, verbs, names, item); };
    });
}

void add_delete(command_line& line, CLI::App& collection, collection_verbs const& verbs,
                collection_info const& info) {
    auto& verb = *collection.add_subcommand("delete", "Delete entries, and print what they were");
    line.rows[&verb] = {verbs.type->model->fields(), info.shown};
    auto const names = add_names(verb, verbs);
    auto const how = std::make_shared<deletion>();
    how->harm = info.harm;
    verb.add_flag("--ignore-missing", how->ignore_missing,
                  "One that is not there counts as deleted");
    add_dry_run(line, verb);
    on_verb(line, verb, [verbs, names, how, shown = info.shown] {
        return [verbs, shown, names = read_names(*names), how](session& with) {
            return run_delete(with, verbs, shown, names, *how);
        };
    });
}

}  // namespace cfes
