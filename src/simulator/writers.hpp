#pragma once

#include "identifier.hpp"
#include "operations.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace cloudflare::inline v0::simulator {

/// Other people who work on one collection of an account: they create entries, and edit and delete
/// those that they made, at so many changes a second. What they do comes from a seed, when they do
/// it from the clock. They were there first: the collection begins with some entries of theirs.
class writers {
public:
    writers(std::uint64_t changes_a_second, std::uint64_t seed);

    /// Makes the entries that they begin with.
    void begin(operation_context c);
    /// Does all that was due.
    void catch_up(operation_context c);

private:
    void create(operation_context c);
    void change(operation_context c);

    std::uint64_t changes_a_second_;
    std::mt19937_64 random_;
    timestamp start_{};
    std::uint64_t done_ = 0;
    std::uint64_t made_ = 0;
    std::vector<identifier> own_;
};

}  // namespace cloudflare::inline v0::simulator
