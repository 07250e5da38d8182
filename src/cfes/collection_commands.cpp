#include "collection_commands.hpp"

#include "entry_verbs.hpp"
#include "files.hpp"
#include "question.hpp"

#include <cloudflare/detail/counted.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <boost/describe/class.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace cfes {

namespace wire = cf::wire;

namespace {

using object_ptr = std::shared_ptr<any_object>;

std::string text_of(wire::field const& field, any_object& object) {
    return wire::to_text(*field.how, field.address(object.get()));
}

int show_result(session const& with, cf::result<any_object> const& got) {
    if (!got) return complain_about(with, got.error());
    return show_object(with, got->type().fields(), *got->type().how, got->get());
}

/// A number of a filter.
std::optional<std::int64_t> number_of(any_object& filter, std::string_view name) {
    auto const* const field = find_field(filter.type().fields(), name);
    auto const text = field ? text_of(*field, filter) : std::string{};
    if (text.empty()) return std::nullopt;
    return std::stoll(text);
}

/// Ends the reading of a list of which no more is to be shown.
struct enough_rows {};

/// Gives the rows of a list to the writer in their order, as soon as all before them are there.
class list_printer final : public cf::detail::any_list_visitor {
public:
    /// The writer must outlive it.
    list_printer(row_writer& rows, std::size_t page_size) : rows_{rows}, page_size_{page_size} {}

    /// It takes one reading, in which no entry comes twice.
    void restart() override {}
    void expect(std::size_t count) override { rows_.expect(count); }
    void take(std::size_t position, object_list entries) override {
        waiting_.emplace(position, std::move(entries));
        // Where others change the list, one may begin before the end of another, and two at one
        // place.
        while (!waiting_.empty() && waiting_.begin()->first <= next_) {
            auto const first = waiting_.begin();
            next_ = std::max(next_, first->first + first->second.size());
            print_page(first->second);
            waiting_.erase(first);
        }
        if (!rows_.wants_more()) throw enough_rows{};
    }
    /// What stood behind entries that are not there any more.
    void print_rest() {
        for (auto const& [position, page] : waiting_) print_page(page);
        waiting_.clear();
    }

private:
    void print_page(object_list const& page) {
        for (std::size_t i = 0; i != page.size(); ++i) rows_.add(page[i]);
        // A page that is not full is mostly the last: then all widths are known.
        if (page.size() >= page_size_) rows_.flush();
    }

