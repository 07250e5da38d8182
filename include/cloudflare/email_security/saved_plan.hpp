#pragma once

#include <cloudflare/detail/sync/plan_check.hpp>
#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Plans as files: made and looked at now, applied later, if the list is still as it was.
///
/// The file is one JSON object, UTF-8, with a change a line:
///
///     format      "cloudflare-email-security-plan"
///     version     1; a reader refuses what it does not know
///     collection  the collection's name in the API's paths, "block_senders" for one
///     account_id  the account
///     owner       whom to mark as the owner of what is created; "" for nobody
///     made_at     RFC 3339, UTC
///     desired, current, unchanged   counts, as in `sync_report`
///     creates     [{"line":…, "item":{…}}]: the feed's line, and the new item in the API's fields
///     updates     [{"line":…, "id":…, "item":{…}, "set":{…}, "comments":…, "seen":…}]: the item
///                   as it is to be, and the fields to set for that; the comments that were there
///     deletes     [{"id":…, "pattern":…, "seen":…, "kept":…}]: `kept`, where it is not the feed
///                   that lacks it, is the entry of the same natural key that stays
///     rejected    [{"line":…, "pattern":…, "reason":…}]: what the feed has and no change is for
///
/// `seen` is `fingerprint_of` the entry that was there, in hexadecimal digits. There is no secret
/// in it, but all patterns and comments.
namespace cloudflare::email_security {

/// What a saved plan begins with.
struct plan_header {
    std::string format;
    std::int64_t version = 0;
    std::string collection;
    std::string account_id;
    std::string owner;
    std::optional<timestamp> made_at;
    std::int64_t desired = 0;
    std::int64_t current = 0;
    std::int64_t unchanged = 0;
};
BOOST_DESCRIBE_STRUCT(plan_header, (),
                      (format, version, collection, account_id, owner, made_at, desired, current,
                       unchanged))

template <class Traits>
struct saved_create {
    std::int64_t line = 0;
    typename Traits::new_item item;

    BOOST_DESCRIBE_CLASS(saved_create, (), (line, item), (), ())
};

template <class Traits>
struct saved_update {
    std::int64_t line = 0;
    identifier id;
    typename Traits::new_item item;
    typename Traits::patch set;
    std::string comments;
    std::string seen;

    BOOST_DESCRIBE_CLASS(saved_update, (), (line, id, item, set, comments, seen), (), ())
};

struct saved_removal {
    identifier id;
    std::string pattern;
    std::string seen;
    identifier kept;
};
BOOST_DESCRIBE_STRUCT(saved_removal, (), (id, pattern, seen, kept))

template <class Traits>
struct plan_document : plan_header {
    std::vector<saved_create<Traits>> creates;
    std::vector<saved_update<Traits>> updates;
    std::vector<saved_removal> deletes;
    std::vector<rejection> rejected;

    BOOST_DESCRIBE_CLASS(plan_document, (plan_header), (creates, updates, deletes, rejected), (),
                         ())
};

/// A plan that was read from a file.
template <class Traits>
struct saved_plan {
    saved_plan() noexcept {}

    plan_header header;
    /// Its feed has the entries only that are created or updated.
    sync_plan<Traits> plan;
};

/// Writes a plan piece by piece, so that nobody has to hold its text.
class plan_writer {
public:
    plan_writer(std::ostream& out, plan_header const& header);

    void begin(std::string_view array);
    template <class T>
    void add(T const& element) {
        add_text(wire::to_json(element));
    }
    void end();
    void finish();

private:
    void add_text(std::string_view json);

