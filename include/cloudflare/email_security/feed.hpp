#pragma once

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/export.hpp>
#include <cloudflare/detail/object.hpp>
#include <cloudflare/email_security/pattern_type.hpp>
#include <cloudflare/result.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Feeds: lists of patterns as files, which `sync.hpp` brings into a collection.
namespace cloudflare::inline v0::email_security {

/// The forms that a feed may have. Always UTF-8, or UTF-16 with a byte order mark; lines end with
/// LF, CR LF or a lone CR. It may be compressed by gzip, bzip2, xz or zstd. `docs/feeds.md` has the
/// grammar of each.
enum class feed_format {
    text,        ///< a pattern a line; `#` or `;` at its start or after a blank begins a note
    csv,         ///< RFC 4180 with a header; cells parted by comma, semicolon, tab or bar
    json_lines,  ///< an object a line, with the API's fields
    json,        ///< an array of objects or texts, objects over several lines, an answer of the API
    hosts,       ///< `0.0.0.0 name...`
    adblock,     ///< `||name^`, and `@@||name^` as an exception
    rpz,         ///< a response policy zone
    dnsmasq,     ///< `address=/name/0.0.0.0`
    unbound,     ///< `local-zone: "name" always_nxdomain`
    postfix,     ///< an access map: `name REJECT`, and `name OK` as an exception
    stix,        ///< indicators of STIX 2.1, in a bundle or one a line
    misp,        ///< attributes of MISP events, and warning lists
};
constexpr auto wire_names(feed_format) noexcept {
    using namespace std::string_view_literals;
    return std::array{
        std::pair{feed_format::text, "text"sv},        std::pair{feed_format::csv, "csv"sv},
        std::pair{feed_format::json_lines, "jsonl"sv}, std::pair{feed_format::json, "json"sv},
        std::pair{feed_format::hosts, "hosts"sv},      std::pair{feed_format::adblock, "adblock"sv},
        std::pair{feed_format::rpz, "rpz"sv},          std::pair{feed_format::dnsmasq, "dnsmasq"sv},
        std::pair{feed_format::unbound, "unbound"sv},  std::pair{feed_format::postfix, "postfix"sv},
        std::pair{feed_format::stix, "stix"sv},        std::pair{feed_format::misp, "misp"sv}};
}

/// An entry that is not synced, and why.
struct rejection {
    std::int64_t line = 0;  ///< in the feed, from 1; 0 when the entry has no line
    std::string pattern;    ///< as it stands there, shortened when very long
    std::string reason;     ///< why, and which option lets it through if one does
};
BOOST_DESCRIBE_STRUCT(rejection, (), (line, pattern, reason))

/// An entry that is well formed, and kept back because it must not be blocked.
struct held_entry {
    std::int64_t line = 0;  ///< in the feed, from 1
    std::string pattern;    ///< in canonical form
    std::string reason;  ///< names the option that lets it through
};
BOOST_DESCRIBE_STRUCT(held_entry, (), (line, pattern, reason))

/// What a feed says must not be blocked: `@@` of adblock, passthru of RPZ, `OK` of an access map.
struct feed_exception {
    std::int64_t line = 0;  ///< in the feed, from 1
    std::string pattern;  ///< in canonical form, if it has one
};
BOOST_DESCRIBE_STRUCT(feed_exception, (), (line, pattern))

/// A column or member that no field of the collection has, and in how many records it stands.
struct unknown_member {
    std::string name;        ///< as it stands in the feed
    std::int64_t count = 0;  ///< of the records
};
BOOST_DESCRIBE_STRUCT(unknown_member, (), (name, count))

/// Records of a kind that says nothing about whom to block, as expired ones, and how many they are.
struct skipped_records {
    std::string kind;        ///< what they are, in words
    std::int64_t count = 0;  ///< how many
};
BOOST_DESCRIBE_STRUCT(skipped_records, (), (kind, count))

/// A pattern in its canonical form, and what it is compared with.
struct recognised_pattern {
    std::string pattern;                        ///< in canonical form
    pattern_type type = pattern_type::unknown;  ///< what it is
};

/// Tells what a pattern is, unless `type` says so, checks that the API would take it, and brings it
/// into canonical form: domains in lower case without a final dot, also those of e-mail addresses,
/// international ones as A-labels (UTS #46, non-transitional); CIDR blocks without host bits, a
/// block of one address as that address, IPv6 as RFC 5952 writes it, and what is IPv4-mapped in
/// IPv6 as IPv4.
///
/// Errors: `errc::invalid_argument`, whose `detail()` says what is wrong: not an e-mail address,
/// host name, IP address or CIDR block; or it has addresses that the API refuses, which are private
/// and unique-local, loopback, link-local and unspecified ones, and the broadcast address of IPv4.
CLOUDFLARE_EXPORT result<recognised_pattern> recognise_pattern(
    std::string_view text, std::optional<pattern_type> type = {});

/// Reads what a person pastes in the place of a pattern. What is a pattern as it stands is taken as
/// such; anything else as a feed may have it: defanged (`evil[.]example`, `a(at)evil.example`),
/// between `<` and `>` with a name before it or not, as `mailto:`, as `@domain`, as a range of
/// addresses, which is several patterns; of URLs only those that are nothing but a host.
///
/// Errors: `errc::invalid_argument`, whose `detail()` says why. The text itself is not in it.
CLOUDFLARE_EXPORT result<std::vector<recognised_pattern>> read_patterns(
    std::string_view text, std::optional<pattern_type> type = {});

/// The column or member that says until when an entry is wanted: a date as 2026-11-28 (UTC), a time
/// by RFC 3339, or seconds since 1970. It is a field of no collection.
inline constexpr std::string_view expiry_name = "expires";

/// What stands for a day in a feed's entries where there is none: it has no end.
inline constexpr std::int32_t no_last_day = std::numeric_limits<std::int32_t>::max();

/// One entry of a feed.
template <class Item>
struct feed_entry {
    std::int64_t line = 0;  ///< from 1; 0 for an entry that was made in code
    Item item;              ///< what is to be there
    /// Which fields the feed gives, one bit each in the order of their description. The others have
    /// defaults, and are left as they are in an entry that is there already.
    std::uint32_t given = 0;
    /// The last day on which the feed wants it, in days since 1970 (UTC), or `no_last_day`.
    std::int32_t last_day = no_last_day;
};

/// An entry that says once more what an earlier one says. What it says beyond that was taken over.
struct repetition {
    std::int64_t line = 0;    ///< of the repetition
    std::uint32_t entry = 0;  ///< in `feed::entries`, the earlier one
};

/// A range of addresses that became several blocks, which are taken together or not at all.
struct split_range {
    std::int64_t line = 0;               ///< of the range
    std::vector<std::uint32_t> entries;  ///< in `feed::entries`
};

/// What a feed is beside its entries.
struct feed_facts {
    feed_format read_as = feed_format::text;  ///< the form that was given or recognised
    /// Lines that are not an entry, or contradict an earlier one in more than the comments.
    std::vector<rejection> rejected;
    std::vector<repetition> repeated;        ///< entries that stand there more than once
    std::vector<split_range> ranges;         ///< ranges of addresses that became blocks
    std::vector<held_entry> held_back;       ///< what must not be blocked; see `protection`
    std::vector<feed_exception> exceptions;  ///< what the feed itself excepts
    std::vector<unknown_member> unknown;     ///< columns or members without a field
    /// Records: entries, repetitions, exceptions, rejections and what is held back.
    std::int64_t records = 0;
    /// Comments, headers, metadata, and what has expired.
    std::int64_t notes = 0;
    /// Of the notes, those that are records.
    std::vector<skipped_records> skipped;
    /// Patterns that were defanged, as `evil[.]example`.
    std::int64_t defanged = 0;
    /// Names in rejected lines, in canonical form, some more than once: a prune spares them.
    std::vector<std::string> spared;
    /// Why nothing may be deleted for want of an entry in this feed; empty if it may be.
    std::string incomplete;
    /// The last line has no end: it may have been cut.
    bool is_cut = false;
};

/// The state that a collection is to have, as a feed describes it. `Traits` are the collection's.
template <class Traits>
struct feed : feed_facts {
    /// What an entry is to be.
    using item = typename Traits::new_item;

