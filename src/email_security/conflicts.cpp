#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <algorithm>

namespace cloudflare::email_security {

namespace {

/// Patterns of one side, in canonical form, with the lines of those that are from a feed.
class side final : public key_source {
public:
    void add(std::int64_t line, pattern_key key, std::string canonical) {
        auto& made = all_.emplace_back();
        made.line = line;
        made.pattern = std::move(canonical);
        made.type = key.type;
        made.is_regex = key.is_regex;
    }

    std::size_t size() const { return all_.size(); }
    std::int64_t line(std::uint32_t number) const { return all_[number].line; }
    std::string const& pattern(std::uint32_t number) const { return all_[number].pattern; }
    pattern_key key(std::uint32_t number) const override {
        auto const& each = all_[number];
        pattern_key made;
        made.pattern = each.pattern;
        made.type = each.type;
        made.is_regex = each.is_regex;
        return made;
    }

private:
    struct one {
        std::int64_t line = 0;
        std::string pattern;
        pattern_type type = pattern_type::unknown;
        bool is_regex = false;
    };
    std::vector<one> all_;
};

template <class Entries, class Filter>
side side_of_feed(Entries const& entries, Filter counts) {
    side made;
    for (auto const& each : entries) {
        if (counts(each.item)) made.add(each.line, key_of(each.item), each.item.pattern());
    }
    return made;
}

template <class Model, class Filter>
side side_of_list(std::vector<Model> const& list, Filter counts) {
    side made;
    for (auto const& each : list) {
        if (each.pattern && counts(each)) {
            made.add(0, key_of_existing(each), canonical_pattern(each));
        }
    }
    return made;
}

std::vector<conflict> meet(side const& blocked, side const& trusted) {
    std::vector<conflict> found;
    auto const tell = [&](std::uint32_t b, std::uint32_t t, overlap how) {
        auto& one = found.emplace_back();
        one.line = std::max(blocked.line(b), trusted.line(t));  // the list's have none
        one.blocked = blocked.pattern(b);
        one.trusted = trusted.pattern(t);
        one.overlap = how;
    };
    pattern_cover const wide_trust{trusted, trusted.size()};
    for (std::uint32_t b = 0; b != blocked.size(); ++b) {
        auto const key = blocked.key(b);
        if (auto const same = wide_trust.find_same(key)) {
            tell(b, *same, overlap::same);
        } else if (auto const wider = wide_trust.find_wider(key)) {
            tell(b, *wider, overlap::trusted_is_wider);
        }
    }
    pattern_cover const wide_block{blocked, blocked.size()};
    for (std::uint32_t t = 0; t != trusted.size(); ++t) {
        if (auto const wider = wide_block.find_wider(trusted.key(t))) {
            tell(*wider, t, overlap::blocked_is_wider);
        }
    }
    std::ranges::stable_sort(found, {}, &conflict::line);
    return found;
}

constexpr auto all = [](auto const&) { return true; };

}  // namespace

std::vector<conflict> find_conflicts(feed<block_senders_traits> const& blocked,
                                     std::vector<allow_policy> const& there) {
    auto const is_trust = [](allow_policy const& each) {
        return each.is_trusted_sender.value_or(false);
    };
    return meet(side_of_feed(blocked.entries, all), side_of_list(there, is_trust));
}

std::vector<conflict> find_conflicts(feed<allow_policies_traits> const& allowed,
                                     std::vector<block_sender> const& there) {
    auto const is_trust = [](new_allow_policy const& each) { return each.is_trusted_sender(); };
    return meet(side_of_list(there, all), side_of_feed(allowed.entries, is_trust));
}

}  // namespace cloudflare::email_security