    std::ostream& out_;
    bool is_first_ = true;
};

std::string to_hex(std::uint64_t number);
std::optional<std::uint64_t> from_hex(std::string_view text);

/// Reads a document into `root`, of which `header` is a part; says why it is no plan for the
/// collection.
std::optional<error> read_plan_document(std::istream& in, std::string_view collection,
                                        wire::slot root, plan_header const& header);
/// As above, from a file.
std::optional<error> read_plan_document(std::filesystem::path const& path,
                                        std::string_view collection, wire::slot root,
                                        plan_header const& header);
/// `errc::invalid_argument`, naming a part of the plan.
error invalid_plan(std::string_view kind, std::size_t index, std::string_view why);

/// Writes a plan that `plan` made for this collection with these options. The stream tells whether
/// it could be written.
template <class Traits>
void save_plan(std::ostream& out, sync_plan<Traits> const& plan, collection<Traits> const& where,
               sync_options const& options) {
    using item = typename Traits::new_item;
    plan_header header;
    header.collection = Traits::name;
    header.account_id = where.account_id();
    header.owner = options.owner();
    header.made_at =
        std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    header.desired = plan.report.desired;
    header.current = plan.report.current;
    header.unchanged = plan.report.unchanged;

    auto const& entries = plan.desired.entries;
    plan_writer writer{out, header};
    writer.begin("creates");
    for (auto const number : plan.creates) {
        saved_create<Traits> each;
        each.line = entries[number].line;
        each.item = entries[number].item;
        writer.add(each);
    }
    writer.end();
    writer.begin("updates");
    for (auto const& update : plan.updates) {
        item const& wanted = entries[update.entry].item;
        saved_update<Traits> each;
        each.line = entries[update.entry].line;
        each.id = update.id;
        each.item = wanted;
        each.set = make_patch<Traits>(update, wanted);
        each.comments = update.comments;
        each.seen = to_hex(update.seen);
        writer.add(each);
    }
    writer.end();
    writer.begin("deletes");
    for (auto const& removal : plan.removals) {
        saved_removal each;
        each.id = removal.id;
        each.pattern = removal.pattern;
        each.seen = to_hex(removal.seen);
        each.kept = removal.kept;
        writer.add(each);
    }
    writer.end();
    writer.begin("rejected");
    for (auto const& each : plan.report.rejected) writer.add(each);
    writer.end();
    writer.finish();
}

/// Makes the plan that a document describes.
template <class Traits>
class plan_restoration {
public:
    explicit plan_restoration(plan_document<Traits> document) : document_{std::move(document)} {}

    result<saved_plan<Traits>> run() {
        auto& plan = made_.plan;
        made_.header = document_;
        for (std::size_t i = 0; i != document_.creates.size(); ++i) {
            if (auto failed = restore_create(std::move(document_.creates[i]))) {
                return invalid_plan("creates", i, *failed);
            }
        }
        for (std::size_t i = 0; i != document_.updates.size(); ++i) {
            if (auto failed = restore_update(std::move(document_.updates[i]))) {
                return invalid_plan("updates", i, *failed);
            }
        }
        for (std::size_t i = 0; i != document_.deletes.size(); ++i) {
            if (auto failed = restore_removal(std::move(document_.deletes[i]))) {
                return invalid_plan("deletes", i, *failed);
            }
        }
        entry_keys<item> const keys{plan.desired.entries};
        pattern_index seen{keys};
        seen.reserve(plan.desired.entries.size());
        for (std::uint32_t i = 0; i != plan.desired.entries.size(); ++i) {
            if (!seen.insert(i)) {
                return error{errc::invalid_argument,
                             '\'' + pattern_of(plan.desired.entries[i].item) + "' comes twice"};
            }
        }
        auto& report = plan.report;
        report.desired = document_.desired;
        report.current = document_.current;
        report.unchanged = document_.unchanged;
        report.created = static_cast<std::int64_t>(plan.creates.size());
        report.updated = static_cast<std::int64_t>(plan.updates.size());
        report.deleted = static_cast<std::int64_t>(plan.removals.size());
        report.rejected = std::move(document_.rejected);
        return std::move(made_);
    }

private:
    using item = typename Traits::new_item;
    using fault = std::optional<std::string>;

    static std::uint32_t given_by(item const& each) {
        item copy;
        return copy_fields(wire::fields_of<item>(), &each, wire::fields_of<item>(), &copy);
    }

    std::uint32_t add_entry(std::int64_t line, item wanted, std::uint32_t given) {
        auto& entry = made_.plan.desired.entries.emplace_back();
        entry.line = line;
        entry.item = std::move(wanted);
        entry.given = given;
        return static_cast<std::uint32_t>(made_.plan.desired.entries.size() - 1);
    }

    fault restore_create(saved_create<Traits> from) {
        auto const valid = owned_item(from.item, document_.owner).validate();
        if (!valid) return valid.error().detail();
        auto const given = given_by(from.item);
        made_.plan.creates.push_back(add_entry(from.line, std::move(from.item), given));
        return std::nullopt;
    }

