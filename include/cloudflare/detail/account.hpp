#pragma once

#include <cloudflare/detail/export.hpp>
#include <cloudflare/error.hpp>

#include <memory>
#include <string>

namespace cloudflare::inline v0 {

/// The account that operations are on. Checked and percent-encoded once; copies share that.
class CLOUDFLARE_EXPORT account {
public:
    /// Any text; an operation on an account whose identifier has not 1 to 32 characters, or could
    /// leave its path segment, fails with `errc::invalid_argument`.
    explicit account(std::string id);
    /// No moving: what is moved from would have none.
    account(account const&) = default;
    /// As the constructor.
    account& operator=(account const&) = default;

    std::string const& id() const noexcept { return shared_->id; }
    /// The same, for who keeps it.
    std::shared_ptr<std::string const> shared_id() const { return {shared_, &shared_->id}; }
    /// As a segment of a path. Only of an account without fault.
    std::string const& segment() const noexcept { return shared_->segment; }
    /// Why no operation can be on it; null when all is well.
    error const* fault() const noexcept { return shared_->is_faulty ? &shared_->fault : nullptr; }

private:
    struct state {
        std::string id;
        std::string segment;
        bool is_faulty = false;
        error fault;
    };
    std::shared_ptr<state const> shared_;
};

}  // namespace cloudflare::inline v0
