#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/mail_providers.hpp"
#include "email_security/feed/public_suffix.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>
#include <cloudflare/email_security/protection.hpp>

#include <algorithm>
#include <charconv>
#include <istream>
#include <map>
#include <sstream>

namespace cloudflare::email_security {

namespace {

constexpr int widest_v4 = 16;
constexpr int widest_v6 = 32;

int prefix_of(std::string_view block, int all_bits) {
    auto const slash = block.find('/');
    if (slash == std::string_view::npos) return all_bits;
    int prefix = 0;
    std::from_chars(block.data() + slash + 1, block.data() + block.size(), prefix);
    return prefix;
}

/// Why an entry takes in too much by itself; empty when it does not.
std::string breadth_of(pattern_key const& key) {
    if (key.is_regex) return {};
    if (key.type == pattern_type::ip) {
        bool const is_v6 = key.pattern.find(':') != std::string_view::npos;
        auto const widest = is_v6 ? widest_v6 : widest_v4;
        if (prefix_of(key.pattern, 128) >= widest) return {};
        return "is a block wider than /" + std::to_string(widest) +
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

    std::vector<name> names;
    bool allow_wide = false;
};

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

void protection::add_mail_providers(std::istream& in) {
    for (std::string line; std::getline(in, line);) {
        auto const parted = part_note(line, "#;", true);
        auto found = recognise_pattern(parted.text);
        if (!found) continue;
        auto const why = parted.note.empty() ? std::string_view{"a mail provider"} : parted.note;
        add(std::move(*found),
            "is protected (" + std::string{why} + "): --no-protection lets it through", false);
    }
}

void protection::add_mail_providers() {
    std::istringstream in{std::string{mail_providers_text()}};
    add_mail_providers(in);
}

std::optional<error> protection::add_file(std::filesystem::path const& path) {
    feed_options<block_senders_traits> options;
    options.from_urls(true).wildcards(true).warning_lists(true).allow_empty(true);
    auto const read = read_feed<block_senders_traits>(path, options);
    if (!read) return read.error();
    if (!read->rejected.empty()) {
        auto const& first = read->rejected.front();
        return error{errc::invalid_argument,
                     path.string() + ": line " + std::to_string(first.line) + ": '" +
                         first.pattern + "' " + first.reason + "; nothing of it may be left out"};
    }
    auto const why = "is protected by " + path.string();
    for (auto const& each : read->entries) {
        recognised_pattern made;
        made.pattern = each.item.pattern();
        made.type = each.item.pattern_type();
        if (!each.item.is_regex()) add(std::move(made), why);
    }
    for (auto const& each : read->exceptions) {
        if (auto found = recognise_pattern(each.pattern)) add(std::move(*found), why);
    }
    return std::nullopt;
}

std::vector<protection::finding> protection::find_held(
    key_source const& entries, std::size_t count,
    std::vector<feed_exception> const& exceptions) const {
    std::map<std::uint32_t, std::string> held;
    impl all;
    all.names = impl_->names;
    for (auto const& each : exceptions) {
        auto found = recognise_pattern(each.pattern);
        if (!found) continue;
        all.names.push_back(
            {std::move(*found), "is excepted by line " + std::to_string(each.line), true});
    }
    auto const hold = [&held](std::uint32_t entry, std::string reason) {
        held.emplace(entry, std::move(reason));
    };
    pattern_cover const protected_names{all, all.names.size()};
    for (std::uint32_t i = 0; i != count; ++i) {
        auto const key = entries.key(i);
        if (!impl_->allow_wide) {
            if (auto why = breadth_of(key); !why.empty()) hold(i, std::move(why));
        }
        if (key.is_regex || all.names.empty()) continue;
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

}  // namespace cloudflare::email_security