    fault restore_update(saved_update<Traits> from) {
        if (auto const valid = from.set.validate(); !valid) return valid.error().detail();
        if (auto const valid = check_identifier(from.id); !valid) return valid.error().detail();
        auto const seen = from_hex(from.seen);
        if (!seen) return "seen is not a fingerprint";
        // What the feed does not tell is not compared, but is there if the entry must be created.
        item wanted = std::move(from.item);
        planned_update update;
        update.id = std::move(from.id);
        update.comments = std::move(from.comments);
        update.seen = *seen;
        update.fields = copy_fields(wire::fields_of<typename Traits::patch>(), &from.set,
                                    wire::fields_of<item>(), &wanted);
        if (auto const valid = wanted.validate(); !valid) return valid.error().detail();
        update.entry = add_entry(from.line, std::move(wanted), update.fields);
        made_.plan.updates.push_back(std::move(update));
        return std::nullopt;
    }

    fault restore_removal(saved_removal from) {
        if (from.kept.empty() && document_.owner.empty()) {
            return "only an owner's entries are deleted, and there is none";
        }
        if (auto const valid = check_identifier(from.id); !valid) return valid.error().detail();
        auto const seen = from_hex(from.seen);
        if (!seen) return "seen is not a fingerprint";
        planned_removal removal;
        removal.id = std::move(from.id);
        removal.pattern = std::move(from.pattern);
        removal.seen = *seen;
        removal.kept = std::move(from.kept);
        made_.plan.removals.push_back(std::move(removal));
        return std::nullopt;
    }

    plan_document<Traits> document_;
    saved_plan<Traits> made_;
};

/// Reads a plan from a stream or a file.
///
/// Errors: `errc::invalid_argument` when it cannot be read, is no plan of a version that is known,
/// is for another collection, or has a change that cannot be made.
template <class Traits, class Source>
result<saved_plan<Traits>> load_plan(Source&& from) {
    plan_document<Traits> document;
    wire::slot const root{&wire::codec_for<plan_document<Traits>>(), &document};
    if (auto failed = read_plan_document(from, Traits::name, root, document)) return *failed;
    return plan_restoration<Traits>{std::move(document)}.run();
}

template <class Traits>
boost::asio::awaitable<std::optional<error>> check_plan(collection<Traits> where,
                                                        saved_plan<Traits>& saved,
                                                        sync_options const& options,
                                                        plan_check how) {
    sync_clock const clock{where.client()};
    if (auto const valid = options.validate(); !valid) co_return valid.error();
    if (saved.header.account_id != where.account_id()) {
        co_return error{errc::invalid_argument, "the plan is for another account"};
    }
    std::optional<error> failed;
    try {
        plan_checker<Traits> checker{saved.plan, saved.header.owner, how};
        sync_progress now;
        now.phase = sync_phase::reading;
        auto const read = co_await read_with_progress(where, checker, options, clock, now);
        failed = read ? checker.finish() : read.error();
    } catch (boost::system::system_error const& thrown) {
        if (!is_cancellation(thrown)) throw;
        failed = error{errc::cancelled, {}};
    }
    clock.stop(saved.plan.report);
    co_return failed;
}

/// Reads the list, and applies a saved plan if what it changes is still as it was: what is to be
/// created is not there, what is to be updated or deleted is there as it was. Otherwise nothing is
/// changed, and `sync_report::failure` is an `errc::conflict`. With `plan_check::resume`, what is
/// there just as the plan wants it counts as unchanged.
///
/// The owner is the plan's; of the options, owner, prune and its limits do not count, as the plan
/// was made under them.
///
/// Permissions, other errors, cancellation: as `plan` and `apply`.
template <class Traits>
boost::asio::awaitable<sync_report> apply_saved(collection<Traits> where, saved_plan<Traits> saved,
                                                sync_options options = {},
                                                plan_check how = plan_check::exact) {
    options.owner(saved.header.owner).prune(false);
    auto failed = co_await check_plan(where, saved, options, how);
    if (failed) co_return unplanned(std::move(saved.plan.report), std::move(*failed));
    auto application = apply(std::move(where), std::move(saved.plan), std::move(options));
    co_return co_await std::move(application);
}

}  // namespace cloudflare::email_security
