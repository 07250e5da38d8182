#pragma once

#include "email_security/sync/owner_marks.hpp"

#include <cloudflare/call_options.hpp>
#include <cloudflare/detail/sync/syncable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Who may change what of an entry that is there: the only place that knows it.
///
/// Its marks say whose an entry is (`owner_marks.hpp`).
///
/// - Without any mark it is a person's. A sync of an owner leaves it alone, whatever it says, and
///   takes it as there. A sync without an owner is a person's itself, and edits such an entry.
/// - With another owner's mark, and as wanted, it is shared: the sync adds its mark. The other mark
///   keeps everything else as it is, also the text; an entry that differs is left alone.
/// - With no other mark than its own, the sync edits the fields; the text only if a sync wrote it,
///   or there is none.
/// - The dates behind its own mark are a sync's at all times.
///
/// As wanted is an entry that does not differ in a field that the feed gives. The text is not one
/// of these, except for whoever may edit it: so two feeds with two texts never take turns.
///
/// An entry that leaves its feed goes with the last mark, if there is no text of a person. Else the
/// sync takes its mark off and lets it be.
///
/// With `keep_days` an entry that left its feed gets the date of that day first, and goes when so
/// many days are over. What its feed wanted until a day goes when that is over, without waiting.
namespace cloudflare::inline v0::email_security {

class sync_options;
struct planned_update;

/// What of the options and the time the rules depend on.
struct owner_settings {
    std::string_view owner;  ///< must outlive the rules
    bool prune = false;
    std::optional<int> keep_days;
    /// Entries are to be just as the items say, see `sync_changes`: marks are like other text.
    bool is_exact = false;
    /// By the API's clock; without it nothing has a date that is over, and nothing gets one.
    std::optional<date> today;
};

/// What a sync does about an entry that is there.
enum class verdict : std::uint8_t {
    leave,   ///< it differs, and is not the sync's to edit
    share,   ///< it is as wanted, and gets the owner's mark beside another one
    edit,    ///< it is edited
    fits,    ///< nothing
    retire,  ///< it left the feed, and gets the date of that
    wait,    ///< it left the feed, and its days are not over
    unmark,  ///< it loses the owner's mark, and stays
    remove,  ///< it is deleted
};

struct ruling {
    verdict what = verdict::fits;
    /// What is to be set, or, of an entry that is left alone, what differs; bits as in
    /// `feed_entry::given`.
    std::uint32_t fields = 0;
    /// The comments that are to be set.
    std::optional<std::string> comments;
};

/// What of a sync's options counts.
owner_settings settings_of(sync_options const& options, bool is_exact = false);
/// The day that the answers to these calls told; empty when none did.
std::optional<date> today_of(std::shared_ptr<call_counters> const& calls);

class owner_rules {
public:
    owner_rules(sync_type const& of, owner_settings settings);

    mark_view look_at(listed_entry const& there) const {
        return look_at_marks(there.comments, settings_.owner);
    }
    void set_today(std::optional<date> today) { settings_.today = today; }

    /// Of an entry that the feed has.
    ruling on_wanted(listed_entry const& there, mark_view const& marks, void const* item,
                     std::uint32_t given, std::optional<date> until) const;
    /// Of an entry that the feed does not have, or not any more as its time is over.
    ruling on_unwanted(listed_entry const& there, mark_view const& marks, bool has_ended) const;

    /// What takes the owner's mark off.
    ruling unmark(listed_entry const& there) const;
    /// What sets the day on which it was found to have left the feed; `today` must be known.
    ruling retire(listed_entry const& there, mark_view const& marks) const;

    /// Whether a feed does not want any more what it wanted until this day.
    bool is_over(std::optional<date> until) const;

    /// Whether an entry may be deleted because it left the feed, or as another one says the same.
    static bool may_remove(mark_view const& marks) {
        return marks.is_own && !marks.has_others && !marks.is_text_by_hand;
    }
    /// Whether an entry with these marks may be edited so.
    bool allows(planned_update const& update, mark_view const& marks) const;
    /// The field for comments, as a bit; 0 where there is none.
    std::uint32_t comments_field() const noexcept { return comments_bit_; }
    bool has_owner() const noexcept { return !settings_.owner.empty(); }

private:
    sync_type const& of_;
    owner_settings settings_;
    std::uint32_t comments_bit_ = 0;
};

}  // namespace cloudflare::inline v0::email_security
