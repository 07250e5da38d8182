#include "email_security/sync/arrivals.hpp"

#include "email_security/sync/owner_marks.hpp"

#include <algorithm>
#include <utility>

namespace cloudflare::inline v0::email_security {

arrivals::arrivals(sync_type const& of, feed_view const& desired, sync_changes const& plan,
                   std::vector<std::uint32_t> const& wanted, std::string const& owner)
    : of_{of},
      desired_{desired},
      plan_{plan},
      owner_{owner},
      lookup_{of, desired, wanted},
      kept_{desired.size()} {}

void arrivals::restart() {
    has_others_ = false;
    if (readings_ == 0) {
        kept_.clear();
        doubles_.clear();
    }
    if (also_) also_->restart();
}

void arrivals::take(std::size_t position, cloudflare::detail::object_list there) {
    for (std::size_t i = 0; i != there.size(); ++i) {
        auto const each = of_.look_at(there[i]);
        has_others_ = has_others_ || !look_at_marks(each.comments, owner_).is_own;
        auto const number = lookup_.find(each);
        // What differs is not from here, whoever made it.
        if (number && is_as_created(of_, plan_, each, desired_, *number, owner_)) {
            note(*number, *each.id);
        }
    }
    if (also_) also_->take(position, std::move(there));
}

// A page may show again what another one did.
void arrivals::note(std::uint32_t number, identifier const& id) {
    if (!kept_.has(number)) {
        kept_.set(number, id);
        return;
    }
    auto const kept = kept_.get(number);
    if (kept == id) return;
    auto& others = doubles_[number];
    if (std::ranges::find(others, id) != others.end()) return;
    bool const stays = comes_before(id, kept);
    others.push_back(stays ? kept : id);
    if (stays) kept_.set(number, id);
}

bool arrivals::has_all(std::vector<bool> const& created) const {
    for (std::uint32_t number = 0; number != created.size(); ++number) {
        if (created[number] && !kept_.has(number)) return false;
    }
    return true;
}

std::vector<planned_removal> arrivals::doubles() const {
    std::vector<planned_removal> all;
    for (auto const& [number, ids] : doubles_) {
        for (auto const& id : ids) {
            auto& removal = all.emplace_back();
            removal.id = id;
            removal.pattern = desired_.pattern(number);
            removal.kept = kept_.get(number);
        }
    }
    return all;
}

}  // namespace cloudflare::inline v0::email_security
