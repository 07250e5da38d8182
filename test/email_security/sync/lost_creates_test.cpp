// Creates whose answer was lost, where something like them is in the list, or where the server
// keeps patterns in another form than they were given in.
#include "fixture.hpp"

#include <cloudflare/email_security/domains.hpp>
#include <cloudflare/email_security/impersonation_registry.hpp>
#include <cloudflare/email_security/sending_domain_restrictions.hpp>
#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace test;
namespace json = boost::json;

namespace {

/// What is to be created in a collection; something else of the same key that is there; and how a
/// server that normalises keeps the key.
template <class Traits>
struct sample;

template <>
struct sample<es::block_senders_traits> {
    static auto item() { return es::new_block_sender{"Evil.Example", es::pattern_type::domain}; }
    static constexpr auto others = R"([{"pattern":"Evil.Example","pattern_type":"DOMAIN",
        "is_regex":false,"comments":"somebody else's"}])";
    static constexpr auto field = "comments";
};

template <>
struct sample<es::allow_policies_traits> {
    static auto item() {
        return es::new_allow_policy{"Sales@Partner.Example", es::pattern_type::email}
            .is_trusted_sender(true);
    }
    static constexpr auto others = R"([{"pattern":"Sales@Partner.Example","pattern_type":"EMAIL",
        "is_regex":false,"is_trusted_sender":false,"is_acceptable_sender":false,
        "is_exempt_recipient":false,"verify_sender":true}])";
    static constexpr auto field = "is_trusted_sender";
};

template <>
struct sample<es::trusted_domains_traits> {
    static auto item() { return es::new_trusted_domain{"Partner.Example"}.is_recent(true); }
    static constexpr auto others = R"([{"pattern":"Partner.Example","is_regex":false,
        "is_recent":false,"is_similarity":true}])";
    static constexpr auto field = "is_recent, is_similarity";
};

template <>
struct sample<es::url_ignore_patterns_traits> {
    static auto item() {
        return es::new_url_ignore_pattern{"https://App\\.Example/.*"}.comments("ours");
    }
    static constexpr auto others =
        R"([{"pattern":"https://App\\.Example/.*","comments":"somebody else's"}])";
    static constexpr auto field = "comments";
};

template <>
struct sample<es::domains_traits> {
    static auto item() {
        return es::new_domain{"Mail.Example", {es::delivery_mode::api}, {es::region::global}};
    }
    static constexpr auto others = R"([{"domain":"Mail.Example","allowed_delivery_modes":["BCC"],
        "drop_dispositions":[],"ip_restrictions":[],"regions":["GLOBAL"]}])";
    static constexpr auto field = "allowed_delivery_modes";
};

template <>
struct sample<es::impersonation_registry_traits> {
    static auto item() { return es::new_impersonation_entry{"Jane Doe", "Jane@Own.Example"}; }
    static constexpr auto others = R"([{"name":"Jane Doe","email":"Jane@Own.Example",
        "is_email_regex":false,"provenance":"SNOOPY-OFFICE_365","directory_id":7}])";
    static constexpr auto field = "directory_id, provenance";
};

template <>
struct sample<es::sending_domain_restrictions_traits> {
    static auto item() {
        return es::new_sending_domain_restriction{"Bank.Example", {"A.Bank.Example"}};
    }
    static constexpr auto others = R"([{"domain":"Bank.Example","exclude":[]}])";
    static constexpr auto field = "exclude";
};

template <class Traits>
struct scene {
    scene(char const* fault, sim::duplicates rule, bool normalises, bool others = false)
        : api{sim::options{}.fault(fault).on_duplicate(rule).normalise(normalises)} {
        if (others) api.server.seed_entries(account, Traits::name, sample<Traits>::others);
    }

    cf::result<typename Traits::model> create() {
        std::optional<cf::result<typename Traits::model>> made;
        auto keep = [&](std::exception_ptr thrown, cf::result<typename Traits::model> got) {
            if (thrown) std::rethrow_exception(thrown);
            made.emplace(std::move(got));
        };
        auto where = cf::collection<Traits>{api.client, account};
        asio::co_spawn(api.context, where.create(sample<Traits>::item()), keep);
        api.context.run();
        return std::move(*made);
    }
    std::size_t count() const {
        return json::parse(api.server.entries(account, Traits::name)).as_array().size();
    }

    fixture api;
};

constexpr sim::duplicates rules[] = {sim::duplicates::accept, sim::duplicates::conflict};

/// Runs it for every collection with every rule for duplicates, with and without normalising.
template <class Check>
void for_all(Check check) {
    auto const with = [&]<class Traits>(Traits) {
        for (auto const rule : rules) {
            for (bool const normalises : {false, true}) {
                BOOST_TEST_CONTEXT(Traits::name
                                   << (rule == sim::duplicates::accept ? ", accepts" : ", refuses")
                                   << (normalises ? ", normalises" : "")) {
                    check.template operator()<Traits>(rule, normalises);
                }
            }
        }
    };
    with(es::block_senders_traits{});
    with(es::allow_policies_traits{});
    with(es::trusted_domains_traits{});
    with(es::url_ignore_patterns_traits{});
    with(es::domains_traits{});
    with(es::impersonation_registry_traits{});
    with(es::sending_domain_restrictions_traits{});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lost_creates)

BOOST_AUTO_TEST_CASE(another_entry_of_the_same_key_is_a_conflict) {
    for_all([]<class Traits>(sim::duplicates rule, bool normalises) {
        scene<Traits> s{"POST:reset-before#1", rule, normalises, true};
        auto const made = s.create();
        BOOST_REQUIRE(!made);
        BOOST_CHECK(made.error().code() == cf::errc::conflict);
        auto const& detail = made.error().detail();
        BOOST_TEST(detail.find(sample<Traits>::field) != std::string::npos, detail);
        BOOST_TEST(s.count() == 1U);
        BOOST_TEST(s.api.count("POST") == 1U);
    });
}

BOOST_AUTO_TEST_CASE(what_was_applied_is_found_in_any_form) {
    for_all([]<class Traits>(sim::duplicates rule, bool normalises) {
        scene<Traits> s{"POST:reset-after#1", rule, normalises};
        auto const made = s.create();
        BOOST_REQUIRE(made);
        BOOST_TEST(!made->id.empty());
        BOOST_TEST(s.count() == 1U);
        BOOST_TEST(s.api.count("POST") == 1U);
    });
}

BOOST_AUTO_TEST_CASE(what_was_not_applied_is_sent_again) {
    for_all([]<class Traits>(sim::duplicates rule, bool normalises) {
        scene<Traits> s{"POST:reset-before#1", rule, normalises};
        BOOST_REQUIRE(s.create());
        BOOST_TEST(s.count() == 1U);
        BOOST_TEST(s.api.count("POST") == 2U);
    });
}

BOOST_AUTO_TEST_CASE(what_was_applied_is_found_beside_another_one) {
    for_all([]<class Traits>(sim::duplicates rule, bool normalises) {
        if (rule == sim::duplicates::conflict) return;
        scene<Traits> s{"POST:reset-after#1", rule, normalises, true};
        auto const made = s.create();
        BOOST_REQUIRE(made);
        BOOST_CHECK(es::compare_entries<Traits>(*made, sample<Traits>::item()) ==
                    cf::entry_match::same);
        BOOST_TEST(s.count() == 2U);
        BOOST_TEST(s.api.count("POST") == 1U);
    });
}

BOOST_AUTO_TEST_SUITE_END()
