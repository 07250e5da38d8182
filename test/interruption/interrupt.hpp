#pragma once

#include "scene.hpp"

#include <vector>

namespace cloudflare::test {

/// Cancels at each point, in each way that Asio has.
void cancel_at_each(std::vector<waiting_point> const& points);
/// Lets the time of the call pass at each point.
void let_time_pass_at_each(std::vector<waiting_point> const& points);
/// Cancels and lets the time pass, in both orders and with every number of steps of the client's
/// between: a call that was cancelled before it ended says so, and no other does.
void do_both_at_each(std::vector<waiting_point> const& points);

}  // namespace cloudflare::test
