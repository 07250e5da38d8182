#pragma once

#include "output_options.hpp"
#include "table_layout.hpp"

#include <cloudflare/detail/codec.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// Names of fields; which of them a table shows, and in what order.
using columns = std::vector<std::string_view>;

/// What is known of the objects that make a list.
struct row_type {
    std::span<cloudflare::wire::field const> fields;
    columns shown = {};  ///< by a table; all of them when it is empty
};

/// Writes the rows of a list to stdout, in the form and with the columns that were asked for. They
/// are written as they come, except where they must be sorted, or make one JSON document.
class row_writer {
public:
    /// @throws usage_error when a column that was asked for is none
    row_writer(output_form form, row_options const& options, row_type type);

    /// About how many rows there will be, also of those that are not asked for.
    void expect(std::size_t count) { expected_ = count; }
    /// One more row, which is only read.
    void add(void const* object);
    /// An object with the columns that were asked for, as JSON.
    std::string to_json(void const* object) const;
    /// Writes what has come, as more will come later.
    void flush();
    /// Whether more rows are of use: not after as many as were asked for, nor when stdout takes no
    /// more.
    bool wants_more() const noexcept;
    /// Writes what is left, and tells on the terminal how many there are; the exit status. `is_all`
    /// says whether no row was left out beside those that were not asked for.
    int finish(bool is_all = true);
    std::size_t count() const noexcept { return count_; }

private:
    struct shown_field {
        std::string name;
        cloudflare::wire::field const* field;
        column_kind kind;
    };
    /// What a row is sorted by in one column: numbers by their value, others by their text.
    struct sort_key {
        double number = 0;
        std::string text;
    };
    struct kept_row {
        std::vector<sort_key> keys;
        std::string text;  ///< of all forms but tables
        table_row cells;
    };

    cloudflare::wire::field const& identifying_field() const;
    bool is_table() const noexcept;
    bool is_whole_document() const noexcept { return form_ == output_form::json; }
    shown_field find(std::string const& name) const;
    std::string header() const;
    kept_row make_row(void* object) const;
    std::string make_text(void* object) const;
    void sort_kept();
    void write_kept(bool more_come);
    void write(std::string const& text);
    void tell_count() const;

    output_form form_;
    row_options options_;
    row_type type_;
    std::vector<shown_field> fields_;
    std::vector<shown_field> sort_by_;
    table_layout layout_;
    std::vector<kept_row> kept_;
    std::string pending_;
    std::optional<std::size_t> expected_;
    std::size_t count_ = 0;
    bool has_begun_ = false;
    bool has_written_ = false;
    int failed_with_ = 0;
};

/// A JSON document as it is shown: on a terminal with a member a line, and nothing invisible.
std::string to_shown_json(std::string const& document);
/// The same in the form json; in others a line.
std::string to_shown_json(std::string const& document, output_form form);

}  // namespace cfes
