#pragma once

#include <cloudflare/simulator.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

namespace cloudflare::inline v0::simulator {

/// An entry's identifier: a UUID's 128 bits, or the older integer in `low`.
struct identifier {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(identifier const&, identifier const&) = default;
};

std::size_t hash_value(identifier const& id) noexcept;

/// Makes identifiers, and reads and writes them in the form that the simulator was asked for.
class identifier_maker {
public:
    identifier_maker(identifier_form form, std::uint64_t seed);

    identifier make();
    identifier_form form() const noexcept { return form_; }

    boost::json::value to_json(identifier const& id) const;
    std::optional<identifier> from_json(boost::json::value const& value) const;
    std::optional<identifier> from_path(std::string_view segment) const;

private:
    identifier_form form_;
    std::mt19937_64 random_;
    std::uint64_t last_ = 2400;
};

}  // namespace cloudflare::inline v0::simulator
