#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

/// `address=/name/name/0.0.0.0` and `server=/name/` of dnsmasq.
class dnsmasq_form final : public form_reader {
public:
    explicit dnsmasq_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const parted = part_note(line.text, "#", false);
        if (parted.text.empty()) {
            if (parted.has_note) make_.note();
            return std::nullopt;
        }
        auto const equals = parted.text.find('=');
        auto const kind = trim(parted.text.substr(0, equals));
        auto const value = equals == std::string_view::npos ? std::string_view{}
                                                            : trim(parted.text.substr(equals + 1));
        bool const is_address = is_same_word(kind, "address");
        bool const is_server = is_same_word(kind, "server") || is_same_word(kind, "local");
        auto const last = value.rfind('/');
        if ((!is_address && !is_server) || !value.starts_with('/')) {
            make_.reject(line.place(), parted.text, "is not of the form address=/name/0.0.0.0");
            return std::nullopt;
        }
        if (value.find_first_of(blanks) != std::string_view::npos) {
            make_.reject(line.place(), parted.text, "has more than one statement");
            return std::nullopt;
        }
        auto const target = value.substr(last + 1);
        auto const all = value.substr(0, last + 1);  // with a slash at both ends
        if (all.find("//") != std::string_view::npos || last == 0) {
            make_.reject(line.place(), parted.text, "has an empty name");
            return std::nullopt;
        }
        auto const take = [&](auto with) {
            for (auto names = all.substr(1); !names.empty();) {
                auto const size = names.find('/');
                with(names.substr(0, size));
                names.remove_prefix(size + 1);
            }
        };
        if (is_server && target == "#") {
            take([&](std::string_view name) { make_.except(line.place(), name); });
        } else if (target.empty() || (is_address && (target == "#" || is_sink_address(target)))) {
            take([&](std::string_view name) { make_.add({line.number, name}, name, parted.note); });
        } else {
            make_.reject(line.place(), parted.text, "leads elsewhere, and does not block");
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }
};

constexpr std::array<std::string_view, 11> blocking_zones{
    "always_nxdomain", "always_nodata", "always_refuse", "always_deny", "always_null",    "refuse",
    "static",          "deny",          "redirect",      "inform_deny", "inform_redirect"};
constexpr std::array<std::string_view, 5> open_zones{"transparent", "always_transparent",
                                                     "typetransparent", "nodefault", "inform"};

template <std::size_t Size>
bool is_one_of(std::array<std::string_view, Size> const& names, std::string_view text) {
    return std::ranges::any_of(names, [text](auto each) { return is_same_word(each, text); });
}

