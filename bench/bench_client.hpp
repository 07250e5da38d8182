#pragma once

#include "measure.hpp"

#include <cloudflare/email_security/block_senders.hpp>

#include <cstddef>
#include <string>

/// The library's client as the benchmarks set it up.
namespace bench {

std::string read_file(std::string const& path);

/// For the run's server, with as many connections as it says, and retry, limiter, deadlines and
/// metrics at work as in service. Unless it obeys the server, the limiter is told with every answer
/// of a quota that no run uses up, so that the figures do not depend on what the server says, nor
/// on whether it says anything.
cloudflare::client_options client_options(options const& run, bool obeys_server = false);

}  // namespace bench
