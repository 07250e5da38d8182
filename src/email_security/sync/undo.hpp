#pragma once

#include "email_security/sync/entries.hpp"
#include "email_security/sync/journal_content.hpp"
#include "memory/keyed_hash.hpp"

#include <cloudflare/detail/whole_list.hpp>
#include <cloudflare/email_security/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// What brings back what was there before a journal was written.
namespace cloudflare::inline v0::email_security {

/// Compares a list with what a journal tells.
///
/// Who undoes cannot trust that a change was made, nor that it was not, where the answer is lost.
/// So every change that may have been made is looked for in the list, and what is there says what
/// is to be done: an entry is the one that was made if it is the same as that (`entry_identity`).
/// What is neither as it was nor as it was made is somebody else's by now, and stays.
///
/// An entry whose identifier is gone may be there under another one: a later sync deleted it, and
/// was undone. So an entry of the same key stands in for it.
class undo_maker final : public cloudflare::detail::any_list_visitor {
public:
    /// The references must outlive it.
    undo_maker(sync_type const& of, sync_journal::content const& journal, feed_receiver& entries,
               sync_changes& made);

    void restart() override;
    void take(std::size_t position, cloudflare::detail::object_list there) override;
    /// Makes the plan, once the list was read.
    void finish();

private:
    /// What the list has of an entry that was there before.
    struct sighting {
        enum class state : std::uint8_t { absent, as_before, as_made, changed };
        state found = state::absent;
        planned_update change;  ///< what brings it back
    };
    /// An entry that was there before.
    struct former_entry {
        // The last of each: where the list was read again, what was there just before.
        journal_change const* update = nullptr;
        journal_change const* removal = nullptr;
        std::optional<cloudflare::detail::any_object> item;  ///< what could be set of it
        /// As it is after each update that may have been made.
        std::vector<cloudflare::detail::any_object> results;
        /// Fields that an update set, and that had no value before; one bit each.
        std::uint32_t filled = 0;

        // What the list has.
        sighting own;
        sighting stand_in;
        bool is_back = false;   ///< another one that is the same is there
        bool is_taken = false;  ///< another one is there in its place
    };
    /// An entry that was created.
    struct creation {
        journal_change const* change = nullptr;
        /// Whether there may be others than the one whose identifier is known.
        bool is_uncertain = false;

        // What the list has, by the identifier and by the key.
        std::vector<planned_removal> own;
        std::vector<planned_removal> stand_ins;
        bool is_changed = false;
        bool is_taken = false;
    };
    template <class T>
    using by_text = std::unordered_map<std::string, T, keyed_text_hash>;

    void add(journal_change const& change);
    sighting look_at_former(former_entry const& former, listed_entry const& there) const;
    bool look_at_created(creation const& created, listed_entry const& there,
                         std::vector<planned_removal>& found) const;
    void look_by_key(listed_entry const& there, std::string const& id);

    void undo_creation(creation& created);
    void undo_update(former_entry& former);
    void undo_removal(former_entry& former);
    std::uint32_t add_entry(cloudflare::detail::any_object const& item);
    void tell(std::string pattern, std::string reason);
    std::string pattern_of(journal_change const& change) const;

    sync_type const& of_;
    feed_receiver& entries_;
    sync_changes& made_;
    std::vector<former_entry> former_;
    by_text<std::size_t> former_by_id_;
    by_text<std::vector<std::size_t>> former_by_key_;
    std::vector<creation> created_;
    by_text<std::size_t> created_by_id_;
    by_text<std::vector<std::size_t>> created_by_key_;
    /// Of what is created again: one of each is enough.
    std::unordered_set<std::string, keyed_text_hash> restored_;
    std::size_t current_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace cloudflare::inline v0::email_security
