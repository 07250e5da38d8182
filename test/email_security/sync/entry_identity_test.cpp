// What "the same entry" means, collection by collection.
#include <cloudflare/detail/entry_identity.hpp>
#include <cloudflare/email_security/allow_policies.hpp>
#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/content_policies.hpp>
#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/impersonation_registry.hpp>
#include <cloudflare/email_security/sending_domain_restrictions.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace cloudflare {

std::ostream& operator<<(std::ostream& out, entry_match value) {
    return out << (value == entry_match::same      ? "same"
                   : value == entry_match::differs ? "differs"
                                                   : "other");
}

}  // namespace cloudflare

namespace es = cloudflare::email_security;
using cloudflare::entry_match;
using cloudflare::identifier;
using cloudflare::open_enum;

namespace {

constexpr auto same = entry_match::same;
constexpr auto differs = entry_match::differs;
constexpr auto other = entry_match::other;

/// A change of an entry that was as wanted, or of what is wanted, and what comes of it.
template <class Traits>
struct row {
    using model = typename Traits::model;
    using item = typename Traits::new_item;

    char const* what;
    entry_match expected;
    std::function<void(model&, item&)> change;
};

template <class Traits>
void check(typename Traits::model const& there, typename Traits::new_item const& wanted,
           std::vector<row<Traits>> const& rows) {
    BOOST_TEST(es::compare_entries<Traits>(there, wanted) == same);
    for (auto const& each : rows) {
        BOOST_TEST_CONTEXT(Traits::name << ": " << each.what) {
            auto changed_there = there;
            auto changed_wanted = wanted;
            each.change(changed_there, changed_wanted);
            auto const found = es::compare_entries<Traits>(changed_there, changed_wanted);
            BOOST_TEST(found == each.expected);
            // Equal keys are what makes an entry not another one.
            auto const& identity = es::identity_of<Traits>();
            bool const is_equal_key =
                identity.key_of_existing(&changed_there) == identity.key_of_item(&changed_wanted);
            BOOST_TEST(is_equal_key == (each.expected != other));
        }
    }
}

struct spelling {
    es::pattern_type type;
    char const* wanted;
    char const* there;
    entry_match expected;
};

auto const email = es::pattern_type::email;
auto const domain = es::pattern_type::domain;
auto const ip = es::pattern_type::ip;

std::vector<spelling> const spellings{
    {domain, "Evil.Example", "evil.example", same},
    {domain, "evil.example", "EVIL.example", same},
    {domain, "evil.example.", "evil.example", same},
    {domain,
     "b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example", same},
    {domain,
     "B\xc3\x9c"
     "CHER.example",
     "xn--bcher-kva.example", same},
    {domain, "xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE", same},
    {domain, "evil.example", "xevil.example", other},
    {domain, "evil.example", "evil.example.org", other},
    {domain, "Not a Domain", "not a domain", same},
    {email, "Sales@Evil.Example", "sales@evil.example", same},
    {email, "Sales@Evil.Example", "Sales@evil.example", same},
    {email, "sales@evil.example", "sales@other.example", other},
    {email, "a+b@evil.example", "a@evil.example", other},
    {ip, "8.8.8.8/32", "8.8.8.8", same},
    {ip, "8.8.8.77/24", "8.8.8.0/24", same},
    {ip, "::ffff:8.8.8.8", "8.8.8.8", same},
    {ip, "10.0.0.7/8", "10.0.0.0/8", same},
    {ip, "8.8.8.0/24", "8.8.8.0/25", other},
    {ip, "8.8.8.8", "8.8.8.9", other},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(entry_identity)

BOOST_AUTO_TEST_CASE(block_senders) {
    using traits = es::block_senders_traits;
    es::block_sender there;
    there.id = "1";
    there.pattern = "evil.example";
    there.pattern_type = domain;
    there.is_regex = false;
    there.comments = "INC-1";
    auto const wanted = es::new_block_sender{"evil.example", domain}.comments("INC-1");
    check<traits>(
        there, wanted,
        {{"another comment", differs, [](auto& t, auto&) { t.comments = "INC-2"; }},
         {"comments of another case", differs, [](auto& t, auto&) { t.comments = "inc-1"; }},
         {"comments that are gone", differs, [](auto& t, auto&) { t.comments.reset(); }},
         {"an owner's mark", differs, [](auto& t, auto&) { t.comments = "INC-1 [owner:x]"; }},
         {"comments that nobody asked for", differs,
          [](auto&, auto& w) {
              w = {"evil.example", domain};
          }},
         {"no comments at all", same,
          [](auto& t, auto& w) {
              t.comments.reset();
              w = {"evil.example", domain};
          }},
         {"empty comments for none", same,
          [](auto& t, auto& w) {
              t.comments = "";
              w = {"evil.example", domain};
          }},
         {"none for empty comments", same,
          [](auto& t, auto& w) {
              t.comments.reset();
              w.comments("");
          }},
         {"another pattern", other, [](auto& t, auto&) { t.pattern = "good.example"; }},
         {"no pattern", other, [](auto& t, auto&) { t.pattern.reset(); }},
         {"another type", other, [](auto& t, auto&) { t.pattern_type = email; }},
         {"a type that is not known here", other,
          [](auto& t, auto&) { t.pattern_type = open_enum<es::pattern_type>{"ASN"}; }},
         {"no type", same, [](auto& t, auto&) { t.pattern_type.reset(); }},
         {"no type, and a pattern of another", other,
          [](auto& t, auto&) {
              t.pattern_type.reset();
              t.pattern = "a@evil.example";
          }},
         {"a regular expression", other, [](auto& t, auto&) { t.is_regex = true; }},
         {"no flag", same, [](auto& t, auto&) { t.is_regex.reset(); }},
         {"no flag for a regular expression", other,
          [](auto& t, auto& w) {
              t.is_regex.reset();
              w.is_regex(true);
          }},
         {"regular expressions", same,
          [](auto& t, auto& w) {
              t.is_regex = true;
              w.is_regex(true);
          }},
         {"regular expressions of another case", other,
          [](auto& t, auto& w) {
              t.pattern = R"(\s+)";
              t.is_regex = true;
              w = es::new_block_sender{R"(\S+)", domain}.is_regex(true).comments("INC-1");
          }},
         {"times", same, [](auto& t, auto&) { t.created_at = cloudflare::timestamp{}; }}});
}

BOOST_AUTO_TEST_CASE(spellings_of_patterns) {
    for (auto const& each : spellings) {
        BOOST_TEST_CONTEXT(each.wanted << " and " << each.there) {
            es::block_sender there;
            there.pattern = each.there;
            there.pattern_type = each.type;
            es::new_block_sender const wanted{each.wanted, each.type};
            BOOST_TEST(es::compare_entries<es::block_senders_traits>(there, wanted) ==
                       each.expected);
            // What is given is a spelling, and so is what one of these servers makes of it.
            auto const all = es::spellings_of<es::block_senders_traits>(wanted);
            BOOST_TEST(all.front() == each.wanted);
            auto const is_found = [&](std::string const& text) {
                return std::ranges::find(all, text) != all.end();
            };
            if (each.expected == same && each.there != std::string{"EVIL.example"} &&
                each.there != std::string{"XN--BCHER-KVA.EXAMPLE"}) {
                BOOST_TEST(is_found(each.there));
            }
        }
    }
    auto const count = [](es::new_block_sender const& item) {
        return es::spellings_of<es::block_senders_traits>(item).size();
    };
    BOOST_TEST(count({"evil.example", domain}) == 1U);
    BOOST_TEST(count({"Evil.Example", domain}) == 2U);
    BOOST_TEST(count(es::new_block_sender{"Evil.*", domain}.is_regex(true)) == 1U);
}

BOOST_AUTO_TEST_CASE(allow_policies) {
    using traits = es::allow_policies_traits;
    es::allow_policy there;
    there.pattern = "partner.example";
    there.pattern_type = domain;
    there.is_regex = false;
    there.is_trusted_sender = true;
    there.is_acceptable_sender = false;
    there.is_exempt_recipient = false;
    there.verify_sender = true;
    auto const wanted = es::new_allow_policy{"Partner.Example", domain}.is_trusted_sender(true);
    check<traits>(there, wanted,
                  {{"not trusted", differs, [](auto& t, auto&) { t.is_trusted_sender = false; }},
                   {"trust that the API leaves out", differs,
                    [](auto& t, auto&) { t.is_trusted_sender.reset(); }},
                   {"trust that nobody asked for", differs,
                    [](auto&, auto& w) { w.is_trusted_sender(false); }},
                   {"acceptable", differs, [](auto& t, auto&) { t.is_acceptable_sender = true; }},
                   {"exempt", differs, [](auto& t, auto&) { t.is_exempt_recipient = true; }},
                   {"not verified", differs, [](auto& t, auto&) { t.verify_sender = false; }},
                   {"a comment", differs, [](auto& t, auto&) { t.comments = "somebody else's"; }},
                   {"defaults that the API leaves out", same,
                    [](auto& t, auto&) {
                        t.is_acceptable_sender.reset();
                        t.is_exempt_recipient.reset();
                        t.verify_sender.reset();
                    }},
                   {"a default that is not the wanted one", differs,
                    [](auto& t, auto& w) {
                        t.verify_sender.reset();
                        w.verify_sender(false);
                    }},
                   {"another pattern", other, [](auto& t, auto&) { t.pattern = "example"; }},
                   {"another type", other, [](auto& t, auto&) { t.pattern_type = ip; }}});
}

BOOST_AUTO_TEST_CASE(trusted_domains) {
    using traits = es::trusted_domains_traits;
    es::trusted_domain there;
    there.pattern = "partner.example";
    there.is_regex = false;
    there.is_recent = true;
    there.is_similarity = false;
    auto const wanted = es::new_trusted_domain{"PARTNER.example"}.is_recent(true);
    check<traits>(there, wanted,
                  {{"not recent", differs, [](auto& t, auto&) { t.is_recent = false; }},
                   {"similar", differs, [](auto& t, auto&) { t.is_similarity = true; }},
                   {"a comment", differs, [](auto& t, auto&) { t.comments = "x"; }},
                   {"no similarity", same, [](auto& t, auto&) { t.is_similarity.reset(); }},
                   {"a regular expression", other, [](auto& t, auto&) { t.is_regex = true; }},
                   {"regular expressions of another case", other,
                    [](auto& t, auto& w) {
                        t.is_regex = true;
                        w.is_regex(true);
                    }},
                   {"another pattern", other, [](auto& t, auto&) { t.pattern = "p.example"; }}});
}

BOOST_AUTO_TEST_CASE(url_ignore_patterns) {
    using traits = es::url_ignore_patterns_traits;
    es::url_ignore_pattern there;
    there.pattern = "https://Example\\.com/.*";
    auto const wanted = es::new_url_ignore_pattern{"https://Example\\.com/.*"};
    check<traits>(
        there, wanted,
        {{"a comment", differs, [](auto& t, auto&) { t.comments = "x"; }},
         {"the wanted comment", same,
          [](auto& t, auto& w) {
              t.comments = "x";
              w.comments("x");
          }},
         {"another case", other, [](auto& t, auto&) { t.pattern = "https://example\\.com/.*"; }},
         {"what looks like a domain", other,
          [](auto& t, auto& w) {
              t.pattern = "a.example";
              w = es::new_url_ignore_pattern{"A.example"};
          }},
         {"no pattern", other, [](auto& t, auto&) { t.pattern.reset(); }}});
}

BOOST_AUTO_TEST_CASE(domains) {
    using traits = es::domains_traits;
    es::domain_entry there;
    there.domain = "mail.example";
    there.allowed_delivery_modes = {es::delivery_mode::api, es::delivery_mode::direct};
    there.regions = {es::region::global, es::region::india};
    there.ip_restrictions = {"192.0.2.0/24", "2001:db8::/32"};
    there.folder = es::scanned_folder::inbox;
    there.lookback_hops = 2;
    auto const wanted = es::new_domain{"Mail.Example",
                                       {es::delivery_mode::direct, es::delivery_mode::api},
                                       {es::region::india, es::region::global}}
                            .ip_restrictions({"2001:DB8:0::/32", "192.0.2.7/24", "192.0.2.0/24"});
    check<traits>(
        there, wanted,
        {{"another mode", differs,
          [](auto& t, auto&) { t.allowed_delivery_modes = {es::delivery_mode::bcc}; }},
         {"fewer modes", differs, [](auto& t, auto&) { t.allowed_delivery_modes.pop_back(); }},
         {"a mode that is not known here", differs,
          [](auto& t, auto&) { t.allowed_delivery_modes.emplace_back(std::string_view{"NEW"}); }},
         {"fewer regions", differs, [](auto& t, auto&) { t.regions.pop_back(); }},
         {"no networks", differs, [](auto& t, auto&) { t.ip_restrictions.clear(); }},
         {"dispositions", differs,
          [](auto& t, auto&) { t.drop_dispositions = {es::disposition::spam}; }},
         {"the wanted dispositions", same,
          [](auto& t, auto& w) {
              t.drop_dispositions = {es::disposition::spam, es::disposition::bulk};
              w.drop_dispositions({es::disposition::bulk, es::disposition::spam});
          }},
         {"another folder", differs,
          [](auto&, auto& w) { w.folder(es::scanned_folder::all_items); }},
         {"the wanted folder", same, [](auto&, auto& w) { w.folder(es::scanned_folder::inbox); }},
         {"a folder that is to be none", differs, [](auto&, auto& w) { w.clear_folder(); }},
         {"no folder, as wanted", same,
          [](auto& t, auto& w) {
              t.folder.reset();
              w.clear_folder();
          }},
         {"other hops", differs, [](auto&, auto& w) { w.lookback_hops(3); }},
         {"hops that are not there", differs,
          [](auto& t, auto& w) {
              t.lookback_hops.reset();
              w.lookback_hops(2);
          }},
         {"TLS", differs, [](auto&, auto& w) { w.require_tls_inbound(true); }},
         {"another integration", differs,
          [](auto& t, auto& w) {
              t.integration_id = "0A";
              w.integration_id("0b");
          }},
         {"an integration in upper case", same,
          [](auto& t, auto& w) {
              t.integration_id = "0A";
              w.integration_id("0a");
          }},
         {"what the API works out", same,
          [](auto& t, auto&) {
              t.status = es::domain_status::active;
              t.transport = "mx.example";
              t.require_tls_outbound = true;
          }},
         {"another domain", other, [](auto& t, auto&) { t.domain = "example"; }},
         {"no domain", other, [](auto& t, auto&) { t.domain.reset(); }}});
}

BOOST_AUTO_TEST_CASE(impersonation_registry) {
    using traits = es::impersonation_registry_traits;
    es::impersonation_entry there;
    there.name = "Jane Doe";
    there.email = "jane@own.example";
    there.is_email_regex = false;
    there.provenance = es::provenance::internal;
    auto const wanted = es::new_impersonation_entry{"Jane Doe", "Jane@Own.Example"};
    check<traits>(there, wanted,
                  {{"a comment", differs, [](auto& t, auto&) { t.comments = "x"; }},
                   {"from a directory", differs, [](auto& t, auto&) { t.directory_id = 7; }},
                   {"from a directory, says the provenance", differs,
                    [](auto& t, auto&) { t.provenance = es::provenance::office_365; }},
                   {"no provenance", same, [](auto& t, auto&) { t.provenance.reset(); }},
                   {"the wanted directory", same,
                    [](auto& t, auto& w) {
                        t.directory_id = 7;
                        w.directory_id(7);
                    }},
                   {"another directory", differs,
                    [](auto& t, auto& w) {
                        t.directory_id = 7;
                        w.directory_id(8);
                    }},
                   {"another name", other, [](auto& t, auto&) { t.name = "J. Doe"; }},
                   {"another address", other, [](auto& t, auto&) { t.email = "jane@x.example"; }},
                   {"a regular expression", other, [](auto& t, auto&) { t.is_email_regex = true; }},
                   {"no flag", same, [](auto& t, auto&) { t.is_email_regex.reset(); }},
                   {"no address", other, [](auto& t, auto&) { t.email.reset(); }}});
}

BOOST_AUTO_TEST_CASE(content_policies) {
    using traits = es::content_policies_traits;
    using es::content_target;
    es::content_policy there;
    there.name = "Gift cards";
    there.pattern = "gift card";
    there.targets = {content_target::subject, content_target::body};
    there.enabled = true;
    auto const wanted = es::new_content_policy{
        "Gift cards", "gift card", {content_target::subject, content_target::body}};
    check<traits>(
        there, wanted,
        {{"another pattern", differs, [](auto& t, auto&) { t.pattern = "gift cards"; }},
         {"a target less", differs, [](auto& t, auto&) { t.targets = {content_target::subject}; }},
         {"not in force", differs, [](auto& t, auto&) { t.enabled = false; }},
         {"a default that the API leaves out", same, [](auto& t, auto&) { t.enabled.reset(); }},
         {"notes that nobody asked for", differs, [](auto& t, auto&) { t.notes = "INC-1"; }},
         {"the wanted notes", same,
          [](auto& t, auto& w) {
              t.notes = "INC-1";
              w.notes("INC-1");
          }},
         {"another name", other, [](auto& t, auto&) { t.name = "Gift card"; }},
         {"a name of another case", other, [](auto& t, auto&) { t.name = "gift cards"; }}});
}

BOOST_AUTO_TEST_CASE(sending_domain_restrictions) {
    using traits = es::sending_domain_restrictions_traits;
    es::sending_domain_restriction there;
    there.domain = "bank.example";
    there.exclude = {"a.bank.example", "b.bank.example"};
    auto const wanted =
        es::new_sending_domain_restriction{"Bank.Example", {"B.bank.example", "a.bank.example."}};
    check<traits>(there, wanted,
                  {{"fewer exceptions", differs, [](auto& t, auto&) { t.exclude.pop_back(); }},
                   {"no exceptions", differs, [](auto& t, auto&) { t.exclude.clear(); }},
                   {"a comment", differs, [](auto& t, auto&) { t.comments = "x"; }},
                   {"another domain", other, [](auto& t, auto&) { t.domain = "b.example"; }},
                   {"no domain", other, [](auto& t, auto&) { t.domain.reset(); }}});
}

BOOST_AUTO_TEST_CASE(content_of_some_fields) {
    auto const& identity = es::identity_of<es::allow_policies_traits>();
    es::allow_policy there;
    there.pattern = "p.example";
    there.pattern_type = domain;
    there.is_exempt_recipient = true;
    there.comments = "text [owner:feed]";
    auto const wanted =
        es::new_allow_policy{"p.example", domain}.is_trusted_sender(true).comments("text");
    constexpr std::uint32_t trusted = 1U << 3U;
    constexpr std::uint32_t exempt = 1U << 5U;
    constexpr std::uint32_t comments = 1U << 7U;
    auto const all = ~std::uint32_t{0};
    auto const found = identity.compare_content(&there, &wanted, all, es::owner_marks::compared);
    BOOST_TEST(found.differs == (exempt | comments));
    BOOST_TEST(found.untold == trusted);
    auto const marked = identity.compare_content(&there, &wanted, all, es::owner_marks::ignored);
    BOOST_TEST(marked.differs == exempt);
    auto const one = identity.compare_content(&there, &wanted, comments, es::owner_marks::ignored);
    BOOST_TEST(one.is_none());
    BOOST_TEST(identity.key_fields() == 7U);
    auto const why =
        identity.conflict(cloudflare::wire::codec_for<es::allow_policy>(), &there, &wanted);
    BOOST_CHECK(why.code() == cloudflare::errc::conflict);
    BOOST_TEST(why.detail().find("is_trusted_sender, is_exempt_recipient, comments: {") !=
               std::string::npos);
    BOOST_TEST(why.detail().find("text [owner:feed]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(which_of_two_doubles_stays) {
    std::vector<identifier> const in_order{
        identifier{7},
        identifier{"9"},
        identifier{10},
        identifier{9223372036854775807},
        identifier{"92233720368547758070"},
        identifier{"0a000000-0000-4000-8000-000000000000"},
        identifier{"0B000000-0000-4000-8000-000000000000"},
        identifier{"0c000000-0000-4000-8000-000000000000"},
        identifier{"a0000000-0000-4000-8000-000000000000"},
    };
    for (std::size_t i = 0; i != in_order.size(); ++i) {
        for (std::size_t j = 0; j != in_order.size(); ++j) {
            BOOST_TEST_CONTEXT(in_order[i].text() << " and " << in_order[j].text()) {
                BOOST_TEST(es::comes_before(in_order[i], in_order[j]) == (i < j));
            }
        }
    }
    BOOST_TEST(!es::comes_before(identifier{7}, identifier{"7"}));
    BOOST_TEST(!es::comes_before(identifier{"7"}, identifier{7}));
}

BOOST_AUTO_TEST_SUITE_END()
