#include "writers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace cloudflare::inline v0::simulator {

namespace json = boost::json;

namespace {

constexpr std::uint64_t entries_at_first = 100;
/// Of what was due; the rest is not done. However long nobody asked for anything, the next one who
/// does has not to wait for all of it.
constexpr std::uint64_t most_at_once = 500;

/// A new entry, in which `#` stands for its number, and an edit of one.
struct sample {
    std::string_view collection;
    std::string_view create;
    std::string_view edit = R"({"comments":"edited, #"})";
};

constexpr sample samples[] = {
    {"allow_policies",
     R"({"pattern":"writer-#.example","pattern_type":"DOMAIN","is_regex":false,)"
     R"("is_exempt_recipient":false,"is_trusted_sender":true,"is_acceptable_sender":false,)"
     R"("verify_sender":true})"},
    {"block_senders", R"({"pattern":"writer-#.example","pattern_type":"DOMAIN","is_regex":false})"},
    {"content_policies",
     R"({"name":"writer #","pattern":"from writer #","targets":["BODY"],"enabled":true})",
     R"({"notes":"edited, #"})"},
    {"domains",
     R"({"domain":"writer-#.example","allowed_delivery_modes":["DIRECT"],"drop_dispositions":[],)"
     R"("ip_restrictions":[],"regions":["GLOBAL"]})",
     R"({"drop_dispositions":["SPAM"]})"},
    {"impersonation_registry",
     R"({"name":"Writer #","email":"writer-#@example.com","is_email_regex":false})"},
    {"sending_domain_restrictions", R"({"domain":"writer-#.example","exclude":[]})"},
    {"trusted_domains",
     R"({"pattern":"writer-#.example","is_regex":false,"is_recent":false,"is_similarity":true})"},
    {"url_ignore_patterns", R"({"pattern":"https://writer-#.example/"})"},
};

std::string with_number(std::string_view text, std::uint64_t number) {
    std::string made;
    for (char const each : text) made += each == '#' ? std::to_string(number) : std::string{each};
    return made;
}

std::string path_segment(operation_context const& c, identifier const& id) {
    auto const value = c.identifiers.to_json(id);
    return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

}  // namespace

writers::writers(std::uint64_t changes_a_second, std::uint64_t seed)
    : changes_a_second_{changes_a_second}, random_{seed} {}

void writers::begin(operation_context c) {
    start_ = c.now;
    for (std::uint64_t i = 0; i != entries_at_first; ++i) create(c);
}

void writers::catch_up(operation_context c) {
    auto const passed = std::max<std::int64_t>((c.now - start_).count(), 0);
    auto const due = static_cast<std::uint64_t>(passed) * changes_a_second_ / 1'000'000;
    auto const missed = due - std::min(due, done_);
    for (auto left = std::min(missed, most_at_once); left > 0; --left) change(c);
    done_ = std::max(done_, due);
}

void writers::create(operation_context c) {
    auto const known = std::ranges::find(samples, c.entries.described().name, &sample::collection);
    if (known == std::end(samples)) return;
    auto const before = c.entries.size();
    create_entry(c, with_number(known->create, ++made_));
    if (c.entries.size() == before) return;
    // The newest entry comes last.
    own_.push_back(c.entries[c.entries.in_order().back()].id);
}

void writers::change(operation_context c) {
    auto const what = random_() % 3;
    if (what == 0 || own_.empty()) {
        create(c);
        return;
    }
    auto const at = own_.begin() + static_cast<std::ptrdiff_t>(random_() % own_.size());
    auto const id = path_segment(c, *at);
    if (what == 1) {
        delete_entry(c, id);
        own_.erase(at);
        return;
    }
    auto const known = std::ranges::find(samples, c.entries.described().name, &sample::collection);
    edit_entry(c, id, with_number(known->edit, random_() % 1000));
}

}  // namespace cloudflare::inline v0::simulator
