#pragma once

#include <string>
#include <string_view>

namespace cloudflare::email_security {

/// Appends a field, quoted. A spreadsheet evaluates a cell that begins with `=`, `+`, `-`, `@`, a
/// tab or a line break, and in some languages with the wide forms of the first four; such a cell
/// gets an apostrophe in front. So does one that begins with apostrophes and goes on like that:
/// each cell has one form, and whoever reads a feed gets back what it was.
void append_csv_field(std::string_view value, std::string& out);

/// The same without quotes: what a spreadsheet must not evaluate, with an apostrophe in front.
std::string guarded_cell(std::string_view value);

}  // namespace cloudflare::email_security
