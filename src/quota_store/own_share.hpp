#pragma once

#include "quota_store/quota_record.hpp"

#include <cstdint>

namespace cloudflare::inline v0::quota {

/// What a process may send while nobody can tell it what the others send: its part of the quota, if
/// there are as many of them as expected, or fewer. Pure, as the record, of which it keeps one of
/// its own.
class own_share {
public:
    own_share(record_policy const& whole, std::int64_t processes);

    /// From now on the process is alone. Of the window that it knew of nothing more is granted:
    /// nobody knows who has how much of it.
    void begin(std::int64_t known_end, std::int64_t now);

    /// As `quota::exchange`, of the share. Only what is told and wanted counts.
    record_answer exchange(record_exchange what, std::int64_t now);

    /// Whether nothing of the window has been granted: the process can go back to the others.
    /// Afterwards it has to wait for the window's end, since they may do what it does.
    bool is_untouched(std::int64_t now) const;
    /// Whether a window has ended since then, and none begun.
    bool has_ended(std::int64_t since, std::int64_t now) const;

private:
    record_policy const whole_;
    std::int64_t const processes_;
    record_policy const policy_;
    quota_record record_;
    known_window known_;
};

}  // namespace cloudflare::inline v0::quota
