#include "store.hpp"

#include <boost/container_hash/hash.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

/// Orders texts; anything else counts as the empty text.
std::string_view sort_text(json::value const& value) {
    auto const* const text = value.if_string();
    return text ? std::string_view{text->data(), text->size()} : std::string_view{};
}

}  // namespace

std::size_t store::key_hash::operator()(row const& values) const {
    std::size_t seed = 0;
    for (std::size_t const i : owner->key_fields_) {
        boost::hash_combine(seed, std::hash<json::value>{}(values[i]));
    }
    return seed;
}

std::size_t store::key_hash::operator()(slot where) const {
    return (*this)(owner->entries_[where].values);
}

bool store::key_equal::operator()(row const& a, row const& b) const {
    return std::ranges::all_of(owner->key_fields_, [&](std::size_t i) { return a[i] == b[i]; });
}

bool store::key_equal::operator()(slot a, slot b) const {
    return a == b || (*this)(owner->entries_[a].values, owner->entries_[b].values);
}

bool store::key_equal::operator()(row const& a, slot b) const {
    return (*this)(a, owner->entries_[b].values);
}

bool store::key_equal::operator()(slot a, row const& b) const {
    return (*this)(b, a);
}

store::store(collection const& described, bool unique)
    : described_(described), unique_(unique), by_key_(0, key_hash{this}, key_equal{this}) {
    for (std::string_view const name : described.natural_key) {
        key_fields_.push_back(*described.find(name));
    }
}

std::optional<store::slot> store::find(identifier const& id) const {
    auto const found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

std::optional<store::slot> store::find_same(row const& values) const {
    auto const found = by_key_.find(values);
    if (found == by_key_.end()) return std::nullopt;
    return *found;
}

store::slot store::add(identifier const& id, row values, timestamp now) {
    slot where = 0;
    if (free_.empty()) {
        where = static_cast<slot>(entries_.size());
        entries_.push_back({});
    } else {
        where = free_.back();
        free_.pop_back();
    }
    entries_[where] = {id, now, now, std::move(values)};
    by_id_.emplace(id, where);
    if (unique_) by_key_.insert(where);
    order_.push_back(where);
    sorted_by_.reset();
    note(where);
    remember(change::added, where, {}, now);
    return where;
}

void store::replace(slot where, row values, timestamp now) {
    entry& e = entries_[where];
    if (unique_) by_key_.erase(where);
    std::swap(e.values, values);
    timestamp const before = std::exchange(e.modified, now);
    if (unique_) by_key_.insert(where);
    sorted_by_.reset();
    note(where);
    remember(change::replaced, where, std::move(values), before);
}

void store::remove(slot where) {
    entry& e = entries_[where];
    if (unique_) by_key_.erase(where);
    by_id_.erase(e.id);
    removed_.push_back(where);
    sorted_by_.reset();
    remember(change::removed, where, std::exchange(e.values, row{}), e.modified);
    note(where);
}

std::span<store::slot const> store::in_order(std::optional<std::size_t> field_index) {
    if (!removed_.empty()) {
        std::erase_if(order_, [&](slot where) { return entries_[where].values.empty(); });
        free_.insert(free_.end(), removed_.begin(), removed_.end());
        removed_.clear();
    }
    if (!field_index) return order_;
    if (sorted_by_ != field_index) {
        // Equals stay in the order of the entries.
        std::vector<std::pair<std::string_view, std::size_t>> keys;
        keys.reserve(order_.size());
        for (slot const where : order_) {
            keys.emplace_back(sort_text(entries_[where].values[*field_index]), keys.size());
        }
        std::ranges::sort(keys);
        sorted_.clear();
        for (auto const& [text, place] : keys) sorted_.push_back(order_[place]);
        sorted_by_ = field_index;
    }
    return sorted_;
}

void store::remember(change what, slot where, row values, timestamp modified) {
    if (remembering_) undo_.push_back({what, where, std::move(values), modified});
}

void store::note(slot where) {
    entry const& e = entries_[where];
    if (is_noting_) noted_.push_back({e.id, e.modified, e.values});
}

std::vector<store::noted_change> store::take_changes() {
    return std::exchange(noted_, {});
}

void store::roll_back() {
    // Backwards, so that each step finds the store as the change left it.
    for (; !undo_.empty(); undo_.pop_back()) {
        undo& last = undo_.back();
        entry& e = entries_[last.where];
        if (last.what != change::removed && unique_) by_key_.erase(last.where);
        switch (last.what) {
            case change::added:
                by_id_.erase(e.id);
                e.values = {};
                order_.pop_back();
                free_.push_back(last.where);
                break;
            case change::removed:
                removed_.pop_back();
                by_id_.emplace(e.id, last.where);
                [[fallthrough]];
            case change::replaced:
                e.values = std::move(last.values);
                e.modified = last.modified;
                if (unique_) by_key_.insert(last.where);
                break;
        }
    }
    sorted_by_.reset();
}

store::transaction::transaction(store& subject) : subject_(subject) {
    subject_.undo_.clear();
    subject_.remembering_ = true;
    subject_.noted_before_ = subject_.noted_.size();
}

store::transaction::~transaction() {
    subject_.remembering_ = false;
    if (!subject_.undo_.empty()) subject_.noted_.resize(subject_.noted_before_);
    subject_.roll_back();
}

void store::transaction::commit() noexcept {
    subject_.undo_.clear();
}

}  // namespace cloudflare::inline v0::simulator
