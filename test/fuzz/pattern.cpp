// What a pattern is, its canonical form, and what it covers.

#include "fuzz.hpp"

#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <algorithm>
#include <array>
#include <string>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

struct one_key final : key_source {
    explicit one_key(pattern_key const& key) : only{key} {}
    pattern_key key(std::uint32_t) const override { return only; }
    pattern_key only;
};

void check_cover(recognised_pattern const& wider, std::string_view narrower, pattern_type type) {
    one_key const source{{wider.pattern, wider.type}};
    pattern_cover const cover{source, 1};
    require(cover.find_same(source.only) == 0, "a pattern is found");
    require(!cover.find_wider(source.only), "a pattern is not wider than itself");
    auto const inside = recognise_pattern(narrower, type);
    if (!inside || inside->pattern == wider.pattern) return;
    require(cover.find_wider({inside->pattern, inside->type}) == 0, "it takes in what is inside");
}

void check_canonical(recognised_pattern const& found) {
    for (auto const type : {std::optional<pattern_type>{found.type}, {}}) {
        auto const again = recognise_pattern(found.pattern, type);
        require(again && again->pattern == found.pattern && again->type == found.type,
                "the canonical form is its own");
    }
    // A quoted local part may have blanks.
    auto const is_plain = [](char c) { return c >= ' ' && c <= '~'; };
    require(std::ranges::all_of(found.pattern, is_plain), "it is plain ASCII");
    switch (found.type) {
        case pattern_type::domain:
            require(found.pattern.size() <= 253, "a domain is no longer than a host name");
            check_cover(found, "below." + found.pattern, pattern_type::domain);
            check_cover(found, "somebody@" + found.pattern, pattern_type::email);
            break;
        case pattern_type::email:
            require(found.pattern.size() <= 254, "an address is no longer than it may be");
            break;
        case pattern_type::ip:
            require(found.pattern.size() <= 43, "a network is no longer than it can be");
            check_cover(found, found.pattern.substr(0, found.pattern.find('/')), pattern_type::ip);
            break;
        case pattern_type::unknown:
            require(false, "what was recognised has a type");
            break;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array<std::optional<pattern_type>, 4> types{
        std::nullopt, pattern_type::email, pattern_type::domain, pattern_type::ip};
    fuzz::input in{data, size};
    auto const type = types[in.pick(types.size())];
    auto const found = recognise_pattern(in.rest(), type);
    if (found) {
        require(!type || found->type == *type, "the type is the one that was asked for");
        check_canonical(*found);
    } else {
        require(found.error().code() == errc::invalid_argument, "what is not a pattern is refused");
        require(found.error().detail().size() <= 200, "the reason is short");
    }
    return 0;
}