    feed() noexcept {}

    /// Each natural key (pattern, type, regex flag) once; patterns in canonical form.
    std::vector<feed_entry<item>> entries;
};

/// Takes what is about entries that go out of the facts, and gives the others their new places.
void renumber_entries(feed_facts& facts, std::vector<bool> const& goes,
                      std::vector<std::uint32_t> const& place);

/// Takes the entries out of a feed that `goes` marks, with their repetitions.
template <class Traits>
void drop_entries(feed<Traits>& from, std::vector<bool> const& goes) {
    std::vector<std::uint32_t> place(from.entries.size());
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i != place.size(); ++i) {
        place[i] = kept;
        if (goes[i]) continue;
        if (kept != i) from.entries[kept] = std::move(from.entries[i]);
        ++kept;
    }
    from.entries.resize(kept);
    renumber_entries(from, goes, place);
}

/// What is common to all feeds in how they are read.
struct feed_reading {
    std::optional<feed_format> format;                 ///< none: recognised by the content
    bool allow_empty = false;                          ///< as of `feed_options`
    std::uint64_t max_size = std::uint64_t{1} << 30U;  ///< bytes
    std::size_t max_entries = 4'000'000;               ///< rejected and repeated ones included
    bool from_urls = false;                            ///< as of `feed_options`
    bool wildcards = false;                            ///< as of `feed_options`
    bool comments_from_feed = false;                   ///< as of `feed_options`
    bool warning_lists = false;                        ///< as of `feed_options`
    /// Takes names that the API does not, too: what is read is not to be blocked.
    bool is_protected = false;
    std::string name;  ///< of the file, for what its ending tells
    /// Fields, and the columns or members that have them.
    std::vector<std::pair<std::string, std::string>> columns;
};

