#include "email_security/sync/undo.hpp"

#include <cloudflare/detail/answer_match.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;
using cloudflare::detail::key_of_id;

namespace {

constexpr auto all_fields = std::numeric_limits<std::uint32_t>::max();

/// What an entry has after a patch.
any_object with_patch(any_object item, any_object const& patch) {
    auto const targets = item.type().fields();
    for (auto const& each : patch.type().fields()) {
        // Members are only read through the address.
        auto const* const value = each.address(const_cast<void*>(patch.get()));
        if (each.is_deprecated || !each.how->is_present(value)) continue;
        for (auto const& target : targets) {
            if (target.name != each.name) continue;
            auto* const at = target.address(item.get());
            // What is null is cleared, and copies nothing.
            target.how->clear(at);
            wire::copy_value(*each.how, value, *target.how, at);
        }
    }
    return item;
}

bool has_value(std::span<wire::field const> fields, void const* object, std::string_view name) {
    auto const found = std::ranges::find(fields, name, &wire::field::name);
    // Members are only read through the address.
    return found != fields.end() &&
           found->how->is_present(found->address(const_cast<void*>(object)));
}

/// The fields of an item that have no value in it, but in another object.
std::uint32_t fields_filled_by(any_object const& other, any_object const& item) {
    std::uint32_t filled = 0;
    auto const fields = item.type().fields();
    for (std::size_t i = 0; i != fields.size() && i < 32; ++i) {
        auto const name = fields[i].name;
        bool const is_filled = !has_value(fields, item.get(), name) &&
                               has_value(other.type().fields(), other.get(), name);
        if (is_filled) filled |= 1U << i;
    }
    return filled;
}

}  // namespace

undo_maker::undo_maker(sync_type const& of, sync_journal::content const& journal,
                       feed_receiver& entries, sync_changes& made)
    : of_{of}, entries_{entries}, made_{made} {
    made_.is_exact = true;
    for (auto const& each : journal.changes) {
        if (!each.is_repeated && journal.may_be_done(each)) add(each);
    }
    for (std::size_t i = 0; i != former_.size(); ++i) {
        if (!former_[i].item) continue;
        former_by_key_[of.identity->key_of_item(former_[i].item->get())].push_back(i);
    }
    made_.report.desired = static_cast<std::int64_t>(former_.size() + created_.size());
}

void undo_maker::add(journal_change const& change) {
    if (change.kind == change_kind::create) {
        auto const number = created_.size();
        auto& created = created_.emplace_back();
        created.change = &change;
        created.is_uncertain = change.id.empty() || change.was_unknown;
        if (!change.id.empty()) created_by_id_.emplace(key_of_id(change.id), number);
        created_by_key_[of_.identity->key_of_item(change.item->get())].push_back(number);
        return;
    }
    auto const [at, is_new] = former_by_id_.try_emplace(key_of_id(change.id), former_.size());
    if (is_new) former_.emplace_back();
    auto& former = former_[at->second];
    if (change.before) former.item = item_of_existing(of_, change.before->get());
    if (change.kind == change_kind::remove) {
        former.removal = &change;
        return;
    }
    former.update = &change;
    if (!change.before) return;
    former.results.push_back(with_patch(*former.item, *change.item));
    former.filled |= fields_filled_by(*change.item, *former.item);
}

void undo_maker::restart() {
    current_ = 0;
    for (auto& each : former_) {
        each.own = each.stand_in = {};
        each.is_back = each.is_taken = false;
    }
    for (auto& each : created_) {
        each.own.clear();
        each.stand_ins.clear();
        each.is_changed = each.is_taken = false;
    }
}

void undo_maker::take(std::size_t, cloudflare::detail::object_list there) {
    current_ += there.size();
    for (std::size_t i = 0; i != there.size(); ++i) {
        auto const each = of_.look_at(there[i]);
        auto const id = key_of_id(*each.id);
        auto const former = former_by_id_.find(id);
        if (former != former_by_id_.end()) {
            auto& its = former_[former->second];
            its.own = look_at_former(its, each);
        }
        auto const created = created_by_id_.find(id);
        if (created != created_by_id_.end()) {
            auto& its = created_[created->second];
            its.is_changed = !look_at_created(its, each, its.own);
        }
        look_by_key(each, id);
    }
}

undo_maker::sighting undo_maker::look_at_former(former_entry const& former,
                                                listed_entry const& there) const {
    sighting seen;
    seen.found = sighting::state::changed;
    if (!former.item) return seen;
    auto const is = [&](any_object const& item) {
        return of_.identity->compare(there.model, item.get()) == entry_match::same;
    };
    // A field without a value may be one that the API fills in, and is then not compared: that it
    // was set since is seen from its having one.
    auto const fields = of_.collection->model->fields();
    std::uint32_t filled = 0;
    for (std::size_t i = 0; i != 32; ++i) {
        if ((former.filled & (1U << i)) == 0) continue;
        auto const name = former.item->type().fields()[i].name;
        if (has_value(fields, there.model, name)) filled |= 1U << i;
    }
    bool const is_as_before = is(*former.item);
    if (is_as_before && filled == 0) {
        seen.found = sighting::state::as_before;
    } else if (std::ranges::any_of(former.results, is)) {
        seen.found = sighting::state::as_made;
        auto const differs = of_.identity->compare_content(there.model, former.item->get(),
                                                           all_fields, owner_marks::compared);
        ruling back{verdict::edit, differs.differs | differs.untold | filled, {}};
        seen.change = make_update(0, there, back);
        seen.change.seen = fingerprint_of(of_, there.model);
        seen.change.before = json_of_existing(of_, there.model);
    } else if (is_as_before) {
        seen.found = sighting::state::as_before;
    }
    return seen;
}

