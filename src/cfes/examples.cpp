#include "examples.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cfes {

namespace {

constexpr std::string_view id = "26657e8e-2f3a-4c55-9d0e-7b1f0c4a9d21";
constexpr std::string_view message = "4Njp3P0STMz2c02Q-2026-11-27T05:37:58-12345678";

/// What entries of a collection look like.
struct sample {
    std::string_view collection;
    std::string_view whole;    ///< all that an entry must have
    std::string_view another;  ///< the same of another one
    std::string_view change;   ///< what may be changed
    std::string_view filter;   ///< which of them to list
    std::string_view feed;
};

constexpr std::array samples{
    sample{"block-senders", "--pattern phish@evil.example --comments INC-1042",
           "--pattern 203.0.113.0/24", "--comments INC-1043", "--pattern-type DOMAIN", "feed.txt"},
    sample{"allow-policies", "--pattern partner.example --is-trusted-sender",
           "--pattern news@partner.example --is-acceptable-sender --verify-sender",
           "--verify-sender true", "--is-trusted-sender true", "partners.csv"},
    sample{"trusted-domains", "--pattern new-brand.example --is-recent --is-similarity false",
           "--pattern corp-mail.example --is-recent false --is-similarity", "--is-recent true",
           "--is-recent true", "domains.txt"},
    sample{"content-policies", "--name 'Gift cards' --pattern 'gift card' --targets SUBJECT,BODY",
           "--name Wires --pattern 'urgent wire' --targets SUBJECT --enabled false",
           "--enabled false", "--order name", "policies.jsonl"},
    sample{"impersonation-registry", "--name 'Ann Boss' --email ann@corp.example",
           "--name 'Bob Boss' --email 'bob@.*' --is-email-regex", "--comments 'the new CFO'",
           "--search boss", ""},
    sample{"sending-domain-restrictions", "--domain bank.example",
           "--domain bank.example --exclude news.bank.example", "--comments INC-7", "--search bank",
           ""},
    sample{"url-ignore-patterns", "--pattern 'https://intranet.example/.*'",
           "--pattern 'https://tickets.example/.*' --comments tickets", "--comments 'until March'",
           "--columns pattern,comments", "urls.txt"},
    sample{"domains", "--domain corp.example --allowed-delivery-modes DIRECT,API --regions GLOBAL",
           "--domain shop.example --allowed-delivery-modes BCC --regions DE", "--regions DE",
           "--status PENDING", "domains.csv"},
};

/// An example; `{whole}` and the like stand for what the sample has.
struct example {
    std::string_view verb;
    std::string_view text;
};

/// What all collections of the settings can do.
constexpr std::array of_entries{
    example{"create", "{whole}"},
    example{"create", "{another} -o json"},
    example{"get", "{id}"},
    example{"get", "{id} -o json"},
    example{"list", "{filter}"},
    example{"list", "--sort -created_at --limit 20 -o csv"},
    example{"edit", "{id} {change}"},
    example{"edit", "{id} {change} -o json"},
    example{"replace", "{id} {whole}"},
    example{"replace", "{id} {another}"},
    example{"delete", "{id}"},
    example{"delete", "{id} -o json"},
    example{"batch", "changes.json"},
    example{"batch", "- < changes.json"},
    example{"plan", "{feed}"},
    example{"plan", "{feed} --all --out plan.json"},
    example{"sync", "{feed}"},
    example{"sync", "--plan plan.json"},
    example{"undo", "JOURNAL --plan"},
    example{"undo", "JOURNAL"},
    example{"history", ""},
    example{"history", "--sort -began_at --limit 5"},
    example{"export", "> list.jsonl"},
    example{"export", "--format csv > list.csv"},
};

/// What only one collection can do.
struct own_example {
    std::string_view collection;
    std::string_view verb;
    std::string_view text;
};

constexpr std::array own{
    own_example{"block-senders", "create", "phish@evil.example --comments INC-1042"},
    own_example{"block-senders", "create", "'evil[.]example' 203.0.113.0/24 --if-absent"},
    own_example{"block-senders", "get", "phish@evil.example"},
    own_example{"block-senders", "get", "- -o csv < patterns.txt"},
    own_example{"block-senders", "edit", "phish@evil.example --comments INC-1043"},
    own_example{"block-senders", "edit", "{id} --clear-comments --dry-run"},
    own_example{"block-senders", "delete", "phish@evil.example"},
    own_example{"block-senders", "delete", "- --ignore-missing --yes < patterns.txt"},
    own_example{"domains", "replace", "{id} --allowed-delivery-modes API --regions GLOBAL"},
    own_example{"domains", "replace", "{id} --allowed-delivery-modes BCC --regions DE,US"},
    own_example{"domains", "verification", "{id}"},
    own_example{"domains", "verification", "{id} -o json"},
    own_example{"domains", "bulk-delete", ""},
    own_example{"domains", "bulk-delete", "--yes -o json"},
    own_example{"investigate", "list", "--sender post@parcel.example --start 3d"},
    own_example{"investigate", "list", "--final-disposition MALICIOUS --start today -o ids"},
    own_example{"investigate", "get", "{message}"},
    own_example{"investigate", "get", "'<20261127.1@parcel.example>' -o json"},
    own_example{"investigate", "detections", "{message}"},
    own_example{"investigate", "detections", "{message} -o json"},
    own_example{"investigate", "action-log", "{message}"},
    own_example{"investigate", "action-log", "{message} -o csv"},
    own_example{"investigate", "trace", "{message}"},
    own_example{"investigate", "trace", "{message} -o json"},
    own_example{"investigate", "raw", "{message} > message.eml"},
    own_example{"investigate", "raw", "{message} | less"},
    own_example{"investigate", "preview", "{message} > message.png"},
    own_example{"investigate", "preview", "{message} -o json"},
    own_example{"investigate", "create-preview", "{message} > message.png"},
    own_example{"investigate", "create-preview", "{message} -o json"},
    own_example{"investigate", "move", "{message} --destination JunkEmail"},
    own_example{"investigate", "move", "{message} --destination DeletedItems -o json"},
    own_example{"investigate", "release", "{message}"},
    own_example{"investigate", "release", "- --yes < ids.txt"},
    own_example{"investigate", "reclassify", "{message} --expected-disposition SPAM"},
    own_example{"investigate", "reclassify", "{message} --expected-disposition NONE"},
    own_example{"investigate", "block", "{message} --comments INC-1042"},
    own_example{"investigate", "block", "{message} --domain --dry-run"},
    own_example{"investigate", "bulk-create",
                "--action MOVE --destination JunkEmail --sender post@parcel.example"},
    own_example{"investigate", "bulk-create",
                "--action RELEASE --delivery-status quarantined --subject parcel --max 20"},
    own_example{"investigate", "bulk-list", ""},
    own_example{"investigate", "bulk-list", "--status PROCESSING -o ids"},
    own_example{"investigate", "bulk-get", "{id}"},
    own_example{"investigate", "bulk-get", "{id} -o json"},
    own_example{"investigate", "bulk-messages", "{id}"},
    own_example{"investigate", "bulk-messages", "{id} --status FAILED"},
    own_example{"investigate", "bulk-wait", "{id}"},
    own_example{"investigate", "bulk-wait", "{id} --deadline 600"},
    own_example{"investigate", "bulk-cancel", "{id}"},
    own_example{"investigate", "bulk-cancel", "{id} -o json"},
    own_example{"investigate", "bulk-delete", "{id}"},
    own_example{"investigate", "bulk-delete", "{id} -o json"},
    own_example{"submissions", "list", "--type USER --start 7d"},
    own_example{"submissions", "list", "--status unreviewed -o csv"},
    own_example{"submissions", "reclassify", "ALERT_ID --expected-disposition NONE"},
    own_example{"submissions", "reclassify", "ALERT_ID ALERT_ID --expected-disposition SPAM"},
    own_example{"submissions", "report-missed",
                "--postfix-id 4Njp3P0STMz2c02Q --message-id '<a@b.example>' "
                "--recipient-emails me@corp.example --expected-disposition SPAM"},
    own_example{"submissions", "report-missed",
                "--postfix-id 4Njp3P0STMz2c02Q --message-id '<a@b.example>' "
                "--recipient-emails me@corp.example --expected-disposition SPAM --eml mail.eml"},
    own_example{"phishguard-reports", "list", "--start 7d"},
    own_example{"phishguard-reports", "list", "--start 2026-11-01 --end 2026-12-01 -o csv"},
    own_example{"analytics", "monthly-report", ""},
    own_example{"analytics", "monthly-report", "-o csv"},
    own_example{"auth", "check", ""},
    own_example{"auth", "check", "-o json"},
    // Feeds with owners; domains have no comments in which one could be marked.
    own_example{"block-senders", "sync", "feed.txt --owner partner --prune"},
    own_example{"content-policies", "sync", "policies.jsonl --owner git --prune"},
};

std::string filled_in(std::string_view text, sample const& of) {
    std::string made{text};
    auto const put = [&made](std::string_view name, std::string_view value) {
        if (auto const at = made.find(name); at != std::string::npos) {
            made.replace(at, name.size(), value);
        }
    };
    put("{whole}", of.whole);
    put("{another}", of.another);
    put("{change}", of.change);
    put("{filter}", of.filter);
    put("{feed}", of.feed);
    put("{id}", id);
    put("{message}", message);
    return made;
}

}  // namespace

std::vector<std::string> examples_of(CLI::App const& verb) {
    auto const name = verb.get_name();
    std::vector<std::string> found;
    auto const* const collection = verb.get_parent();
    if (!collection)
        return {"cfes --simulate block-senders plan feed.txt", "cfes help block-senders sync"};
    if (!collection->get_parent()) {
        if (name == "show") return {"cfes show plan.json", "cfes show plan.json -o markdown"};
        if (name == "help") return {"cfes help block-senders", "cfes help block-senders sync"};
        return found;
    }
    auto const before = "cfes " + collection->get_name() + ' ' + name;
    auto const* const its = std::ranges::find(samples, collection->get_name(), &sample::collection);
    auto const of = its == samples.end() ? sample{} : *its;
    auto const add = [&](std::string_view text) {
        if (found.size() == 2) return;
        auto const arguments = filled_in(text, of);
        found.push_back(before + (arguments.empty() ? "" : " ") + arguments);
    };
    for (auto const& each : own) {
        if (each.collection == collection->get_name() && each.verb == name) add(each.text);
    }
    for (auto const& each : of_entries) {
        if (its != samples.end() && each.verb == name) add(each.text);
    }
    return found;
}

}  // namespace cfes
