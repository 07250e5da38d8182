#include "email_security/feed/ip_block.hpp"
#include "email_security/feed/reserved_mark.hpp"

#include <cloudflare/email_security/pattern_cover.hpp>

#include <algorithm>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::uint32_t nothing = std::uint32_t(-1);

struct listed_block {
    ip_block what;
    std::uint32_t number = 0;
    std::uint32_t parent = nothing;  // the narrowest one that contains it, by its place
};

}  // namespace

struct pattern_cover::impl {
    impl(key_source const& source, std::size_t count) : index{source} {
        index.reserve(count);
        for (std::uint32_t i = 0; i != count; ++i) {
            auto const key = source.key(i);
            index.insert(i);
            if (key.is_regex || key.type != pattern_type::ip) continue;
            if (auto const what = parse_ip_block(key.pattern))
                blocks.push_back({*what, i, nothing});
        }
        nest_blocks();
    }

    /// Blocks either contain each other or share nothing. Sorted by their first address, wider ones
    /// first, each comes after those that contain it.
    void nest_blocks() {
        std::ranges::sort(blocks, {}, &listed_block::what);
        auto around = nothing;
        for (std::uint32_t i = 0; i != blocks.size(); ++i) {
            while (around != nothing && !blocks[around].what.contains(blocks[i].what)) {
                around = blocks[around].parent;
            }
            blocks[i].parent = around;
            around = i;
        }
    }

    std::optional<std::uint32_t> find_wider_block(std::string_view pattern) const {
        auto const narrow = parse_ip_block(pattern);
        if (!narrow) return std::nullopt;
        auto const after = std::ranges::lower_bound(blocks, *narrow, {}, &listed_block::what);
        if (after == blocks.begin()) return std::nullopt;
        auto at = static_cast<std::uint32_t>(after - blocks.begin() - 1);
        for (; at != nothing; at = blocks[at].parent) {
            if (blocks[at].what.contains(*narrow)) return blocks[at].number;
        }
        return std::nullopt;
    }

    std::optional<std::uint32_t> find_domain(std::string_view name) const {
        pattern_key key;
        key.pattern = name;
        key.type = pattern_type::domain;
        return index.find(key);
    }

    std::optional<std::uint32_t> find_parent_domain(std::string_view name) const {
        for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
            name.remove_prefix(dot + 1);
            if (auto const number = find_domain(name)) return number;
        }
        return std::nullopt;
    }

    pattern_index index;
    std::vector<listed_block> blocks;
};

pattern_cover::pattern_cover(key_source const& source, std::size_t count)
    : impl_{std::make_unique<impl>(source, count)} {}

pattern_cover::~pattern_cover() = default;

std::optional<std::uint32_t> pattern_cover::find_same(pattern_key const& key) const {
    return impl_->index.find(key);
}

std::optional<std::uint32_t> pattern_cover::find_wider(pattern_key const& key) const {
    if (key.is_regex) return std::nullopt;
    switch (key.type) {
        case pattern_type::ip:
            return impl_->find_wider_block(key.pattern);
        case pattern_type::domain:
            return impl_->find_parent_domain(key.pattern);
        case pattern_type::email: {
            auto const at = key.pattern.rfind('@');
            if (at == std::string_view::npos) return std::nullopt;
            auto const domain = key.pattern.substr(at + 1);
            if (auto const number = impl_->find_domain(domain)) return number;
            return impl_->find_parent_domain(domain);
        }
        case pattern_type::unknown:
            break;
    }
    return std::nullopt;
}

bool have_same_effect(std::span<wire::field const> fields, void const* a, void const* b) {
    return std::ranges::all_of(fields, [fields, a, b](wire::field const& each) {
        if (each.is_deprecated || may_have_marks(each.name) || is_key_field(fields, each.name))
            return true;
        // Members are only read through the address.
        return wire::to_text(*each.how, each.address(const_cast<void*>(a))) ==
               wire::to_text(*each.how, each.address(const_cast<void*>(b)));
    });
}

}  // namespace cloudflare::inline v0::email_security
