#include "output.hpp"

#include "files.hpp"
#include "globals.hpp"

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/one_line.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <utility>

namespace cfes {

namespace wire = cloudflare::wire;

namespace {

/// How many lines of one kind are worth showing on a terminal.
constexpr std::size_t most_complaints = 20;

}  // namespace

std::string to_line(std::string_view text) {
    return cloudflare::short_line(text, longest_line);
}

std::string without_controls(std::string_view text) {
    std::string clean;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        clean += cloudflare::one_line(line) + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return clean;
}

std::string join_objects(std::vector<std::string> const& objects) {
    std::string text = "{";
    for (auto const& each : objects) {
        auto const members = std::string_view{each}.substr(1, each.size() - 2);
        if (members.empty()) continue;
        if (text.size() > 1) text += ',';
        text += members;
    }
    return text + "}\n";
}

bool knows_list(cloudflare::email_security::sync_report const& report, bool has_begun) {
    return !report.failure || has_begun || report.current > 0 || report.unchanged > 0 ||
           report.left > 0;
}

std::string to_object(cloudflare::email_security::sync_report report, bool is_list_known) {
    report.failure.reset();
    auto text = wire::to_json(report);
    if (is_list_known) return text;
    // Within a text a quote would have a backslash before it.
    for (std::string const name : {"\"current\":", "\"unchanged\":", "\"left\":"}) {
        auto const at = text.find(name + '0');
        if (at != std::string::npos) text.replace(at + name.size(), 1, "null");
    }
    return text;
}

namespace {

/// Those of the counts that are mostly 0, each only if it is not.
std::string counts_of_marks(cloudflare::email_security::sync_report const& report) {
    std::string text;
    auto const add = [&text](std::int64_t count, char const* what) {
        if (count > 0) text += std::to_string(count) + ' ' + what + ", ";
    };
    add(report.shared, "shared");
    add(report.unmarked, "unmarked");
    add(report.retired, "retired");
    add(report.waiting, "waiting");
    add(report.expired, "expired");
    add(static_cast<std::int64_t>(report.left_alone.size()), "left alone");
    return text;
}

}  // namespace

std::string show_report(cloudflare::email_security::sync_report const& report,
                        std::string_view source, bool is_list_known) {
    std::ostringstream text;
    text << report.created << " created, " << report.updated << " updated, " << report.deleted
         << " deleted, " << counts_of_marks(report);
    if (is_list_known) text << report.unchanged << " unchanged, ";
    text << report.rejected.size() << " rejected";
    if (report.unknown > 0) text << ", " << report.unknown << " unknown";
    if (report.left > 0) text << ", " << report.left << " left";
    text << '\n' << report.desired << " in the " << source << ", ";
    if (is_list_known) {
        text << report.current << " were there; ";
    } else {
        text << "how many were there is not known: the list was not read to its end; ";
    }
    text << report.requests << " requests, " << report.retries << " retries, " << std::fixed
         << std::setprecision(1) << static_cast<double>(report.elapsed_ms) / 1000 << " s\n";
    return std::move(text).str();
}

void print_some(std::size_t count, std::function<std::string(std::size_t)> const& line,
                std::string const& where) {
    for (std::size_t i = 0; i != std::min(count, most_complaints); ++i) complain(line(i));
    if (count > most_complaints) {
        complain("and " + std::to_string(count - most_complaints) + " more " + where);
    }
}

namespace {

/// Entries with one cause.
struct entries_of_cause {
    bool has_one_reason = true;
    std::vector<std::size_t> entries;
};

bool is_part_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < 0;
}

/// What a reason says apart from its numbers and what it quotes: two that differ only in those have
/// one cause.
std::string cause_of(std::string_view reason) {
    std::string cause;
    bool is_quoted = false;
    for (std::size_t i = 0; i != reason.size(); ++i) {
        auto const c = reason[i];
        bool const is_digit = c >= '0' && c <= '9';
        // Not an apostrophe, which stands within a word.
        bool const opens = !is_quoted && (i == 0 || reason[i - 1] == ' ' || reason[i - 1] == '(');
        bool const closes =
            is_quoted && (i + 1 == reason.size() || !is_part_of_word(reason[i + 1]));
        if (c == '\'' && (opens || closes)) is_quoted = !is_quoted;
        if (!is_quoted) cause += is_digit ? '0' : c;
        if (!is_quoted && is_digit && cause.ends_with("00")) cause.pop_back();
    }
    return cause;
}

std::string show_place(cloudflare::email_security::rejection const& each) {
    return (each.line > 0 ? "line " + std::to_string(each.line) + ": " : std::string{}) + '\'' +
           each.pattern + '\'';
}

}  // namespace

