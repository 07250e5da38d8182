#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_text.hpp"
#include "email_security/feed/member_names.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <vector>

/// Which form a feed has: the one place that tells it by its content.
namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t sampled_lines = 60;

/// The lines at the beginning that are not blank.
std::vector<std::string_view> sample(std::string_view head) {
    std::vector<std::string_view> lines;
    while (!head.empty() && lines.size() < sampled_lines) {
        auto const end = std::min(head.find_first_of("\r\n"), head.size());
        if (!trim(head.substr(0, end)).empty()) lines.push_back(head.substr(0, end));
        head.remove_prefix(std::min(end + 1, head.size()));
    }
    return lines;
}

bool is_comment(std::string_view line) {
    line = trim(line);
    return line.starts_with('#') || line.starts_with(';') || line.starts_with('!') ||
           line.starts_with("//");
}

struct word_pair {
    std::string_view first;
    std::string_view second;
};
word_pair words_of(std::string_view line) {
    word_pair words;
    words.first = take_word(line);
    words.second = take_word(line);
    return words;
}

bool is_hosts_line(std::string_view line) {
    auto const words = words_of(line);
    return is_sink_address(words.first) && !words.second.empty();
}

/// A rule for parts of pages; not a comment that begins with several `#`.
bool is_element_rule(std::string_view line) {
    if (line.find("#@#") != std::string_view::npos) return true;
    auto const at = line.find("##");
    if (at == std::string_view::npos || at + 2 >= line.size()) return false;
    auto const next = line[at + 2];
    return next != '#' && !is_blank(next) && (at == 0 || line.front() != '#');
}

bool is_adblock_line(std::string_view line) {
    line = trim(line);
    return line.starts_with("||") || line.starts_with("@@") || is_element_rule(line);
}

bool is_zone_line(std::string_view line) {
    auto rest = line;
    auto const first = take_word(rest);
    if (first == "$TTL" || first == "$ORIGIN") return true;
    for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) {
        for (auto const* const type : {"CNAME", "SOA", "NS"}) {
            if (is_same_word(word, type)) return true;
        }
        bool const goes_on = is_same_word(word, "IN") ||
                             word.find_first_not_of("0123456789") == std::string_view::npos;
        if (!goes_on) return false;
    }
    return false;
}

bool is_dnsmasq_line(std::string_view line) {
    line = trim(line);
    return line.starts_with("address=/") || line.starts_with("server=/") ||
           line.starts_with("local=/");
}

bool is_unbound_line(std::string_view line) {
    auto const first = words_of(line).first;
    return first == "local-zone:" || first == "local-data:" || first == "server:";
}

bool is_postfix_line(std::string_view line) {
    auto const action = words_of(line).second;
    constexpr std::array<std::string_view, 8> actions{"REJECT", "OK",   "PERMIT",  "DUNNO",
                                                      "RELAY",  "HOLD", "DISCARD", "DEFER"};
    bool const is_code = action.size() == 3 && (action[0] == '4' || action[0] == '5') &&
                         action.find_first_not_of("0123456789") == std::string_view::npos;
    return is_code ||
           std::ranges::any_of(actions, [action](auto each) { return is_same_word(each, action); });
}

/// Whether a kind of line makes up most of them.
bool are_most(std::vector<std::string_view> const& lines, bool (*is_one)(std::string_view)) {
    auto const count = std::ranges::count_if(lines, is_one);
    return 2 * static_cast<std::size_t>(count) > lines.size();
}

bool has_member_text(std::string_view object, std::string_view name, std::string_view text) {
    auto const found = find_member(object, name);
    return found && *found == '"' + std::string{text} + '"';
}

/// Of a text that begins with an object.
feed_format detect_object_form(std::string_view head) {
    json_cursor at{head};
    at.skip_blanks();
    auto const begin = at.position();
    auto const whole = at.take_value();
    auto const text = whole.value_or(head.substr(begin));
    auto const has = [text](std::string_view name) { return find_member(text, name).has_value(); };
    // Of an object that goes on beyond the head, a member may have no end yet.
    auto const mentions = [text](std::string_view name) {
        return text.substr(0, 4096).find('"' + std::string{name} + '"') != std::string_view::npos;
    };
    bool const is_open = !whole;
    bool const is_attribute = has("to_ids") && has("type") && has("value");
    bool const has_events = has("Event") || has("Attribute") || is_attribute ||
                            (has("response") && (mentions("Event") || mentions("Attribute"))) ||
                            (is_open && (mentions("Event") || mentions("Attribute")));
    if (has_events) return feed_format::misp;
    bool const is_stix = has_member_text(text, "type", "bundle") ||
                         has_member_text(text, "type", "indicator") || has("spec_version") ||
                         (is_open && mentions("bundle") && mentions("objects"));
    if (is_stix) return feed_format::stix;
    bool const is_warning_list = (has("list") || (is_open && mentions("list"))) &&
                                 (has("matching_attributes") || has("version"));
    if (is_warning_list) return feed_format::misp;
    if (has("success")) return feed_format::json;
    bool const is_line = whole && whole->find_first_of("\r\n") == std::string_view::npos;
    return is_line ? feed_format::json_lines : feed_format::json;
}

bool is_array(std::string_view head) {
    if (!head.starts_with('[')) return false;
    auto const next = trim(head.substr(1, 4096));
    if (auto const whole = json_cursor{head}.take_value(); whole && whole->size() < 4096) {
        boost::system::error_code failed;
        boost::json::parse(*whole, failed);
        if (!failed) return true;
    }
    return next.empty() || next.front() == '"' || next.front() == '{' || next.front() == '[' ||
           next.front() == ']';
}

