#include "email_security/feed/entry_maker.hpp"
#include "email_security/feed/expression_breadth.hpp"
#include "email_security/feed/feed_pattern.hpp"
#include "email_security/feed/ip_block.hpp"
#include "email_security/feed/mail_providers.hpp"
#include "email_security/feed/public_suffix.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>
#include <cloudflare/email_security/protection.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <sstream>

namespace cloudflare::inline v0::email_security {

namespace {

/// Why an entry takes in too much by itself; empty when it does not.
std::string breadth_of(pattern_key const& key) {
    if (key.is_regex) return {};
    if (key.type == pattern_type::ip) {
        auto const block = parse_ip_block(key.pattern);
        if (!block || !is_too_wide(*block)) return {};
        return "is a block wider than /" + std::to_string(widest_prefix(*block)) +
               ": --allow-wide lets it through";
    }
    bool const is_domain = key.type == pattern_type::domain;
    if (!is_domain || !is_public_suffix(key.pattern)) return {};
    return "is a public suffix, below which anybody can have names: --allow-wide lets it through";
}

}  // namespace

struct protection::impl final : key_source {
    struct name {
        recognised_pattern what;
        std::string reason;
        bool with_addresses = true;
    };

    pattern_key key(std::uint32_t number) const override {
        pattern_key made;
        made.pattern = names[number].what.pattern;
        made.type = names[number].what.type;
        return made;
    }

    struct expression {
        sender_expression what;
        pattern_type type = pattern_type::unknown;
        std::string reason;
    };

    std::string reason_against(pattern_key const& of) const;

