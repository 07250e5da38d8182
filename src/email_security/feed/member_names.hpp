#pragma once

#include "email_security/feed/entry_maker.hpp"
#include "memory/keyed_hash.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cloudflare::inline v0::email_security {

/// What a heading, or the name of a type, is compared as: in lower case with underscores.
std::string plain_heading(std::string_view heading);

/// Whether the dashboard, or another tool, heads the column of the patterns like this; in lower
/// case with underscores.
bool is_usual_pattern_heading(std::string_view heading);

/// Which columns of a table, or members of an object, are which fields.
class member_names {
public:
    explicit member_names(entry_maker& make);

    /// The field of a column that the options or the API name, in any case, with blanks or
    /// underscores. `fields().size()` when there is none.
    std::size_t find(std::string_view heading) const;
    /// The field that the dashboard, or another tool, gives this heading.
    std::size_t find_usual(std::string_view heading) const;
    /// The field of a member, which the options or the API name.
    std::size_t find_exact(std::string_view member) const;
    /// Whether the options name columns by number, and the fields of so many of them then.
    bool has_numbers() const;
    std::vector<std::size_t> by_number(std::size_t columns) const;
    /// What the pattern is to be called: as the options say, or as the API does.
    std::string_view member_of_pattern() const;

    /// Sets a field from a text; a type or flag also in the words that other tools have for it.
    void set(std::size_t field, std::string_view text);

    void count_unknown(std::string_view name);
    /// Adds what was counted to the facts.
    void report_unknown();

private:
    std::size_t find_named(std::string_view name, bool exact) const;

    entry_maker& make_;
    std::vector<std::string> unknown_names_;  // in the order in which they came
    std::unordered_map<std::string, std::int64_t, keyed_text_hash> unknown_;
};

}  // namespace cloudflare::inline v0::email_security
