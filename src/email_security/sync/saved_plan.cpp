#include "email_security/feed/input_file.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/record_codec.hpp"
#include "wire/json_reader.hpp"

#include <cloudflare/detail/pattern_index.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <istream>
#include <ostream>
#include <string_view>
#include <vector>

namespace cloudflare::inline v0 {

namespace email_security {

using cloudflare::detail::any_object;

namespace {

struct saved_create {
    explicit saved_create(sync_type const& of) : item{*of.collection->new_item} {}

    std::int64_t line = 0;
    any_object item;
    std::optional<std::string> until;
};
BOOST_DESCRIBE_STRUCT(saved_create, (), (line, item, until))

struct saved_update {
    explicit saved_update(sync_type const& of)
        : item{*of.collection->new_item}, set{*of.collection->patch} {}

    std::int64_t line = 0;
    identifier id;
    any_object item;
    any_object set;
    std::string comments;
    std::string seen;
    std::optional<std::string> until;
};
BOOST_DESCRIBE_STRUCT(saved_update, (), (line, id, item, set, comments, seen, until))

/// An edit of what left the feed.
struct saved_departure {
    identifier id;
    std::string pattern;
    std::string comments;
    std::string new_comments;
    std::string seen;
};
BOOST_DESCRIBE_STRUCT(saved_departure, (), (id, pattern, comments, new_comments, seen))

struct saved_removal {
    identifier id;
    std::string pattern;
    std::string seen;
    identifier kept;
};
BOOST_DESCRIBE_STRUCT(saved_removal, (), (id, pattern, seen, kept))

// What was there, in the form of the list; it is written as it is known, and may be missing.
struct read_update : saved_update {
    explicit read_update(sync_type const& of) : saved_update{of}, before{*of.collection->model} {}

    any_object before;
};
BOOST_DESCRIBE_STRUCT(read_update, (saved_update), (before))

struct read_departure : saved_departure {
    explicit read_departure(sync_type const& of) : before{*of.collection->model} {}

    any_object before;
};
BOOST_DESCRIBE_STRUCT(read_departure, (saved_departure), (before))

struct read_removal : saved_removal {
    explicit read_removal(sync_type const& of) : before{*of.collection->model} {}

    any_object before;
};
BOOST_DESCRIBE_STRUCT(read_removal, (saved_removal), (before))

/// Elements that are made for a collection.
template <class T>
struct saved_list {
    explicit saved_list(sync_type const& its_type) : of{&its_type} {}

    sync_type const* of;
    std::vector<T> all;
};

struct plan_document : plan_header {
    explicit plan_document(sync_type const& of)
        : creates{of}, updates{of}, departures{of}, deletes{of} {}

