#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// How results are written.
enum class output_form {
    table,     ///< for people: the columns that matter, fitted to the window of a terminal
    wide,      ///< the same with all columns, and nothing cut
    json,      ///< one document
    jsonl,     ///< a document a line
    csv,       ///< RFC 4180, safe for spreadsheets
    tsv,       ///< a line each, tabs between the fields
    ids,       ///< an identifier a line
    markdown,  ///< a table for a pull request
};

/// Whether it is JSON, also for what is no list.
constexpr bool is_document(output_form form) {
    return form == output_form::json || form == output_form::jsonl;
}

/// The form of a name, in upper or lower case; empty when there is none.
std::optional<output_form> form_named(std::string_view text);

/// A column to sort by.
struct sort_column {
    std::string name;
    bool is_descending = false;
};

/// Which rows of a list are shown, and what of them.
struct row_options {
    std::vector<std::string> columns;  ///< empty: those of the form
    std::vector<sort_column> sort;     ///< by the first of them, then the next
    std::optional<std::size_t> limit;
    bool has_headers = true;
};

/// Adds `-o` and what belongs to it.
void add_output_options(CLI::App& app, std::string const& group, output_form& form,
                        row_options& rows);

}  // namespace cfes
