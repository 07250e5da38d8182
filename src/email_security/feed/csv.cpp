#include "email_security/feed/csv.hpp"

#include <algorithm>
#include <array>
#include <csv.h>
#include <new>

namespace cloudflare::inline v0::email_security {

namespace {

struct row_in_progress {
    csv_row& row;
    bool complete;
};

/// Whether a spreadsheet takes it for a formula, apart from apostrophes in front.
bool is_formula(std::string_view cell) noexcept {
    constexpr std::array<std::string_view, 11> begins{
        "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    cell.remove_prefix(std::min(cell.find_first_not_of('\''), cell.size()));
    // Some take blanks off first.
    cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
    return std::ranges::any_of(begins, [cell](auto const& each) { return cell.starts_with(each); });
}

void on_field(void* text, std::size_t size, void* into) {
    static_cast<row_in_progress*>(into)->row.emplace_back(static_cast<char const*>(text), size);
}

void on_row_end(int, void* into) {
    static_cast<row_in_progress*>(into)->complete = true;
}

}  // namespace

csv_reader::csv_reader(char delimiter) : parser_{new csv_parser}, delimiter_{delimiter} {
    begin();
}

csv_reader::~csv_reader() {
    csv_free(parser_);
    delete parser_;
}

void csv_reader::begin() {
    if (csv_init(parser_, CSV_STRICT) != 0) throw std::bad_alloc{};
    csv_set_delim(parser_, static_cast<unsigned char>(delimiter_));
}

csv_reader::state csv_reader::feed(std::string_view line) {
    if (begins_row_) row_.clear();
    row_in_progress into{row_, false};
    auto const take = [&](std::string_view text) {
        return csv_parse(parser_, text.data(), text.size(), &on_field, &on_row_end, &into) ==
               text.size();
    };
    if (!take(line) || (!line.ends_with('\n') && !line.ends_with('\r') && !take("\n"))) {
        if (csv_error(parser_) == CSV_ENOMEM) throw std::bad_alloc{};
        csv_free(parser_);
        begin();
        begins_row_ = true;
        return state::malformed;
    }
    // State 0 of the parser: no row has begun.
    begins_row_ = into.complete || parser_->pstate == 0;
    if (into.complete) return state::row;
    return begins_row_ ? state::blank : state::open;
}

void append_csv_field(std::string_view value, std::string& out) {
    std::string guarded;
    if (is_formula(value)) {
        guarded = guarded_cell(value);
        value = guarded;
    }
    auto const before = out.size();
    // Quotes around, and every one inside doubled, at most.
    out.resize(before + 2 * value.size() + 2);
    auto const size =
        csv_write(out.data() + before, out.size() - before, value.data(), value.size());
    out.resize(before + size);
}

std::string guarded_cell(std::string_view value) {
    return (is_formula(value) ? "'" : "") + std::string{value};
}

std::string_view unguarded(std::string_view cell) noexcept {
    if (cell.starts_with('\'') && is_formula(cell)) cell.remove_prefix(1);
    return cell;
}

}  // namespace cloudflare::inline v0::email_security
