#include "email_security/sync/plan_checker.hpp"

#include "email_security/sync/owner_marks.hpp"

namespace cloudflare::inline v0::email_security {

namespace {

/// Keeps the elements whose mark is as wanted.
template <class T>
void keep(std::vector<T>& all, std::vector<bool> const& marks, bool wanted) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i != all.size(); ++i) {
        if (marks[i] != wanted) continue;
        if (kept != i) all[kept] = std::move(all[i]);
        ++kept;
    }
    all.resize(kept);
}

owner_settings rules_for(std::string const& owner) {
    owner_settings made;
    made.owner = owner;
    return made;
}

}  // namespace

void plan_drift::add(std::string_view pattern, std::string_view why) {
    if (count++ == 0) first.append("'").append(pattern).append("' ").append(why);
}

std::optional<error> plan_drift::to_error(plan_check how) const {
    if (count == 0) return std::nullopt;
    auto text = "the list has changed since the plan was made: " + std::to_string(count) +
                (count == 1 ? " of its changes does" : " of its changes do") +
                " not fit any more, " + first + "; nothing was changed";
    if (how == plan_check::exact) text += "; plan again, or resume the plan if it was interrupted";
    return error{errc::conflict, std::move(text)};
}

plan_checker::plan_checker(sync_type const& of, feed_view const& desired, sync_changes& changes,
                           std::string const& owner, plan_check how)
    : of_{of},
      desired_{desired},
      changes_{changes},
      rules_{of, rules_for(owner)},
      how_{how},
      lookup_{of, desired, changes.creates} {
    for (std::size_t i = 0; i != changes_.updates.size(); ++i) {
        by_id_.emplace(changes_.updates[i].id.text(), place{false, i});
    }
    for (std::size_t i = 0; i != changes_.removals.size(); ++i) {
        by_id_.emplace(changes_.removals[i].id.text(), place{true, i});
        auto const& kept = changes_.removals[i].kept;
        if (!kept.empty()) kept_keys_.emplace(kept.text(), std::string{});
    }
}

void plan_checker::restart() {
    current_ = 0;
    drift_ = {};
    is_there_.assign(desired_.size(), false);
    update_found_.assign(changes_.updates.size(), false);
    removal_found_.assign(changes_.removals.size(), false);
    surplus_keys_.clear();
    for (auto& each : kept_keys_) each.second.clear();
    update_done_.assign(changes_.updates.size(), false);
}

void plan_checker::take(std::size_t, cloudflare::detail::object_list there) {
    current_ += there.size();
    for (std::size_t i = 0; i != there.size(); ++i) {
        auto const each = of_.look_at(there[i]);
        if (auto const number = lookup_.find(each)) check_create(*number, each);
        auto const kept = kept_keys_.find(each.id->text());
        if (kept != kept_keys_.end()) kept->second = of_.identity->key_of_existing(each.model);
        auto const found = by_id_.find(each.id->text());
        if (found == by_id_.end()) continue;
        if (found->second.is_removal) {
            check_removal(found->second.index, each);
        } else {
            check_update(found->second.index, each);
        }
    }
}

std::optional<error> plan_checker::finish() {
    for (std::size_t i = 0; i != changes_.updates.size(); ++i) {
        if (update_found_[i]) continue;
        auto const& update = changes_.updates[i];
        if (update.purpose == edit_purpose::unmark && how_ == plan_check::resume) {
            update_done_[i] = true;
            continue;
        }
        drift_.add(pattern_of(update, desired_), "is gone");
    }
    for (std::size_t i = 0; i != changes_.removals.size(); ++i) {
        if (removal_found_[i] || how_ == plan_check::resume) continue;
        drift_.add(changes_.removals[i].pattern, "is gone already");
    }
    for (auto const& [index, key] : surplus_keys_) check_surplus(index, key);
    auto& report = changes_.report;
    report.current = static_cast<std::int64_t>(current_);
    if (auto failed = drift_.to_error(how_)) return failed;
    std::erase_if(changes_.creates, [this](std::uint32_t each) { return is_there_[each]; });
    keep(changes_.updates, update_done_, false);
    keep(changes_.removals, removal_found_, true);
    auto const of_feed = [&report] { return report.created + report.updated + report.shared; };
    auto const planned = of_feed();
    count_changes(changes_);
    report.unchanged += planned - of_feed();
    return std::nullopt;
}

void plan_checker::check_create(std::uint32_t number, listed_entry const& there) {
    if (how_ == plan_check::resume && is_created(number, there)) {
        is_there_[number] = true;
    } else {
        drift_.add(desired_.pattern(number), "is there already");
    }
}

bool plan_checker::is_created(std::uint32_t number, listed_entry const& there) const {
    if (rules_.has_owner() && !rules_.look_at(there).is_own) return false;
    return differing_fields(of_, desired_.item(number), desired_.given(number), there.model) == 0;
}

void plan_checker::check_update(std::size_t index, listed_entry const& there) {
    auto& update = changes_.updates[index];
    update_found_[index] = true;
    update.before = json_of_existing(of_, there.model);
    if (fingerprint_of(of_, there.model) == update.seen) {
        // Otherwise only in a plan that was edited.
        if (rules_.allows(update, rules_.look_at(there))) return;
        drift_.add(pattern_of(update, desired_), "is not the owner's to edit");
        return;
    }
    if (how_ == plan_check::resume && is_done(update, there)) {
        update_done_[index] = true;
    } else {
        drift_.add(pattern_of(update, desired_), "has changed");
    }
}

bool plan_checker::is_done(planned_update const& update, listed_entry const& there) const {
    if (update.new_comments && there.comments != *update.new_comments) return false;
    if (update.entry == planned_update::no_entry) return true;
    return of_.identity->key_of_existing(there.model) ==
               of_.identity->key_of_item(desired_.item(update.entry)) &&
           differing_fields(of_, desired_.item(update.entry), update.fields, there.model) == 0;
}

void plan_checker::check_removal(std::size_t index, listed_entry const& there) {
    auto& removal = changes_.removals[index];
    removal_found_[index] = true;
    removal.before = json_of_existing(of_, there.model);
    if (fingerprint_of(of_, there.model) != removal.seen) {
        drift_.add(removal.pattern, "has changed");
    } else if (!removal.kept.empty()) {
        surplus_keys_.emplace_back(index, of_.identity->key_of_existing(there.model));
    } else if (!owner_rules::may_remove(rules_.look_at(there))) {
        // Only in a plan that was edited.
        drift_.add(removal.pattern, "is not the owner's to delete");
    }
}

// The one that is to stay must be there, and stay.
void plan_checker::check_surplus(std::size_t index, std::string const& key) {
    auto const& removal = changes_.removals[index];
    auto const kept = by_id_.find(removal.kept.text());
    bool const goes_too = kept != by_id_.end() && kept->second.is_removal;
    if (goes_too || kept_keys_.find(removal.kept.text())->second != key) {
        drift_.add(removal.pattern, "is not there twice any more");
    }
}

}  // namespace cloudflare::inline v0::email_security