/// A time to live.
bool is_time(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `local-zone: "name" always_nxdomain` of unbound.
class unbound_form final : public form_reader {
public:
    explicit unbound_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const parted = part_note(line.text, "#", false);
        auto rest = parted.text;
        auto const kind = take_word(rest);
        if (kind.empty() || is_same_word(kind, "server:")) {
            if (parted.has_note || !kind.empty()) make_.note();
            return std::nullopt;
        }
        if (is_same_word(kind, "local-zone:")) {
            take_zone(line, parted, rest);
        } else if (is_same_word(kind, "local-data:")) {
            take_data(line, parted, rest);
        } else {
            make_.reject(line.place(), parted.text, "is not a local-zone or local-data");
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }

private:
    static std::string_view unquoted(std::string_view text) {
        bool const is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                               text.back() == text.front();
        return is_quoted ? text.substr(1, text.size() - 2) : text;
    }

    /// `"name" type`
    void take_zone(feed_line const& line, line_with_note const& parted, std::string_view rest) {
        auto const name = unquoted(take_word(rest));
        auto const policy = take_word(rest);
        if (!trim(rest).empty()) {
            make_.reject(line.place(), parted.text, "has more than one statement");
        } else if (name == ".") {
            make_.reject(line.place(), parted.text, "is about all names");
        } else if (is_one_of(blocking_zones, policy)) {
            make_.add(line.place(), name, parted.note);
        } else if (is_one_of(open_zones, policy)) {
            make_.except(line.place(), name);
        } else {
            make_.reject(line.place(), parted.text, "has a type of zone that does not block");
        }
    }

    /// `"name A 0.0.0.0"`, where a time to live and the class may stand before the type.
    void take_data(feed_line const& line, line_with_note const& parted, std::string_view data) {
        auto record = unquoted(trim(data));
        if (record.find_first_of("\"'") != std::string_view::npos) {
            return make_.reject(line.place(), parted.text, "has more than one statement");
        }
        auto const name = take_word(record);
        auto type = take_word(record);
        while (is_time(type) || is_same_word(type, "IN")) type = take_word(record);
        auto const target = take_word(record);
        bool const is_address = is_same_word(type, "A") || is_same_word(type, "AAAA");
        if (is_address && !trim(record).empty()) {
            make_.reject(line.place(), parted.text, "has more than one statement");
        } else if (is_address && is_sink_address(target)) {
            make_.add(line.place(), name, parted.note);
        } else {
            make_.reject(line.place(), parted.text, "leads elsewhere, and does not block");
        }
    }
};

constexpr std::array<std::string_view, 7> blocking_actions{
    "REJECT", "DISCARD", "DEFER", "DEFER_IF_REJECT", "DEFER_IF_PERMIT", "HOLD", "DROP"};
constexpr std::array<std::string_view, 4> permitting_actions{"OK", "PERMIT", "DUNNO", "RELAY"};

bool is_blocking(std::string_view action) {
    bool const is_code = action.size() == 3 && (action[0] == '4' || action[0] == '5') &&
                         action.find_first_not_of("0123456789") == std::string_view::npos;
    return is_code || is_one_of(blocking_actions, action);
}

bool is_permitting(std::string_view action) {
    return is_one_of(permitting_actions, action) || starts_with_word(action, "permit_") ||
           (!action.empty() && action.find_first_not_of("0123456789") == std::string_view::npos);
}

/// An access map of Postfix: a key and an action a line.
class postfix_form final : public form_reader {
public:
    explicit postfix_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const text = trim(line.text);
        if (text.empty()) return std::nullopt;
        if (text.front() == '#') {
            make_.note();
        } else if (!is_blank(line.text.front())) {
            take_begun();
            line_ = line.number;
            raw_ = text;
        } else {
            go_on(line, text);
        }
        return std::nullopt;
    }

    std::optional<error> take_long(feed_line const& line) override {
        take_begun();
        return form_reader::take_long(line);
    }

    std::optional<error> finish() override {
        take_begun();
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }

private:
    /// What begins with a blank goes on with the line before.
    void go_on(feed_line const& line, std::string_view text) {
        auto rest = text;
        take_word(rest);
        auto const action = take_word(rest);
        bool const is_record = is_blocking(action) || is_permitting(action);
        if (raw_.empty() || is_record) {
            make_.reject(line.place(), text,
                         "begins with a blank, and is no line of its own in a map");
        } else if (raw_.size() + line.text.size() > max_feed_line) {
            make_.reject(line.place(), text, "makes its line longer than can be read");
        } else {
            raw_ += ' ';
            raw_ += text;
        }
    }

    /// The line that was begun, as it is over now.
    void take_begun() {
        if (raw_.empty()) return;
        std::string_view const text{raw_};
        record_place const where{line_, text};
        auto rest = text;
        auto const key = take_word(rest);
        auto const action = take_word(rest);
        if (key.front() == '/' || key.front() == '!') {
            make_.reject(where, text, "is a regular expression, which is not translated");
        } else if (is_same_word(key, "if") || is_same_word(key, "endif")) {
            make_.reject(where, text, "is a condition, which is not translated");
            make_.hold_deletions("the map has conditions");
        } else if (action.empty()) {
            make_.reject(where, text, "has no action");
        } else if (is_blocking(action)) {
            make_.add(where, key, trim(rest));
        } else if (is_permitting(action)) {
            make_.except(where, key);
        } else {
            make_.reject(where, text, "has an action that does not block");
        }
        raw_.clear();
    }

    std::int64_t line_ = 0;
    std::string raw_;
};

}  // namespace

std::unique_ptr<form_reader> make_dnsmasq_reader(entry_maker& make) {
    return std::make_unique<dnsmasq_form>(make);
}

std::unique_ptr<form_reader> make_unbound_reader(entry_maker& make) {
    return std::make_unique<unbound_form>(make);
}

std::unique_ptr<form_reader> make_postfix_reader(entry_maker& make) {
    return std::make_unique<postfix_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
