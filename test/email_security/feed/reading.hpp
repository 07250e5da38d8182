#pragma once

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/pattern_cover.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// Reads feeds from texts.
namespace test {

namespace cf = cloudflare;
namespace es = cloudflare::email_security;

using block_options = es::feed_options<es::block_senders_traits>;
using block_feed = es::feed<es::block_senders_traits>;

inline cf::result<block_feed> try_read(std::string const& text, block_options const& options = {}) {
    std::istringstream in{text};
    return es::read_feed<es::block_senders_traits>(in, options);
}

inline block_feed read(std::string const& text, block_options const& options = {}) {
    return try_read(text, options).value();
}

/// The patterns of the entries, in their order.
inline std::vector<std::string> patterns(block_feed const& of) {
    std::vector<std::string> all;
    for (auto const& each : of.entries) all.push_back(each.item.pattern());
    return all;
}

inline std::vector<std::string> exceptions(block_feed const& of) {
    std::vector<std::string> all;
    for (auto const& each : of.exceptions) all.push_back(each.pattern);
    return all;
}

inline std::vector<std::int64_t> rejected_lines(block_feed const& of) {
    std::vector<std::int64_t> all;
    for (auto const& each : of.rejected) all.push_back(each.line);
    return all;
}

inline bool has(std::vector<std::string> const& all, std::string_view one) {
    for (auto const& each : all) {
        if (each == one) return true;
    }
    return false;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

using names = std::vector<std::string>;
using lines = std::vector<std::int64_t>;

}  // namespace test

/// Compares two vectors, and shows both when they differ.
#define CHECK_SAME(a, b) BOOST_TEST((a) == (b), boost::test_tools::per_element())
