#pragma once

#include "email_security/feed/date.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The marks at the end of comments, by which syncs know whose an entry is:
///
///     TEXT [owner:NAME] [gone:DATE] [until:DATE] [owner:OTHER] [text:HASH]
///
/// - `[owner:NAME]`: this owner's feed has the entry, or had it. There may be several.
/// - `[gone:DATE]`, behind the mark of the owner it is about: since when that feed lacks the entry.
/// - `[until:DATE]`, likewise: the last day on which that feed wants it.
/// - `[text:HASH]`: the text is a sync's. With another hash, or without this mark, it is a person's.
///
/// Marks of other words are a later version's, and stay as they are.
namespace cloudflare::inline v0::email_security {

/// Whether a text can be an owner's name.
bool is_owner_name(std::string_view text);

/// What the marks of an entry say to one owner. An empty name is nobody's.
struct mark_view {
    std::string_view text;         ///< in front of the marks
    bool is_own = false;           ///< has this owner's mark
    bool has_others = false;       ///< has another owner's
    bool is_text_by_hand = false;  ///< there is text, and no sync wrote it
    std::optional<date> gone;      ///< this owner's
    std::optional<date> until;     ///< this owner's

    bool is_marked() const noexcept { return is_own || has_others; }
};
mark_view look_at_marks(std::string_view comments, std::string_view owner);

/// What an owner's mark is to have behind it.
struct owner_dates {
    std::optional<date> gone;
    std::optional<date> until;

    bool operator==(owner_dates const&) const = default;
};

/// Comments with the owner's mark; as they are when they have it already.
std::string with_owner(std::string_view comments, std::string_view owner);
/// The same, with these dates and no others behind it. Other marks stay.
std::string with_owner(std::string_view comments, std::string_view owner, owner_dates const& dates);
/// Comments without the owner's mark and dates.
std::string without_owner(std::string_view comments, std::string_view owner);
/// The text of `wanted` with the marks of `comments`; as a sync's, if there is an owner among them.
std::string with_text(std::string_view comments, std::string_view wanted);
/// What a sync creates an entry with: the text of `wanted`, and the owner, if there is one.
std::string created_comments(std::string_view wanted, std::string_view owner,
                             owner_dates const& dates);
/// The comments without marks.
std::string text_of(std::string_view comments);
/// Whether the comments have the mark of this owner and of no other.
bool is_owned_by(std::string_view comments, std::string_view owner);

}  // namespace cloudflare::inline v0::email_security
