#pragma once

#include "store.hpp"

#include <chrono>
#include <deque>
#include <utility>

namespace cloudflare::inline v0::simulator {

/// A collection as lists show it, where they show a write only some time later: a copy that
/// follows.
class lagging_store {
public:
    /// Both references must outlive it; `source` notes its changes for it from now on.
    explicit lagging_store(store& source);

    /// Takes what has changed in the source; lists are to show it from `due` on.
    void follow(timestamp due);
    /// The list as it is to be shown.
    store& at(timestamp now);

private:
    store& source_;
    store shown_;
    std::deque<std::pair<timestamp, store::noted_change>> waiting_;
};

}  // namespace cloudflare::inline v0::simulator
