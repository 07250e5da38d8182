#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A time to live: seconds, or numbers with units.
bool is_time(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9' &&
           text.find_first_not_of("0123456789smhdwSMHDW") == std::string_view::npos;
}

/// Words of an IPv6 address from its end on, of which `zz` stands for those that are all zero.
std::string v6_of(std::span<std::string_view const> reversed) {
    std::string address{reversed.back() == "zz" ? ":" : ""};
    for (auto const word : reversed | std::views::reverse) {
        if (word != "zz") address += word;
        address += ':';
    }
    if (reversed.front() != "zz") address.pop_back();
    return address;
}

/// `32.44.33.22.11` is 11.22.33.44/32, and `48.zz.fe.2620` is 2620:fe::/48; empty when it is
/// neither in its form.
std::string block_of(std::string_view reversed) {
    std::vector<std::string_view> parts;
    while (!reversed.empty()) {
        auto const dot = std::min(reversed.find('.'), reversed.size());
        parts.push_back(reversed.substr(0, dot));
        reversed.remove_prefix(std::min(dot + 1, reversed.size()));
    }
    if (parts.size() < 2 || !is_number(parts[0])) return {};
    std::string block;
    if (parts.size() == 5 && std::ranges::all_of(parts, is_number)) {
        for (std::size_t i = 4; i != 0; --i) block.append(parts[i]).append(i == 1 ? "" : ".");
    } else if (parts.size() == 9 || std::ranges::count(parts, "zz") == 1) {
        block = v6_of(std::span{parts}.subspan(1));
    } else {
        return {};
    }
    return block.append("/").append(parts[0]);
}

constexpr std::array<std::string_view, 16> record_types{
    "A",   "AAAA", "CAA", "CNAME", "DNAME", "DNSKEY", "DS",  "HINFO",
    "LOC", "MX",   "NS",  "NSEC",  "PTR",   "RRSIG",  "SOA", "SRV"};

bool is_type(std::string_view word) {
    return is_same_word(word, "TXT") || std::ranges::any_of(record_types, [word](auto each) {
               return is_same_word(word, each);
           });
}

/// The type of a record, before which its time to live and class may stand.
std::string_view take_type(std::string_view& rest) {
    auto word = take_word(rest);
    while (is_time(word) || is_same_word(word, "IN")) word = take_word(rest);
    return word;
}

/// Whether a line could be a record or a directive by itself.
bool is_statement(std::string_view words) {
    auto rest = words;
    bool const has_owner = !words.empty() && !is_blank(words.front());
    auto const owner = has_owner ? take_word(rest) : std::string_view{};
    return owner.starts_with('$') || is_type(take_type(rest));
}

/// A line's words: without the note, with blanks in place of parentheses, and with underscores in
/// place of what would part or end it within quotes.
struct zone_line {
    std::string words;
    int opened = 0;  ///< parentheses, less those that are closed; never less than the depth before
    bool is_unbalanced = false;
};
zone_line scan(std::string_view text, int depth) {
    zone_line line;
    line.words.reserve(text.size());
    bool is_quoted = false;
    for (std::size_t i = 0; i != text.size(); ++i) {
        auto const c = text[i];
        if (c == '\\' && i + 1 != text.size()) {
            line.words += text.substr(i++, 2);
            continue;
        }
        if (c == '"') is_quoted = !is_quoted;
        if (!is_quoted && c == ';') break;
        bool const closes = !is_quoted && c == ')';
        bool const opens = !is_quoted && c == '(';
        line.is_unbalanced = line.is_unbalanced || (closes && depth + line.opened == 0);
        if (opens) ++line.opened;
        if (closes && depth + line.opened > 0) --line.opened;
        bool const parts = is_blank(c) || c == ';' || c == '(' || c == ')';
        line.words += opens || closes ? ' ' : is_quoted && parts ? '_' : c;
    }
    line.is_unbalanced = line.is_unbalanced || is_quoted;
    return line;
}

