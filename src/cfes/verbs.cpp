#include "verbs.hpp"

namespace cfes {

void require_valid(cf::result<void> const& valid) {
    if (!valid) throw usage_error(valid.error().detail());
}

cf::identifier to_identifier(std::string const& text) {
    cf::identifier id{text};
    require_valid(cf::check_identifier(id));
    return id;
}

int show_either(session const& with, std::string const& document, std::string const& text) {
    bool const is_json = with.output() == output_form::json;
    return print((is_json ? document : text) + '\n') ? done : failed;
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
