#include "email_security/feed/entry_maker.hpp"

#include "email_security/feed/date.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/indicator.hpp"
#include "email_security/feed/reserved_mark.hpp"
#include "email_security/feed/spared_names.hpp"

#include <cloudflare/detail/one_line.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/locale/encoding_utf.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace cloudflare::inline v0::email_security {

std::string presentable(std::string_view text) {
    constexpr std::size_t longest = 200;
    auto const shown = text.substr(0, longest);
    // Cut inside a character, the rest of it is skipped with everything else that is not UTF-8.
    auto const valid =
        boost::locale::conv::utf_to_utf<char>(shown.data(), shown.data() + shown.size());
    // What is invisible takes more room once it is named.
    auto line = short_line(valid, longest);
    bool const is_whole = shown.size() == text.size();
    return is_whole || line.ends_with("...") ? line : line + "...";
}

key_fields::key_fields(std::span<wire::field const> fields)
    : fields_{fields},
      name_{index_of(wire::codec_for<std::string>(), "name")},
      pattern_{index_of(wire::codec_for<std::string>(), "pattern")},
      domain_{index_of(wire::codec_for<std::string>(), "domain")},
      type_{index_of(wire::codec_for<pattern_type>(), "pattern_type")},
      is_regex_{index_of(wire::codec_for<bool>(), "is_regex")} {}

pattern_key key_fields::key(void* item) const {
    pattern_key made;
    made.pattern = pattern(item);
    if (has_type()) made.type = type(item);
    made.is_regex = is_regex(item);
    return made;
}

std::size_t key_fields::find(std::string_view name) const {
    for (std::size_t i = 0; i != fields_.size(); ++i) {
        if (fields_[i].name == name && !fields_[i].is_deprecated) return i;
    }
    return name == expiry_name ? expiry() : fields_.size();
}

std::size_t key_fields::find_comments() const {
    auto const found = std::ranges::find_if(
        fields_, [](wire::field const& each) { return may_have_marks(each.name); });
    return static_cast<std::size_t>(found - fields_.begin());
}

std::size_t key_fields::index_of(wire::codec const& how, std::string_view name) const {
    auto const index = find(name);
    return index < fields_.size() && fields_[index].how == &how ? index : fields_.size();
}

namespace {

/// The day of a date, of a time, or of a number of seconds since 1970.
std::optional<std::int32_t> day_of(std::string_view text) {
    using std::chrono::days;
    std::optional<std::chrono::sys_days> day = parse_date(text);
    if (!day) {
        if (auto const time = parse_timestamp(text)) day = std::chrono::floor<days>(*time);
    }
    if (!day) {
        std::int64_t seconds{};
        auto const* const end = text.data() + text.size();
        auto const [stop, failed] = std::from_chars(text.data(), end, seconds);
        constexpr std::int64_t least = 100'000'000;  // a smaller number is hardly a time
        constexpr std::int64_t most = 253'402'300'799;
        if (failed != std::errc{} || stop != end || seconds < least || seconds > most) {
            return std::nullopt;
        }
        day = std::chrono::floor<days>(std::chrono::sys_seconds{std::chrono::seconds{seconds}});
    }
    return static_cast<std::int32_t>(day->time_since_epoch().count());
}

}  // namespace

entry_maker::entry_maker(feed_receiver& into, feed_reading const& how)
    : into_{into},
      how_{how},
      fields_{into.fields()},
      keys_{into, fields_},
      seen_{keys_},
      comments_{fields_.find_comments()} {}

void entry_maker::begin(record_place where) {
    ++records_;
    where_ = where;
    item_ = into_.add(where.line);
    own_ = 0;
    last_day_ = no_last_day;
    fault_.clear();
    rest_.clear();
}

std::string entry_maker::describe_misfit(std::size_t index, std::string_view given) const {
    auto text = "has " + std::string{fields_.name(index)};
    if (!given.empty()) text += " '" + presentable(given) + '\'';
    if (fields_.is_type(index)) return text + ", which is none of EMAIL, DOMAIN and IP";
    if (fields_.is_boolean(index)) return text + ", which is neither true nor false";
    return text + ", which is not valid";
}

void entry_maker::set_text(std::size_t index, std::string_view text) {
    if (index >= into_.fields().size()) return;
    auto const& field = into_.fields()[index];
    if (!wire::from_text(*field.how, field.address(item_), text)) {
        return fail(describe_misfit(index, text));
    }
    own_ |= key_fields::bit(index);
}

