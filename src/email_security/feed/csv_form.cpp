#include "email_security/feed/csv.hpp"
#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/member_names.hpp"

#include <algorithm>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t max_columns = 4096;

/// What ends a line.
std::string_view end_of(std::string_view line) {
    if (line.ends_with("\r\n")) return "\r\n";
    return line.ends_with('\r') ? "\r" : "\n";
}

/// Rows under a heading.
class csv_form final : public form_reader {
public:
    csv_form(entry_maker& make, char delimiter)
        : form_reader{make}, delimiter_{delimiter}, reader_{delimiter}, names_{make} {}

    std::optional<error> take(feed_line const& line) override {
        if (now_ != csv_reader::state::open) {
            begin_ = line.number;
            raw_.clear();
            if (columns_.empty() && separator_line(line.text)) {
                make_.note();
                return std::nullopt;
            }
            auto const text = trim(line.text);
            if (text.empty()) return std::nullopt;
            if (text.front() == '#') return take_comment(text);
        }
        if (raw_.size() + line.text.size() > max_feed_line) return endless();
        now_ = reader_.feed(line.text);
        // Most records are one line, which need not be kept.
        if (now_ == csv_reader::state::open || !raw_.empty()) raw_ += line.text;
        record_place const where{begin_, raw_.empty() ? line.text : std::string_view{raw_}};
        switch (now_) {
            case csv_reader::state::malformed:
                if (columns_.empty()) return unusable_feed("the CSV's header is malformed");
                make_.reject(where, trim(where.raw), "is malformed CSV: text beside a quotation");
                break;
            case csv_reader::state::row:
                return take_row(where);
            case csv_reader::state::open:
            case csv_reader::state::blank:
                break;
        }
        return std::nullopt;
    }

    std::optional<error> take_long(feed_line const& line) override {
        // Inside a quotation, nobody can tell where the next record begins.
        if (now_ == csv_reader::state::open) return endless();
        if (columns_.empty()) return unusable_feed("the CSV's header is too long");
        return form_reader::take_long(line);
    }

    std::optional<error> finish() override {
        if (now_ == csv_reader::state::open) return endless();
        if (columns_.empty() && commented_) return refuse_header(*commented_);
        names_.report_unknown();
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }

private:
    /// A comment may be the header of what follows.
    std::optional<error> take_comment(std::string_view text) {
        make_.note();
        if (!columns_.empty()) return std::nullopt;
        text.remove_prefix(std::min(text.find_first_not_of("# \t"), text.size()));
        if (text.empty()) return std::nullopt;
        csv_reader once{delimiter_};
        if (once.feed(text) == csv_reader::state::row) {
            commented_ = once.row();
            for (auto& each : *commented_) each = trim(each);
        }
        return std::nullopt;
    }

    /// A program that ends lines with CR LF or CR has put the same into the cells, where it was LF.
    void plain_breaks(std::string& cell) const {
        if (line_end_ == "\n") return;
        for (auto at = cell.find(line_end_); at != std::string::npos;
             at = cell.find(line_end_, at)) {
            cell.replace(at, line_end_.size(), "\n");
        }
    }

    std::optional<error> take_row(record_place where) {
        if (line_end_.empty()) line_end_ = end_of(where.raw);
        if (!columns_.empty()) {
            take_record(where);
            return std::nullopt;
        }
        auto const& row = reader_.row();
        if (row.size() > max_columns) return unusable_feed("the CSV has too many columns");
        bool const names_pattern = std::ranges::any_of(row, [this](std::string const& each) {
            auto const pattern = make_.fields().pattern_index();
            return names_.find(each) == pattern || names_.find_usual(each) == pattern;
        });
        // By number, columns are named without a header.
        if (!names_pattern && names_.has_numbers()) {
            columns_ = names_.by_number(row.size());
            take_record(where);
            return std::nullopt;
        }
        if (!names_pattern && commented_ && commented_->size() == row.size()) {
            if (auto failed = take_header(*commented_)) return failed;
            take_record(where);
            return std::nullopt;
        }
        make_.note();
        return take_header(row);
    }

    std::optional<error> take_header(csv_row const& row) {
        std::vector<std::size_t> columns;
        auto const none = make_.fields().size();
        auto const is_taken = [&](std::size_t field) {
            return field != none && std::ranges::find(columns, field) != columns.end();
        };
        for (auto const& name : row) {
            auto const field = names_.find(name);
            if (is_taken(field)) {
                return unusable_feed("read as csv: two columns are for '" +
                                     std::string{make_.fields().name(field)} + '\'');
            }
            columns.push_back(field);
        }
        for (std::size_t i = 0; i != row.size(); ++i) {
            auto const usual = names_.find_usual(row[i]);
            if (columns[i] == none && !is_taken(usual)) columns[i] = usual;
        }
        if (std::ranges::find(columns, make_.fields().pattern_index()) == columns.end()) {
            return refuse_header(row);
        }
        for (auto const& [field, name] : make_.reading().columns) {
            if (is_taken(make_.fields().find(field))) continue;
            return unusable_feed("read as csv: there is no column '" + presentable(name) +
                                 "'; there are " + list_names(row));
        }
        header_ = row;
        columns_ = std::move(columns);
        return std::nullopt;
    }

    error refuse_header(csv_row const& row) const {
        auto const wanted = std::string{make_.fields().pattern_name()};
        return unusable_feed("read as csv: no column is for '" + wanted + "'; there are " +
                             list_names(row) + "; name one by --column " + wanted +
                             "=HEADING, or by its number where there is no header, as --column " +
                             wanted + "=1");
    }

    void take_record(record_place where) {
        auto& row = reader_.row();
        if (std::ranges::all_of(row, [](std::string const& each) { return trim(each).empty(); })) {
            return make_.note();
        }
        make_.begin(where);
        if (row.size() != columns_.size()) {
            make_.fail("has " + std::to_string(row.size()) +
                       (row.size() == 1 ? " cell for " : " cells for ") +
                       std::to_string(columns_.size()) + " columns");
        }
        for (std::size_t i = 0; i != std::min(columns_.size(), row.size()); ++i) {
            if (row[i].empty()) continue;
            if (row[i].find('\r') != std::string::npos) plain_breaks(row[i]);
            if (columns_[i] != make_.fields().size()) {
                names_.set(columns_[i], unguarded(row[i]));
            } else if (i < header_.size()) {
                names_.count_unknown(header_[i]);
            }
        }
        make_.end();
    }

    error endless() const {
        return unusable_feed("line " + std::to_string(begin_) +
                             ": the CSV's quotation does not end");
    }

    char delimiter_;
    csv_reader reader_;
    member_names names_;
    csv_reader::state now_ = csv_reader::state::blank;
    std::optional<csv_row> commented_;  // the last comment, which may be the header
    csv_row header_;
    std::string_view line_end_;         // of the first row
    std::vector<std::size_t> columns_;  // which field each one feeds
    std::int64_t begin_ = 1;            // the line of the row
    std::string raw_;                   // of a row over several lines
};

}  // namespace

std::unique_ptr<form_reader> make_csv_reader(entry_maker& make, char delimiter) {
    return std::make_unique<csv_form>(make, delimiter);
}

}  // namespace cloudflare::inline v0::email_security
