#include "email_security/sync/change_log.hpp"
#include "email_security/sync/journal_content.hpp"
#include "email_security/sync/record_codec.hpp"
#include "wire/json_reader.hpp"

#include <cloudflare/detail/codec.hpp>
#include <cloudflare/detail/validation.hpp>
#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace cloudflare::inline v0::email_security {

using cloudflare::detail::any_object;

namespace {

error unusable(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

std::string reason_of(int number) {
    return std::error_code{number, std::generic_category()}.message();
}

class file_descriptor {
public:
    explicit file_descriptor(int number) : number_{number} {}
    ~file_descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    file_descriptor(file_descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    file_descriptor& operator=(file_descriptor&&) = delete;

    int get() const noexcept { return number_; }

private:
    int number_;
};

struct journal_text {
    file_descriptor file;
    std::uint64_t size = 0;
};

/// Opens a regular file: another kind, as a pipe that nobody writes to, may have no end.
result<journal_text> open_journal(std::filesystem::path const& path, int flags = 0) {
    auto const name = path.string();
    auto const number = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    if (number < 0) return unusable("cannot read " + name + ": " + reason_of(errno));
    journal_text opened{file_descriptor{number}, 0};
    struct stat about {};
    if (::fstat(number, &about) != 0 || !S_ISREG(about.st_mode)) {
        return unusable(name + " is not a regular file");
    }
    opened.size = static_cast<std::uint64_t>(about.st_size);
    if (opened.size > longest_journal) {
        return unusable(name + " is larger than " + std::to_string(longest_journal) + " bytes");
    }
    return opened;
}

/// Passes whole lines on, until one is refused. What is appended meanwhile is not read.
std::optional<error> read_lines(
    journal_text const& from,
    std::function<std::optional<error>(std::size_t, std::string_view)> const& take) {
    constexpr std::size_t at_once = 256U << 10U;
    std::string text;
    std::size_t number = 0;
    for (auto left = from.size; left > 0;) {
        auto const before = text.size();
        text.resize(before + std::min<std::uint64_t>(at_once, left));
        auto const got = ::read(from.file.get(), text.data() + before, text.size() - before);
        if (got < 0 && errno != EINTR) return unusable("cannot be read: " + reason_of(errno));
        text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) break;
        left -= static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
        std::size_t begin = 0;
        for (auto end = text.find('\n', before); end != std::string::npos;
             end = text.find('\n', begin)) {
            auto failed = take(++number, std::string_view{text}.substr(begin, end - begin));
            if (failed) return failed;
            begin = end + 1;
        }
        text.erase(0, begin);
        if (text.size() > longest_journal_line) {
            return unusable("line " + std::to_string(number + 1) + " is longer than " +
                            std::to_string(longest_journal_line) + " bytes");
        }
    }
    return std::nullopt;
}

struct update_line {
    explicit update_line(sync_type const& of)
        : before{*of.collection->model}, set{*of.collection->patch} {}

    identifier id;
    any_object before;
    any_object set;
};
BOOST_DESCRIBE_STRUCT(update_line, (), (id, before, set))

struct removal_line {
    explicit removal_line(sync_type const& of) : before{*of.collection->model} {}

    identifier id;
    std::string pattern;
    any_object before;
    identifier kept;
    bool repeated = false;
};
BOOST_DESCRIBE_STRUCT(removal_line, (), (id, pattern, before, kept, repeated))

/// One line, of which it has one part.
struct journal_line {
    explicit journal_line(sync_type const& of)
        : create{*of.collection->new_item}, update{of}, removal{of} {}

    std::string kind;
    int parts = 0;
    any_object create;
    update_line update;
    removal_line removal;
    journal_counts planned;
    journal_results results;
    journal_end ended;
};

class line_codec final : public wire::codec {
public:
    wire::slot on_object(void* at) const override { return {this, at}; }
    wire::slot member(void* at, std::string_view name, std::size_t&) const override {
        static constexpr record_codec<update_line> update;
        static constexpr record_codec<removal_line> removal;
        auto& line = *static_cast<journal_line*>(at);
        line.kind = name;
        ++line.parts;
        if (name == "create") return {&wire::codec_for<any_object>(), &line.create};
        if (name == "update") return {&update, &line.update};
        if (name == "delete") return {&removal, &line.removal};
        if (name == "planned") return {&wire::codec_for<journal_counts>(), &line.planned};
        if (name == "ended") return {&wire::codec_for<journal_end>(), &line.ended};
        if (status_of(name)) return {&wire::codec_for<journal_results>(), &line.results};
        line.parts = unknown_part;
        return {};
    }
    void write(void const*, wire::sink&) const override {}  // is only read

    static constexpr int unknown_part = 2;
    static std::optional<journal_change::status> status_of(std::string_view name) {
        if (name == "sent") return journal_change::status::sent;
        if (name == "done") return journal_change::status::done;
        if (name == "refused") return journal_change::status::refused;
        if (name == "unknown") return journal_change::status::unknown;
        return std::nullopt;
    }
};

constexpr line_codec how_lines_are;

/// Reads the first line.
std::optional<error> read_header(std::string_view line, journal_header& into) {
    auto const fault = wire::read_json(line, {&wire::codec_for<journal_header>(), &into});
    if (into.format == journal_format && into.version != journal_version) {
        return unusable("the journal has version " + std::to_string(into.version) +
                        ", and only version " + std::to_string(journal_version) + " is known");
    }
    if (fault) return unusable("is not a journal: " + *fault);
    if (into.format != journal_format) return unusable("is not a journal");
    return std::nullopt;
}

/// Makes what the lines tell.
class journal_reader {
public:
    journal_reader(sync_type const& of, sync_journal::content& into) : of_{of}, into_{into} {}

    std::optional<error> take(std::size_t number, std::string_view text) {
        if (number == 1) {
            auto failed = read_header(text, into_.header);
            if (failed) return failed;
            if (into_.header.collection == of_.collection->name) return std::nullopt;
            return unusable("the journal is about the collection '" + into_.header.collection +
                            "', not '" + std::string{of_.collection->name} + '\'');
        }
        journal_line line{of_};
        auto wrong = wire::read_json(text, {&how_lines_are, &line});
        if (!wrong && line.parts != 1) wrong = "is none of a journal's";
        if (!wrong) wrong = add(line);
        if (!wrong) return std::nullopt;
        return unusable("line " + std::to_string(number) + ": " + *wrong);
    }

private:
    using fault = std::optional<std::string>;

    fault add(journal_line& line) {
        if (into_.has_ended) return "stands behind the end";
        if (line.kind == "planned") {
            into_.is_planned = true;
            return std::nullopt;
        }
        if (line.kind == "ended") {
            into_.has_ended = true;
            return std::nullopt;
        }
        if (auto const status = line_codec::status_of(line.kind)) {
            return set_status(*status, line.results);
        }
        if (into_.changes.size() == most_journal_changes) return "is one change too many";
        if (line.kind == "create") return add_create(line);
        return line.kind == "update" ? add_update(line.update) : add_removal(line.removal);
    }

    fault add_create(journal_line& line) {
        if (of_.key(line.create.get()).pattern.empty()) return "does not say what was created";
        auto& change = into_.changes.emplace_back();
        change.item = std::move(line.create);
        return std::nullopt;
    }

    fault add_update(update_line& line) {
        if (auto failed = add_of_entry(change_kind::update, line.id, line.before)) return failed;
        into_.changes.back().item = std::move(line.set);
        return std::nullopt;
    }

    fault add_removal(removal_line& line) {
        if (auto failed = add_of_entry(change_kind::remove, line.id, line.before)) return failed;
        auto& change = into_.changes.back();
        change.pattern = std::move(line.pattern);
        change.is_repeated = line.repeated;
        return std::nullopt;
    }

    /// A change of an entry that was there.
    fault add_of_entry(change_kind kind, identifier const& id, any_object& before) {
        if (auto const valid = check_identifier(id); !valid) return valid.error().detail();
        auto const seen = of_.look_at(before.get());
        if (!seen.id->empty() && *seen.id != id) return "has an entry of another identifier";
        auto& change = into_.changes.emplace_back();
        change.kind = kind;
        change.id = id;
        if (!seen.id->empty() && seen.has_pattern) change.before = std::move(before);
        return std::nullopt;
    }

    fault set_status(journal_change::status status, journal_results const& which) {
        if (!into_.is_planned) return "comes before all is planned";
        if (!which.ids.empty() && which.ids.size() != which.creates.size()) {
            return "has not one identifier for each entry that was created";
        }
        for (std::size_t i = 0; i != which.creates.size(); ++i) {
            auto* const change = find(which.creates[i], change_kind::create);
            if (!change) return "names a change that is not there";
            set(*change, status);
            if (!which.ids.empty()) change->id = which.ids[i];
        }
        for (auto const number : which.updates) {
            auto* const change = find(number, change_kind::update);
            if (!change) return "names a change that is not there";
            set(*change, status);
        }
        for (auto const number : which.deletes) {
            auto* const change = find(number, change_kind::remove);
            if (!change) return "names a change that is not there";
            set(*change, status);
        }
        return std::nullopt;
    }

    static void set(journal_change& change, journal_change::status status) {
        change.last = status;
        if (status == journal_change::status::unknown) change.was_unknown = true;
    }

    journal_change* find(std::int64_t number, change_kind kind) {
        if (number < 0 || static_cast<std::uint64_t>(number) >= into_.changes.size()) {
            return nullptr;
        }
        auto& change = into_.changes[static_cast<std::size_t>(number)];
        return change.kind == kind ? &change : nullptr;
    }

    sync_type const& of_;
    sync_journal::content& into_;
};

/// A journal in memory.
class text_journal final : public journal_sink {
public:
    result<void> append(std::string_view lines) override {
        text += lines;
        return {};
    }
    result<void> flush() override { return {}; }

    std::string text;
};

/// What a journal that has no end tells of what was done. Its entries are not looked at.
class unended_summary {
public:
    void take(std::string_view line) {
        if (starts_change(line)) {
            states_.push_back(state::none);
            return;
        }
        unread_line read;
        if (wire::read_json(line, {&how_, &read}) || !read.status) return;
        for (auto const& numbers :
             {read.results.creates, read.results.updates, read.results.deletes}) {
            for (auto const each : numbers) set(each, *read.status);
        }
        if (*read.status != journal_change::status::done) return;
        add(read.results.creates.size(), created_);
        add(read.results.updates.size(), updated_);
        add(read.results.deletes.size(), deleted_);
    }

    void fill(journal_summary& into) const {
        into.created = created_;
        into.updated = updated_;
        into.deleted = deleted_;
        into.unknown = std::ranges::count(states_, state::open);
    }

private:
    enum class state : std::uint8_t { none, open, settled };
    struct unread_line {
        std::optional<journal_change::status> status;
        journal_results results;
    };
    class codec final : public wire::codec {
    public:
        wire::slot on_object(void* at) const override { return {this, at}; }
        wire::slot member(void* at, std::string_view name, std::size_t&) const override {
            auto& line = *static_cast<unread_line*>(at);
            line.status = line_codec::status_of(name);
            if (!line.status) return {};
            return {&wire::codec_for<journal_results>(), &line.results};
        }
        void write(void const*, wire::sink&) const override {}  // is only read
    };

    static bool starts_change(std::string_view line) {
        return line.starts_with("{\"create\":") || line.starts_with("{\"update\":") ||
               line.starts_with("{\"delete\":");
    }
    static void add(std::size_t count, std::int64_t& to) { to += static_cast<std::int64_t>(count); }
    void set(std::int64_t number, journal_change::status status) {
        if (number < 0 || static_cast<std::uint64_t>(number) >= states_.size()) return;
        bool const is_open =
            status == journal_change::status::sent || status == journal_change::status::unknown;
        states_[static_cast<std::size_t>(number)] = is_open ? state::open : state::settled;
    }

    codec how_;
    std::vector<state> states_;
    std::int64_t created_ = 0;
    std::int64_t updated_ = 0;
    std::int64_t deleted_ = 0;
};

/// The last line of a journal, if it is its end.
std::optional<journal_end> read_end(journal_text const& from) {
    constexpr std::uint64_t longest = 64U << 10U;
    auto const size = std::min(from.size, longest);
    std::string text(size, '\0');
    auto const got =
        ::pread(from.file.get(), text.data(), size, static_cast<off_t>(from.size - size));
    if (got != static_cast<ssize_t>(size) || !text.ends_with('\n')) return std::nullopt;
    text.pop_back();
    auto const line = std::string_view{text}.substr(text.rfind('\n') + 1);
    struct holder {
        journal_end end;
        bool is_end = false;
    } found;
    class codec final : public wire::codec {
    public:
        wire::slot on_object(void* at) const override { return {this, at}; }
        wire::slot member(void* at, std::string_view name, std::size_t&) const override {
            auto& into = *static_cast<holder*>(at);
            into.is_end = name == "ended";
            if (!into.is_end) return {};
            return {&wire::codec_for<journal_end>(), &into.end};
        }
        void write(void const*, wire::sink&) const override {}  // is only read
    } const how;
    if (wire::read_json(line, {&how, &found}) || !found.is_end) return std::nullopt;
    return found.end;
}

std::optional<journal_summary> summarise(std::filesystem::path const& path) {
    auto const opened = open_journal(path, O_NOFOLLOW);
    if (!opened) return std::nullopt;
    journal_header header;
    unended_summary unended;
    auto const end = read_end(*opened);
    bool has_header = false;
    auto const failed =
        read_lines(*opened, [&](std::size_t number, std::string_view line) -> std::optional<error> {
            if (number == 1) {
                if (auto unreadable = read_header(line, header)) return unreadable;
                has_header = true;
            } else {
                unended.take(line);
            }
            // What it comes to stands at the end.
            if (end) return unusable("");
            return std::nullopt;
        });
    if (!has_header || (failed && !end)) return std::nullopt;
    journal_summary made;
    made.began_at = header.began_at;
    made.collection = std::move(header.collection);
    made.base_url = std::move(header.base_url);
    made.account_id = std::move(header.account_id);
    made.owner = std::move(header.owner);
    made.operation = std::move(header.operation);
    made.path = path.string();
    made.has_ended = end.has_value();
    if (end) {
        made.created = end->created;
        made.updated = end->updated;
        made.deleted = end->deleted;
        made.unknown = end->unknown;
    } else {
        unended.fill(made);
    }
    return made;
}

}  // namespace

bool sync_journal::content::may_be_done(journal_change const& which) const {
    using status = journal_change::status;
    if (!is_planned) return false;
    switch (which.last) {
        case status::done:
        case status::sent:
        case status::unknown:
            return true;
        case status::refused:
            return which.was_unknown;
        case status::none:
            break;
    }
    // That a batch is being sent is not flushed: without an end, it may be lost.
    return !has_ended;
}

journal_header const& sync_journal::header() const noexcept {
    return what_->header;
}

std::size_t sync_journal::size() const noexcept {
    return what_->changes.size();
}

result<sync_journal> read_journal(sync_type const& of, std::filesystem::path const& path) {
    auto const opened = open_journal(path);
    if (!opened) return opened.error();
    auto content = std::make_shared<sync_journal::content>();
    journal_reader reader{of, *content};
    auto failed = read_lines(*opened, [&reader](std::size_t number, std::string_view line) {
        return reader.take(number, line);
    });
    // Not even its first line is whole.
    if (!failed && content->header.format.empty()) failed = unusable("is not a journal");
    if (failed) return unusable(path.string() + ": " + failed->detail());
    return sync_journal{std::move(content)};
}

result<sync_journal> journal_of_plan(sync_type const& of, feed_view const& desired,
                                     sync_changes const& changes, plan_header const& header) {
    auto const written = std::make_shared<text_journal>();
    change_log log{written, of, desired, header.owner};
    journal_header begin;
    begin.collection = header.collection;
    begin.base_url = header.base_url;
    begin.account_id = header.account_id;
    begin.owner = header.owner;
    begin.operation = "apply";
    begin.began_at = header.made_at;
    // As after a process that was killed: anything of it may be done.
    if (auto const failed = log.begin(std::move(begin), changes); !failed) return failed.error();
    auto content = std::make_shared<sync_journal::content>();
    journal_reader reader{of, *content};
    std::string_view rest = written->text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        auto const end = rest.find('\n');
        if (auto failed = reader.take(number, rest.substr(0, end))) return std::move(*failed);
        rest.remove_prefix(end + 1);
    }
    return sync_journal{std::move(content)};
}

result<std::vector<journal_summary>> list_journals(std::filesystem::path const& directory) {
    std::vector<journal_summary> all;
    std::error_code wrong;
    std::filesystem::directory_iterator each{directory, wrong};
    for (; !wrong && each != std::filesystem::directory_iterator{}; each.increment(wrong)) {
        if (each->path().extension() != ".jsonl") continue;
        if (auto found = summarise(each->path())) all.push_back(std::move(*found));
    }
    if (wrong) return unusable("cannot read " + directory.string() + ": " + wrong.message());
    std::ranges::sort(all, [](journal_summary const& a, journal_summary const& b) {
        return std::tie(a.began_at, a.path) < std::tie(b.began_at, b.path);
    });
    return all;
}

}  // namespace cloudflare::inline v0::email_security
