#include "email_security/sync/owner_marks.hpp"

#include "email_security/feed/ascii.hpp"
#include "email_security/feed/reserved_mark.hpp"
#include "email_security/sync/fingerprint.hpp"

#include <cloudflare/email_security/sync.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t max_owner_size = 64;
constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t hash_digits = 8;

/// What `[word:value]` has, if the word is this one.
std::optional<std::string_view> value_of(std::string_view mark, std::string_view word) {
    mark.remove_prefix(1);
    if (!mark.starts_with(word) || mark.substr(word.size(), 1) != ":") return std::nullopt;
    mark.remove_prefix(word.size() + 1);
    mark.remove_suffix(1);
    return mark;
}

/// The owner that a mark names; empty when it is another mark.
std::string_view owner_of(std::string_view mark) {
    auto const named = value_of(mark, "owner");
    return named && is_owner_name(*named) ? *named : std::string_view{};
}

std::optional<date> date_of(std::string_view mark, std::string_view word) {
    auto const value = value_of(mark, word);
    return value ? parse_date(*value) : std::nullopt;
}

bool is_date_mark(std::string_view mark) {
    return date_of(mark, "gone") || date_of(mark, "until");
}

std::string make_mark(std::string_view word, std::string_view value) {
    return std::string{"["}.append(word).append(":").append(value) + ']';
}

std::string_view trimmed(std::string_view text) {
    auto const begin = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Blanks around it do not count: whoever stores it may drop them.
std::string hash_of(std::string_view text) {
    std::array<char, 16> digits{};
    auto const value = static_cast<std::uint32_t>(fingerprint(trimmed(text)));
    auto const* const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    std::string const hex{digits.data(), static_cast<std::size_t>(end - digits.data())};
    return std::string(hash_digits - hex.size(), '0') + hex;
}

/// The mark at the end of a text, with nothing behind it; empty when there is none.
std::string_view last_mark(std::string_view text) {
    if (text.size() < 2 || text.back() != ']') return {};
    auto const begin = text.find_last_of("[]", text.size() - 2);
    if (begin == std::string_view::npos) return {};
    auto const mark = text.substr(begin);
    bool const stands_alone = begin == 0 || blanks.find(text[begin - 1]) != std::string_view::npos;
    bool const is_one_word =
        mark.find_first_of(blanks) == std::string_view::npos && !mark.ends_with(":]");
    return stands_alone && is_one_word && has_reserved_mark(mark) ? mark : std::string_view{};
}

/// Passes the marks on, the last one first; the text in front of them. They are the block at the
/// very end, as a sync writes it. What looks like one elsewhere is somebody's text.
template <class Take>
std::string_view part(std::string_view comments, Take take) {
    for (;;) {
        // What others edited may have blanks at the end.
        auto rest = comments.substr(0, comments.find_last_not_of(blanks) + 1);
        auto const mark = last_mark(rest);
        if (mark.empty()) return comments;
        take(mark);
        rest.remove_suffix(mark.size());
        if (rest.ends_with(' ')) rest.remove_suffix(1);
        comments = rest;
    }
}

/// Comments, taken apart to be changed.
class parted_comments {
public:
    explicit parted_comments(std::string_view comments) {
        text_ = part(comments, [this](std::string_view mark) { marks_.emplace_back(mark); });
        std::ranges::reverse(marks_);
    }

    bool has(std::string_view owner) const { return find(owner) != marks_.size(); }
    void add(std::string_view owner) {
        if (!has(owner)) marks_.push_back(make_mark("owner", owner));
    }
    void set_dates(std::string_view owner, owner_dates const& dates) {
        auto const at = find(owner);
        if (at == marks_.size()) return;
        erase_dates(at);
        auto behind = marks_.begin() + static_cast<std::ptrdiff_t>(at) + 1;
        if (dates.until) behind = marks_.insert(behind, make_mark("until", to_text(*dates.until)));
        if (dates.gone) marks_.insert(behind, make_mark("gone", to_text(*dates.gone)));
    }
    void drop(std::string_view owner) {
        for (auto at = find(owner); at != marks_.size(); at = find(owner)) {
            erase_dates(at);
            marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(at));
        }
        // It is a person's from then on, and so is its text.
        if (!has_any_owner()) erase_text_mark();
    }
    void set_text(std::string_view text) {
        erase_text_mark();
        text_ = text;
        // Without an owner there are no marks at all.
        if (has_any_owner() && !trimmed(text).empty()) {
            marks_.push_back(make_mark("text", hash_of(text)));
        }
    }

    std::string join() const {
        auto joined = text_;
        for (auto const& mark : marks_) {
            if (!joined.empty()) joined += ' ';
            joined += mark;
        }
        return joined;
    }

private:
    std::size_t find(std::string_view owner) const {
        auto const found = std::ranges::find(marks_, owner, owner_of);
        return static_cast<std::size_t>(found - marks_.begin());
    }
    bool has_any_owner() const {
        return !std::ranges::all_of(marks_, &std::string_view::empty, owner_of);
    }
    void erase_text_mark() {
        std::erase_if(marks_,
                      [](std::string const& each) { return value_of(each, "text").has_value(); });
    }
    /// Those of the owner whose mark stands there: up to the next owner's.
    void erase_dates(std::size_t at) {
        auto const begin = marks_.begin() + static_cast<std::ptrdiff_t>(at) + 1;
        auto const is_owner = [](std::string const& each) { return !owner_of(each).empty(); };
        auto const end = std::find_if(begin, marks_.end(), is_owner);
        auto const left = std::remove_if(begin, end, is_date_mark);
        marks_.erase(left, end);
    }

    std::string text_;
    std::vector<std::string> marks_;
};

}  // namespace

