#pragma once

#include "screen.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cfes {

/// What a column holds, which says how it gives way where there is no room.
enum class column_kind {
    time,        ///< is left out first
    boolean,     ///< then these
    number,      ///< then these
    choice,      ///< one of few words; then these
    text,        ///< is cut at its end; then left out
    identifier,  ///< is cut in its middle
    verdict,     ///< stays
};

struct table_column {
    std::string title;
    column_kind kind = column_kind::text;
};

struct table_cell {
    std::string text;
    tone means = tone::plain;
};
/// The cell of a column: one line, in which no two blanks come together.
table_cell make_cell(std::string_view column, std::string const& text);
using table_row = std::vector<table_cell>;

/// The widths of a table's columns, and its lines. On a terminal it fits into the window: long
/// texts are cut, and where that does not suffice, columns are left out. Elsewhere nothing is cut,
/// and what is unusually long pads no other row.
class table_layout {
public:
    explicit table_layout(std::vector<table_column> columns) : columns_{std::move(columns)} {}

    /// Sets the widths by the rows that are known. `width` is the window's; empty: nothing is cut.
    /// If more rows come, they get the room that is left.
    void measure(std::vector<table_row> const& rows, std::optional<std::size_t> width,
                 bool more_come);
    bool is_measured() const noexcept { return !widths_.empty(); }
    std::string header() const;
    std::string line(table_row const& row) const;
    /// The columns for which there is no room.
    std::vector<std::string> const& left_out() const noexcept { return left_out_; }

private:
    void fit(std::size_t width, bool more_come);
    /// The widest column of a kind that can still be narrower.
    std::optional<std::size_t> widest_of(column_kind kind) const;
    std::string cell(std::size_t column, table_cell const& of, bool is_last) const;

    std::vector<table_column> columns_;
    std::vector<std::size_t> widths_;  ///< of the columns that are shown
    std::vector<std::size_t> shown_;
    std::vector<std::string> left_out_;
    bool is_fitted_ = false;
};

}  // namespace cfes
