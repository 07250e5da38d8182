#pragma once

#include "collection.hpp"
#include "identifier.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cloudflare::inline v0::simulator {

using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

struct entry {
    identifier id;
    timestamp created;
    timestamp modified;
    /// Empty when the entry was removed.
    row values;
};

/// The entries of one account's collection, made for a million of them: finding by identifier or
/// natural key takes constant time, and the Nth entry in order of creation is where N says.
class store {
public:
    /// Where an entry is; stays the same as long as the entry is there.
    using slot = std::uint32_t;

    /// With `unique`, entries can be found by natural key and must differ in it.
    store(collection const& described, bool unique);
    store(store const&) = delete;
    store& operator=(store const&) = delete;

    collection const& described() const noexcept { return described_; }
    bool unique() const noexcept { return unique_; }
    std::size_t size() const noexcept { return by_id_.size(); }
    entry const& operator[](slot where) const noexcept { return entries_[where]; }

    std::optional<slot> find(identifier const& id) const;
    /// The entry that has the natural key of `values`; nothing unless `unique`.
    std::optional<slot> find_same(row const& values) const;

    slot add(identifier const& id, row values, timestamp now);
    void replace(slot where, row values, timestamp now);
    void remove(slot where);

    /// All entries in order of creation, or of a field and then of creation. Made anew on the first
    /// use after a change that upsets it: appending does not upset the order of creation.
    std::span<slot const> in_order(std::optional<std::size_t> field_index = std::nullopt);

    /// A change for who follows the store. No values: the entry is gone.
    struct noted_change {
        identifier id;
        timestamp modified;
        row values;
    };
    /// From now on changes are noted.
    void note_changes() { is_noting_ = true; }
    /// Those since the last call.
    std::vector<noted_change> take_changes();

    /// Undoes, when it ends without `commit`, all that was done to the store since it began.
    class transaction {
    public:
        explicit transaction(store& subject);
        ~transaction();
        transaction(transaction const&) = delete;
        transaction& operator=(transaction const&) = delete;
        void commit() noexcept;

    private:
        store& subject_;
    };

private:
    enum class change { added, replaced, removed };
    struct undo {
        change what;
        slot where;
        row values;
        timestamp modified;
    };
    struct key_hash {
        using is_transparent = void;
        store const* owner;
        std::size_t operator()(slot where) const;
        std::size_t operator()(row const& values) const;
    };
    struct key_equal {
        using is_transparent = void;
        store const* owner;
        bool operator()(row const& a, row const& b) const;
        bool operator()(slot a, slot b) const;
        bool operator()(row const& a, slot b) const;
        bool operator()(slot a, row const& b) const;
    };

    void remember(change what, slot where, row values, timestamp modified);
    void roll_back();
    void note(slot where);

    collection const& described_;
    bool unique_;
    std::vector<std::size_t> key_fields_;
    std::vector<entry> entries_;
    boost::unordered_flat_map<identifier, slot, boost::hash<identifier>> by_id_;
    boost::unordered_flat_set<slot, key_hash, key_equal> by_key_;
    /// In order of creation, with the removed until the next compaction.
    std::vector<slot> order_;
    std::vector<slot> removed_;
    std::vector<slot> free_;
    std::vector<slot> sorted_;
    std::optional<std::size_t> sorted_by_;
    std::vector<undo> undo_;
    bool remembering_ = false;
    std::vector<noted_change> noted_;
    bool is_noting_ = false;
    std::size_t noted_before_ = 0;  ///< when the transaction began
};

}  // namespace cloudflare::inline v0::simulator