/// Bytes of a line, and of a CSV's record: a longer one is rejected.
inline constexpr std::size_t max_feed_line = 64 * 1024;

/// How a feed is read.
template <class Traits>
class feed_options {
public:
    feed_options() noexcept {}

    /// The form. Default: recognised by the content, and by the ending `.csv` or `.tsv`.
    feed_options& format(feed_format value) {
        reading_.format = value;
        return *this;
    }
    /// What an entry has where the feed does not say; by default the type follows from the pattern.
    feed_options& defaults(typename Traits::patch value) {
        defaults_ = std::move(value);
        return *this;
    }
    /// Takes the host of a URL as its pattern; default: URLs are rejected.
    feed_options& from_urls(bool value) {
        reading_.from_urls = value;
        return *this;
    }
    /// Takes `*.name` and `.name` as the domain `name`, which is wider by itself; default: they are
    /// rejected.
    feed_options& wildcards(bool value) {
        reading_.wildcards = value;
        return *this;
    }
    /// Takes what a form says beside the pattern as comments: a text line's note, the description
    /// of an indicator. What has a column or member `comments` is taken in any case. Default false.
    feed_options& comments_from_feed(bool value) {
        reading_.comments_from_feed = value;
        return *this;
    }
    /// Reads the names of a MISP warning list, which are not to be blocked; default: refused.
    feed_options& warning_lists(bool value) {
        reading_.warning_lists = value;
        return *this;
    }
    /// The column of a CSV (by heading or number, from 1) or the member of an object that has a
    /// field. Default: the one of the field's name.
    feed_options& column(std::string field, std::string name) {
        reading_.columns.emplace_back(std::move(field), std::move(name));
        return *this;
    }
    /// Whether a feed without any line is acceptable; default false.
    feed_options& allow_empty(bool value) {
        reading_.allow_empty = value;
        return *this;
    }
    /// A feed of more bytes is refused, so that none can use up the memory; default 1 GiB.
    feed_options& max_size(std::uint64_t value) {
        reading_.max_size = value;
        return *this;
    }
    /// A feed of more entries, rejected and repeated ones included, is refused; default 4 000 000.
    feed_options& max_entries(std::size_t value) {
        reading_.max_entries = value;
        return *this;
    }

