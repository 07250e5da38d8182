#pragma once

#include <cloudflare/detail/csv_field.hpp>

#include <string>
#include <string_view>
#include <vector>

struct csv_parser;

/// RFC 4180 by libcsv, which is behind this.
namespace cloudflare::inline v0::email_security {

using csv_row = std::vector<std::string>;

/// Reads a CSV one physical line at a time, so that its caller knows the line of each row.
class csv_reader {
public:
    enum class state {
        row,        ///< `row()` is complete
        blank,      ///< there was nothing on the line
        open,       ///< the line ends inside a quotation
        malformed,  ///< the row is dropped; the next line begins anew
    };

    explicit csv_reader(char delimiter = ',');
    ~csv_reader();
    csv_reader(csv_reader const&) = delete;
    csv_reader& operator=(csv_reader const&) = delete;

    /// Takes one line, with its end unless it is the last.
    state feed(std::string_view line);
    csv_row& row() noexcept { return row_; }

private:
    void begin();

    csv_parser* parser_;
    char delimiter_;
    csv_row row_;
    bool begins_row_ = true;
};

/// What a cell was before `append_csv_field`.
std::string_view unguarded(std::string_view cell) noexcept;

}  // namespace cloudflare::inline v0::email_security
