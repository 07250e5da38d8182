#pragma once

#include "quota_store/quota_record.hpp"

#include <cloudflare/quota_store.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cloudflare::inline v0 {

/// How long anybody waits for a store.
inline constexpr std::chrono::milliseconds store_patience{100};

/// Where a record is kept that others change as well. Not for several threads at once, but several
/// exchanges may be under way.
class record_store {
public:
    virtual ~record_store() = default;

    /// Ends within `store_patience`, by failing if need be; then nobody knows whether it was done.
    /// The error's detail has no secret.
    virtual boost::asio::awaitable<result<quota::record_answer>> exchange(
        quota::record_exchange what) = 0;
};

/// In a file, under a lock: for the processes of one host.
std::unique_ptr<record_store> make_file_store(std::string path, std::string key,
                                              quota::record_policy policy);

/// In a Redis server. The executor is a strand.
std::unique_ptr<record_store> make_redis_store(boost::asio::any_io_executor strand,
                                               quota_store_options const& options, std::string key,
                                               quota::record_policy policy);

/// The name under which a user's record is kept: a hash, from which no credential can be found.
std::string record_key(credentials const& of, std::string const& user);

}  // namespace cloudflare::inline v0
