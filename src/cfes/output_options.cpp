#include "output_options.hpp"

#include "command_tree.hpp"
#include "screen.hpp"
#include "times.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cfes {

namespace {

constexpr std::array forms{
    std::pair<std::string_view, output_form>{"table", output_form::table},
    std::pair<std::string_view, output_form>{"wide", output_form::wide},
    std::pair<std::string_view, output_form>{"json", output_form::json},
    std::pair<std::string_view, output_form>{"jsonl", output_form::jsonl},
    std::pair<std::string_view, output_form>{"csv", output_form::csv},
    std::pair<std::string_view, output_form>{"tsv", output_form::tsv},
    std::pair<std::string_view, output_form>{"ids", output_form::ids},
    std::pair<std::string_view, output_form>{"markdown", output_form::markdown},
};

std::string names_of_forms(std::string_view separator) {
    std::string names;
    for (auto const& each : forms) {
        if (!names.empty()) names += separator;
        names += each.first;
    }
    return names;
}

[[noreturn]] void refuse(std::string const& option, std::string const& must,
                         std::string const& given) {
    throw CLI::ValidationError(option, "must be " + must + ", not '" + given + '\'');
}

}  // namespace

std::optional<output_form> form_named(std::string_view text) {
    std::vector<std::string_view> names;
    for (auto const& each : forms) names.push_back(each.first);
    auto const name = programs::as_spelt(names, text);
    for (auto const& [known, form] : forms) {
        if (known == name) return form;
    }
    return std::nullopt;
}

void add_output_options(CLI::App& app, std::string const& group, output_form& form,
                        row_options& rows) {
    auto const set_form = [&form](std::string const& text) {
        auto const known = form_named(text);
        if (!known) refuse("--output", "one of " + names_of_forms(", "), text);
        form = *known;
    };
    auto* const output = app.add_option_function<std::string>(
        "-o,--output", set_form, "How to write what was found [table]: " + names_of_forms(", "));
    std::vector<std::string> choices;
    for (auto const& each : forms) choices.emplace_back(each.first);
    programs::offer(output, choices)->type_name("FORM")->group(group);
    auto const set_columns = [&rows](std::vector<std::string> const& names) {
        for (auto const& each : names) {
            if (!each.empty()) rows.columns.push_back(each);
        }
    };
    app.add_option_function<std::vector<std::string>>("--columns", set_columns,
                                                      "Only these columns, in this order")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("NAME,...")
        ->group(group);
    auto const set_sort = [&rows](std::vector<std::string> const& names) {
        for (auto const& each : names) {
            if (each.empty() || each == "-") continue;
            bool const is_descending = each.front() == '-';
            rows.sort.push_back({each.substr(is_descending ? 1 : 0), is_descending});
        }
    };
    app.add_option_function<std::vector<std::string>>(
           "--sort", set_sort, "Sort the rows by columns; with - in front, the largest first")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("NAME,...")
        ->group(group);
    auto const set_limit = [&rows](std::string const& text) {
        std::size_t count = 0;
        auto const* const end = text.data() + text.size();
        auto const read = std::from_chars(text.data(), end, count);
        if (read.ec != std::errc{} || read.ptr != end || count == 0) {
            refuse("--limit", "a whole number from 1 on", text);
        }
        rows.limit = count;
    };
    app.add_option_function<std::string>("--limit", set_limit, "Not more rows than that")
        ->type_name("N")
        ->group(group);
    app.add_flag_callback(
           "--no-headers", [&rows] { rows.has_headers = false; }, "Leave the line of names out")
        ->group(group);
    auto const set_color = [](std::string const& given) {
        constexpr std::array<std::string_view, 3> names{"auto", "always", "never"};
        auto const text = programs::as_spelt(names, given);
        if (text == "auto") return use_color(color_use::automatic);
        if (text == "always") return use_color(color_use::always);
        if (text == "never") return use_color(color_use::never);
        refuse("--color", "auto, always or never", text);
    };
    app.add_option_function<std::string>("--color", set_color,
                                         "auto: on a terminal, if NO_COLOR is not set [auto]")
        ->type_name("auto|always|never")
        ->group(group);
    app.add_flag_callback("--utc", &use_utc, "Take and show times in UTC, not in the local zone")
        ->group(group);
}

}  // namespace cfes
