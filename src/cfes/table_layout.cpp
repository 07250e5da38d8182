#include "table_layout.hpp"

#include <cloudflare/detail/one_line.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace cfes {

namespace {

/// Between two columns.
constexpr std::size_t gap = 2;
/// Wider cells do not set the width of a column where nothing is cut: identifiers, addresses and
/// most subjects are not.
constexpr std::size_t widest_padding = 60;
/// The least that is worth showing of a text that is cut.
constexpr std::size_t least_text = 8;
constexpr std::size_t least_identifier = 9;

bool can_be_cut(column_kind kind) {
    return kind == column_kind::text || kind == column_kind::identifier;
}

std::size_t least_width(column_kind kind, std::size_t natural) {
    if (kind == column_kind::text) return std::min(natural, least_text);
    if (kind == column_kind::identifier) return std::min(natural, least_identifier);
    return natural;
}

std::size_t sum_with_gaps(std::vector<std::size_t> const& widths) {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
           (widths.empty() ? 0 : gap * (widths.size() - 1));
}

}  // namespace

table_cell make_cell(std::string_view column, std::string const& text) {
    auto shown = cloudflare::one_cell(text, std::numeric_limits<std::size_t>::max());
    shown = for_terminal(std::move(shown));
    // So that whoever takes lines apart at blanks finds every column.
    if (shown.empty() && !is_terminal()) shown = "-";
    auto const means = tone_of(column, shown);
    return {std::move(shown), means};
}

void table_layout::measure(std::vector<table_row> const& rows, std::optional<std::size_t> width,
                           bool more_come) {
    is_fitted_ = width.has_value();
    shown_.clear();
    widths_.clear();
    for (std::size_t i = 0; i != columns_.size(); ++i) {
        std::size_t content = 0;
        for (auto const& row : rows) {
            auto const cell = width_of_text(row[i].text);
            if (is_fitted_ || cell <= widest_padding) content = std::max(content, cell);
        }
        shown_.push_back(i);
        widths_.push_back(std::max(content, width_of_text(columns_[i].title)));
    }
    if (!width) return;
    if (sum_with_gaps(widths_) > *width) {
        // A title is worth no room that a value could have.
        for (std::size_t i = 0; i != columns_.size(); ++i) {
            std::size_t content = 4;
            for (auto const& row : rows) content = std::max(content, width_of_text(row[i].text));
            widths_[i] = std::min(widths_[i], std::max(content, least_text));
        }
    }
    fit(*width, more_come);
}

void table_layout::fit(std::size_t width, bool more_come) {
    auto const least = [this] {
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i != shown_.size(); ++i) {
            all.push_back(least_width(columns_[shown_[i]].kind, widths_[i]));
        }
        return sum_with_gaps(all);
    };
    while (shown_.size() > 1 && least() > width) {
        // The last of those that matter least.
        std::size_t goes = shown_.size() - 1;
        for (auto i = shown_.size(); i-- > 0;) {
            if (columns_[shown_[i]].kind < columns_[shown_[goes]].kind) goes = i;
        }
        left_out_.push_back(columns_[shown_[goes]].title);
        shown_.erase(shown_.begin() + static_cast<std::ptrdiff_t>(goes));
        widths_.erase(widths_.begin() + static_cast<std::ptrdiff_t>(goes));
    }
    std::ranges::reverse(left_out_);
    auto total = sum_with_gaps(widths_);
    while (total > width) {
        // The widest that can give way does, by one column; identifiers first, of which a part is
        // as good as another.
        auto goes = widest_of(column_kind::identifier);
        if (!goes) goes = widest_of(column_kind::text);
        if (!goes) break;
        --widths_[*goes];
        --total;
    }
    if (total > width && widths_.size() == 1) widths_.front() = width;
    if (!more_come || total >= width) return;
    auto const elastic = std::ranges::count_if(
        shown_, [this](std::size_t i) { return can_be_cut(columns_[i].kind); });
    if (elastic == 0) return;
    auto const share = (width - total) / static_cast<std::size_t>(elastic);
    for (std::size_t i = 0; i != shown_.size(); ++i) {
        if (can_be_cut(columns_[shown_[i]].kind)) widths_[i] += share;
    }
}

std::optional<std::size_t> table_layout::widest_of(column_kind kind) const {
    std::optional<std::size_t> widest;
    for (std::size_t i = 0; i != widths_.size(); ++i) {
        if (columns_[shown_[i]].kind != kind) continue;
        bool const gives_way = widths_[i] > least_width(kind, widths_[i]);
        if (gives_way && (!widest || widths_[i] > widths_[*widest])) widest = i;
    }
    return widest;
}

std::string table_layout::cell(std::size_t column, table_cell const& of, bool is_last) const {
    auto const width = widths_[column];
    auto text = of.text;
    if (is_fitted_) {
        bool const is_identifier = columns_[shown_[column]].kind == column_kind::identifier;
        text = is_identifier ? cut_middle(text, width) : cut_end(text, width);
    }
    auto const used = width_of_text(text);
    auto shown = in_color(text, of.means);
    if (!is_last) shown.append((used < width ? width - used : 0) + gap, ' ');
    return shown;
}

std::string table_layout::header() const {
    table_row titles;
    for (auto const& each : columns_) titles.push_back({each.title});
    return line(titles);
}

std::string table_layout::line(table_row const& row) const {
    std::string text;
    for (std::size_t i = 0; i != shown_.size(); ++i) {
        text += cell(i, row[shown_[i]], i + 1 == shown_.size());
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

}  // namespace cfes
