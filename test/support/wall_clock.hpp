#pragma once

#include <chrono>

namespace cloudflare::test {

/// Puts the time of day forward that `time` and `gettimeofday` tell, OpenSSL for one, for all of
/// the program that uses this.
void put_wall_clock_forward(std::chrono::seconds by);

}  // namespace cloudflare::test
