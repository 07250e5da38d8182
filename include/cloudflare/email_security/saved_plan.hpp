#pragma once

#include <cloudflare/email_security/sync.hpp>
#include <cloudflare/timestamp.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
        if (!seen) return "seen is no fingerprint";
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
        if (!seen) return "seen is no fingerprint";
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

/// What may have changed since the plan was made.
enum class plan_check {
    exact,   ///< nothing of what the plan changes
    resume,  ///< besides, parts of the plan may be done already, as after an interruption
};

/// How many changes of a plan do not fit the list, and the first one.
struct plan_drift {
    std::size_t count = 0;
    std::string first;

    void add(std::string_view pattern, std::string_view why);
    /// Empty when all fit.
    std::optional<error> to_error(plan_check how) const;
};

/// Compares a list with what a plan saw of it.
template <class Traits>
class plan_checker final : public list_visitor<typename Traits::model> {
public:
    using model = typename Traits::model;

    /// The plan must outlive it.
    plan_checker(saved_plan<Traits>& saved, plan_check how)
        : plan_{saved.plan},
          owner_{saved.header.owner},
          how_{how},
          lookup_{plan_.desired.entries, plan_.creates} {
        for (std::size_t i = 0; i != plan_.updates.size(); ++i) {
            by_id_.emplace(plan_.updates[i].id.text(), place{false, i});
        }
        for (std::size_t i = 0; i != plan_.removals.size(); ++i) {
            by_id_.emplace(plan_.removals[i].id.text(), place{true, i});
            auto const& kept = plan_.removals[i].kept;
            if (!kept.empty()) kept_keys_.emplace(kept.text(), std::string{});
        }
    }

    void restart() override {
        current_ = 0;
        drift_ = {};
        is_there_.assign(plan_.desired.entries.size(), false);
        update_found_.assign(plan_.updates.size(), false);
        removal_found_.assign(plan_.removals.size(), false);
        surplus_keys_.clear();
        for (auto& each : kept_keys_) each.second.clear();
        update_done_.assign(plan_.updates.size(), false);
    }

    void take(std::size_t, std::vector<model> there) override {
        current_ += there.size();
        for (auto const& each : there) {
            if (auto const number = lookup_.find(each)) check_create(*number, each);
            auto const kept = kept_keys_.find(each.id.text());
            if (kept != kept_keys_.end()) kept->second = key_text(each);
            auto const found = by_id_.find(each.id.text());
            if (found == by_id_.end()) continue;
            if (found->second.is_removal) {
                check_removal(found->second.index, each);
            } else {
                check_update(found->second.index, each);
            }
        }
    }

    /// Once the list was read: takes what is done already out of the plan, if the rest fits.
    std::optional<error> finish() {
        for (std::size_t i = 0; i != plan_.updates.size(); ++i) {
            if (!update_found_[i]) drift_.add(pattern_at(plan_.updates[i].entry), "is gone");
        }
        for (std::size_t i = 0; i != plan_.removals.size(); ++i) {
            if (removal_found_[i] || how_ == plan_check::resume) continue;
            drift_.add(plan_.removals[i].pattern, "is gone already");
        }
        for (auto const& [index, key] : surplus_keys_) check_surplus(index, key);
        auto& report = plan_.report;
        report.current = static_cast<std::int64_t>(current_);
        if (auto failed = drift_.to_error(how_)) return failed;
        std::erase_if(plan_.creates, [this](std::uint32_t each) { return is_there_[each]; });
        keep(plan_.updates, update_done_, false);
        keep(plan_.removals, removal_found_, true);
        auto const left = plan_.creates.size() + plan_.updates.size();
        report.unchanged += report.created + report.updated - static_cast<std::int64_t>(left);
        report.created = static_cast<std::int64_t>(plan_.creates.size());
        report.updated = static_cast<std::int64_t>(plan_.updates.size());
        report.deleted = static_cast<std::int64_t>(plan_.removals.size());
        return std::nullopt;
    }

private:
    using item = typename Traits::new_item;

