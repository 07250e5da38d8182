#pragma once

#include "service.hpp"

#include <cloudflare/client.hpp>
#include <cloudflare/transport.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace test {

/// What the API does with a text that entries are searched for: it looks at pattern and comments,
/// it passes the search over, it finds nothing, or it finds what is in other entries.
enum class searching { works, is_ignored, finds_nothing, finds_others };

/// How a world of several clients of one API goes.
struct world_settings {
    std::uint64_t seed = 0;
    int page_size = 1000;  ///< that the API lowers all pages to
    int most_steps =
        0;  ///< that a request takes at the most until it is served, and its answer until it comes
    double lost_share = 0;  ///< of the batches, their answers
    bool refuses_duplicates = false;
    searching search = searching::works;
};

/// The simulator's API without sockets or time: each request is served, and each answer comes,
/// after a random number of turns of the context, so that a seed decides in which order the
/// requests of several clients are served.
class shared_world {
public:
    explicit shared_world(world_settings settings);

    boost::asio::io_context& context() noexcept { return context_; }
    cloudflare::simulator::service& api() noexcept { return api_; }
    /// Another client of the same user.
    cloudflare::client connect();
    /// A random number in [0, below).
    int draw(int below);
    /// A random number of turns.
    boost::asio::awaitable<void> pause();
    /// Applies writes whose answers were lost before they were served.
    void apply_late();

    int reads = 0;
    int writes = 0;

private:
    class link;

    boost::asio::awaitable<cloudflare::result<cloudflare::response>> serve(
        cloudflare::request const& message);

    void change_search(std::string& target) const;

    world_settings settings_;
    boost::asio::io_context context_{1};
    std::mt19937_64 random_;
    cloudflare::simulator::service api_;
    std::vector<cloudflare::simulator::request> late_;
};

}  // namespace test