    /// All of how it is read.
    feed_options& reading(feed_reading value) {
        reading_ = std::move(value);
        return *this;
    }

    typename Traits::patch const& defaults() const noexcept { return defaults_; }
    feed_reading const& reading() const noexcept { return reading_; }

private:
    typename Traits::patch defaults_;
    feed_reading reading_;
};

/// Receives a feed entry by entry; lets the reader be compiled once for all collections.
class feed_receiver {
public:
    /// Of items with these fields.
    explicit feed_receiver(std::span<wire::field const> fields) noexcept : fields_{fields} {}

    /// The fields of an item.
    std::span<wire::field const> fields() const noexcept { return fields_; }
    /// Which of them have a default, one bit each.
    virtual std::uint32_t defaulted() const = 0;
    /// A new last entry with the defaults: where its item is.
    virtual void* add(std::int64_t line) = 0;
    /// Of an entry that is kept: its item, the fields that it gives, its line.
    virtual void* item(std::size_t number) = 0;
    /// The fields that the feed gives.
    virtual std::uint32_t& given(std::size_t number) = 0;
    /// The last day on which the feed wants it.
    virtual std::int32_t& last_day(std::size_t number) = 0;
    /// The line that it stands in.
    virtual std::int64_t line(std::size_t number) const = 0;
    /// Keeps the last entry if its limits allow.
    virtual result<void> keep(std::uint32_t given) = 0;
    /// Takes the last entry away.
    virtual void drop() = 0;
    /// What the feed is beside its entries.
    virtual feed_facts& facts() = 0;

protected:
    ~feed_receiver() = default;

private:
    std::span<wire::field const> fields_;
};

/// Reads a feed into a receiver.
CLOUDFLARE_EXPORT std::optional<error> read_feed_into(std::istream& in, feed_reading const& how,
                                                      feed_receiver& into);
/// As above, from a file; its ending counts for the form.
CLOUDFLARE_EXPORT std::optional<error> read_feed_into(std::filesystem::path const& path,
                                                      feed_reading const& how, feed_receiver& into);

/// Makes a feed of items in memory.
class CLOUDFLARE_EXPORT feed_builder {
public:
    /// `into` must outlive it.
    feed_builder(feed_receiver& into, feed_reading const& how);
    ~feed_builder();
    feed_builder(feed_builder const&) = delete;
    feed_builder& operator=(feed_builder const&) = delete;

    /// A pattern; everything else by default.
    void add(std::int64_t line, std::string_view pattern);
    /// An item with the receiver's fields.
    void add(std::int64_t line, void const* item);
    /// Why it is not a feed.
    std::optional<error> finish();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Copies the fields of one described object that are present to those of the same name in another;
/// the bits of the target's fields that were set.
CLOUDFLARE_EXPORT std::uint32_t copy_fields(std::span<wire::field const> from, void const* source,
                                            std::span<wire::field const> to, void* target);

/// Receives a feed for a collection.
template <class Traits>
class feed_collector final : public feed_receiver {
public:
    /// What an entry is to be.
    using item_type = typename Traits::new_item;

    /// `into` must outlive it.
    feed_collector(feed<Traits>& into, feed_options<Traits> const& options)
        : feed_receiver{wire::fields_of<item_type>()}, into_{into} {
        auto const& given = options.defaults();
        defaulted_ = copy_fields(wire::fields_of<typename Traits::patch>(), &given,
                                 wire::fields_of<item_type>(), &default_);
    }