void print_by_reason(std::vector<cloudflare::email_security::rejection> const& all,
                     std::string const& before, std::string const& what) {
    constexpr std::size_t most_shown = 3;
    std::vector<entries_of_cause> groups;
    std::map<std::string, std::size_t> places;  // others choose the reasons' words
    for (std::size_t i = 0; i != all.size(); ++i) {
        auto const [at, is_new] = places.emplace(cause_of(all[i].reason), groups.size());
        if (is_new) groups.emplace_back();
        auto& group = groups[at->second];
        group.entries.push_back(i);
        auto const& first = all[group.entries.front()];
        group.has_one_reason = group.has_one_reason && first.reason == all[i].reason;
    }
    print_some(
        groups.size(),
        [&](std::size_t number) {
            auto const& group = groups[number];
            auto const& first = all[group.entries.front()];
            auto const count = group.entries.size();
            if (count == 1) return before + show_place(first) + ' ' + first.reason;
            auto text = before + std::to_string(count) +
                        " lines: " + (group.has_one_reason ? "each " : "the first ") +
                        first.reason + "; ";
            for (std::size_t i = 0; i != std::min(most_shown, count); ++i) {
                text += (i == 0 ? "" : ", ") + show_place(all[group.entries[i]]);
            }
            return count > most_shown ? text + ", ..." : text;
        },
        what + ": --report FILE or --output json lists all");
}

void print_rejections(std::vector<cloudflare::email_security::rejection> const& rejected) {
    print_by_reason(rejected, "", "rejected entries");
}

namespace {

void print_duplicates(std::vector<cloudflare::email_security::duplicate> const& duplicates) {
    print_some(
        duplicates.size(),
        [&duplicates](std::size_t i) {
            auto const& each = duplicates[i];
            return '\'' + each.pattern + "' is in the list twice: " +
                   (each.is_surplus ? each.id.text() + " goes, " + each.other_id.text() + " stays"
                                    : each.id.text() + " and " + each.other_id.text() + " stay");
        },
        "duplicates: --report FILE or --output json lists all");
}

}  // namespace

void print_complaints(cloudflare::email_security::sync_report const& report) {
    print_rejections(report.rejected);
    std::vector<cloudflare::email_security::rejection> left;
    for (auto const& each : report.left_alone)
        left.push_back({each.line, each.pattern, each.reason});
    print_by_reason(left, "left alone: ", "entries left alone");
    print_duplicates(report.duplicates);
}

int write_to_stdout(std::string_view text) {
    errno = 0;
    auto const size = std::fwrite(text.data(), 1, text.size(), stdout);
    if (size == text.size() && std::fflush(stdout) == 0) return 0;
    return errno == 0 ? EIO : errno;
}

void complain_about_stdout(int number) {
    complain("cannot write to stdout: " + reason_of(number));
}

int print_for_reader(std::string_view text) {
    auto const failed_with = write_to_stdout(text);
    if (failed_with == 0 || failed_with == EPIPE) return done;
    complain_about_stdout(failed_with);
    return failed;
}

bool print(std::string_view text) {
    auto const failed = write_to_stdout(text);
    if (failed != 0) complain_about_stdout(failed);
    return failed == 0;
}

namespace {

bool is_quiet = false;
/// What the last line of the terminal shows, which is drawn over; empty: there is none.
std::string status;

/// To the end of the line, as the one before may have been longer.
std::string over_status(std::string_view text) {
    return '\r' + std::string{text} + "\x1b[K";
}

void write_line(std::string text) {
    if (!status.empty()) text = over_status(text);
    text += '\n';
    if (!status.empty()) text += over_status(status);
    std::cerr << text << std::flush;
}

}  // namespace

void use_quiet() {
    is_quiet = true;
}

void remark(std::string_view text) {
    if (!is_quiet) write_line(to_line(text));
}

void note(std::string_view text) {
    if (!is_quiet) complain(text);
}

void complain(std::string_view text) {
    write_line("cfes: " + to_line(text));
}

void draw_status(std::string text) {
    status = std::move(text);
    std::cerr << over_status(status) << std::flush;
}

void end_status() {
    if (!std::exchange(status, {}).empty()) std::cerr << '\n';
}

std::string plain_message(cloudflare::error const& why) {
    // What is wrong with what was given, it says in full.
    bool const is_about_input = why.code() == cloudflare::errc::invalid_argument;
    return is_about_input && !why.detail().empty() ? why.detail() : why.message();
}

}  // namespace cfes
