#pragma once

#include <cloudflare/detail/sync/comparison.hpp>
#include <cloudflare/detail/sync/plan.hpp>
#include <cloudflare/detail/whole_list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// Whether a plan that was made earlier still fits the list.
namespace cloudflare::email_security {

/// What may have changed since the plan was made.
enum class plan_check {
    exact,   ///< nothing of what the plan changes
    resume,  ///< besides, parts of the plan may be done already, as after an interruption
};

/// How many changes of a plan do not fit the list, and the first one.
struct plan_drift {
    std::size_t count = 0;
    std::string first;

    void add(std::string_view pattern, std::string_view why);
    /// Empty when all fit.
    std::optional<error> to_error(plan_check how) const;
};

/// Compares a list with what a plan saw of it.
template <class Traits>
class plan_checker final : public list_visitor<typename Traits::model> {
public:
    using model = typename Traits::model;

    /// The plan and its owner must outlive it.
    plan_checker(sync_plan<Traits>& plan, std::string const& owner, plan_check how)
        : plan_{plan}, owner_{owner}, how_{how}, lookup_{plan_.desired.entries, plan_.creates} {
        for (std::size_t i = 0; i != plan_.updates.size(); ++i) {
            by_id_.emplace(plan_.updates[i].id.text(), place{false, i});
        }
        for (std::size_t i = 0; i != plan_.removals.size(); ++i) {
            by_id_.emplace(plan_.removals[i].id.text(), place{true, i});
            auto const& kept = plan_.removals[i].kept;
            if (!kept.empty()) kept_keys_.emplace(kept.text(), std::string{});
        }
    }

    void restart() override {
        current_ = 0;
        drift_ = {};
        is_there_.assign(plan_.desired.entries.size(), false);
        update_found_.assign(plan_.updates.size(), false);
        removal_found_.assign(plan_.removals.size(), false);
        surplus_keys_.clear();
        for (auto& each : kept_keys_) each.second.clear();
        update_done_.assign(plan_.updates.size(), false);
    }

    void take(std::size_t, std::vector<model> there) override {
        current_ += there.size();
        for (auto const& each : there) {
            if (auto const number = lookup_.find(each)) check_create(*number, each);
            auto const kept = kept_keys_.find(each.id.text());
            if (kept != kept_keys_.end()) kept->second = key_text(each);
            auto const found = by_id_.find(each.id.text());
            if (found == by_id_.end()) continue;
            if (found->second.is_removal) {
                check_removal(found->second.index, each);
            } else {
                check_update(found->second.index, each);
            }
        }
    }

    /// Once the list was read: takes what is done already out of the plan, if the rest fits.
    std::optional<error> finish() {
        for (std::size_t i = 0; i != plan_.updates.size(); ++i) {
            if (!update_found_[i]) drift_.add(pattern_at(plan_.updates[i].entry), "is gone");
        }
        for (std::size_t i = 0; i != plan_.removals.size(); ++i) {
            if (removal_found_[i] || how_ == plan_check::resume) continue;
            drift_.add(plan_.removals[i].pattern, "is gone already");
        }
        for (auto const& [index, key] : surplus_keys_) check_surplus(index, key);
        auto& report = plan_.report;
        report.current = static_cast<std::int64_t>(current_);
        if (auto failed = drift_.to_error(how_)) return failed;
        std::erase_if(plan_.creates, [this](std::uint32_t each) { return is_there_[each]; });
        keep(plan_.updates, update_done_, false);
        keep(plan_.removals, removal_found_, true);
        auto const left = plan_.creates.size() + plan_.updates.size();
        report.unchanged += report.created + report.updated - static_cast<std::int64_t>(left);
        report.created = static_cast<std::int64_t>(plan_.creates.size());
        report.updated = static_cast<std::int64_t>(plan_.updates.size());
        report.deleted = static_cast<std::int64_t>(plan_.removals.size());
        return std::nullopt;
    }

private:
    using item = typename Traits::new_item;

    struct place {
        bool is_removal = false;
        std::size_t index = 0;
    };

    std::string const& pattern_at(std::uint32_t entry) const {
        return pattern_of(plan_.desired.entries[entry].item);
    }

    void check_create(std::uint32_t number, model const& there) {
        if (how_ == plan_check::resume && is_as_created(number, there)) {
            is_there_[number] = true;
        } else {
            drift_.add(pattern_at(number), "is there already");
        }
    }

    bool is_as_created(std::uint32_t number, model const& there) const {
        if (!owner_.empty() && !is_owned_by(comments_of(there), owner_)) return false;
        auto const& entry = plan_.desired.entries[number];
        return differing_fields(wire::fields_of<item>(), &entry.item, entry.given,
                                wire::fields_of<model>(), &there) == 0;
    }

    void check_update(std::size_t index, model const& there) {
        auto const& update = plan_.updates[index];
        auto const& entry = plan_.desired.entries[update.entry];
        update_found_[index] = true;
        if (fingerprint_of<Traits>(there) == update.seen) return;
        bool const is_same_key = canonical_pattern(there) == pattern_of(entry.item);
        bool const is_done = how_ == plan_check::resume && is_same_key &&
                             differing_fields(wire::fields_of<item>(), &entry.item, update.fields,
                                              wire::fields_of<model>(), &there) == 0;
        if (is_done) {
            update_done_[index] = true;
        } else {
            drift_.add(pattern_at(update.entry), "has changed");
        }
    }

    void check_removal(std::size_t index, model const& there) {
        auto const& removal = plan_.removals[index];
        removal_found_[index] = true;
        if (fingerprint_of<Traits>(there) != removal.seen) {
            drift_.add(removal.pattern, "has changed");
        } else if (!removal.kept.empty()) {
            surplus_keys_.emplace_back(index, key_text(there));
        } else if (!is_owned_by(comments_of(there), owner_)) {
            // Only in a plan that was edited.
            drift_.add(removal.pattern, "is not the owner's");
        }
    }

    /// The one that is to stay must be there, and stay.
    void check_surplus(std::size_t index, std::string const& key) {
        auto const& removal = plan_.removals[index];
        auto const kept = by_id_.find(removal.kept.text());
        bool const goes_too = kept != by_id_.end() && kept->second.is_removal;
        if (goes_too || kept_keys_.find(removal.kept.text())->second != key) {
            drift_.add(removal.pattern, "is not there twice any more");
        }
    }

    /// The natural key.
    static std::string key_text(model const& there) {
        auto const key = key_of_existing(there);
        return canonical_pattern(there) + '\n' + std::string{wire_name(key.type)} +
               (key.is_regex ? "\nregex" : "");
    }

    /// Keeps the elements whose mark is as wanted.
    template <class T>
    static void keep(std::vector<T>& all, std::vector<bool> const& marks, bool wanted) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i != all.size(); ++i) {
            if (marks[i] != wanted) continue;
            if (kept != i) all[kept] = std::move(all[i]);
            ++kept;
        }
        all.resize(kept);
    }

    sync_plan<Traits>& plan_;
    std::string const& owner_;
    plan_check how_;
    feed_lookup<Traits> lookup_;
    std::unordered_map<std::string_view, place> by_id_;
    /// Of the entries that stay where a surplus one goes; empty of one that is not there.
    std::unordered_map<std::string_view, std::string> kept_keys_;
    std::vector<std::pair<std::size_t, std::string>> surplus_keys_;
    std::size_t current_ = 0;
    plan_drift drift_;
    std::vector<bool> is_there_;
    std::vector<bool> update_found_;
    std::vector<bool> update_done_;
    std::vector<bool> removal_found_;
};

}  // namespace cloudflare::email_security