    std::uint32_t defaulted() const override { return defaulted_; }
    void* add(std::int64_t line) override {
        auto& entry = into_.entries.emplace_back();
        entry.line = line;
        entry.item = default_;
        return &entry.item;
    }
    void* item(std::size_t number) override { return &into_.entries[number].item; }
    /// As of `feed_receiver`.
    std::uint32_t& given(std::size_t number) override { return into_.entries[number].given; }
    /// As of `feed_receiver`.
    std::int32_t& last_day(std::size_t number) override { return into_.entries[number].last_day; }
    /// As of `feed_receiver`.
    std::int64_t line(std::size_t number) const override { return into_.entries[number].line; }
    result<void> keep(std::uint32_t given) override {
        auto& entry = into_.entries.back();
        entry.given = given;
        return entry.item.validate();
    }
    void drop() override { into_.entries.pop_back(); }
    /// As of `feed_receiver`.
    feed_facts& facts() override { return into_; }

private:
    feed<Traits>& into_;
    item_type default_;
    std::uint32_t defaulted_ = 0;
};

/// Reads a feed for a collection: `read_feed<block_senders_traits>("domains.txt")`. What cannot be
/// an entry is in `feed::rejected`, with its line; the rest is read on. Columns and members that
/// are not a field of the collection are skipped; empty cells and null count as not given.
///
/// It is read line by line; only the entries, and what is rejected of it, are kept in memory.
///
/// Errors: `errc::invalid_argument` when the feed cannot be read, has no line with an entry, or
/// more than the options allow; when a CSV has no column `pattern`, or a quotation in it does not
/// end.
template <class Traits>
result<feed<Traits>> read_feed(std::filesystem::path const& path,
                               feed_options<Traits> const& options = {}) {
    feed<Traits> all;
    feed_collector<Traits> collect{all, options};
    if (auto const failed = read_feed_into(path, options.reading(), collect)) return *failed;
    return all;
}

/// As above, from a stream; the form is recognised by the content.
template <class Traits>
result<feed<Traits>> read_feed(std::istream& in, feed_options<Traits> const& options = {}) {
    feed<Traits> all;
    feed_collector<Traits> collect{all, options};
    if (auto const failed = read_feed_into(in, options.reading(), collect)) return *failed;
    return all;
}

/// Makes a feed of a range of patterns (what converts to `std::string_view`) or of new items, as
/// `read_feed` makes it of a file: checked, in canonical form, each natural key once. What an item
/// has is given, an absent optional is not. The line of an entry is its place in the range, from 1.
///
/// Errors: `errc::invalid_argument` when the range is empty or longer than the options allow.
template <class Traits, std::ranges::input_range Range>
result<feed<Traits>> make_feed(Range&& items, feed_options<Traits> const& options = {}) {
    feed<Traits> all;
    feed_collector<Traits> collect{all, options};
    feed_builder builder{collect, options.reading()};
    std::int64_t place = 0;
    for (auto&& each : items) {
        if constexpr (std::convertible_to<decltype(each), std::string_view>) {
            builder.add(++place, std::string_view{each});
        } else {
            typename Traits::new_item const& item = each;
            builder.add(++place, static_cast<void const*>(&item));
        }
    }
    if (auto const failed = builder.finish()) return *failed;
    return all;
}

/// Writes entries as a feed that `read_feed` reads back the same; only empty comments come back
/// from a CSV as none. A CSV begins with its header.
class CLOUDFLARE_EXPORT feed_writer {
public:
    /// `fields` are those of the collection's new item.
    feed_writer(std::ostream& out, feed_format format, std::span<wire::field const> fields);

    /// Writes one new item. False, and nothing is written, when the form cannot carry it (text has
    /// the pattern only), or the API would not take it again.
    template <class Item>
    bool write(Item const& item) {
        // Members are only read through the address.
        return item.validate() && write_fields(wire::codec_for<Item>(), const_cast<Item*>(&item));
    }
    /// The same of an item of any collection.
    bool write(cloudflare::detail::any_object& item) {
        return item.validate() && write_fields(*item.type().how, item.get());
    }

private:
    bool write_fields(wire::codec const& how, void* item);

    std::ostream& out_;
    feed_format format_;
    std::span<wire::field const> fields_;
};

/// What would be created to have an entry like this one.
template <class Traits>
typename Traits::new_item to_new_item(typename Traits::model const& there) {
    typename Traits::new_item item;
    copy_fields(wire::fields_of<typename Traits::model>(), &there,
                wire::fields_of<typename Traits::new_item>(), &item);
    return item;
}

}  // namespace cloudflare::inline v0::email_security