/// The records of a response policy zone. A record goes on over lines as long as a parenthesis in
/// it is open; a line that is a record by itself does not belong to another one.
class rpz_form final : public form_reader {
public:
    explicit rpz_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const scanned = scan(line.text, depth_);
        if (depth_ == 0) {
            if (trim(scanned.words).empty() && scanned.opened == 0 && !scanned.is_unbalanced) {
                return trim(line.text).empty() ? std::nullopt : note();
            }
            begin(line, scanned);
        } else {
            go_on(line, scanned);
        }
        depth_ += scanned.opened;
        if (depth_ == 0) take_statement();
        return std::nullopt;
    }

    std::optional<error> take_long(feed_line const& line) override {
        // Nobody knows what its end opens or closes.
        if (depth_ > 0) fault_ = "goes on over a line that is too long";
        return form_reader::take_long(line);
    }

    std::optional<error> finish() override {
        if (depth_ > 0) {
            reject_statement("opens a parenthesis that nothing closes");
            make_.hold_deletions("a line of the feed cannot be read");
        }
        // `*.name` beside `name` says nothing more; alone it is another thing.
        for (auto const& each : wildcards_) {
            if (make_.has_domain(each.name)) {
                make_.note();
            } else {
                make_.reject({each.line, each.name}, "*." + each.name,
                             "is a wildcard: with --wildcards it is taken as the domain itself");
            }
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }

private:
    struct wildcard {
        std::int64_t line;
        std::string name;
    };

    std::optional<error> note() {
        make_.note();
        return std::nullopt;
    }

    void begin(feed_line const& line, zone_line const& scanned) {
        line_ = line.number;
        words_ = scanned.words;
        raw_ = line.text;
        fault_ = scanned.is_unbalanced ? "has a parenthesis or quote without the other one" : "";
    }

    void go_on(feed_line const& line, zone_line const& scanned) {
        if (scanned.is_unbalanced) fault_ = "has a parenthesis or quote without the other one";
        if (is_statement(scanned.words)) {
            fault_ = "has other records within its parentheses";
            make_.reject(line.place(), trim(line.text),
                         "stands within parentheses that line " + std::to_string(line_) + " opens");
        } else if (raw_.size() + line.text.size() > max_feed_line) {
            make_.reject(line.place(), trim(line.text), "makes its record longer than can be read");
            fault_ = "goes on for longer than can be read";
        } else {
            words_ += ' ';
            words_ += scanned.words;
            raw_ += line.text;
        }
    }

    record_place place() const { return {line_, raw_}; }

    void reject_statement(std::string reason) {
        auto const first = std::string_view{raw_}.substr(0, raw_.find_first_of("\r\n"));
        make_.reject(place(), trim(first), std::move(reason));
    }

    /// What is whole, over one line or several.
    void take_statement() {
        if (!fault_.empty()) return reject_statement(std::move(fault_));
        std::string_view rest{words_};
        bool const has_owner = !rest.empty() && !is_blank(rest.front());
        auto const first = has_owner ? take_word(rest) : std::string_view{};
        if (first.starts_with('$')) return take_directive(first, rest);
        if (has_owner) owner_ = first;
        take_record(rest);
    }

    void take_directive(std::string_view name, std::string_view rest) {
        if (is_same_word(name, "$TTL")) return make_.note();
        if (is_same_word(name, "$ORIGIN")) {
            origin_ = lower_case(take_word(rest));
            return make_.note();
        }
        reject_statement("is a directive for other records");
        make_.hold_deletions("the zone has parts that were not read");
    }

    void take_record(std::string_view rest) {
        auto const type = take_type(rest);
        if (is_same_word(type, "SOA")) {
            if (origin_.empty() && owner_.ends_with('.')) origin_ = lower_case(owner_);
            apex_ = lower_case(owner_);
            return make_.note();
        }
        auto const owner = lower_case(owner_);
        if (owner.empty()) return reject_statement("has no name, and no record before it");
        bool const is_of_zone = owner == "@" || owner == apex_ || owner == origin_;
        if (is_of_zone && !is_same_word(type, "CNAME") && is_type(type)) return make_.note();
        if (is_of_zone) return reject_statement("is about the zone itself");
        if (!is_same_word(type, "CNAME")) return reject_statement("is not a CNAME record");
        auto const target = take_word(rest);
        if (target.empty()) return reject_statement("has no target");
        if (!trim(rest).empty()) return reject_statement("has more behind its target");
        take_policy(target);
    }

    void take_policy(std::string_view target) {
        auto const name = name_of_owner();
        if (name.empty()) {
            return reject_statement(
                "has a name that ends with a dot, and not with the zone's name");
        }
        auto const trigger = lower_case(name);
        if (is_same_word(target, "rpz-passthru.") || target == "rpz-passthru") {
            auto const block = trigger.ends_with(".rpz-ip")
                                   ? block_of(trigger.substr(0, name.size() - 7))
                                   : std::string{};
            return make_.except(place(), block.empty() ? name : std::string_view{block});
        }
        bool const blocks = target == "." || target == "*." || is_same_word(target, "rpz-drop.");
        if (!blocks) return reject_statement("leads elsewhere, and does not block");
        if (trigger.ends_with(".rpz-ip")) {
            auto const block = block_of(trigger.substr(0, name.size() - 7));
            if (block.empty()) return reject_statement("has no IP block before rpz-ip");
            make_.add(place(), block);
            return;
        }
        constexpr std::array<std::string_view, 3> others{".rpz-nsdname", ".rpz-nsip",
                                                         ".rpz-client-ip"};
        if (std::ranges::any_of(others, [&](auto each) { return trigger.ends_with(each); })) {
            return reject_statement("is about servers or clients, and not about a name");
        }
        if (name.starts_with("*.") && !make_.reading().wildcards) {
            wildcards_.push_back({line_, trigger.substr(2)});
            return;
        }
        make_.add(place(), name);
    }

    /// Without the zone's name; empty when it is not known what belongs to that.
    std::string_view name_of_owner() const {
        std::string_view name{owner_};
        if (!name.ends_with('.')) return name;
        auto const suffix = '.' + origin_;
        if (origin_.empty() || !lower_case(name).ends_with(suffix)) return {};
        name.remove_suffix(suffix.size());
        return name;
    }

    int depth_ = 0;          // of parentheses
    std::int64_t line_ = 0;  // of the statement that was begun, and all of it
    std::string words_;
    std::string raw_;
    std::string fault_;
    std::string apex_;  // who has the SOA
    std::string owner_;
    std::string origin_;
    std::vector<wildcard> wildcards_;
};

}  // namespace

std::unique_ptr<form_reader> make_rpz_reader(entry_maker& make) {
    return std::make_unique<rpz_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
