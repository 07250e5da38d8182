#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <vector>

namespace cloudflare::email_security {

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

/// The records of a response policy zone.
class rpz_form final : public form_reader {
public:
    explicit rpz_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const text = line.text.substr(0, line.text.find(';'));
        bool const continues = depth_ > 0;
        for (auto const c : text) depth_ += c == '(' ? 1 : c == ')' && depth_ > 0 ? -1 : 0;
        if (continues) return note();
        auto rest = text;
        bool const has_owner = !text.empty() && !is_blank(text.front());
        auto const first = has_owner ? take_word(rest) : std::string_view{};
        if (trim(text).empty()) return trim(line.text).empty() ? std::nullopt : note();
        if (first.starts_with('$')) return take_directive(line, first, rest);
        if (has_owner) owner_ = first;
        take_record(line, rest);
        return std::nullopt;
    }

    std::optional<error> finish() override {
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

    std::optional<error> take_directive(feed_line const& line, std::string_view name,
                                        std::string_view rest) {
        if (is_same_word(name, "$INCLUDE") || is_same_word(name, "$GENERATE")) {
            make_.reject(line.place(), "is a directive for other records");
            make_.hold_deletions("the zone has parts that were not read");
            return std::nullopt;
        }
        if (is_same_word(name, "$ORIGIN")) origin_ = lower_case(take_word(rest));
        return note();
    }

    void take_record(feed_line const& line, std::string_view rest) {
        auto type = take_word(rest);
        while (is_time(type) || is_same_word(type, "IN")) type = take_word(rest);
        if (is_same_word(type, "SOA")) {
            if (origin_.empty() && owner_.ends_with('.')) origin_ = lower_case(owner_);
            return make_.note();
        }
        if (is_same_word(type, "NS") || owner_ == "@") return make_.note();
        if (!is_same_word(type, "CNAME")) {
            return make_.reject(line.place(), "is not a CNAME record");
        }
        take_policy(line, take_word(rest));
    }

    void take_policy(feed_line const& line, std::string_view target) {
        auto const name = name_of_owner();
        if (name.empty()) {
            return make_.reject(line.place(),
                                "has a name that ends with a dot, and not with the zone's name");
        }
        auto const trigger = lower_case(name);
        if (is_same_word(target, "rpz-passthru.") || target == "rpz-passthru") {
            auto const block = trigger.ends_with(".rpz-ip")
                                   ? block_of(trigger.substr(0, name.size() - 7))
                                   : std::string{};
            return make_.except(line.place(), block.empty() ? name : std::string_view{block});
        }
        bool const blocks = target == "." || target == "*." || is_same_word(target, "rpz-drop.");
        if (!blocks) return make_.reject(line.place(), "leads elsewhere, and does not block");
        if (trigger.ends_with(".rpz-ip")) {
            auto const block = block_of(trigger.substr(0, name.size() - 7));
            if (block.empty()) return make_.reject(line.place(), "has no IP block before rpz-ip");
            return make_.add(line.place(), block);
        }
        constexpr std::array<std::string_view, 3> others{".rpz-nsdname", ".rpz-nsip",
                                                         ".rpz-client-ip"};
        if (std::ranges::any_of(others, [&](auto each) { return trigger.ends_with(each); })) {
            return make_.reject(line.place(), "is about servers or clients, and not about a name");
        }
        if (name.starts_with("*.") && !make_.reading().wildcards) {
            wildcards_.push_back({line.number, trigger.substr(2)});
            return;
        }
        make_.add(line.place(), name);
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

    int depth_ = 0;  // of parentheses
    std::string owner_;
    std::string origin_;
    std::vector<wildcard> wildcards_;
};

}  // namespace

std::unique_ptr<form_reader> make_rpz_reader(entry_maker& make) {
    return std::make_unique<rpz_form>(make);
}

}  // namespace cloudflare::email_security