void entry_maker::set_note(std::string_view note) {
    if (how_.comments_from_feed && !note.empty()) set_text(comments_, note);
}

void entry_maker::set_expiry(std::string_view text) {
    text = trim(text);
    if (text.empty()) return;
    if (auto const day = day_of(text)) {
        last_day_ = *day;
    } else {
        fail("expires is neither a date, as 2026-11-28, nor a time");
    }
}

void entry_maker::fail(std::string reason) {
    if (fault_.empty()) fault_ = std::move(reason);
}

void entry_maker::set_type(pattern_type type) {
    if (fields_.has_type()) {
        fields_.type(item_) = type;
        own_ |= fields_.type_bit();
    } else if (type != pattern_type::domain) {
        fail("is not a domain, by its type");
    }
}

bool entry_maker::add(record_place where, std::string_view pattern, std::string_view note,
                      std::optional<pattern_type> type, std::string_view expiry) {
    begin(where);
    set_text(fields_.pattern_index(), pattern);
    set_note(note);
    set_expiry(expiry);
    if (type) set_type(*type);
    return end();
}

void entry_maker::except(record_place where, std::string_view pattern) {
    ++records_;
    auto wide = how_;
    wide.wildcards = true;
    auto const found = read_indicator(pattern, wide, std::nullopt);
    auto const keep = [&](std::string text) {
        feed_exception made;
        made.line = where.line;
        made.pattern = std::move(text);
        facts().exceptions.push_back(std::move(made));
    };
    if (!found) {
        // Of another rule, what it names is the most that it can except.
        std::vector<std::string> named;
        add_names_in(pattern, std::nullopt, named);
        if (named.empty()) {
            --records_;  // counted again
            return reject(where, where.raw,
                          "is an exception that is not applied: it " + found.error().detail());
        }
        records_ += named.size() - 1;
        for (auto& each : named) keep(std::move(each));
        return;
    }
    records_ += found->more.size();
    keep(found->pattern.pattern);
    for (auto const& each : found->more) keep(each.pattern);
}

void entry_maker::skip(std::string_view kind) {
    note();
    auto& all = facts().skipped;
    auto const same = std::ranges::find(all, kind, &skipped_records::kind);
    if (same != all.end()) {
        ++same->count;
    } else {
        all.push_back({std::string{kind}, 1});
    }
}

void entry_maker::skip(std::string_view kind, std::string_view raw) {
    skip(kind);
    spare_names_in(raw);
}

void entry_maker::hold_deletions(std::string why) {
    if (facts().incomplete.empty()) facts().incomplete = std::move(why);
}

bool entry_maker::has_domain(std::string_view name) const {
    pattern_key key;
    key.pattern = name;
    if (fields_.has_type()) key.type = pattern_type::domain;
    return seen_.find(key).has_value();
}

void entry_maker::set_all(void const* item) {
    own_ |= copy_fields(into_.fields(), item, into_.fields(), item_);
    if (fields_.has_type() && fields_.type(item_) == pattern_type::unknown) {
        own_ &= ~fields_.type_bit();
    }
}

bool entry_maker::end() {
    auto const as_given = fields_.pattern(item_);
    auto given = into_.defaulted() | own_;
    if (fault_.empty()) recognise((given & fields_.type_bit()) != 0);
    if (fault_.empty() && (given & key_fields::bit(comments_)) != 0) fault_ = mark_fault();
    std::optional<std::uint32_t> first;
    if (fault_.empty()) {
        given |= fields_.pattern_bit() | fields_.type_bit();
        first = keep(given);
    }
    if (first) keep_rest(*first, given);
    if (fault_.empty()) return true;
    if (!first) into_.drop();
    --records_;  // counted again
    facts().spared.push_back(as_given);
    // A form may have written it otherwise; an item in memory has nothing else.
    if (where_.raw.find(as_given) == std::string_view::npos) spare_names_in(as_given);
    reject(where_, as_given.empty() ? where_.raw : std::string_view{as_given}, std::move(fault_));
    return false;
}

