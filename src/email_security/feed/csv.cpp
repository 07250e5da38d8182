#include "email_security/feed/csv.hpp"

#include <csv.h>
#include <new>

namespace cloudflare::email_security {

namespace {

struct row_in_progress {
    csv_row& row;
    bool complete;
};

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
    auto const before = out.size();
    // Quotes around, and every one inside doubled, at most.
    out.resize(before + 2 * value.size() + 2);
    auto const size =
        csv_write(out.data() + before, out.size() - before, value.data(), value.size());
    out.resize(before + size);
}

}  // namespace cloudflare::email_security
