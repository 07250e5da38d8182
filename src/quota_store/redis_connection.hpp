#pragma once

#include <cloudflare/quota_store.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cloudflare::inline v0 {

/// What a Redis server answered.
struct redis_reply {
    enum class kind { nil, text, integer, array, failure };
    kind what = kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< also of a failure
    std::vector<redis_reply> elements;
};

class redis_socket;

/// A connection to a Redis server, opened when it is needed, and again after it was lost. Of one
/// strand.
class redis_connection {
public:
    using time_point = std::chrono::steady_clock::time_point;

    redis_connection(boost::asio::any_io_executor strand, quota_store_options options);
    ~redis_connection();
    redis_connection(redis_connection const&) = delete;
    redis_connection& operator=(redis_connection const&) = delete;

    /// Sends a command and awaits its answer, until the deadline at most. When none comes the
    /// connection is given up, and nobody knows whether the command was done. A failure that the
    /// server answered is an answer. Commands may overlap.
    boost::asio::awaitable<result<redis_reply>> command(std::vector<std::string> words,
                                                        time_point deadline);

private:
    boost::asio::awaitable<result<std::shared_ptr<redis_socket>>> open(time_point deadline);
    void close(std::shared_ptr<redis_socket> const& which);

    boost::asio::any_io_executor strand_;
    quota_store_options options_;
    std::shared_ptr<redis_socket> socket_;
    std::vector<std::string> addresses_;  // of the host
    std::size_t next_address_ = 0;
};

}  // namespace cloudflare::inline v0
