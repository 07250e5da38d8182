#include "email_security/sync/owner_rules.hpp"

#include "email_security/feed/reserved_mark.hpp"
#include "email_security/sync/entries.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <cstddef>
#include <utility>

namespace cloudflare::inline v0::email_security {

owner_settings settings_of(sync_options const& options, bool is_exact) {
    owner_settings made;
    made.owner = options.owner();
    made.prune = options.prune();
    made.keep_days = options.keep_days();
    made.is_exact = is_exact;
    return made;
}

std::optional<date> today_of(std::shared_ptr<call_counters> const& calls) {
    auto const seconds = calls ? calls->server_time.load() : 0;
    if (seconds <= 0) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(
        std::chrono::sys_seconds{std::chrono::seconds{seconds}});
}

owner_rules::owner_rules(sync_type const& of, owner_settings settings)
    : of_{of}, settings_{settings} {
    if (!of.comments) return;
    auto const fields = of.collection->new_item->fields();
    for (std::size_t i = 0; i != fields.size() && i < 32; ++i) {
        if (may_have_marks(fields[i].name)) comments_bit_ = 1U << i;
    }
}

ruling owner_rules::on_wanted(listed_entry const& there, mark_view const& marks, void const* item,
                              std::uint32_t given, std::optional<date> until) const {
    if (settings_.is_exact) {
        ruling exact;
        exact.fields = differing_fields(of_, item, given, there.model, owner_marks::compared);
        if (exact.fields != 0) exact.what = verdict::edit;
        return exact;
    }
    auto const all = differing_fields(of_, item, given, there.model);
    auto const differing = all & ~comments_bit_;
    bool const has_another_text = (all & comments_bit_) != 0;

    ruling made;
    if (settings_.owner.empty()) {
        if (!marks.is_marked()) {
            made.fields = all;
            if (has_another_text)
                made.comments = with_text(there.comments, of_.comments(item).value_or(""));
            made.what = all != 0 ? verdict::edit : verdict::fits;
        } else if (differing != 0) {
            made = {verdict::leave, differing, std::nullopt};
        }
        return made;
    }
    if (!marks.is_marked()) {
        if (differing != 0) made = {verdict::leave, differing, std::nullopt};
        return made;
    }
    if (!marks.is_own) {
        if (differing != 0) return {verdict::leave, differing, std::nullopt};
        auto shared = with_owner(there.comments, settings_.owner, {std::nullopt, until});
        return {verdict::share, comments_bit_, std::move(shared)};
    }

    // It is back, if it had left, and may be wanted until another day than before.
    bool const has_other_dates = marks.gone || marks.until != until;
    auto comments = std::string{there.comments};
    if (!marks.has_others) {
        made.fields = differing;
        if (has_another_text && !marks.is_text_by_hand) {
            comments = with_text(comments, of_.comments(item).value_or(""));
            made.fields |= comments_bit_;
        }
    }
    if (has_other_dates) {
        comments = with_owner(comments, settings_.owner, {std::nullopt, until});
        made.fields |= comments_bit_;
    }
    if ((made.fields & comments_bit_) != 0) made.comments = std::move(comments);
    if (made.fields != 0) {
        made.what = verdict::edit;
    } else if (differing != 0) {
        made = {verdict::leave, differing, std::nullopt};
    }
    return made;
}

ruling owner_rules::on_unwanted(listed_entry const& there, mark_view const& marks,
                                bool has_ended) const {
    ruling made;
    if (settings_.is_exact || settings_.owner.empty() || !marks.is_own) return made;
    bool const has_time_left = !has_ended && !is_over(marks.until);
    if (settings_.keep_days.value_or(0) > 0 && has_time_left) {
        auto const& today = settings_.today;
        if (!today) return made;
        if (!marks.gone) return retire(there, marks);
        bool const is_due = *today >= *marks.gone + std::chrono::days{*settings_.keep_days};
        if (!is_due) return {verdict::wait, 0, std::nullopt};
    }
    if (!settings_.prune) return made;
    if (may_remove(marks)) return {verdict::remove, 0, std::nullopt};
    return unmark(there);
}

ruling owner_rules::unmark(listed_entry const& there) const {
    return {verdict::unmark, comments_bit_, without_owner(there.comments, settings_.owner)};
}

ruling owner_rules::retire(listed_entry const& there, mark_view const& marks) const {
    owner_dates const dates{settings_.today, marks.until};
    return {verdict::retire, comments_bit_, with_owner(there.comments, settings_.owner, dates)};
}

bool owner_rules::allows(planned_update const& update, mark_view const& marks) const {
    if (settings_.owner.empty()) return !marks.is_marked();
    if (!marks.is_marked()) return false;
    if ((update.fields & ~comments_bit_) != 0 && (!marks.is_own || marks.has_others)) return false;
    if (!update.new_comments) return true;
    // The marks of others stay, and so does the text that is not this owner's to edit.
    bool const may_edit_text = marks.is_own && !marks.has_others && !marks.is_text_by_hand;
    auto const made = look_at_marks(*update.new_comments, settings_.owner);
    if (!may_edit_text && made.text != marks.text) return false;
    return without_owner(with_text(*update.new_comments, {}), settings_.owner) ==
           without_owner(with_text(update.comments, {}), settings_.owner);
}

bool owner_rules::is_over(std::optional<date> until) const {
    return until && settings_.today && *settings_.today > *until;
}

}  // namespace cloudflare::inline v0::email_security
