#include "email_security/sync/guards.hpp"

#include "email_security/feed/feed_form.hpp"

#include <cloudflare/detail/counted.hpp>

#include <algorithm>
#include <string>

namespace cloudflare::inline v0::email_security {

namespace {

constexpr std::size_t few_rejections = 10;
constexpr std::size_t few_removals = 3;

error refusal(std::string reason) {
    return error{errc::invalid_argument, std::move(reason)};
}

std::string percent(int value) {
    return std::to_string(value) + " %";
}

/// What the records are where none is an entry.
std::string describe_records(feed_facts const& of) {
    std::string text;
    auto const add = [&text](std::size_t count, char const* what) {
        if (count == 0) return;
        if (!text.empty()) text += ", ";
        text += std::to_string(count) + what;
    };
    add(of.rejected.size(), " rejected");
    add(of.held_back.size(), " held back");
    add(of.exceptions.size(), " excepted from being blocked");
    return text;
}

}  // namespace

std::optional<error> check_feed(feed_facts const& of, std::size_t entries,
                                sync_options const& options) {
    auto const rejected = of.rejected.size();
    bool const has_others = rejected > 0 || !of.held_back.empty() || !of.exceptions.empty();
    if (entries == 0 && has_others) {
        // Most likely another file than was meant: pruned by it, nothing would be left.
        return refusal("read as " + std::string{wire_name(of.read_as)} +
                       ", no record of the feed is an entry (" + describe_records(of) +
                       "): nothing is changed");
    }
    if (entries == 0 && options.prune() && !options.allow_empty()) {
        return refusal(describe_emptiness(of) +
                       "; --allow-empty lets it delete all that is the owner's");
    }
    auto const records = static_cast<std::size_t>(std::max<std::int64_t>(of.records, 0));
    if (rejected >= few_rejections &&
        rejected * 100 > records * static_cast<std::size_t>(options.max_rejected_percent())) {
        return refusal("read as " + std::string{wire_name(of.read_as)} + ", " +
                       std::to_string(rejected) + " of " + std::to_string(records) +
                       " records are rejected, more than " +
                       percent(options.max_rejected_percent()) +
                       ": nothing is changed; --max-rejected-percent allows more");
    }
    if (entries < static_cast<std::size_t>(options.min_entries())) {
        return refusal("the feed has " + counted(entries, "entry", "entries") +
                       ", and --min-entries " + std::to_string(options.min_entries()) +
                       " is asked for: nothing is changed");
    }
    if (of.is_cut && options.prune() && !options.allow_cut()) {
        return refusal(
            "the feed's last line has no end, so the feed may have been cut: nothing is changed; "
            "--allow-cut takes it as it is");
    }
    return std::nullopt;
}

std::optional<error> check_amounts(planned_amounts const& planned, sync_options const& options) {
    auto const limit_of = [](std::optional<std::int64_t> value) {
        return static_cast<std::size_t>(value.value_or(0));
    };
    if (options.max_create() && planned.creates > limit_of(options.max_create())) {
        return refusal("creating " + counted(planned.creates, "entry", "entries") +
                       " is more than --max-create " + std::to_string(*options.max_create()) +
                       " allows");
    }
    auto const removals = planned.removals;
    auto const which = "deleting " + std::to_string(removals) + " of " +
                       counted(planned.owned, "entry", "entries") + " of owner '" +
                       options.owner() + "' is more than ";
    if (options.max_delete() && removals > limit_of(options.max_delete())) {
        return refusal(which + "--max-delete " + std::to_string(*options.max_delete()) + " allows");
    }
    auto const share = planned.owned * static_cast<std::size_t>(options.max_delete_percent());
    if (removals <= few_removals || removals * 100 <= share) return std::nullopt;
    return refusal(which + percent(options.max_delete_percent()) +
                   ": --max-delete-percent allows more");
}

}  // namespace cloudflare::inline v0::email_security
