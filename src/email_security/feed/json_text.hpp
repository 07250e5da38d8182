#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// JSON texts taken apart without a tree of all of it, so that each piece keeps its place.
namespace cloudflare::inline v0::email_security {

/// Finds the values in a text. It only counts brackets and quotes; what a piece is, its parser
/// says.
class json_cursor {
public:
    explicit json_cursor(std::string_view text) : text_{text} {}

    /// Skips white space; whether there is anything more.
    bool skip_blanks();
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    std::size_t position() const { return at_; }
    void take_one() { ++at_; }
    /// The next value as a text; empty when it has no end.
    std::optional<std::string_view> take_value();

private:
    std::optional<std::string_view> take_string();

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Calls `with(key, value)` for each member of an object, or `with(element)` for each element of an
/// array. False when it does not end, or is something else.
template <class With>
bool for_each_member(std::string_view object, With with) {
    json_cursor at{object};
    if (!at.skip_blanks() || at.peek() != '{') return false;
    at.take_one();
    for (;;) {
        if (!at.skip_blanks()) return false;
        if (at.peek() == '}') return true;
        auto const key = at.take_value();
        if (!key || !at.skip_blanks() || at.peek() != ':') return false;
        at.take_one();
        if (!at.skip_blanks()) return false;
        auto const value = at.take_value();
        if (!value) return false;
        with(*key, *value);
        if (!at.skip_blanks()) return false;
        if (at.peek() == ',') at.take_one();
    }
}

template <class With>
bool for_each_element(std::string_view array, With with) {
    json_cursor at{array};
    if (!at.skip_blanks() || at.peek() != '[') return false;
    at.take_one();
    for (;;) {
        if (!at.skip_blanks()) return false;
        if (at.peek() == ']') return true;
        auto const value = at.take_value();
        if (!value) return false;
        with(*value);
        if (!at.skip_blanks()) return false;
        if (at.peek() == ',') at.take_one();
    }
}

/// A member of an object by its name, as a text; empty when there is none.
std::optional<std::string_view> find_member(std::string_view object, std::string_view name);

/// Tells the lines of pieces that come in the order of the text.
class line_counter {
public:
    explicit line_counter(std::string_view text) : text_{text} {}

    std::int64_t line_of(std::string_view piece);

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1;
};

}  // namespace cloudflare::inline v0::email_security