    struct place {
        bool is_removal = false;
        std::size_t index = 0;
    };

    std::string const& pattern_at(std::uint32_t entry) const {
        return pattern_of(plan_.desired.entries[entry].item);
    }

    void check_create(std::uint32_t number, model const& there) {
        if (how_ == plan_check::resume && is_as_created(number, there)) {
            is_there_[number] = true;
        } else {
            drift_.add(pattern_at(number), "is there already");
        }
    }

    bool is_as_created(std::uint32_t number, model const& there) const {
        if (!owner_.empty() && !is_owned_by(comments_of(there), owner_)) return false;
        auto const& entry = plan_.desired.entries[number];
        return differing_fields(wire::fields_of<item>(), &entry.item, entry.given,
                                wire::fields_of<model>(), &there) == 0;
    }

    void check_update(std::size_t index, model const& there) {
        auto const& update = plan_.updates[index];
        auto const& entry = plan_.desired.entries[update.entry];
        update_found_[index] = true;
        if (fingerprint_of<Traits>(there) == update.seen) return;
        bool const is_same_key = canonical_pattern(there) == pattern_of(entry.item);
        bool const is_done = how_ == plan_check::resume && is_same_key &&
                             differing_fields(wire::fields_of<item>(), &entry.item, update.fields,
                                              wire::fields_of<model>(), &there) == 0;
        if (is_done) {
            update_done_[index] = true;
        } else {
            drift_.add(pattern_at(update.entry), "has changed");
        }
    }

    void check_removal(std::size_t index, model const& there) {
        auto const& removal = plan_.removals[index];
        removal_found_[index] = true;
        if (fingerprint_of<Traits>(there) != removal.seen) {
            drift_.add(removal.pattern, "has changed");
        } else if (!removal.kept.empty()) {
            surplus_keys_.emplace_back(index, key_text(there));
        } else if (!is_owned_by(comments_of(there), owner_)) {
            // Only in a plan that was edited.
            drift_.add(removal.pattern, "is not the owner's");
        }
    }

    /// The one that is to stay must be there, and stay.
    void check_surplus(std::size_t index, std::string const& key) {
        auto const& removal = plan_.removals[index];
        auto const kept = by_id_.find(removal.kept.text());
        bool const goes_too = kept != by_id_.end() && kept->second.is_removal;
        if (goes_too || kept_keys_.find(removal.kept.text())->second != key) {
            drift_.add(removal.pattern, "is not there twice any more");
        }
    }

    /// The natural key.
    static std::string key_text(model const& there) {
        auto const key = key_of_existing(there);
        return canonical_pattern(there) + '\n' + std::string{wire_name(key.type)} +
               (key.is_regex ? "\nregex" : "");
    }

    /// Keeps the elements whose mark is as wanted.
    template <class T>
    static void keep(std::vector<T>& all, std::vector<bool> const& marks, bool wanted) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i != all.size(); ++i) {
            if (marks[i] != wanted) continue;
            if (kept != i) all[kept] = std::move(all[i]);
            ++kept;
        }
        all.resize(kept);
    }

    sync_plan<Traits>& plan_;
    std::string const& owner_;
    plan_check how_;
    feed_lookup<Traits> lookup_;
    std::unordered_map<std::string_view, place> by_id_;
    /// Of the entries that stay where a surplus one goes; empty of one that is not there.
    std::unordered_map<std::string_view, std::string> kept_keys_;
    std::vector<std::pair<std::size_t, std::string>> surplus_keys_;
    std::size_t current_ = 0;
    plan_drift drift_;
    std::vector<bool> is_there_;
    std::vector<bool> update_found_;
    std::vector<bool> update_done_;
    std::vector<bool> removal_found_;
};

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
        plan_checker<Traits> checker{saved, how};
        sync_progress now;
        now.phase = sync_phase::reading;
        auto const read = co_await read_told(where, checker, options, clock, now);
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
