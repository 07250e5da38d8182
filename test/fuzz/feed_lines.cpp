// What the feed readers stand on: lines within a limit, and records of CSV.

#include "email_security/feed/feed_lines.hpp"

#include "email_security/feed/csv.hpp"
#include "fuzz.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace cloudflare::email_security;
using cloudflare::fuzz::input;
using cloudflare::fuzz::require;

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        auto size = std::min(text.find_first_of("\r\n"), text.size() - 1) + 1;
        if (text.substr(size - 1, 2) == "\r\n") ++size;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

void check_lines(std::string_view text, std::size_t longest) {
    std::istringstream in{std::string{text}};
    line_reader reader{in, longest, text.size()};
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::int64_t number = 0;
    for (auto const line : lines_of(text)) {
        require(reader.next(), "each line is read");
        require(reader.number() == ++number, "lines are counted");
        require(reader.is_too_long() == (line.size() > longest), "a line that is too long is told");
        require(reader.text() == line.substr(0, longest), "a line is read up to the limit");
    }
    require(!reader.next(), "there are no more lines");
    require(!reader.is_over_size(), "the size is told");
}

void check_limit(std::string_view text, std::size_t longest, std::size_t max_size) {
    std::istringstream in{std::string{text}};
    line_reader reader{in, longest, max_size};
    std::size_t taken = 0;
    while (reader.next()) taken += reader.text().size();
    require(reader.is_over_size() || text.size() <= max_size, "a stream that is too long is told");
    require(taken <= max_size + longest, "no more is read than may be");
}

void check_csv(std::string_view text) {
    csv_reader reader;
    for (auto const line : lines_of(text)) reader.feed(line);
}

void check_record(csv_row const& fields) {
    std::string record;
    for (auto const& each : fields) {
        if (!record.empty()) record += ',';
        append_csv_field(each, record);
    }
    record += '\n';
    csv_reader reader;
    auto now = csv_reader::state::blank;
    for (auto const line : lines_of(record)) now = reader.feed(line);
    require(now == csv_reader::state::row, "a record that was written is one");
    require(std::ranges::equal(reader.row(), fields, {}, &unguarded),
            "a record comes back the same");
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    input in{data, size};
    // A byte order mark and what follows it must fit into what is read at once.
    auto const longest = 4 + in.pick(60);
    auto const max_size = in.pick(256);
    auto const text = in.rest();
    check_lines(text, longest);
    check_limit(text, longest, max_size);
    check_csv(text);
    auto const middle = text.size() / 2;
    check_record({std::string{text.substr(0, middle)}, std::string{text.substr(middle)}});
    return 0;
}