    std::vector<name> names;
    std::vector<expression> expressions;
    bool allow_wide = false;
};

/// Why a regular expression is held back; empty when it is not.
std::string protection::impl::reason_against(pattern_key const& of) const {
    auto const tried = sender_expression::compile(of.pattern);
    if (!tried) {
        if (allow_wide) return {};
        return "is a regular expression that cannot be tried on what is protected, as it " +
               tried.error().detail() + ": --allow-wide lets it through";
    }
    for (std::uint32_t i = 0; i != names.size(); ++i) {
        auto const each = key(i);
        if (!may_match(*tried, of.type, each)) continue;
        return "matches '" + names[i].what.pattern + "', which " + names[i].reason;
    }
    if (allow_wide) return {};
    auto const both = unrelated_senders(*tried, of.type);
    if (both.empty()) return {};
    return "matches senders that have nothing in common, as " + both +
           ": --allow-wide lets it through";
}

namespace {

/// Reads all that a file names, each with what stands beside it.
std::optional<error> read_protected(
    std::filesystem::path const& path,
    std::function<std::optional<error>(block_senders_traits::new_item const&)> const& add) {
    feed_options<block_senders_traits> options;
    options.from_urls(true).wildcards(true).warning_lists(true).comments_from_feed(true);
    auto how = options.reading();
    how.is_protected = true;
    options.reading(std::move(how));
    auto const read = read_feed<block_senders_traits>(path, options);
    if (!read) return error{errc::invalid_argument, read.error().detail()};  // names the file
    auto const refuse = [&path](std::int64_t line, std::string const& pattern,
                                std::string const& why) {
        return error{errc::invalid_argument, path.string() + ": line " + std::to_string(line) +
                                                 ": '" + pattern + "' " + why};
    };
    if (!read->rejected.empty()) {
        auto const& first = read->rejected.front();
        return refuse(first.line, first.pattern, first.reason + "; nothing of it may be left out");
    }
    for (auto const& each : read->entries) {
        if (auto failed = add(each.item)) {
            return refuse(each.line, presentable(each.item.pattern()), failed->detail());
        }
    }
    for (auto const& each : read->exceptions) {
        auto found = recognise_protected(each.pattern, std::nullopt);
        if (!found) return refuse(each.line, each.pattern, found.error().detail());
        block_senders_traits::new_item const made{found->pattern, found->type};
        if (auto failed = add(made)) return refuse(each.line, each.pattern, failed->detail());
    }
    return std::nullopt;
}

recognised_pattern pattern_in(block_senders_traits::new_item const& item) {
    return {item.pattern(), item.pattern_type()};
}

}  // namespace

protection::protection() : impl_{std::make_unique<impl>()} {}
protection::~protection() = default;
protection::protection(protection&&) noexcept = default;
protection& protection::operator=(protection&&) noexcept = default;

protection& protection::allow_wide(bool value) {
    impl_->allow_wide = value;
    return *this;
}

void protection::add(recognised_pattern what, std::string reason, bool with_addresses) {
    impl_->names.push_back({std::move(what), std::move(reason), with_addresses});
}

std::optional<error> protection::add_expression(std::string_view expression, pattern_type type,
                                                std::string reason) {
    auto made = sender_expression::compile(expression);
    if (!made) {
        return error{errc::invalid_argument,
                     "is a regular expression that cannot be tried: it " + made.error().detail()};
    }
    impl_->expressions.push_back({std::move(*made), type, std::move(reason)});
    return std::nullopt;
}

namespace {

std::string provider_reason(std::string_view why) {
    return "is protected (" + (why.empty() ? "a mail provider" : presentable(why)) +
           "): --no-protection lets it through";
}

}  // namespace

std::optional<error> protection::add_mail_providers(std::filesystem::path const& path) {
    return read_protected(path, [this](auto const& each) -> std::optional<error> {
        auto reason = provider_reason(each.comments().value_or(std::string{}));
        if (each.is_regex()) {
            return add_expression(each.pattern(), each.pattern_type(), std::move(reason));
        }
        add(pattern_in(each), std::move(reason), false);
        return std::nullopt;
    });
}

void protection::add_mail_providers() {
    std::istringstream in{std::string{mail_providers_text()}};
    feed_options<block_senders_traits> options;
    auto const read = read_feed<block_senders_traits>(in, options.comments_from_feed(true));
    if (!read) return;
    for (auto const& each : read->entries) {
        add(pattern_in(each.item), provider_reason(each.item.comments().value_or(std::string{})),
            false);
    }
}

std::optional<error> protection::add_file(std::filesystem::path const& path) {
    auto const why = "is protected by " + path.string();
    return read_protected(path, [this, &why](auto const& each) -> std::optional<error> {
        if (each.is_regex()) return add_expression(each.pattern(), each.pattern_type(), why);
        add(pattern_in(each), why);
        return std::nullopt;
    });
}

void protection::hold_whole_ranges(std::vector<finding>& held,
                                   std::vector<split_range> const& ranges) {
    std::vector<finding> more;
    for (auto const& range : ranges) {
        auto const is_held = [&held](std::uint32_t entry) {
            return std::ranges::binary_search(held, entry, {}, &finding::entry);
        };
        if (std::ranges::none_of(range.entries, is_held)) continue;
        for (auto const entry : range.entries) {
            if (is_held(entry)) continue;
            more.push_back({entry, "is part of the range in line " + std::to_string(range.line) +
                                       ", of which another part is held back"});
        }
    }
    held.insert(held.end(), more.begin(), more.end());
    std::ranges::sort(held, {}, &finding::entry);
    auto const twice = std::ranges::unique(held, {}, &finding::entry);
    held.erase(twice.begin(), twice.end());
}

std::vector<protection::finding> protection::find_held(
    key_source const& entries, std::size_t count,
    std::vector<feed_exception> const& exceptions) const {
    std::map<std::uint32_t, std::string> held;
    impl all;
    all.names = impl_->names;
    all.allow_wide = impl_->allow_wide;
    for (auto const& each : exceptions) {
        auto found = recognise_pattern(each.pattern);
        if (!found) continue;
        all.names.push_back(
            {std::move(*found), "is excepted by line " + std::to_string(each.line), true});
    }
    auto const hold = [&held](std::uint32_t entry, std::string reason) {
        held.emplace(entry, std::move(reason));
    };
    // A feed may have any number of expressions; each is tried on all that is protected.
    constexpr std::chrono::minutes time{1};
    auto const end = std::chrono::steady_clock::now() + time;
    pattern_cover const protected_names{all, all.names.size()};
    for (std::uint32_t i = 0; i != count; ++i) {
        auto const key = entries.key(i);
        if (!impl_->allow_wide) {
            if (auto why = breadth_of(key); !why.empty()) hold(i, std::move(why));
        }
        if (key.is_regex) {
            auto why = std::chrono::steady_clock::now() < end
                           ? all.reason_against(key)
                           : std::string{"is a regular expression that there was no time to try"};
            if (!why.empty()) hold(i, std::move(why));
            continue;
        }
        auto const expression = std::ranges::find_if(
            impl_->expressions,
            [&key](impl::expression const& each) { return may_match(each.what, each.type, key); });
        if (expression != impl_->expressions.end()) hold(i, expression->reason);
        if (all.names.empty()) continue;
        auto found = protected_names.find_same(key);
        if (!found) found = protected_names.find_wider(key);
        // Of a name that single addresses are not protected at, a wider one may say otherwise.
        while (found && key.type == pattern_type::email && !all.names[*found].with_addresses &&
               all.names[*found].what.type != pattern_type::email) {
            found = protected_names.find_wider(all.key(*found));
        }
        if (found) hold(i, all.names[*found].reason);
    }
    pattern_cover const taken_in{entries, all.names.empty() ? 0 : count};
    for (auto const& each : all.names) {
        pattern_key key;
        key.pattern = each.what.pattern;
        key.type = each.what.type;
        for (auto wider = taken_in.find_wider(key); wider;
             wider = taken_in.find_wider(entries.key(*wider))) {
            hold(*wider, "takes in '" + each.what.pattern + "', which " + each.reason);
        }
    }
    std::vector<protection::finding> sorted;
    for (auto& [entry, reason] : held) sorted.push_back({entry, std::move(reason)});
    return sorted;
}

}  // namespace cloudflare::inline v0::email_security