// Whether it is as it was created; then it is found.
bool undo_maker::look_at_created(creation const& created, listed_entry const& there,
                                 std::vector<planned_removal>& found) const {
    auto const* const item = created.change->item->get();
    if (of_.identity->compare(there.model, item) != entry_match::same) return false;
    auto const is_it = [&there](planned_removal const& each) { return each.id == *there.id; };
    // A list that moves may show one twice.
    if (std::ranges::any_of(found, is_it)) return true;
    auto& removal = found.emplace_back();
    removal.id = *there.id;
    removal.pattern = there.key.pattern;
    removal.seen = fingerprint_of(of_, there.model);
    removal.before = json_of_existing(of_, there.model);
    return true;
}

void undo_maker::look_by_key(listed_entry const& there, std::string const& id) {
    auto const key = of_.identity->key_of_existing(there.model);
    auto const created = created_by_key_.find(key);
    // What was there before is not what was created, and stands in for nothing.
    bool const was_there = former_by_id_.contains(id);
    if (created != created_by_key_.end() && !was_there) {
        for (auto const number : created->second) {
            auto& its = created_[number];
            if (key_of_id(its.change->id) == id) continue;
            if (!look_at_created(its, there, its.stand_ins)) its.is_taken = true;
        }
    }
    auto const former = former_by_key_.find(key);
    if (former == former_by_key_.end()) return;
    for (auto const number : former->second) {
        auto& its = former_[number];
        if (its.removal) {
            if (key_of_id(its.removal->id) == id) continue;
            auto const match = of_.identity->compare(there.model, its.item->get());
            (match == entry_match::same ? its.is_back : its.is_taken) = true;
        } else if (!was_there) {
            auto seen = look_at_former(its, there);
            auto& known = its.stand_in;
            // Of several, the one that stays where they are doubles.
            bool const is_better = known.found != sighting::state::as_made ||
                                   (seen.found == sighting::state::as_made &&
                                    comes_before(seen.change.id, known.change.id));
            if (is_better) known = std::move(seen);
        }
    }
}

void undo_maker::finish() {
    for (auto& each : created_) undo_creation(each);
    for (auto& each : former_) {
        if (each.removal) {
            undo_removal(each);
        } else {
            undo_update(each);
        }
    }
    auto& report = made_.report;
    report.current = static_cast<std::int64_t>(current_);
    report.created = static_cast<std::int64_t>(made_.creates.size());
    report.updated = static_cast<std::int64_t>(made_.updates.size());
    report.deleted = static_cast<std::int64_t>(made_.removals.size());
}

void undo_maker::undo_creation(creation& created) {
    auto going = std::move(created.own);
    auto& others = created.stand_ins;
    bool is_changed = created.is_changed;
    if (created.is_uncertain) {
        // Each of them may be what was created.
        std::ranges::move(others, std::back_inserter(going));
        is_changed = is_changed || created.is_taken;
    } else if (going.empty() && !is_changed && !others.empty()) {
        auto const by_id = [](planned_removal const& a, planned_removal const& b) {
            return comes_before(a.id, b.id);
        };
        going.push_back(std::move(*std::ranges::min_element(others, by_id)));
    }
    if (!going.empty()) {
        std::ranges::move(going, std::back_inserter(made_.removals));
    } else if (is_changed) {
        tell(pattern_of(*created.change), "was changed since it was created, and stays");
    } else {
        ++made_.report.unchanged;
    }
}

void undo_maker::undo_update(former_entry& former) {
    using state = sighting::state;
    auto const pattern = pattern_of(*former.update);
    if (former.own.found == state::changed) {
        return tell(pattern, former.item ? "was changed since it was edited, and stays so"
                                         : "was edited, but the journal lacks what was there");
    }
    auto& seen = former.own.found == state::absent ? former.stand_in : former.own;
    if (seen.found == state::as_before) {
        ++made_.report.unchanged;
        return;
    }
    if (seen.found != state::as_made) return tell(pattern, "was edited, and is gone since");
    auto const patch = exact_patch(of_, seen.change.fields, former.item->get());
    if (auto const valid = patch.validate(); !valid) return tell(pattern, valid.error().detail());
    seen.change.entry = add_entry(*former.item);
    made_.updates.push_back(std::move(seen.change));
}

void undo_maker::undo_removal(former_entry& former) {
    auto const pattern = pattern_of(*former.removal);
    if (former.own.found != sighting::state::absent || former.is_back) {
        ++made_.report.unchanged;
        return;
    }
    if (!former.item) return tell(pattern, "was there twice, and only the other one is known");
    if (former.is_taken) return tell(pattern, "was deleted, and another one is there since");
    if (auto const valid = former.item->validate(); !valid) {
        return tell(pattern, valid.error().detail());
    }
    if (!restored_.insert(of_.identity->key_of_item(former.item->get())).second) {
        return tell(pattern, "was there twice, and comes back once");
    }
    made_.creates.push_back(add_entry(*former.item));
}

std::uint32_t undo_maker::add_entry(any_object const& item) {
    auto* const at = entries_.add(0);
    item.type().destroy(at);
    item.type().copy(at, item.get());
    entries_.given(count_) = all_fields;
    return count_++;
}

void undo_maker::tell(std::string pattern, std::string reason) {
    auto& told = made_.report.rejected.emplace_back();
    told.pattern = std::move(pattern);
    told.reason = std::move(reason);
}

std::string undo_maker::pattern_of(journal_change const& change) const {
    if (change.before) return std::string{of_.look_at(change.before->get()).key.pattern};
    if (change.kind == change_kind::create) {
        return std::string{of_.key(change.item->get()).pattern};
    }
    return change.pattern.empty() ? change.id.text() : change.pattern;
}

}  // namespace cloudflare::inline v0::email_security
