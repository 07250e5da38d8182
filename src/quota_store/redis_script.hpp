#pragma once

#include "quota_store/redis_connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0 {

/// A Lua script that a Redis server runs as one step.
class redis_script {
public:
    explicit redis_script(std::string_view text);

    /// By its hash; a server that does not know it is given the text. Failures that the server
    /// answers are errors.
    boost::asio::awaitable<result<redis_reply>> run(redis_connection& on, std::string key,
                                                    std::vector<std::string> arguments,
                                                    redis_connection::time_point deadline) const;

private:
    std::string text_;
    std::string hash_;
};

}  // namespace cloudflare::inline v0
