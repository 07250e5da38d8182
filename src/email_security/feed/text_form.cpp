#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/feed_text.hpp"

namespace cloudflare::inline v0::email_security {

namespace {

/// A pattern a line, and a note behind it.
class text_form final : public form_reader {
public:
    explicit text_form(entry_maker& make) : form_reader{make} {}

    std::optional<error> take(feed_line const& line) override {
        bool const is_spaced = line.text.find("\xC2\xA0") != std::string_view::npos;
        if (is_spaced) spaced_ = with_plain_blanks(line.text);
        auto const text = trim(is_spaced ? std::string_view{spaced_} : line.text);
        if (text.empty()) return std::nullopt;
        auto const parted = part_note(text, "#;", true);
        if (parted.text.empty() || text.front() == '!') {
            make_.note();
        } else {
            make_.add(line.place(), parted.text, parted.note);
        }
        return std::nullopt;
    }

    std::optional<error> take_long(feed_line const& line) override {
        // Of a line that is a comment, the length does not matter.
        auto const text = trim(line.text);
        if (text.starts_with('!') || part_note(text, "#;", true).text.empty()) {
            make_.note();
            return std::nullopt;
        }
        return form_reader::take_long(line);
    }

    bool shows_cuts() const override { return true; }

private:
    std::string spaced_;
};

}  // namespace

std::unique_ptr<form_reader> make_text_reader(entry_maker& make) {
    return std::make_unique<text_form>(make);
}

}  // namespace cloudflare::inline v0::email_security
