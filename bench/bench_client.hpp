#pragma once

#include "measure.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <cstddef>
#include <string>

/// The library's client as the benchmarks set it up.
namespace bench {

std::string read_file(std::string const& path);

/// For the run's server, with as many connections as it says, and retry, limiter, deadlines and
/// metrics at work as in service. The limiter is told with every answer of a quota that no run uses
/// up, so that the figures do not depend on what the server says, nor on whether it says anything.
///
/// With a number of requests `in_flight`, further ones wait for the quota.
cloudflare::client_options client_options(options const& run,
                                          std::size_t in_flight = 1'000'000'000);

}  // namespace bench
