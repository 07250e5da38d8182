#pragma once

#include "session.hpp"

#include <cloudflare/error.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cfes {

/// What becomes of the things that one command was told to work on, one after the other.
class tally {
public:
    /// `is_one`: it is one by itself, whose failure is also told in a document where that was asked
    /// for. The session must outlive it.
    tally(session const& with, bool is_one) : with_{&with}, is_one_{is_one} {}

    /// One was done, or need not be.
    void succeed() { ++succeeded_; }
    /// Tells what kept one of them from being done.
    void fail(std::string const& name, cloudflare::error const& why);
    /// Whether the next can be expected to fare better: not after an error that is about all of
    /// them, as a token that is not taken.
    bool may_go_on() const noexcept { return !is_over_; }
    /// Tells how many were not tried.
    void leave(std::size_t count);
    /// The exit status: `not_found` when that is all that was wrong, also if others were done.
    int status() const;

private:
    session const* with_;
    bool is_one_;
    bool is_over_ = false;
    std::size_t succeeded_ = 0;
    std::vector<int> failures_;
};

}  // namespace cfes
