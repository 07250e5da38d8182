#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cloudflare::email_security {

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
        if ((!is_address && !is_server) || !value.starts_with('/') || last == 0) {
            make_.reject(line.place(), parted.text, "is not of the form address=/name/0.0.0.0");
            return std::nullopt;
        }
        auto const target = value.substr(last + 1);
        auto const take = [&](auto with) {
            for (auto names = value.substr(1, last - 1); !names.empty();) {
                auto const size = std::min(names.find('/'), names.size());
                with(names.substr(0, size));
                names.remove_prefix(std::min(size + 1, names.size()));
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
            auto const name = unquoted(take_word(rest));
            auto const policy = take_word(rest);
            if (is_one_of(blocking_zones, policy)) {
                make_.add(line.place(), name, parted.note);
            } else if (is_one_of(open_zones, policy)) {
                make_.except(line.place(), name);
            } else {
                make_.reject(line.place(), parted.text, "has a type of zone that does not block");
            }
        } else if (is_same_word(kind, "local-data:")) {
            take_data(line, unquoted(trim(rest)), parted.note);
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

    /// `name A 0.0.0.0`
    void take_data(feed_line const& line, std::string_view record, std::string_view note) {
        auto const name = take_word(record);
        auto last = take_word(record);
        for (auto next = last; !next.empty(); next = take_word(record)) last = next;
        if (is_sink_address(last)) {
            make_.add(line.place(), name, note);
        } else {
            make_.reject(line.place(), "leads elsewhere, and does not block");
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
           action.find_first_not_of("0123456789") == std::string_view::npos;
}

/// An access map of Postfix: a key and an action a line.
class postfix_form final : public form_reader {
public:
    explicit postfix_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const text = trim(line.text);
        if (text.empty()) return std::nullopt;
        // What begins with a blank goes on with the line before.
        if (text.front() == '#' || is_blank(line.text.front())) {
            make_.note();
            return std::nullopt;
        }
        auto rest = text;
        auto const key = take_word(rest);
        auto const action = take_word(rest);
        if (key.front() == '/' || key.front() == '!') {
            make_.reject(line.place(), text, "is a regular expression, which is not translated");
        } else if (is_same_word(key, "if") || is_same_word(key, "endif")) {
            make_.reject(line.place(), text, "is a condition, which is not translated");
            make_.hold_deletions("the map has conditions");
        } else if (action.empty()) {
            make_.reject(line.place(), text, "has no action");
        } else if (is_blocking(action)) {
            make_.add(line.place(), key, trim(rest));
        } else if (is_permitting(action)) {
            make_.except(line.place(), key);
        } else {
            make_.reject(line.place(), text, "has an action that does not block");
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }
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

}  // namespace cloudflare::email_security
