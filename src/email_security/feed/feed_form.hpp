#pragma once

#include "email_security/feed/entry_maker.hpp"

#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The forms of feeds: each is a grammar of its own, and has a reader.
namespace cloudflare::inline v0::email_security {

/// A line with its end. It is valid UTF-8 without NUL, and not too long.
struct feed_line {
    std::int64_t number = 0;
    std::string_view text;

    record_place place() const { return {number, text}; }
};

/// Reads the lines of one form, and makes entries of them.
class form_reader {
public:
    virtual ~form_reader() = default;

    /// An error is why the whole feed cannot be used.
    virtual std::optional<error> take(feed_line const& line) = 0;
    /// A line that is longer than may be; `line` has its beginning.
    virtual std::optional<error> take_long(feed_line const& line);
    /// After the last line.
    virtual std::optional<error> finish() { return std::nullopt; }
    /// Whether its lines may be cut without a sign, where the last one has no end.
    virtual bool shows_cuts() const { return false; }

protected:
    explicit form_reader(entry_maker& make) : make_{make} {}

    entry_maker& make_;
};

/// Reads a form that is one document, or several one after another, and cannot be read by lines.
class document_reader {
public:
    virtual ~document_reader() = default;

    /// An error is why the whole feed cannot be used.
    virtual std::optional<error> read(std::string_view text) = 0;
};

/// A form, and what says more of it.
struct detected_form {
    feed_format format = feed_format::text;
    char delimiter = ',';  ///< of a CSV
};

/// `head` is the beginning of the feed, `name` that of its file, or empty.
detected_form detect_form(std::string_view head, std::string_view name, key_fields const& fields);

/// The delimiter that a line `sep=;` gives, as spreadsheets write it before a CSV; empty when it is
/// another line.
std::optional<char> separator_line(std::string_view line);

/// The delimiter of what is said to be a CSV.
char detect_delimiter(std::string_view head);

std::unique_ptr<form_reader> make_text_reader(entry_maker& make);
std::unique_ptr<form_reader> make_csv_reader(entry_maker& make, char delimiter);
std::unique_ptr<form_reader> make_json_lines_reader(entry_maker& make);
std::unique_ptr<document_reader> make_json_reader(entry_maker& make);
std::unique_ptr<form_reader> make_hosts_reader(entry_maker& make);
std::unique_ptr<form_reader> make_adblock_reader(entry_maker& make);
std::unique_ptr<form_reader> make_rpz_reader(entry_maker& make);
std::unique_ptr<form_reader> make_dnsmasq_reader(entry_maker& make);
std::unique_ptr<form_reader> make_unbound_reader(entry_maker& make);
std::unique_ptr<form_reader> make_postfix_reader(entry_maker& make);
std::unique_ptr<document_reader> make_stix_reader(entry_maker& make);
std::unique_ptr<document_reader> make_misp_reader(entry_maker& make);

/// Whether names are given this address so that nobody reaches them.
bool is_sink_address(std::string_view text) noexcept;

/// What cannot be used as a feed.
error unusable_feed(std::string reason);

/// That a feed has no records, and what it has instead.
std::string describe_emptiness(feed_facts const& of);

/// Texts in quotes, parted by commas: the first few of them.
std::string list_names(std::vector<std::string> const& names);

}  // namespace cloudflare::inline v0::email_security
