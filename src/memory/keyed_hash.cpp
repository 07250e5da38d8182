#include "memory/keyed_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace cloudflare::inline v0 {

namespace {

struct hash_key {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

hash_key make_key() {
    std::random_device random;
    auto const word = [&random] {
        auto const high = std::uint64_t{random()};
        return high << 32U | random();
    };
    hash_key made;
    made.first = word();
    made.second = word();
    return made;
}

/// The state of SipHash, by its authors' names.
struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    explicit sip_state(hash_key const& key)
        : v0{key.first ^ 0x736f6d6570736575U},
          v1{key.second ^ 0x646f72616e646f6dU},
          v2{key.first ^ 0x6c7967656e657261U},
          v3{key.second ^ 0x7465646279746573U} {}

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

}  // namespace

std::size_t keyed_hash(std::string_view text, std::uint64_t number) noexcept {
    static hash_key const key = make_key();
    sip_state state{key};
    state.take(number);
    auto const size = std::uint64_t{text.size()};
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        state.take(word);
    }
    std::uint64_t last = 0;
    if (!text.empty()) std::memcpy(&last, text.data(), text.size());
    state.take(last ^ std::rotr(size, 8));
    state.v2 ^= 0xffU;
    for (int i = 0; i != 3; ++i) state.round();
    return static_cast<std::size_t>(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

}  // namespace cloudflare::inline v0