bool is_owner_name(std::string_view text) {
    auto const fits = [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
    return !text.empty() && text.size() <= max_owner_size && std::ranges::all_of(text, fits);
}

mark_view look_at_marks(std::string_view comments, std::string_view owner) {
    mark_view seen;
    owner_dates behind;
    std::string_view hash;
    seen.text = part(comments, [&](std::string_view mark) {
        auto const named = owner_of(mark);
        if (!named.empty()) {
            if (named == owner) {
                seen.is_own = true;
                seen.gone = behind.gone;
                seen.until = behind.until;
            } else {
                seen.has_others = true;
            }
            behind = {};
        } else if (auto const gone = date_of(mark, "gone")) {
            behind.gone = gone;
        } else if (auto const until = date_of(mark, "until")) {
            behind.until = until;
        } else if (auto const found = value_of(mark, "text")) {
            hash = *found;
        }
    });
    auto const text = trimmed(seen.text);
    seen.is_text_by_hand = !text.empty() && (hash.empty() || hash_of(text) != hash);
    return seen;
}

std::string with_owner(std::string_view comments, std::string_view owner) {
    parted_comments parts{comments};
    if (parts.has(owner)) return std::string{comments};
    parts.add(owner);
    return parts.join();
}

std::string with_owner(std::string_view comments, std::string_view owner,
                       owner_dates const& dates) {
    parted_comments parts{comments};
    parts.add(owner);
    parts.set_dates(owner, dates);
    return parts.join();
}

std::string without_owner(std::string_view comments, std::string_view owner) {
    parted_comments parts{comments};
    parts.drop(owner);
    return parts.join();
}

std::string with_text(std::string_view comments, std::string_view wanted) {
    parted_comments parts{comments};
    parts.set_text(text_of(wanted));
    return parts.join();
}

std::string created_comments(std::string_view wanted, std::string_view owner,
                             owner_dates const& dates) {
    // A list without owners has no marks either.
    if (owner.empty()) return text_of(wanted);
    return with_text(with_owner({}, owner, dates), wanted);
}

std::string without_owners(std::string_view comments) {
    return text_of(comments);
}

std::string text_of(std::string_view comments) {
    return std::string{part(comments, [](std::string_view) {})};
}

bool is_owned_by(std::string_view comments, std::string_view owner) {
    auto const seen = look_at_marks(comments, owner);
    return seen.is_own && !seen.has_others;
}

}  // namespace cloudflare::inline v0::email_security
