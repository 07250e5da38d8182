#pragma once

#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/leader_lease.hpp>
#include <cloudflare/quota_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

/// What keeps two hosts from syncing a list at a time, as `sync_lock` does on one.
namespace cfes {

/// What came of the attempt to take a lease.
struct lease_attempt {
    std::shared_ptr<cloudflare::leader_lease> lease;
    /// Why there is none: another host has it, or the store is away.
    std::string failure;
};

/// Takes the lease, or tries again for that long. Cancellation: all types.
boost::asio::awaitable<lease_attempt> take_lease(cloudflare::quota_store_options store,
                                                 std::string name, std::chrono::milliseconds wait);

/// A journal that takes nothing once the lease is lost. What a sync sends stands in its journal
/// first, so it then sends nothing more.
class fenced_journal final : public cloudflare::email_security::journal_sink {
public:
    /// `to` may be null: then nothing is written.
    fenced_journal(std::shared_ptr<cloudflare::leader_lease> lease,
                   std::shared_ptr<cloudflare::email_security::journal_sink> to);

    cloudflare::result<void> append(std::string_view lines) override;
    cloudflare::result<void> flush() override;

private:
    cloudflare::result<void> check() const;

    std::shared_ptr<cloudflare::leader_lease> lease_;
    std::shared_ptr<cloudflare::email_security::journal_sink> to_;
};

}  // namespace cfes
