#include "entry_patterns.hpp"
#include "entry_verbs.hpp"
#include "investigate/investigate_verbs.hpp"
#include "investigate/message_finding.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cfes {

namespace {

using traits = es::block_senders_traits;

/// How the sender of a message is blocked.
struct blocking {
    bool is_domain = false;
    bool if_absent = false;
    std::string comments;
};

/// What may stand in a comment of what somebody else has written: a Message-ID could pretend to be
/// more than that, as an owner's mark.
bool is_harmless(std::string const& text) {
    constexpr std::size_t longest = 256;
    return text.size() <= longest && std::ranges::all_of(text, [](char c) {
               return c > ' ' && c < 0x7f && c != '[' && c != ']';
           });
}

/// Where an entry comes from.
std::string origin_of(es::message const& one) {
    auto const id = one.message_id.value_or("");
    return "sender of message " + (!id.empty() && is_harmless(id) ? id : one.id.text());
}

/// The sender, as people see it; where the message has none, the envelope's.
std::string sender_of(es::message const& one) {
    auto from = one.from.value_or("");
    return from.empty() ? one.envelope_from.value_or("") : from;
}

cf::result<es::recognised_pattern> pattern_of(es::message const& one, bool is_domain) {
    auto const sender = es::read_patterns(sender_of(one), es::pattern_type::email);
    if (!sender) {
        return cf::error{cf::errc::conflict, "the sender of the message '" + sender_of(one) + "' " +
                                                 sender.error().detail()};
    }
    auto const& address = sender->front();
    if (!is_domain) return address;
    auto const domain = address.pattern.substr(address.pattern.rfind('@') + 1);
    return es::recognise_pattern(domain, es::pattern_type::domain);
}

asio::awaitable<int> run_block(session& with, std::string text, blocking how) {
    auto finding = find_message(with, std::move(text));
    auto const found = co_await std::move(finding);
    if (!found) co_return complain_about_id(with, found.error());
    auto const pattern = pattern_of(*found, how.is_domain);
    if (!pattern) co_return complain_about(with, pattern.error());
    auto const item = std::make_shared<any_object>(cf::detail::object_type_of<traits::new_item>());
    auto const origin = origin_of(*found);
    set_field(*item, "pattern", pattern->pattern);
    set_field(*item, "pattern_type", cf::wire_name(pattern->type));
    set_field(*item, "comments", how.comments.empty() ? origin : how.comments + "; " + origin);
    if (auto const valid = item->validate(); !valid) {
        co_return complain_about(with, valid.error());
    }
    creation_manner manner;
    manner.if_absent = how.if_absent;
    manner.verb = "block";
    std::vector items{item};
    auto creating = create_entries(with, verbs_of<traits>(), {}, std::move(items), manner);
    co_return co_await std::move(creating);
}

}  // namespace

void add_message_blocking(command_line& line, CLI::App& collection) {
    auto& verb = *collection.add_subcommand(
        "block", "Block the sender of a message: create an entry of block-senders");
    line.rows[&verb] = {wire::fields_of<traits::model>()};
    auto const text = add_message(verb);
    auto const how = std::make_shared<blocking>();
    verb.add_flag("--domain", how->is_domain, "Block the whole domain of the sender");
    verb.add_option("--comments", how->comments, "Put before the Message-ID in the comments")
        ->type_name("TEXT");
    add_if_absent(verb, how->if_absent);
    add_dry_run(line, verb);
    on_verb(line, verb, [text, how] {
        return
            [text = to_message(*text), how](session& with) { return run_block(with, text, *how); };
    });
}

}  // namespace cfes
