#include <cloudflare/detail/pattern_index.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

namespace cloudflare::inline v0::email_security {

namespace {

/// An entry's number, and a part of its key's hash: a table that grows, or compares, then rarely
/// has to look at the entry, which is far away in the memory.
struct numbered_hash {
    std::uint32_t number = 0;
    std::uint32_t hash = 0;
};

/// A key that is looked for.
struct hashed_key {
    pattern_key key;
    std::uint32_t hash = 0;
};

std::uint32_t short_hash(pattern_key const& key) {
    return static_cast<std::uint32_t>(hash_value(key));
}

struct key_hash {
    using is_transparent = void;
    using is_avalanching = void;

    template <class Hashed>
    std::size_t operator()(Hashed const& each) const {
        // The table takes both ends of the number.
        auto const spread = each.hash * 0x9E3779B97F4A7C15U;
        return static_cast<std::size_t>(spread ^ spread >> 32U);
    }
};

struct key_equal {
    using is_transparent = void;
    key_source const* source;

    bool operator()(numbered_hash const& a, numbered_hash const& b) const {
        return a.hash == b.hash && source->key(a.number) == source->key(b.number);
    }
    bool operator()(hashed_key const& a, numbered_hash const& b) const {
        return a.hash == b.hash && a.key == source->key(b.number);
    }
    bool operator()(numbered_hash const& a, hashed_key const& b) const { return (*this)(b, a); }
};

}  // namespace

std::string canonical_pattern(pattern_key const& key, bool has_types) {
    if (key.is_regex || (has_types && key.type == pattern_type::unknown)) {
        return std::string{key.pattern};
    }
    auto found = recognise_pattern(key.pattern, has_types ? key.type : pattern_type::domain);
    return found ? std::move(found->pattern) : std::string{key.pattern};
}

struct pattern_index::impl {
    explicit impl(key_source const& from)
        : source{from}, numbers{0, key_hash{}, key_equal{&from}} {}

    key_source const& source;
    boost::unordered_flat_set<numbered_hash, key_hash, key_equal> numbers;
};

pattern_index::pattern_index(key_source const& source) : impl_{new impl{source}} {}

pattern_index::~pattern_index() = default;

void pattern_index::reserve(std::size_t count) {
    impl_->numbers.reserve(count);
}

bool pattern_index::insert(std::uint32_t number) {
    return impl_->numbers.insert({number, short_hash(impl_->source.key(number))}).second;
}

std::optional<std::uint32_t> pattern_index::find(pattern_key const& key) const {
    auto const found = impl_->numbers.find(hashed_key{key, short_hash(key)});
    if (found == impl_->numbers.end()) return std::nullopt;
    return found->number;
}

}  // namespace cloudflare::inline v0::email_security
