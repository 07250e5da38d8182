#pragma once

#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/json_text.hpp"

namespace cloudflare::email_security {

/// A form of JSON: one value, or several one after another, each over as many lines as it likes.
class json_document : public document_reader {
public:
    std::optional<error> read(std::string_view text) final;

protected:
    explicit json_document(entry_maker& make) : make_{make} {}

    /// A value at the top.
    virtual std::optional<error> take_value(std::string_view value) = 0;
    virtual std::optional<error> finish() { return std::nullopt; }
    /// Where a piece of a value stands; to be asked in the order of the text.
    record_place place_of(std::string_view piece) { return {lines_.line_of(piece), piece}; }

    entry_maker& make_;

private:
    line_counter lines_{{}};
};

}  // namespace cloudflare::email_security
