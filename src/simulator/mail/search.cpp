#include "search.hpp"

#include "../text.hpp"
#include "vocabulary.hpp"

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/split.hpp>

#include <algorithm>
#include <span>

namespace cloudflare::inline v0::simulator {

namespace {

using boost::algorithm::iends_with;
using boost::algorithm::iequals;

constexpr auto search_range = std::chrono::days{30};

bool contains_word(message const& m, std::string_view word) {
    return contains_ignoring_case(m.subject, word) || contains_ignoring_case(m.from, word) ||
           contains_ignoring_case(m.from_name, word) || contains_ignoring_case(m.id, word) ||
           contains_ignoring_case(m.message_id, word) || contains_ignoring_case(m.alert_id, word) ||
           contains_ignoring_case(m.attachment, word) ||
           std::ranges::any_of(m.to, [&](recipient const& one) {
               return contains_ignoring_case(one.address, word) ||
                      contains_ignoring_case(one.name, word);
           });
}

bool is_under(std::string_view address, std::string_view domain) {
    return iends_with(address, '@' + std::string{domain}) ||
           iends_with(address, '.' + std::string{domain});
}

/// Whether a party to a message, an address or a domain, is this address.
bool is_party(std::string const& address, std::string const& wanted) {
    return wanted.find('@') == std::string::npos ? is_under(address, wanted)
                                                 : iequals(address, wanted);
}

/// Whether the host of a link is the domain, or under it.
bool links_to(std::string_view link, std::string_view domain) {
    auto const scheme = link.find("://");
    if (scheme == std::string_view::npos) return false;
    auto host = link.substr(scheme + 3);
    host = host.substr(0, host.find_first_of(":/?#"));
    return iequals(host, domain) || iends_with(host, '.' + std::string{domain});
}

bool has_domain(message const& m, std::string const& domain) {
    return is_under(m.from, domain) || links_to(m.link, domain) ||
           std::ranges::any_of(m.to,
                               [&](recipient const& one) { return is_under(one.address, domain); });
}

bool has_action(message const& m, std::string_view action) {
    std::string_view operation = action;
    if (action == "QUARANTINE_RELEASED") operation = "QUARANTINE_RELEASE";
    if (action == "MOVED") operation = "MOVE";
    return std::ranges::find(m.actions, operation, &message_action::operation) != m.actions.end();
}

std::vector<std::string> split_words(std::string const& text) {
    std::vector<std::string> words;
    boost::algorithm::split(words, text, boost::algorithm::is_any_of(" "));
    std::erase(words, std::string{});
    return words;
}

bool has_words(std::string_view text, std::string const& words) {
    return std::ranges::all_of(split_words(words), [text](std::string const& word) {
        return contains_ignoring_case(text, word);
    });
}

}  // namespace

message_search read_search(parameters const& given, search_form form, timestamp now) {
    message_search s;
    s.start = given.time("start");
    s.end = given.time("end");
    if (form == search_form::query && s.start && *s.start > now) {
        given.refuse("start", "must not be in the future");
    }
    s.words = split_words(given.text("query").value_or(""));
    s.detections_only = given.flag("detections_only").value_or(true);
    std::span<std::string_view const> dispositions = vocabulary::dispositions;
    if (form == search_form::query) dispositions = vocabulary::searchable_dispositions;
    s.final_disposition = given.one_of("final_disposition", dispositions);
    s.message_action = given.one_of("message_action", vocabulary::message_actions);
    s.delivery_status = given.one_of("delivery_status", vocabulary::delivery_statuses);
    s.recipient = given.text("recipient");
    s.sender = given.text("sender");
    s.domain = given.text("domain");
    s.smtp_helo_ip = given.text("smtp_helo_ip");
    s.alert_id = given.text("alert_id");
    s.message_id = given.text("message_id");
    s.subject = given.text("subject");
    if (form == search_form::bulk) {
        s.exact_subject = given.text("exact_subject");
        s.submissions = given.flag("submissions").value_or(false);
        given.flag("action_log");
    }
    return s;
}

bool matches(message_search const& wanted, message const& m, timestamp now) {
    auto const equals = [](std::optional<std::string> const& value, std::string const& text) {
        return !value || iequals(*value, text);
    };
    return m.submitted == wanted.submissions &&
           m.scanned >= wanted.start.value_or(now - search_range) &&
           m.scanned <= wanted.end.value_or(now) && !(wanted.detections_only && m.benign()) &&
           std::ranges::all_of(wanted.words,
                               [&](std::string const& word) { return contains_word(m, word); }) &&
           equals(wanted.final_disposition, m.disposition) &&
           equals(wanted.delivery_status, m.delivery_status) &&
           equals(wanted.smtp_helo_ip, m.sender_ip) &&
           (!wanted.sender || is_party(m.from, *wanted.sender)) &&
           equals(wanted.alert_id, m.alert_id) && equals(wanted.message_id, m.message_id) &&
           equals(wanted.exact_subject, m.subject) &&
           (!wanted.subject || has_words(m.subject, *wanted.subject)) &&
           (!wanted.domain || has_domain(m, *wanted.domain)) &&
           (!wanted.message_action || has_action(m, *wanted.message_action)) &&
           (!wanted.recipient || std::ranges::any_of(m.to, [&](recipient const& one) {
               return is_party(one.address, *wanted.recipient);
           }));
}

}  // namespace cloudflare::inline v0::simulator
