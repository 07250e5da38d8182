#include "fixture.hpp"
#include "memory/keyed_hash.hpp"
#include "support/program.hpp"

#include <cloudflare/detail/pattern_index.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

/// Texts that somebody outside has made so that a common hash function takes them for one: what is
/// keyed by texts from outside is none the slower for them.

using namespace test;

namespace {

/// The standard library's hash of strings in GCC is MurmurHash64A with a seed that everybody knows,
/// and each of its steps can be undone.
struct murmur {
    static constexpr std::uint64_t factor = 0xc6a4a7935bd1e995U;
    static constexpr std::uint64_t seed = 0xc70f6907U;

    static constexpr std::uint64_t inverse_of_factor() {
        std::uint64_t inverse = factor;
        for (int i = 0; i != 6; ++i) inverse *= 2 - factor * inverse;
        return inverse;
    }
    static constexpr std::uint64_t shifted(std::uint64_t x) { return x ^ (x >> 47U); }
    static constexpr std::uint64_t mixed(std::uint64_t block) {
        return shifted(block * factor) * factor;
    }
    static constexpr std::uint64_t unmixed(std::uint64_t x) {
        return shifted(x * inverse_of_factor()) * inverse_of_factor();
    }
    static constexpr std::uint64_t step(std::uint64_t state, std::uint64_t block) {
        return (state ^ mixed(block)) * factor;
    }
};

std::uint64_t block_of(std::string_view text) {
    std::uint64_t block = 0;
    std::memcpy(&block, text.data(), sizeof block);
    return block;
}

std::string text_of(std::uint64_t block) {
    std::string text(sizeof block, '\0');
    std::memcpy(text.data(), &block, sizeof block);
    return text;
}

bool is_letters(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Two texts of two blocks each that lead from a state to the same one.
struct twins {
    std::string one;
    std::string other;
    std::uint64_t state = 0;
};

twins find_twins(std::uint64_t from, std::minstd_rand& random) {
    std::uniform_int_distribution<int> letter{'a', 'z'};
    auto const some = [&] {
        std::string text(8, ' ');
        for (auto& c : text) c = static_cast<char>(letter(random));
        return text;
    };
    auto const a = some();
    auto const b = some();
    auto const middle = murmur::step(from, block_of(a));
    for (;;) {
        auto const c = some();
        auto const other = murmur::step(from, block_of(c));
        auto const d = text_of(murmur::unmixed(murmur::mixed(block_of(b)) ^ middle ^ other));
        if (c == a || !is_letters(d)) continue;
        return {a + b, c + d, murmur::step(middle, block_of(b))};
    }
}

constexpr int pairs = 14;
constexpr std::size_t count = 10'000;

std::vector<std::string> crafted() {
    std::minstd_rand random{7};
    auto state = murmur::seed ^ (std::uint64_t{16 * pairs} * murmur::factor);
    std::vector<twins> all;
    for (int i = 0; i != pairs; ++i) {
        all.push_back(find_twins(state, random));
        state = all.back().state;
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i != count; ++i) {
        std::string text;
        for (int bit = 0; bit != pairs; ++bit) {
            text += ((i >> bit) & 1U) != 0 ? all[static_cast<std::size_t>(bit)].other
                                           : all[static_cast<std::size_t>(bit)].one;
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

std::vector<std::string> by_chance() {
    std::minstd_rand random{8};
    std::uniform_int_distribution<int> letter{'a', 'z'};
    std::vector<std::string> texts(count, std::string(16 * pairs, ' '));
    for (auto& text : texts) {
        for (auto& c : text) c = static_cast<char>(letter(random));
    }
    return texts;
}

/// Counts how often a key is compared, or hashed.
class counting_keys final : public es::key_source {
public:
    explicit counting_keys(std::vector<std::string> texts) : texts_{std::move(texts)} {}
    es::pattern_key key(std::uint32_t number) const override {
        ++looks;
        es::pattern_key made;
        made.pattern = texts_[number];
        return made;
    }
    std::size_t mutable looks = 0;

private:
    std::vector<std::string> texts_;
};

std::size_t looks_at(std::vector<std::string> const& texts) {
    counting_keys const keys{texts};
    es::pattern_index index{keys};
    for (std::uint32_t i = 0; i != texts.size(); ++i) BOOST_REQUIRE(index.insert(i));
    for (auto const& each : texts) {
        es::pattern_key wanted;
        wanted.pattern = each;
        BOOST_REQUIRE(index.find(wanted).has_value());
    }
    return keys.looks;
}

template <class Hash>
std::size_t longest_chain(std::vector<std::string> const& texts) {
    std::unordered_set<std::string, Hash> const all{texts.begin(), texts.end()};
    std::size_t longest = 0;
    for (std::size_t i = 0; i != all.bucket_count(); ++i) {
        longest = std::max(longest, all.bucket_size(i));
    }
    return longest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hashing)

BOOST_AUTO_TEST_CASE(crafted_texts_are_no_worse_than_others) {
    auto const texts = crafted();
#ifdef __GLIBCXX__
    // Or else they are not what they are meant to be.
    BOOST_TEST(longest_chain<std::hash<std::string>>(texts) == count);
#endif
    BOOST_TEST(longest_chain<cf::keyed_text_hash>(texts) < 30U);
    BOOST_TEST(looks_at(texts) <= 3 * looks_at(by_chance()));
}

BOOST_AUTO_TEST_CASE(says_its_hash) {
    std::cout << "hash " << cf::keyed_hash("text", 1) << '\n';
    BOOST_TEST(cf::keyed_hash("text", 1) == cf::keyed_hash("text", 1));
    BOOST_TEST(cf::keyed_hash("text", 1) != cf::keyed_hash("text", 2));
}

BOOST_AUTO_TEST_CASE(each_process_has_a_hash_of_its_own) {
    auto const told = [] {
        ::test::program other{{"/proc/self/exe", "--run_test=hashing/says_its_hash"}};
        std::string line;
        do {
            line = other.read_line();
        } while (!line.empty() && !line.starts_with("hash "));
        other.read_all();
        BOOST_TEST(other.wait() == 0);
        return line;
    };
    auto const one = told();
    BOOST_TEST(one.starts_with("hash "));
    BOOST_TEST(one != told());
}

BOOST_AUTO_TEST_SUITE_END()
