// A journal: any text as one, and what is written of any plan.

#include "email_security/sync/change_log.hpp"
#include "email_security/sync/entries.hpp"
#include "email_security/sync/journal_content.hpp"
#include "fuzz.hpp"

#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

using namespace cloudflare;
using namespace cloudflare::email_security;
using fuzz::require;

namespace {

/// A file in memory.
class memory_file {
public:
    explicit memory_file(std::string_view text) : number_{::memfd_create("journal", MFD_CLOEXEC)} {
        require(number_ >= 0, "a file can be made");
        auto const size = static_cast<ssize_t>(text.size());
        require(::write(number_, text.data(), text.size()) == size, "a file can be written");
    }
    ~memory_file() { ::close(number_); }
    memory_file(memory_file const&) = delete;
    memory_file& operator=(memory_file const&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

private:
    int number_;
};

template <class Traits>
result<sync_journal> load(std::string_view text) {
    memory_file const file{text};
    return load_journal<Traits>(file.path());
}

class memory_sink final : public journal_sink {
public:
    result<void> append(std::string_view lines) override {
        text += lines;
        return {};
    }
    result<void> flush() override { return {}; }

    std::string text;
};

std::string quoted(std::string_view name, std::string_view json) {
    return std::string{"\""}.append(name).append("\":").append(json);
}

/// The name of a change's kind in its own line, and in the lines that tell what became of it.
struct kind_name {
    std::string_view line;
    std::string_view numbers;
};

kind_name name_of(change_kind kind) {
    if (kind == change_kind::create) return {"create", "creates"};
    if (kind == change_kind::update) return {"update", "updates"};
    return {"delete", "deletes"};
}

std::string line_of(journal_change const& change) {
    std::string text;
    if (change.kind == change_kind::create) {
        text = wire::to_json(*change.item);
    } else {
        text = '{' + quoted("id", wire::to_json(change.id));
        if (change.before) text += ',' + quoted("before", wire::to_json(*change.before));
        if (change.item) text += ',' + quoted("set", wire::to_json(*change.item));
        if (change.kind == change_kind::remove) {
            text += ',' + quoted("pattern", wire::to_json(change.pattern));
        }
        if (change.is_repeated) text += ',' + quoted("repeated", "true");
        text += '}';
    }
    return '{' + quoted(name_of(change.kind).line, text) + "}\n";
}

std::string status_line(std::string_view status, journal_change const& change, std::size_t number) {
    auto text = quoted(name_of(change.kind).numbers, '[' + std::to_string(number) + ']');
    if (change.kind == change_kind::create && !change.id.empty()) {
        text += ',' + quoted("ids", '[' + wire::to_json(change.id) + ']');
    }
    return '{' + quoted(status, '{' + text + '}') + "}\n";
}

/// A journal that tells the same.
std::string text_of(sync_journal const& of) {
    static constexpr std::array<std::string_view, 5> statuses{"", "sent", "done", "refused",
                                                              "unknown"};
    auto const& all = of.all();
    auto text = wire::to_json(all.header) + '\n';
    for (auto const& each : all.changes) text += line_of(each);
    if (all.is_planned) text += "{\"planned\":{}}\n";
    for (std::size_t i = 0; i != all.changes.size(); ++i) {
        auto const& each = all.changes[i];
        if (each.was_unknown) text += status_line("unknown", each, i);
        if (each.last == journal_change::status::none) continue;
        text += status_line(statuses.at(static_cast<std::size_t>(each.last)), each, i);
    }
    if (all.has_ended) text += "{\"ended\":{}}\n";
    return text;
}

template <class Traits>
void check_text(std::string_view text) {
    auto const first = load<Traits>(text);
    // A last line without its end is not there.
    auto const whole = load<Traits>(text.substr(0, text.rfind('\n') + 1));
    require(first.has_value() == whole.has_value(), "a cut line makes no difference");
    if (!first) {
        require(first.error().code() == errc::invalid_argument, "what is not a journal is refused");
        require(first.error().detail().size() <= 4096, "the reason is short");
        return;
    }
    auto const written = text_of(*first);
    require(text_of(*whole) == written, "a cut line is not there");
    auto const second = load<Traits>(written);
    require(second.has_value(), "what tells the same is a journal");
    require(text_of(*second) == written, "a journal comes back the same");
}

template <class Traits>
void check_plan(std::string_view text) {
    std::istringstream in{std::string{text}};
    auto const saved = load_plan<Traits>(in);
    if (!saved) return;
    auto const& plan = saved->plan;
    auto const& type = sync_type_of<Traits>();
    typed_feed_view<Traits> const desired{plan.desired};
    auto const sink = std::make_shared<memory_sink>();
    change_log log{sink, type, desired, saved->header.owner};
    journal_header header;
    header.collection = Traits::name;
    header.base_url = saved->header.base_url;
    header.account_id = saved->header.account_id;
    header.owner = saved->header.owner;
    header.operation = "apply";
    require(log.begin(header, plan).has_value(), "a journal can be begun");
    work_items items;
    std::vector<identifier> ids;
    for (std::uint32_t i = 0; i != plan.removals.size(); ++i) {
        items.push_back({change_kind::remove, i});
    }
    for (std::uint32_t i = 0; i != plan.updates.size(); ++i) {
        items.push_back({change_kind::update, i});
    }
    for (std::uint32_t i = 0; i != plan.creates.size(); ++i) {
        items.push_back({change_kind::create, i});
        ids.emplace_back("made-" + std::to_string(i));
    }
    auto const numbers = log.numbers_of(plan, items);
    require(log.sent(numbers).has_value(), "what was sent can be written");
    require(log.done(numbers, ids).has_value(), "what was done can be written");
    require(log.end(plan.report).has_value(), "the end can be written");

    auto const read = load<Traits>(sink->text);
    require(read.has_value(), "what a sync wrote is a journal");
    auto const& all = read->all();
    require(all.header.account_id == header.account_id && all.header.owner == header.owner &&
                all.header.base_url == header.base_url,
            "the header comes back");
    require(all.has_ended && all.is_planned, "the journal is whole");
    require(all.changes.size() == items.size(), "every change comes back");
    auto const same = [](auto const& a, auto const& b) {
        return wire::to_json(a) == wire::to_json(b);
    };
    for (std::size_t i = 0; i != plan.creates.size(); ++i) {
        auto const& got = all.changes.at(static_cast<std::size_t>(numbers.creates.at(i)));
        auto const sent = created_item(type, plan, desired, plan.creates[i], header.owner);
        require(got.kind == change_kind::create && got.id == ids[i] && same(*got.item, sent),
                "a create comes back");
    }
    for (std::size_t i = 0; i != plan.updates.size(); ++i) {
        auto const& got = all.changes.at(static_cast<std::size_t>(numbers.updates.at(i)));
        auto const sent = sent_patch(type, plan, plan.updates[i], desired);
        require(got.kind == change_kind::update && got.id == plan.updates[i].id &&
                    same(*got.item, sent),
                "an update comes back");
    }
    for (std::size_t i = 0; i != plan.removals.size(); ++i) {
        auto const& got = all.changes.at(static_cast<std::size_t>(numbers.deletes.at(i)));
        require(got.kind == change_kind::remove && got.id == plan.removals[i].id &&
                    got.pattern == plan.removals[i].pattern,
                "a removal comes back");
    }
    for (auto const& each : all.changes) {
        require(each.last == journal_change::status::done, "what was done comes back");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr std::array checks{
        &check_text<block_senders_traits>,   &check_text<allow_policies_traits>,
        &check_text<trusted_domains_traits>, &check_text<url_ignore_patterns_traits>,
        &check_plan<block_senders_traits>,   &check_plan<allow_policies_traits>,
        &check_plan<trusted_domains_traits>, &check_plan<url_ignore_patterns_traits>};
    fuzz::input in{data, size};
    auto const check = checks[in.pick(checks.size())];
    check(in.rest());
    return 0;
}
