#include <cloudflare/detail/pattern_index.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

namespace cloudflare::email_security {

namespace {

struct key_hash {
    using is_transparent = void;
    using is_avalanching = void;
    key_source const* source;

    std::size_t operator()(pattern_key const& key) const { return hash_value(key); }
    std::size_t operator()(std::uint32_t number) const { return (*this)(source->key(number)); }
};

struct key_equal {
    using is_transparent = void;
    key_source const* source;

    pattern_key key(pattern_key const& given) const { return given; }
    pattern_key key(std::uint32_t number) const { return source->key(number); }
    template <class A, class B>
    bool operator()(A const& a, B const& b) const {
        return key(a) == key(b);
    }
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
    boost::unordered_flat_set<std::uint32_t, key_hash, key_equal> numbers;
};

pattern_index::pattern_index(key_source const& source)
    : impl_{new impl{boost::unordered_flat_set<std::uint32_t, key_hash, key_equal>(
          0, key_hash{&source}, key_equal{&source})}} {}

pattern_index::~pattern_index() = default;

void pattern_index::reserve(std::size_t count) {
    impl_->numbers.reserve(count);
}

bool pattern_index::insert(std::uint32_t number) {
    return impl_->numbers.insert(number).second;
}

std::optional<std::uint32_t> pattern_index::find(pattern_key const& key) const {
    auto const found = impl_->numbers.find(key);
    if (found == impl_->numbers.end()) return std::nullopt;
    return *found;
}

}  // namespace cloudflare::email_security
