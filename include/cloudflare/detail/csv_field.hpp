#pragma once

#include <cloudflare/detail/export.hpp>

#include <string>
#include <string_view>

namespace cloudflare::inline v0::email_security {

/// Appends a field, quoted. A spreadsheet evaluates a cell that begins with `=`, `+`, `-`, `@`, a
/// tab or a line break, and in some languages with the wide forms of the first four; such a cell
/// gets an apostrophe in front. So does one that begins with apostrophes and goes on like that:
/// each cell has one form, and whoever reads a feed gets back what it was.
CLOUDFLARE_EXPORT void append_csv_field(std::string_view value, std::string& out);

/// The same without quotes: what a spreadsheet must not evaluate, with an apostrophe in front.
CLOUDFLARE_EXPORT std::string guarded_cell(std::string_view value);

}  // namespace cloudflare::inline v0::email_security
