#pragma once

#include <cloudflare/quota_store.hpp>
#include <cloudflare/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

/// One of all hosts that use a Redis server works on something at a time.
namespace cloudflare::inline v0 {

/// The right to work on something, which is renewed as long as the object exists and the server
/// answers. To be let go of where it was taken.
class CLOUDFLARE_EXPORT leader_lease {
public:
    leader_lease() = default;
    virtual ~leader_lease() = default;
    leader_lease(leader_lease const&) = delete;
    leader_lease& operator=(leader_lease const&) = delete;

    /// False once it could not be renewed in time, or another has it: then nothing more may be
    /// done. Asks nobody, and may be called from any thread. It is false early enough before
    /// another can have it.
    virtual bool is_held() const noexcept = 0;
    /// Greater than that of whoever had it before.
    virtual std::int64_t number() const noexcept = 0;
    /// Lets others have it at once; otherwise they can when its time is over.
    virtual boost::asio::awaitable<void> release() = 0;
};

/// What came of the attempt to take one.
struct leader_attempt {
    std::shared_ptr<leader_lease> lease;  ///< null: another has it
    std::string holder;                   ///< who
};

/// Takes it, if nobody has it. `name` is what is worked on, `holder` is told to others. It lasts so
/// long after the latest renewal; a third of that passes between two. Must be awaited on a strand,
/// or where only one thread runs the context; the lease is of that executor.
///
/// Errors: `errc::quota_unavailable` when the server does not answer within two seconds, or a sixth
/// of that time;
/// `errc::invalid_argument` when the store is not a Redis server. Cancellation: all types.
CLOUDFLARE_EXPORT boost::asio::awaitable<result<leader_attempt>> take_leader_lease(
    quota_store_options store, std::string name, std::string holder,
    std::chrono::milliseconds lasts = std::chrono::seconds{30});

}  // namespace cloudflare::inline v0
