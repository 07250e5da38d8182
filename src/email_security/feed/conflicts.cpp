#include "email_security/feed/expression_matching.hpp"

#include <cloudflare/email_security/conflicts.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <algorithm>
#include <tuple>

namespace cloudflare::inline v0::email_security {

namespace {

template <class Filter>
sender_patterns senders_of(feed_view const& entries, Filter counts) {
    sender_patterns made;
    for (std::uint32_t i = 0; i != entries.size(); ++i) {
        if (!counts(entries.item(i))) continue;
        made.add(entries.line(i), entries.key(i), entries.pattern(i));
    }
    return made;
}

conflict_report meet(sender_patterns const& blocked, sender_patterns const& trusted) {
    conflict_report found;
    auto const tell = [&](std::uint32_t b, std::uint32_t t, overlap how) {
        auto& one = found.conflicts.emplace_back();
        one.line = std::max(blocked.line(b), trusted.line(t));  // the list's have none
        one.blocked = blocked.pattern(b);
        one.trusted = trusted.pattern(t);
        one.overlap = how;
    };
    expression_matching trusting{trusted, blocked};
    pattern_cover const wide_trust{trusted, trusted.size()};
    for (std::uint32_t b = 0; b != blocked.size(); ++b) {
        auto const key = blocked.key(b);
        if (auto const same = wide_trust.find_same(key)) {
            tell(b, *same, overlap::same);
        } else if (auto const wider = wide_trust.find_wider(key)) {
            tell(b, *wider, overlap::trusted_is_wider);
        } else if (auto const match = trusting.find(key)) {
            tell(b, match->number, match->is_whole ? overlap::trusted_is_wider : overlap::partial);
        }
    }
    expression_matching blocking{blocked, trusted};
    pattern_cover const wide_block{blocked, blocked.size()};
    for (std::uint32_t t = 0; t != trusted.size(); ++t) {
        auto const key = trusted.key(t);
        if (auto const wider = wide_block.find_wider(key)) {
            tell(*wider, t, overlap::blocked_is_wider);
        } else if (auto const match = blocking.find(key)) {
            tell(match->number, t, match->is_whole ? overlap::blocked_is_wider : overlap::partial);
        }
    }
    std::ranges::sort(found.conflicts, {}, [](conflict const& each) {
        return std::tie(each.line, each.overlap, each.blocked, each.trusted);
    });
    trusting.add_uncompared(found.not_compared);
    blocking.add_uncompared(found.not_compared);
    return found;
}

}  // namespace

void sender_patterns::add(std::int64_t line, pattern_key key, std::string canonical) {
    auto& made = all_.emplace_back();
    made.line = line;
    made.pattern = std::move(canonical);
    made.type = key.type;
    made.is_regex = key.is_regex;
}

pattern_key sender_patterns::key(std::uint32_t number) const {
    auto const& each = all_[number];
    pattern_key made;
    made.pattern = each.pattern;
    made.type = each.type;
    made.is_regex = each.is_regex;
    return made;
}

conflict_report find_conflicts(feed_view const& blocked, sender_list<allow_policy> const& there) {
    auto const any = [](void const*) { return true; };
    return meet(senders_of(blocked, any), there.patterns());
}

conflict_report find_conflicts(feed_view const& allowed, sender_list<block_sender> const& there) {
    auto const is_trust = [](void const* item) {
        return static_cast<new_allow_policy const*>(item)->is_trusted_sender();
    };
    return meet(there.patterns(), senders_of(allowed, is_trust));
}

conflict_report find_conflicts(feed<block_senders_traits> const& blocked,
                               sender_list<allow_policy> const& there) {
    typed_feed_view<block_senders_traits> const view{blocked};
    return find_conflicts(view, there);
}

conflict_report find_conflicts(feed<allow_policies_traits> const& allowed,
                               sender_list<block_sender> const& there) {
    typed_feed_view<allow_policies_traits> const view{allowed};
    return find_conflicts(view, there);
}

}  // namespace cloudflare::inline v0::email_security
