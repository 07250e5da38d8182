#include "lagging_store.hpp"

namespace cloudflare::inline v0::simulator {

lagging_store::lagging_store(store& source) : source_{source}, shown_{source.described(), false} {
    source.note_changes();
}

void lagging_store::follow(timestamp due) {
    for (auto& each : source_.take_changes()) waiting_.emplace_back(due, std::move(each));
}

store& lagging_store::at(timestamp now) {
    for (; !waiting_.empty() && waiting_.front().first <= now; waiting_.pop_front()) {
        auto& made = waiting_.front().second;
        auto const there = shown_.find(made.id);
        if (made.values.empty()) {
            if (there) shown_.remove(*there);
        } else if (there) {
            shown_.replace(*there, std::move(made.values), made.modified);
        } else {
            shown_.add(made.id, std::move(made.values), made.modified);
        }
    }
    return shown_;
}

}  // namespace cloudflare::inline v0::simulator
