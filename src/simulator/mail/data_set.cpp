#include "../text.hpp"
#include "mailbox.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace cloudflare::inline v0::simulator {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t message_count = 25;
/// How many of those have been reported by a user as well, and stand in the other datastore again.
constexpr std::size_t submitted_count = 3;

struct sample {
    std::string_view disposition;
    std::string_view delivery_status;
    std::string_view folder;
    std::string_view sender;
    std::string_view sender_name;
    std::string_view subject;
    std::string_view body;
    std::string_view reason;
    std::string_view threat_category;
    std::string_view link;
    std::string_view attachment;
};

constexpr std::array<sample, 8> samples{{
    {"MALICIOUS", "quarantined", "", "post@parcel.example", "Parcel Service",
     "Your parcel could not be delivered", "Pay the fee: https://parcel.example/pay",
     "Link to a known phishing site", "Credential Harvester", "https://parcel.example/pay", ""},
    {"NONE", "delivered", "Inbox", "ann@partner.example", "Ann Partner", "Minutes of the meeting",
     "Here are the minutes.", "", "", "", ""},
    {"SUSPICIOUS", "delivered", "JunkEmail", "alert@login.example", "Account Team",
     "Unusual sign-in", "Was it you? https://login.example/check", "Newly registered domain",
     "Link", "https://login.example/check", ""},
    {"MALICIOUS-BEC", "quarantined", "", "chief@corp-mail.example", "The Chief",
     "Urgent wire transfer", "Are you at your desk?", "Impersonation of an executive",
     "Business Email Compromise", "", ""},
    {"SPAM", "delivered", "JunkEmail", "win@lottery.example", "Lottery", "You have won",
     "Claim your prize.", "Unsolicited offer", "", "https://lottery.example/", ""},
    {"SPOOF", "delivered", "JunkEmail", "hr@corp.example", "Human Resources", "Payroll update",
     "See the attached form.", "Sender fails authentication", "Brand Impersonation", "",
     "form.html"},
    {"BULK", "delivered", "Inbox", "news@shop.example", "Shop", "Spring newsletter",
     "Everything must go.", "Sent to many recipients", "", "https://shop.example/spring", ""},
    {"NONE", "delivered", "Inbox", "bob@corp.example", "Bob Corp", "Lunch?", "At noon?", "", "", "",
     ""},
}};

constexpr std::array<std::string_view, 5> people{"alice", "bob", "carol", "dave", "erin"};

/// The same on every platform, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash;
}

class data_maker {
public:
    data_maker(std::uint64_t seed, timestamp now) : random_(seed), now_(now) {}

    message make_message(std::size_t index) {
        sample const& s = samples[index % samples.size()];
        message m;
        m.postfix_id = word(16);
        std::string const number = std::to_string(10'000'000 + index);
        m.id = m.postfix_id + "-2026-01-01T00:00:" + std::to_string(10 + index) + '-' + number;
        m.message_id =
            '<' + word(20) + '@' + std::string{s.sender.substr(s.sender.find('@') + 1)} + '>';
        if (s.disposition != "NONE") m.alert_id = m.postfix_id + "-alert";
        m.from = s.sender;
        m.from_name = s.sender_name;
        for (std::size_t i = 0, first = below(people.size()); i != 1 + index % 2; ++i) {
            std::string const name{people[(first + i) % people.size()]};
            m.to.push_back({name + "@corp.example", name});
        }
        m.subject = s.subject;
        m.body = s.body;
        m.reason = s.reason;
        m.threat_category = s.threat_category;
        m.link = s.link;
        m.attachment = s.attachment;
        m.sender_ip = "203.0.113." + std::to_string(1 + below(254));
        m.disposition = s.disposition;
        m.delivery_status = s.delivery_status;
        m.folder = s.folder;
        m.authentic = s.disposition == "NONE" || s.disposition == "BULK";
        // One a day, so that all are within the 30 days that a search covers by itself.
        m.scanned = now_ - 1min - 24h * index;
        m.sent = m.scanned - 3s;
        return m;
    }

    submission make_submission(message const& m) {
        submission s;
        s.id = word(24);
        s.by_user = true;
        s.requested_by = m.to.front().address;
        s.requested_disposition = "MALICIOUS";
        s.original_disposition = m.disposition == "MALICIOUS-BEC" ? "MALICIOUS" : m.disposition;
        s.outcome_disposition = s.original_disposition;
        s.subject = m.subject;
        s.postfix_id = m.postfix_id;
        s.escalated = below(2) == 0;
        s.requested = m.scanned;
        return s;
    }

    phishguard_report make_report(message const& m, std::int64_t id) {
        phishguard_report r;
        r.id = id;
        r.title = "Alert: " + m.subject;
        r.content = "A message that names " + m.from_name + " as its sender. " + m.reason + '.';
        r.disposition = m.disposition;
        r.priority = m.disposition == "MALICIOUS" ? "HIGH" : "MEDIUM";
        r.from = m.from;
        r.to = m.to.front().address;
        r.postfix_id = m.postfix_id;
        r.created = m.scanned + 20s;
        return r;
    }

private:
    // Not std::uniform_int_distribution, which gives other numbers with another library.
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

    std::string word(std::size_t length) {
        constexpr std::string_view letters =
            "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        std::string result;
        while (result.size() != length) result += letters[below(letters.size())];
        return result;
    }

    std::mt19937_64 random_;
    timestamp now_;
};

}  // namespace

mailbox make_mailbox(std::uint64_t seed, std::string_view account_id, timestamp now) {
    data_maker make(seed ^ hash_of(account_id), now);
    mailbox result;
    for (std::size_t i = 0; i != message_count; ++i)
        result.messages.push_back(make.make_message(i));
    for (std::size_t i = 0; i != submitted_count; ++i) {
        message copy = result.messages[2 * i];
        copy.submitted = true;
        copy.scanned += 10s;
        result.submissions.push_back(make.make_submission(copy));
        result.messages.push_back(std::move(copy));
    }
    std::int64_t id = 1;
    for (message const& m : result.messages) {
        if (m.submitted || !m.disposition.starts_with("MALICIOUS")) continue;
        result.reports.push_back(make.make_report(m, id++));
    }
    return result;
}

message* mailbox::find(std::string_view id, bool submitted) {
    auto const found = std::ranges::find_if(
        messages, [&](message const& m) { return m.id == id && m.submitted == submitted; });
    return found == messages.end() ? nullptr : &*found;
}

message* mailbox::find_by_postfix_id(std::string_view postfix_id) {
    auto const found = std::ranges::find(messages, postfix_id, &message::postfix_id);
    return found == messages.end() ? nullptr : &*found;
}

bulk_job* mailbox::find_job(std::string_view id) {
    auto const found = std::ranges::find(jobs, id, &bulk_job::id);
    return found == jobs.end() ? nullptr : &*found;
}

}  // namespace cloudflare::inline v0::simulator
