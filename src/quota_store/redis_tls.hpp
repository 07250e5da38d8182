#pragma once

#include <cloudflare/quota_store.hpp>
#include <cloudflare/result.hpp>

struct redisContext;

namespace cloudflare::inline v0 {

/// Whether this build can speak TLS with a Redis server.
bool has_redis_tls() noexcept;

/// Lets a connection that was begun speak TLS. The server's certificate must be for the host.
result<void> begin_tls(redisContext& connection, quota_store_options const& options);

}  // namespace cloudflare::inline v0