    saved_list<saved_create> creates;
    saved_list<read_update> updates;
    saved_list<read_departure> departures;
    saved_list<read_removal> deletes;
    std::vector<left_entry> left_alone;
    std::vector<rejection> rejected;
};
BOOST_DESCRIBE_STRUCT(plan_document, (plan_header),
                      (creates, updates, departures, deletes, left_alone, rejected))

}  // namespace

}  // namespace email_security

template <class T>
struct wire::codec_of<email_security::saved_list<T>> final : codec {
    using type = email_security::saved_list<T>;
    slot on_array(void* at) const override {
        static_cast<type*>(at)->all.clear();
        return {this, at};
    }
    slot element(void* at) const override {
        static constexpr email_security::record_codec<T> how;
        auto& list = *static_cast<type*>(at);
        return {&how, &list.all.emplace_back(*list.of)};
    }
    void write(void const*, sink&) const override {}  // is written element by element
};

namespace email_security {

namespace {

constexpr record_codec<plan_document> document_codec;

constexpr std::string_view format_name = "cloudflare-email-security-plan";
constexpr std::int64_t format_version = 1;

error unusable(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

/// Writes a plan piece by piece, so that nobody has to hold its text.
class plan_writer {
public:
    plan_writer(std::ostream& out, plan_header const& header);

    void begin(std::string_view array);
    /// `before` is the entry that was there, as JSON, if it is known.
    void add(wire::codec const& how, void const* element, std::string const& before = {});
    template <class T>
    void add(T const& element, std::string const& before = {}) {
        add(wire::codec_for<T>(), &element, before);
    }
    void end();
    void finish();

private:
    std::ostream& out_;
    bool is_first_ = true;
};

plan_writer::plan_writer(std::ostream& out, plan_header const& header) : out_{out} {
    auto known = header;
    known.format = format_name;
    known.version = format_version;
    auto text = wire::to_json(known);
    text.pop_back();
    out_ << text;
}

void plan_writer::begin(std::string_view array) {
    out_ << ",\n\"" << array << "\":[";
    is_first_ = true;
}

void plan_writer::add(wire::codec const& how, void const* element, std::string const& before) {
    std::string json;
    wire::append_json(how, element, json);
    if (!before.empty()) {
        json.pop_back();
        json += ",\"before\":" + before + '}';
    }
    out_ << (is_first_ ? "\n" : ",\n") << json;
    is_first_ = false;
}

void plan_writer::end() {
    out_ << ']';
}

void plan_writer::finish() {
    out_ << "}\n";
}

std::string to_hex(std::uint64_t number) {
    std::array<char, 16> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
    std::uint64_t number{};
    auto const* const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, number, 16);
    if (failed != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// Reads a document; says why it is not a plan for the collection.
std::optional<error> read_plan_document(std::istream& in, std::string_view collection,
                                        plan_document& header) {
    auto const fault = wire::read_json(in, {&document_codec, &header});
    // These come first, and tell more than what was not understood after them.
    if (header.format == format_name && header.version != format_version) {
        return unusable("the plan has version " + std::to_string(header.version) +
                        ", and only version " + std::to_string(format_version) + " is known");
    }
    if (fault) return unusable("is not a saved plan: " + *fault);
    if (header.format != format_name) return unusable("is not a saved plan");
    if (header.collection != collection) {
        return unusable("the plan is for the collection '" + header.collection + "', not '" +
                        std::string{collection} + '\'');
    }
    return std::nullopt;
}

/// `errc::invalid_argument`, naming a part of the plan.
error invalid_plan(std::string_view kind, std::size_t index, std::string_view why) {
    return unusable("the plan's " + std::string{kind} + '/' + std::to_string(index) + ": " +
                    std::string{why});
}

/// Makes the plan that a document describes.
class plan_restoration {
public:
    /// The references must outlive it.
    plan_restoration(plan_document& document, restored_plan const& into)
        : of_{into.type}, document_{document}, into_{into}, made_{into.changes} {}

    std::optional<error> run() {
        auto const failed = restore("creates", document_.creates.all, &plan_restoration::create);
        if (failed) return failed;
        if (auto failed_too =
                restore("updates", document_.updates.all, &plan_restoration::update)) {
            return failed_too;
        }
        if (auto failed_too =
                restore("departures", document_.departures.all, &plan_restoration::departure)) {
            return failed_too;
        }
        if (auto failed_too = restore("deletes", document_.deletes.all, &plan_restoration::removal)) {
            return failed_too;
        }
        if (auto const failed_too = find_repetition()) return failed_too;
        into_.header = document_;
        auto& report = made_.report;
        report.desired = document_.desired;
        report.current = document_.current;
        report.unchanged = document_.unchanged;
        report.waiting = document_.waiting;
        report.expired = document_.expired;
        count_changes(made_);
        report.left_alone = std::move(document_.left_alone);
        report.rejected = std::move(document_.rejected);
        return std::nullopt;
    }

private:
    using fault = std::optional<std::string>;

    template <class T>
    std::optional<error> restore(std::string_view kind, std::vector<T>& all,
                                 fault (plan_restoration::*make)(T&)) {
        for (std::size_t i = 0; i != all.size(); ++i) {
            if (auto const failed = (this->*make)(all[i])) return invalid_plan(kind, i, *failed);
        }
        return std::nullopt;
    }

    std::optional<error> find_repetition() const {
        pattern_index seen{into_.desired};
        seen.reserve(count_);
        for (std::uint32_t i = 0; i != count_; ++i) {
            if (!seen.insert(i)) return unusable('\'' + into_.desired.pattern(i) + "' comes twice");
        }
        return std::nullopt;
    }

    std::uint32_t given_by(any_object const& item) const {
        any_object copy{item.type()};
        return copy_fields(item.type().fields(), item.get(), item.type().fields(), copy.get());
    }

    std::uint32_t add_entry(std::int64_t line, any_object const& wanted, std::uint32_t given) {
        auto* const item = into_.entries.add(line);
        wanted.type().destroy(item);
        wanted.type().copy(item, wanted.get());
        into_.entries.given(count_) = given;
        return count_++;
    }

    fault create(saved_create& from) {
        auto const number = add_entry(from.line, from.item, given_by(from.item));
        if (auto const wrong = set_until(number, from.until)) return wrong;
        auto const valid = owned_item(of_, into_.desired, number, document_.owner).validate();
        if (!valid) return valid.error().detail();
        made_.creates.push_back(number);
        return std::nullopt;
    }

    /// What was there, as JSON; empty where the plan does not say.
    std::string before_of(any_object const& there) const {
        bool const is_known = !of_.look_at(there.get()).id->empty();
        return is_known ? json_of_existing(of_, there.get()) : std::string{};
    }

    fault update(read_update& from) {
        if (auto const valid = from.set.validate(); !valid) return valid.error().detail();
        if (auto const valid = check_identifier(from.id); !valid) return valid.error().detail();
        auto const seen = from_hex(from.seen);
        if (!seen) return "seen is not a fingerprint";
        planned_update made;
        made.id = std::move(from.id);
        made.comments = std::move(from.comments);
        made.seen = *seen;
        made.before = before_of(from.before);
        // What the feed does not tell is not compared, but is there if the entry must be created.
        made.fields = copy_fields(from.set.type().fields(), from.set.get(),
                                  from.item.type().fields(), from.item.get());
        if (auto const valid = from.item.validate(); !valid) return valid.error().detail();
        made.entry = add_entry(from.line, from.item, made.fields);
        if (auto const wrong = set_until(made.entry, from.until)) return wrong;
        if (of_.comments) {
            any_object set{*of_.collection->new_item};
            copy_fields(from.set.type().fields(), from.set.get(), set.type().fields(), set.get());
            made.new_comments = of_.comments(set.get());
        }
        auto const owner = std::string_view{document_.owner};
        bool const shares = made.new_comments && !owner.empty() &&
                            !look_at_marks(made.comments, owner).is_own &&
                            look_at_marks(*made.new_comments, owner).is_own;
        if (shares) made.purpose = edit_purpose::share;
        made_.updates.push_back(std::move(made));
        return std::nullopt;
    }

    fault departure(read_departure& from) {
        auto const owner = std::string_view{document_.owner};
        if (owner.empty() || !of_.comments) return "there is no owner to have a mark";
        if (auto const valid = check_identifier(from.id); !valid) return valid.error().detail();
        auto const seen = from_hex(from.seen);
        if (!seen) return "seen is not a fingerprint";
        planned_update made;
        bool const stays = look_at_marks(from.new_comments, owner).is_own;
        made.purpose = stays ? edit_purpose::retire : edit_purpose::unmark;
        made.id = std::move(from.id);
        made.pattern = std::move(from.pattern);
        made.fields = owner_rules{of_, {}}.comments_field();
        made.comments = std::move(from.comments);
        made.new_comments = std::move(from.new_comments);
        made.seen = *seen;
        made.before = before_of(from.before);
        auto const valid = sent_patch(of_, made_, made, into_.desired).validate();
        if (!valid) return valid.error().detail();
        made_.updates.push_back(std::move(made));
        return std::nullopt;
    }

    fault set_until(std::uint32_t number, std::optional<std::string> const& text) {
        if (!text) return std::nullopt;
        auto const day = parse_date(*text);
        if (!day) return "until is not a date";
        into_.entries.last_day(number) = static_cast<std::int32_t>(day->time_since_epoch().count());
        return std::nullopt;
    }

    fault removal(read_removal& from) {
        if (from.kept.empty() && document_.owner.empty()) {
            return "only an owner's entries are deleted, and there is none";
        }
        if (auto const valid = check_identifier(from.id); !valid) return valid.error().detail();
        auto const seen = from_hex(from.seen);
        if (!seen) return "seen is not a fingerprint";
        planned_removal made;
        made.id = std::move(from.id);
        made.pattern = std::move(from.pattern);
        made.seen = *seen;
        made.kept = std::move(from.kept);
        made.before = before_of(from.before);
        made_.removals.push_back(std::move(made));
        return std::nullopt;
    }

    sync_type const& of_;
    plan_document& document_;
    restored_plan const& into_;
    sync_changes& made_;
    std::uint32_t count_ = 0;
};

std::optional<std::string> until_of(feed_view const& desired, std::uint32_t number) {
    auto const day = last_day_of(desired, number);
    if (!day) return std::nullopt;
    return to_text(*day);
}

}  // namespace

void write_plan(std::ostream& out, sync_target const& where, feed_view const& desired,
                sync_changes const& changes, sync_options const& options) {
    // It would come back as another one.
    if (changes.is_exact) return out.setstate(std::ios::failbit);
    auto const& of = *where.type;
    plan_header header;
    header.collection = of.collection->name;
    header.base_url = base_url_of(where.where.client());
    header.account_id = where.where.account_id();
    header.owner = options.owner();
    header.made_at =
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    header.desired = changes.report.desired;
    header.current = changes.report.current;
    header.unchanged = changes.report.unchanged;
    header.waiting = changes.report.waiting;
    header.expired = changes.report.expired;

    plan_writer writer{out, header};
    writer.begin("creates");
    static constexpr record_codec<saved_create> create_codec;
    saved_create create{of};
    for (auto const number : changes.creates) {
        create.line = desired.line(number);
        create.item.assign(desired.item(number));
        create.until = until_of(desired, number);
        writer.add(create_codec, &create);
    }
    writer.end();
    writer.begin("updates");
    static constexpr record_codec<saved_update> update_codec;
    saved_update update{of};
    for (auto const& each : changes.updates) {
        if (each.entry == planned_update::no_entry) continue;
        update.line = desired.line(each.entry);
        update.id = each.id;
        update.item.assign(desired.item(each.entry));
        update.set = make_patch(of, each, desired.item(each.entry));
        update.until = until_of(desired, each.entry);
        update.comments = each.comments;
        update.seen = to_hex(each.seen);
        writer.add(update_codec, &update, each.before);
    }
    writer.end();
    writer.begin("departures");
    for (auto const& each : changes.updates) {
        if (each.entry != planned_update::no_entry) continue;
        saved_departure departure;
        departure.id = each.id;
        departure.pattern = each.pattern;
        departure.comments = each.comments;
        departure.new_comments = each.new_comments.value_or("");
        departure.seen = to_hex(each.seen);
        writer.add(departure, each.before);
    }
    writer.end();
    writer.begin("deletes");
    for (auto const& each : changes.removals) {
        saved_removal removal;
        removal.id = each.id;
        removal.pattern = each.pattern;
        removal.seen = to_hex(each.seen);
        removal.kept = each.kept;
        writer.add(removal, each.before);
    }
    writer.end();
    writer.begin("left_alone");
    for (auto const& each : changes.report.left_alone) writer.add(each);
    writer.end();
    writer.begin("rejected");
    for (auto const& each : changes.report.rejected) writer.add(each);
    writer.end();
    writer.finish();
}

result<plan_header> read_plan_header(std::istream& in) {
    plan_header header;
    auto const fault = wire::read_json(in, {&wire::codec_for<plan_header>(), &header});
    if (header.format != format_name) return unusable("is not a saved plan");
    if (fault) return unusable("is not a saved plan: " + *fault);
    return header;
}

bool looks_like_plan(std::string_view begin) noexcept {
    constexpr std::string_view key = "{\"format\":\"";
    return begin.starts_with(key) && begin.substr(key.size()).starts_with(format_name);
}

std::optional<error> read_plan(std::istream& in, restored_plan const& into) {
    plan_document document{into.type};
    auto const name = into.type.collection->name;
    if (auto failed = read_plan_document(in, name, document)) return failed;
    return plan_restoration{document, into}.run();
}

std::optional<error> read_plan(std::filesystem::path const& path, restored_plan const& into) {
    plan_document document{into.type};
    auto const name = into.type.collection->name;
    auto failed = read_input_file(
        path, [&](std::istream& in) { return read_plan_document(in, name, document); });
    if (failed) return failed;
    return plan_restoration{document, into}.run();
}

}  // namespace email_security

}  // namespace cloudflare::inline v0
