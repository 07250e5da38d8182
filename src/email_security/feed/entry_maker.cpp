#include "email_security/feed/entry_maker.hpp"

#include <boost/locale/encoding_utf.hpp>

#include <optional>
#include <utility>

namespace cloudflare::email_security {

namespace {

/// Valid UTF-8 of a length that can be shown, whatever the feed holds.
std::string presentable(std::string_view text) {
    constexpr std::size_t longest = 200;
    auto const shown = text.substr(0, longest);
    // Cut inside a character, the rest of it is skipped with all else that is no UTF-8.
    auto valid = boost::locale::conv::utf_to_utf<char>(shown.data(), shown.data() + shown.size());
    return shown.size() == text.size() ? valid : valid + "...";
}

}  // namespace

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
    return fields_.size();
}

std::size_t key_fields::index_of(wire::codec const& how, std::string_view name) const {
    auto const index = find(name);
    return index < fields_.size() && fields_[index].how == &how ? index : fields_.size();
}

entry_maker::entry_maker(feed_receiver& into, std::size_t max_entries)
    : into_{into},
      fields_{into.fields()},
      keys_{into, fields_},
      seen_{keys_},
      max_entries_{max_entries} {}

void entry_maker::begin(std::int64_t line) {
    ++records_;
    line_ = line;
    item_ = into_.add(line);
    own_ = 0;
    fault_.clear();
}

void entry_maker::set_text(std::size_t index, std::string_view text) {
    set(index, [text](wire::codec const& how, void* at) { return wire::from_text(how, at, text); });
}

void entry_maker::set_all(void const* item) {
    own_ |= copy_fields(into_.fields(), item, into_.fields(), item_);
    if (fields_.has_type() && fields_.type(item_) == pattern_type::unknown) {
        own_ &= ~fields_.type_bit();
    }
}

void entry_maker::end() {
    auto const as_given = fields_.pattern(item_);
    auto given = into_.defaulted() | own_;
    if (fault_.empty()) recognise((given & fields_.type_bit()) != 0);
    if (fault_.empty()) {
        given |= fields_.pattern_bit() | fields_.type_bit();
        auto const kept = into_.keep(given);
        if (!kept) fault_ = kept.error().detail();
    }
    if (fault_.empty()) {
        if (seen_.insert(count_)) {
            ++count_;
            return;
        }
        merge_into(*seen_.find(fields_.key(item_)), given);
    }
    into_.drop();
    if (!fault_.empty()) {
        --records_;  // counted again
        reject(line_, as_given, std::move(fault_));
    }
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
        if (differs && all[i].name != "comments") {
            fault_ = "repeats line " + std::to_string(into_.line(first)) + " with another " +
                     std::string{all[i].name};
            return;
        }
    }
    for (std::size_t i = 0; i != all.size(); ++i) {
        if ((given & ~kept_given & key_fields::bit(i)) == 0) continue;
        wire::copy_value(*all[i].how, all[i].address(item_), *all[i].how, all[i].address(kept));
    }
    kept_given |= given;
    into_.repeat(line_, first);
}

void entry_maker::recognise(bool has_type) {
    auto& pattern = fields_.pattern(item_);
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
    auto found = recognise_pattern(pattern, type);
    if (!found) {
        fault_ = found.error().detail();
        return;
    }
    pattern = std::move(found->pattern);
    if (fields_.has_type()) fields_.type(item_) = found->type;
}

void entry_maker::reject(std::int64_t line, std::string_view pattern, std::string reason) {
    ++records_;
    rejection why;
    why.line = line;
    why.pattern = presentable(pattern);
    why.reason = std::move(reason);
    into_.reject(std::move(why));
}

}  // namespace cloudflare::email_security
