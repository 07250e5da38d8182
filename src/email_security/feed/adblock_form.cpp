#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>

namespace cloudflare::inline v0::email_security {

namespace {

/// Options that do not make a rule for less than the whole name.
constexpr std::array<std::string_view, 7> whole_options{"third-party", "3p",    "document", "doc",
                                                        "all",         "popup", "important"};

bool are_whole_options(std::string_view options) {
    while (!options.empty()) {
        auto const comma = std::min(options.find(','), options.size());
        auto const option = options.substr(0, comma);
        if (std::ranges::find(whole_options, option) == whole_options.end()) return false;
        options.remove_prefix(std::min(comma + 1, options.size()));
    }
    return true;
}

/// Whether a rule has an option, with or without others.
bool has_option(std::string_view rule, std::string_view option) {
    auto const at = rule.rfind('$');
    if (at == std::string_view::npos) return false;
    for (auto options = rule.substr(at + 1); !options.empty();) {
        auto const comma = std::min(options.find(','), options.size());
        if (options.substr(0, comma) == option) return true;
        options.remove_prefix(std::min(comma + 1, options.size()));
    }
    return false;
}

bool is_element_rule(std::string_view rule) {
    constexpr std::array<std::string_view, 6> separators{"##", "#@#", "#?#", "#$#", "#@?#", "$$"};
    return std::ranges::any_of(separators, [rule](std::string_view each) {
        return rule.find(each) != std::string_view::npos;
    });
}

/// The name in `||name^` or `||name^$options`; empty with a reason when it is another rule.
struct named_rule {
    std::string_view name;
    char const* fault = nullptr;
};
named_rule read_rule(std::string_view rule) {
    if (!rule.starts_with("||")) return {{}, "is not of the form ||name^"};
    rule.remove_prefix(2);
    auto const end = rule.find_first_of("^/$*|?");
    if (end == std::string_view::npos || rule[end] != '^') {
        return {{}, "blocks addresses of pages, and not a whole name"};
    }
    auto const name = rule.substr(0, end);
    auto options = rule.substr(end + 1);
    if (options.starts_with('|')) options.remove_prefix(1);
    if (options.empty()) return {name, nullptr};
    if (options.front() != '$') return {name, "has more behind the name than options"};
    if (!are_whole_options(options.substr(1))) {
        return {name, "has options that block less than the whole name"};
    }
    return {name, nullptr};
}

/// Rules of ad blockers, of which those for whole names are taken.
class adblock_form final : public form_reader {
public:
    explicit adblock_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const text = trim(line.text);
        if (text.empty()) return std::nullopt;
        bool const is_comment = text == "#" || text.starts_with("# ");
        if (is_comment || text.front() == '!' || (text.front() == '[' && text.back() == ']')) {
            make_.note();
            return std::nullopt;
        }
        if (text.starts_with("@@")) {
            take_exception(line, text.substr(2));
            return std::nullopt;
        }
        if (is_element_rule(text)) {
            make_.reject(line.place(), text, "hides parts of pages, and blocks no name");
            return std::nullopt;
        }
        auto const rule = read_rule(text);
        if (has_option(text, "badfilter")) {
            // It switches off the rule that is the same but for this.
            make_.except(line.place(), rule.name.empty() ? text : rule.name);
        } else if (rule.fault != nullptr) {
            make_.reject(line.place(), text, rule.fault);
        } else {
            make_.add(line.place(), rule.name);
        }
        return std::nullopt;
    }

    bool shows_cuts() const override { return true; }

private:
    void take_exception(feed_line const& line, std::string_view rule) {
        if (has_option(rule, "badfilter")) {
            return make_.reject(line.place(), trim(line.text),
                                "switches off an exception, which is not read");
        }
        bool const is_expression = rule.starts_with('/');
        auto name = is_expression ? rule : rule.substr(0, rule.find('$'));
        name.remove_prefix(std::min(name.find_first_not_of('|'), name.size()));
        make_.except(line.place(), is_expression ? name : name.substr(0, name.find('^')));
    }
};

}  // namespace

std::unique_ptr<form_reader> make_adblock_reader(entry_maker& make) {
    return std::make_unique<adblock_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
