#pragma once

#include "email_security/feed/feed_form.hpp"
#include "email_security/feed/json_text.hpp"

namespace cloudflare::inline v0::email_security {

/// A form of JSON: one value, or several one after another, each over as many lines as it likes.
class json_document : public document_reader {
public:
    std::optional<error> read(std::string_view text) final;

protected:
    explicit json_document(entry_maker& make) : make_{make} {}

    /// A value at the top.
    virtual std::optional<error> take_value(std::string_view value) = 0;
    virtual std::optional<error> finish() { return std::nullopt; }
    /// Calls `with(element)`, which may say why the feed cannot be used, for each element of
    /// `list`, which is what `what` calls it.
    template <class With>
    std::optional<error> each_of(std::string_view list, std::string_view what, With with) {
        std::optional<error> failed;
        bool const is_whole = for_each_element(list, [&](std::string_view each) {
            if (!failed) failed = with(each);
        });
        return failed || is_whole ? failed : no_list(list, what);
    }
    /// That `what`, which `at` begins, should be a list.
    error no_list(std::string_view at, std::string_view what);
    /// Where a piece of a value stands; to be asked in the order of the text.
    record_place place_of(std::string_view piece) { return {lines_.line_of(piece), piece}; }

    entry_maker& make_;

private:
    line_counter lines_{{}};
};

}  // namespace cloudflare::inline v0::email_security