/// Of an array: what its first element is.
feed_format detect_array_form(std::string_view head) {
    json_cursor at{head};
    at.skip_blanks();
    at.take_one();
    if (!at.skip_blanks() || at.peek() != '{') return feed_format::json;
    auto const first = detect_object_form(head.substr(at.position()));
    return first == feed_format::stix || first == feed_format::misp ? first : feed_format::json;
}

constexpr std::string_view delimiters = ",;\t|";

/// How often a delimiter stands outside of quotes.
std::size_t count_of(char delimiter, std::string_view line) {
    std::size_t count = 0;
    bool is_quoted = false;
    for (auto const c : line) {
        if (c == '"') is_quoted = !is_quoted;
        count += c == delimiter && !is_quoted;
    }
    return count;
}

std::vector<std::string> cells_of(std::string_view line, char delimiter) {
    std::vector<std::string> cells;
    for (line = trim(line);;) {
        auto const end = std::min(line.find(delimiter), line.size());
        auto cell = trim(line.substr(0, end));
        if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
            cell = cell.substr(1, cell.size() - 2);
        }
        cells.emplace_back(cell);
        if (end == line.size()) return cells;
        line.remove_prefix(end + 1);
    }
}

char most_frequent_delimiter(std::string_view line) {
    char best = ',';
    std::size_t most = 0;
    for (auto const each : delimiters) {
        if (auto const count = count_of(each, line); count > most) {
            best = each;
            most = count;
        }
    }
    return best;
}

/// Whether a line is a header with a column for the pattern.
bool is_header(std::string_view line, char delimiter, key_fields const& fields) {
    auto const cells = cells_of(line, delimiter);
    return std::ranges::any_of(cells, [&](std::string const& each) {
        auto const plain = plain_heading(each);
        return fields.find(plain) == fields.pattern_index() ||
               (is_usual_pattern_heading(plain) && !fields.has_only_regex());
    });
}

std::optional<detected_form> detect_csv(std::vector<std::string_view> const& all,
                                        std::vector<std::string_view> const& lines,
                                        std::string_view name, key_fields const& fields) {
    if (auto const separator = separator_line(all.front())) {
        return detected_form{feed_format::csv, *separator};
    }
    auto const first = lines.empty() ? std::string_view{} : lines.front();
    auto const delimiter = most_frequent_delimiter(first);
    detected_form const csv{feed_format::csv, delimiter};
    if (!first.empty() && is_header(first, delimiter, fields)) return csv;
    auto const lower = lower_case(name);
    for (auto const* const ending :
         {".csv", ".tsv", ".csv.gz", ".csv.xz", ".csv.bz2", ".csv.zst"}) {
        if (lower.ends_with(ending)) return csv;
    }
    // A regular expression may have any of these characters.
    if (fields.has_only_regex() || first.empty()) return std::nullopt;
    auto const uncommented = part_note(first, "#;", true).text;
    auto const count = count_of(delimiter, uncommented);
    if (count == 0) return std::nullopt;
    // One line with a comma may as well be two names.
    bool const goes_on = lines.size() < 2 || count_of(delimiter, lines[1]) == count;
    return goes_on ? std::optional{csv} : std::nullopt;
}

}  // namespace

std::optional<char> separator_line(std::string_view line) {
    line = line.substr(0, line.find_first_of("\r\n"));
    bool const is_quoted = line.size() > 2 && line.front() == '"' && line.back() == '"';
    if (is_quoted) line = line.substr(1, line.size() - 2);
    constexpr std::size_t size = 5;
    if (!starts_with_word(line, "sep=") || line.size() < size) return std::nullopt;
    // The delimiter may be a blank; what else follows is none.
    if (!trim(line.substr(size)).empty()) return std::nullopt;
    return line[size - 1];
}

char detect_delimiter(std::string_view head) {
    auto const all = sample(head);
    if (all.empty()) return ',';
    if (auto const separator = separator_line(all.front())) return *separator;
    auto const first = std::ranges::find_if_not(all, is_comment);
    return most_frequent_delimiter(first == all.end() ? all.back() : *first);
}

detected_form detect_form(std::string_view head, std::string_view name, key_fields const& fields) {
    auto const all = sample(head);
    if (all.empty()) return {};
    auto lines = all;
    std::erase_if(lines, [](std::string_view each) { return is_comment(each); });
    auto const first = trim(lines.empty() ? all.front() : lines.front());
    if (starts_with_word(trim(all.front()), "[Adblock")) return {feed_format::adblock};
    auto const text = head.substr(static_cast<std::size_t>(first.data() - head.data()));
    if (first.starts_with('{')) return {detect_object_form(text)};
    if (is_array(text)) return {detect_array_form(text)};
    // In a list of rules, what looks like a comment may be a rule.
    if (are_most(all, is_adblock_line) || are_most(lines, is_adblock_line)) {
        return {feed_format::adblock};
    }
    if (are_most(lines, is_hosts_line)) return {feed_format::hosts};
    if (are_most(lines, is_zone_line)) return {feed_format::rpz};
    if (are_most(lines, is_dnsmasq_line)) return {feed_format::dnsmasq};
    if (are_most(lines, is_unbound_line)) return {feed_format::unbound};
    auto const csv = detect_csv(all, lines, name, fields);
    if (csv && csv->delimiter != '\t') return *csv;
    if (are_most(lines, is_postfix_line)) return {feed_format::postfix};
    return csv.value_or(detected_form{});
}

}  // namespace cloudflare::inline v0::email_security