    row_writer& rows_;
    std::size_t page_size_;
    std::size_t next_ = 0;
    std::multimap<std::size_t, object_list> waiting_;
};

/// The page that the filter names, or all of them, in pages as large as the filter says.
asio::awaitable<int> run_list(session& with, cf::detail::collection_type const& of,
                              any_object which, columns shown) {
    row_writer rows{with.output(), with.rows(), {of.model->fields(), std::move(shown)}};
    auto const from = collection_in(with, of);
    auto const page = number_of(which, "page");
    auto const size = number_of(which, "per_page");
    list_printer printer{rows, static_cast<std::size_t>(size.value_or(cf::max_page_size))};
    cf::result<void> read;
    if (page) {
        object_list all{*of.model};
        cf::page_info info;
        cf::call_options const options;
        auto reading = from.read_page(which, all, info, options);
        read = co_await std::move(reading);
        for (std::size_t i = 0; i != all.size(); ++i) rows.add(all[i]);
        bool const is_filtered = of.is_restricted(which.get());
        if (info.total_count && !is_filtered) {
            rows.expect(static_cast<std::size_t>(std::max<std::int64_t>(*info.total_count, 0)));
        }
    } else {
        constexpr std::size_t at_a_time = 4;
        auto reading = size ? from.visit_pages(printer, std::move(which), 1, *size)
                            : from.visit_all(printer, std::move(which), {}, at_a_time);
        try {
            read = co_await std::move(reading);
        } catch (enough_rows const&) {
        }
        printer.print_rest();
    }
    if (!read) co_return complain_about(with, read.error());
    co_return rows.finish(!page);
}

/// What was done with an entry of a batch.
struct batch_line {
    std::string done;
    cf::identifier id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(batch_line, (), (done, id, name))

/// A line for each entry of a batch: what was done, and the field that names the entry, which is
/// the one after the identifier.
int show_batch(session const& with, any_object const& got, object_type const& model) {
    auto const described = wire::fields_of<batch_line>();
    std::vector fields(described.begin(), described.end());
    auto const name = model.fields()[1].name;
    fields.back().name = name;
    bool const only_deletes = got.type().fields().size() == 1;
    if (only_deletes) fields.pop_back();
    row_writer rows{with.output(), with.rows(), {fields}};
    auto const tree = to_tree(*got.type().how, got.get());
    auto const text_at = [](boost::json::value const& object, std::string_view member) {
        auto const* const found = object.get_object().if_contains(member);
        return found ? to_text(*found) : std::string{};
    };
    for (auto const& [kind, what] :
         {std::pair{"deletes", "deleted"}, std::pair{"patches", "edited"},
          std::pair{"puts", "replaced"}, std::pair{"posts", "created"}}) {
        auto const* const entries = tree.get_object().if_contains(kind);
        if (!entries) continue;
        for (auto const& each : entries->get_array()) {
            batch_line const line{what, cf::identifier{text_at(each, "id")}, text_at(each, name)};
            rows.add(&line);
        }
    }
    return rows.finish();
}

/// What a batch does to entries that are there.
struct batch_harm {
    std::string what;  ///< as `delete 3 entries, edit 1 entry`
    std::size_t count = 0;
    bool is_grave = false;  ///< one is enough to ask
};

batch_harm harm_of(any_object const& changes, std::string const& harm_of_delete) {
    batch_harm found;
    auto const tree = to_tree(*changes.type().how, changes.get());
    auto const add = [&](std::string_view kind, std::string const& verb) {
        auto const* const entries = tree.get_object().if_contains(kind);
        auto const count = entries ? entries->get_array().size() : 0;
        if (count == 0) return false;
        found.what +=
            (found.what.empty() ? "" : ", ") + verb + ' ' + cf::counted(count, "entry", "entries");
        found.count += count;
        return true;
    };
    bool const has_deletes = add("deletes", harm_of_delete.empty() ? "delete" : harm_of_delete);
    found.is_grave = has_deletes && !harm_of_delete.empty();
    add("patches", "edit");
    add("puts", "replace");
    return found;
}

/// The first identifiers in it, for a question.
std::vector<std::string> first_of_batch(any_object const& changes) {
    std::vector<std::string> texts;
    auto const tree = to_tree(*changes.type().how, changes.get());
    for (auto const* const kind : {"deletes", "patches", "puts"}) {
        auto const* const entries = tree.get_object().if_contains(kind);
        if (!entries) continue;
        for (auto const& each : entries->get_array()) {
            auto const* const id = each.get_object().if_contains("id");
            if (id && texts.size() < most_asked) texts.push_back(to_text(*id));
        }
    }
    return texts;
}

asio::awaitable<int> run_batch(session& with, collection_verbs verbs, object_ptr changes,
                               std::string harm) {
    auto const found = harm_of(*changes, harm);
    if (found.count > 1 || found.is_grave) {
        question about{found.what, found.count, first_of_batch(*changes)};
        auto asking = ask(with, std::move(about));
        bool const is_agreed = co_await std::move(asking);
        if (!is_agreed) co_return failed;
    }
    auto const& of = *verbs.type;
    auto sending = collection_for_writing(with, of).call(of.batch, std::nullopt, changes.get(),
                                                         *verbs.batch_result);
    auto const got = co_await std::move(sending);
    if (!got || with.output() == output_form::json) co_return show_result(with, got);
    if (with.is_silent()) co_return done;
    co_return show_batch(with, *got, *of.model);
}

void add_list(command_line& line, CLI::App& collection, collection_verbs const& verbs,
              collection_info const& info) {
    auto& verb = *collection.add_subcommand("list", "List entries, all of them by default");
    line.rows[&verb] = {verbs.type->model->fields(), info.shown};
    auto const which = add_field_options(verb, *verbs.type->filter, {.helps = info.helps});
    on_verb(line, verb, [&of = *verbs.type, which, shown = info.shown] {
        require_valid(which->validate());
        return [&of, which, shown](session& with) { return run_list(with, of, *which, shown); };
    });
}

/// What a put of a batch must have: all that is sent of it in any case. What a document leaves out
/// would be replaced by a default that nobody asked for, as `enabled`.
required_members puts_of(collection_verbs const& verbs) {
    required_members made;
    if (!verbs.put) return made;
    made.array = "puts";
    any_object const bare{*verbs.put};
    std::string text;
    wire::append_json(*verbs.put->how, bare.get(), text);
    auto const document = boost::json::parse(text);
    for (auto const& each : document.as_object()) {
        made.names.emplace_back(each.key());
    }
    return made;
}

void add_batch(command_line& line, CLI::App& collection, collection_verbs const& verbs,
               collection_info const& info) {
    bool const only_deletes = verbs.batch_only_deletes;
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
    add_dry_run(line, verb);
    on_verb(line, verb, [verbs, path, harm = info.harm] {
        auto const changes = std::make_shared<any_object>(*verbs.batch);
        read_json_file(*path, {&wire::codec_for<any_object>(), changes.get()}, puts_of(verbs));
        if (auto const valid = changes->validate(); !valid) {
            throw usage_error(*path + ": " + valid.error().detail());
        }
        return
            [verbs, changes, harm](session& with) { return run_batch(with, verbs, changes, harm); };
    });
}

}  // namespace

any_collection collection_in(session const& with, cf::detail::collection_type const& type) {
    return {with.client(), cf::account{with.account_id()}, type};
}

any_collection collection_for_writing(session const& with,
                                      cf::detail::collection_type const& type) {
    return {with.writer(), cf::account{with.account_id()}, type};
}

CLI::App& add_collection_verbs(command_line& line, collection_verbs const& verbs,
                               collection_info const& info) {
    auto& collection = add_collection(line, area::settings, info.name, info.what);
    add_create(line, collection, verbs, info);
    add_get(line, collection, verbs, info);
    add_list(line, collection, verbs, info);
    add_edit(line, collection, verbs, info);
    if (verbs.replacement) add_replace(line, collection, verbs, info);
    add_delete(line, collection, verbs, info);
    if (verbs.batch) add_batch(line, collection, verbs, info);
    group_verbs(collection, "Entries");
    return collection;
}

}  // namespace cfes
