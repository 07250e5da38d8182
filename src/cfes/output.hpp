#pragma once

#include "screen.hpp"

#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/error.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cfes {

/// Bytes at most of what is shown of others' text on a line: whole patterns with their comments go
/// into it, and no more is held or printed.
inline constexpr std::size_t longest_line = 16 * 1024;
/// What others wrote, as a line for people.
std::string to_line(std::string_view text);
/// Lines of text without what could move the cursor.
std::string without_controls(std::string_view text);

/// One JSON object with the members of several, a line.
std::string join_objects(std::vector<std::string> const& objects);
/// Whether a sync came so far as to know what was on the list. `has_begun`: it reported changes.
bool knows_list(cloudflare::email_security::sync_report const& report, bool has_begun);
/// What a sync did, as JSON, without why it stopped: for that a document has one text. What is not
/// known of the list is null.
std::string to_object(cloudflare::email_security::sync_report report, bool is_list_known = true);
/// What a sync did, for people. `source` is what says how the list is to be.
std::string show_report(cloudflare::email_security::sync_report const& report,
                        std::string_view source = "feed", bool is_list_known = true);
/// Lines on stderr, but not very many; then how many more there are, and `where` all of them are.
void print_some(std::size_t count, std::function<std::string(std::size_t)> const& line,
                std::string const& where);
/// A line on stderr for each reason: how many lines it is about, and the first of them. `what` is
/// behind the count of reasons that are too many.
void print_by_reason(std::vector<cloudflare::email_security::rejection> const& all,
                     std::string const& before, std::string const& what);
/// The same for rejected entries.
void print_rejections(std::vector<cloudflare::email_security::rejection> const& rejected);
/// What is not in order in it: a line on stderr for each rejected entry and each duplicate.
void print_complaints(cloudflare::email_security::sync_report const& report);

/// Writes to stdout; the `errno` of what failed, 0 when all of it is written.
int write_to_stdout(std::string_view text);
void complain_about_stdout(int number);
/// Writes what may be read in part: whoever goes has read enough. The exit status.
int print_for_reader(std::string_view text);
/// Writes to stdout; false, with a complaint, when not all of it could be written.
bool print(std::string_view text);
/// From now on, notes and remarks are not told.
void use_quiet();
/// A line on stderr that is no complaint.
void remark(std::string_view text);
/// The same, in the name of the command.
void note(std::string_view text);
/// One line on stderr.
void complain(std::string_view text);
/// Draws the last line of the terminal that stderr is, over what it was before. Whatever else is
/// told comes above it.
void draw_status(std::string text);
/// Leaves the last line as it is, and goes on below.
void end_status();
/// An error for people, without the name of its kind where the kind is plain from the rest.
std::string plain_message(cloudflare::error const& why);

}  // namespace cfes