/// Keeps the last entry, or merges it with an earlier one, and says which entry has it; empty when
/// neither goes, for what `fault_` then says.
std::optional<std::uint32_t> entry_maker::keep(std::uint32_t given) {
    if (auto const kept = into_.keep(given); !kept) {
        fail(kept.error().detail());
        return std::nullopt;
    }
    if (seen_.insert(count_)) {
        into_.last_day(count_) = last_day_;
        return count_++;
    }
    auto const first = *seen_.find(fields_.key(item_));
    merge_into(first, given);
    if (!fault_.empty()) return std::nullopt;
    // As long as one of them wants it.
    into_.last_day(first) = std::max(into_.last_day(first), last_day_);
    into_.drop();
    return first;
}

/// Of a range, an entry more for each of its blocks.
void entry_maker::keep_rest(std::uint32_t first, std::uint32_t given) {
    auto const all = into_.fields();
    if (rest_.empty()) return;
    split_range range{where_.line, {first}};
    for (auto& each : rest_) {
        ++records_;
        item_ = into_.add(where_.line);
        copy_fields(all, into_.item(first), all, item_);
        fields_.pattern(item_) = std::move(each.pattern);
        if (auto const kept = keep(given)) {
            range.entries.push_back(*kept);
            continue;
        }
        into_.drop();
        return;
    }
    facts().ranges.push_back(std::move(range));
}

/// What the repetition says more is taken over. Two different comments do no harm, and the first
/// ones stay; all else makes them two rules of which nobody can tell which one is meant.
void entry_maker::merge_into(std::uint32_t first, std::uint32_t given) {
    auto const all = into_.fields();
    auto* const kept = into_.item(first);
    auto& kept_given = into_.given(first);
    for (std::size_t i = 0; i != all.size(); ++i) {
        auto const bit = key_fields::bit(i);
        if ((fields_.bits() & bit) != 0 || (given & bit) == 0) continue;
        if ((kept_given & bit) == 0) continue;
        auto const& how = *all[i].how;
        bool const differs =
            wire::to_text(how, all[i].address(kept)) != wire::to_text(how, all[i].address(item_));
        if (differs && !may_have_marks(all[i].name)) {
            return fail("repeats line " + std::to_string(into_.line(first)) + " with another " +
                        std::string{all[i].name});
        }
    }
    for (std::size_t i = 0; i != all.size(); ++i) {
        if ((given & ~kept_given & key_fields::bit(i)) == 0) continue;
        wire::copy_value(*all[i].how, all[i].address(item_), *all[i].how, all[i].address(kept));
    }
    kept_given |= given;
    facts().repeated.push_back({where_.line, first});
}

void entry_maker::recognise(bool has_type) {
    auto& pattern = fields_.pattern(item_);
    if (pattern.empty()) {
        fault_ = "has no " + std::string{fields_.pattern_name()};
        return;
    }
    if (fields_.is_regex(item_)) {
        if (fields_.has_type() && !has_type) fault_ = "a regular expression needs pattern_type";
        return;
    }
    std::optional<pattern_type> type;
    if (!fields_.has_type()) {
        type = pattern_type::domain;
    } else if (has_type) {
        type = fields_.type(item_);
    }
    auto found = read_indicator(pattern, how_, type);
    if (!found) {
        fault_ = found.error().detail();
        if (fault_ == several_words && facts().read_as == feed_format::text) {
            fault_ += ": a note needs '#' or ';' in front of it";
        }
        return;
    }
    facts().defanged += found->was_defanged;
    pattern = std::move(found->pattern.pattern);
    rest_ = std::move(found->more);
    if (fields_.has_type()) fields_.type(item_) = found->pattern.type;
}

/// Why the comments may not be the entry's: marks come from the options alone.
std::string entry_maker::mark_fault() const {
    if (comments_ >= into_.fields().size()) return {};
    auto const& field = into_.fields()[comments_];
    auto const text = wire::to_text(*field.how, field.address(item_));
    if (!has_reserved_mark(text)) return {};
    return "has " + std::string{field.name} +
           " with a mark as [owner:NAME], which only the options may set";
}

void entry_maker::spare_names_in(std::string_view text) {
    std::optional<pattern_type> type;
    if (!fields_.has_type()) type = pattern_type::domain;
    add_names_in(text, type, facts().spared);
}

void entry_maker::reject(record_place where, std::string_view pattern, std::string reason) {
    ++records_;
    spare_names_in(where.raw);
    rejection why;
    why.line = where.line;
    why.pattern = presentable(trim(pattern));
    why.reason = std::move(reason);
    facts().rejected.push_back(std::move(why));
}

}  // namespace cloudflare::inline v0::email_security
