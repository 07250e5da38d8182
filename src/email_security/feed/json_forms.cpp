#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"
#include "email_security/feed/json_document.hpp"
#include "email_security/feed/json_object.hpp"
#include "email_security/feed/json_record.hpp"
#include "email_security/feed/json_text.hpp"

#include <charconv>

namespace cloudflare::inline v0::email_security {

namespace {

/// An object a line.
class json_lines_form final : public form_reader {
public:
    explicit json_lines_form(entry_maker& make) : form_reader{make}, records_{make} {}

    std::optional<error> take(feed_line const& line) override {
        auto const text = trim(line.text);
        if (text.empty()) return std::nullopt;
        if (text.front() == '#') {
            make_.note();
        } else {
            records_.take(line.place(), text);
        }
        return std::nullopt;
    }

    std::optional<error> finish() override { return records_.finish("jsonl"); }

private:
    json_records records_;
};

std::int64_t number_in(std::optional<std::string_view> text) {
    std::int64_t number = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), number);
    return number;
}

/// An array, objects one after another, or an answer of the API.
class json_form final : public json_document {
public:
    explicit json_form(entry_maker& make) : json_document{make}, records_{make} {}

private:
    std::optional<error> take_value(std::string_view value) override {
        if (value.front() == '[') return take_records(value);
        auto const success = value.front() == '{' ? find_member(value, "success") : std::nullopt;
        if (!success) {
            take_record(value);
            return std::nullopt;
        }
        return take_answer(value, *success);
    }

    std::optional<error> take_answer(std::string_view answer, std::string_view success) {
        auto const result = find_member(answer, "result");
        if (success != "true" || !result) {
            return unusable_feed(
                "read as json: it is an answer of an API that has no list: an error?");
        }
        if (auto const twice = repeated_member(answer); !twice.empty()) {
            return unusable_feed("read as json: the answer has '" + presentable(twice) + "' twice");
        }
        // What was asked for by its id is one entry.
        if (is_entry(*result)) {
            take_record(*result);
            return std::nullopt;
        }
        auto const before = records_.count();
        if (auto failed = take_records(*result)) return failed;
        auto const count = records_.count() - before;
        auto const info = find_member(answer, "result_info");
        auto const total = number_in(info ? find_member(*info, "total_count") : std::nullopt);
        if (total > count) {
            make_.hold_deletions("the answer has " + std::to_string(count) + " of " +
                                 std::to_string(total) + " entries");
        }
        return std::nullopt;
    }

    bool is_entry(std::string_view result) const {
        return result.starts_with('{') && find_member(result, "id") &&
               find_member(result, make_.fields().pattern_name());
    }

    std::optional<error> take_records(std::string_view list) {
        return each_of(list, "entries", [this](std::string_view each) {
            take_record(each);
            return std::nullopt;
        });
    }

    void take_record(std::string_view value) { records_.take(place_of(value), value); }

    std::optional<error> finish() override { return records_.finish("json"); }

    json_records records_;
};

}  // namespace

std::unique_ptr<form_reader> make_json_lines_reader(entry_maker& make) {
    return std::make_unique<json_lines_form>(make);
}

std::unique_ptr<document_reader> make_json_reader(entry_maker& make) {
    return std::make_unique<json_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
