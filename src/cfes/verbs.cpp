#include "verbs.hpp"

#include <boost/json/object.hpp>

namespace cfes {

void require_valid(cf::result<void> const& valid) {
    if (!valid) throw usage_error(valid.error().detail());
}

cf::identifier to_identifier(std::string const& text) {
    cf::identifier id{text};
    require_valid(cf::check_identifier(id));
    return id;
}

namespace {

boost::json::object choose_members(boost::json::object const& of,
                                   std::vector<std::string> const& names) {
    boost::json::object chosen;
    for (auto const& each : names) {
        if (auto const* const found = of.if_contains(each)) chosen[each] = *found;
    }
    return chosen;
}

}  // namespace

int show_object(session const& with, std::span<wire::field const> fields, wire::codec const& how,
                void const* object) {
    auto const form = with.output();
    row_writer rows{form, with.rows(), {fields}};
    if (form == output_form::json) {
        return print(to_shown_json(rows.to_json(object) + '\n')) ? done : failed;
    }
    if (form == output_form::table || form == output_form::wide) {
        auto tree = to_tree(how, object);
        if (auto const& names = with.rows().columns; !names.empty()) {
            tree = choose_members(tree.get_object(), names);
        }
        return print(to_record(tree)) ? done : failed;
    }
    rows.add(object);
    return rows.finish();
}

int show_either(session const& with, std::string const& document, std::string const& text) {
    bool const is_json = is_document(with.output());
    return print((is_json ? document : text) + '\n') ? done : failed;
}

void add_dry_run(command_line& line, CLI::App& verb) {
    verb.add_flag("--dry-run", line.globals.dry_run, "Tell what would be sent, and send nothing");
}

std::shared_ptr<std::string> add_id(CLI::App& verb, std::string const& what) {
    auto id = std::make_shared<std::string>();
    verb.add_option("ID", *id, what)->required()->type_name("");
    return id;
}

std::shared_ptr<std::vector<std::string>> add_ids(CLI::App& verb, std::string const& what) {
    auto ids = std::make_shared<std::vector<std::string>>();
    verb.add_option("ID", *ids, what)->required()->type_name("");
    return ids;
}

}  // namespace cfes
