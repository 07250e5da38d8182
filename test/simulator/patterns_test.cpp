#include "patterns.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace cloudflare::simulator;

BOOST_AUTO_TEST_SUITE(patterns)

BOOST_AUTO_TEST_CASE(domains) {
    for (char const* const good : {"a.example", "A-1.b-2.Example", "xn--bcher-kva.example",
                                   "1.example", "a.b.c.d.e.f.example"}) {
        BOOST_TEST(is_domain(good), good);
    }
    for (char const* const bad : {"", "example", ".example", "a..example", "a.example.",
                                  "-a.example", "a-.example", "a_b.example",
                                  "b\xc3\xbc"
                                  "cher.example",
                                  "a b.example", "1.2.3.4", "a@b.example", "*.example"}) {
        BOOST_TEST(!is_domain(bad), bad);
    }
    std::string const label(63, 'a');
    BOOST_TEST(is_domain(label + ".example"));
    BOOST_TEST(!is_domain(label + "a.example"));
    std::string const longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    BOOST_TEST(is_domain(longest));
    BOOST_TEST(!is_domain(longest + 'a'));
}

BOOST_AUTO_TEST_CASE(emails) {
    for (char const* const good :
         {"a@b.example", "first.last+tag@mail.example", "!#$%@b.example"}) {
        BOOST_TEST(is_email(good), good);
    }
    for (char const* const bad :
         {"", "@b.example", "a@", "a@b", "a.example", ".a@b.example", "a.@b.example",
          "a..b@b.example", "a b@b.example", "a@b@c.example"}) {
        BOOST_TEST(!is_email(bad), bad);
    }
    BOOST_TEST(is_email(std::string(64, 'a') + "@b.example"));
    BOOST_TEST(!is_email(std::string(65, 'a') + "@b.example"));
}

BOOST_AUTO_TEST_CASE(addresses) {
    for (char const* const good :
         {"1.2.3.4", "1.2.3.0/24", "8.8.8.8/32", "11.0.0.0/8", "172.15.255.255", "172.32.0.0",
          "100.64.0.1", "192.0.2.0/24", "0.1.2.3", "224.0.0.1", "255.255.255.254", "::ffff:1.2.3.4",
          "2606:4700::1111", "2606:4700::/32", "fbff::1", "fec0::1", "::2", "2001:db8::1"}) {
        BOOST_TEST(is_address_pattern(good), good);
    }
    for (char const* const bad :
         {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "/24",
          "1.2.3.4/a", "a.example", "0.0.0.0", "10.0.0.1", "127.0.0.1", "169.254.1.1", "172.16.0.1",
          "172.31.255.255", "192.168.1.0/24", "255.255.255.255", "::", "::1", "fc00::1",
          "fdff::", "fe80::1", "febf::1", "::ffff:10.0.0.1", "::ffff:127.0.0.0/104",
          "2606:4700::/129", "2606:4700::1%1", "2606:4700:::1",
          // Blocks of which only a part is refused.
          "0.0.0.0/0", "8.0.0.0/6", "172.0.0.0/8", "::/0", "fe00::/8", "::ffff:0:0/96"}) {
        BOOST_TEST(!is_address_pattern(bad), bad);
    }
}

BOOST_AUTO_TEST_CASE(regular_expressions) {
    for (char const* const good : {"a", "^.*@example\\.(com|net)$", "(?i)spam", "[a-z]{2,5}"}) {
        BOOST_TEST(is_regular_expression(good), good);
    }
    for (char const* const bad : {"(", "[a", "*", "a{3,1}", "\\"}) {
        BOOST_TEST(!is_regular_expression(bad), bad);
    }
    // The longest that a pattern can be, at its most nested.
    is_regular_expression(std::string(1024, '('));
    is_regular_expression(std::string(512, '(') + std::string(512, ')'));
    BOOST_TEST(is_regular_expression(std::string(50, '(') + std::string(50, ')')));
}

BOOST_AUTO_TEST_CASE(types_told_from_the_pattern) {
    BOOST_TEST(guess_pattern_type("a@b.example") == "EMAIL");
    BOOST_TEST(guess_pattern_type("b.example") == "DOMAIN");
    BOOST_TEST(guess_pattern_type("1.2.3.4") == "IP");
    BOOST_TEST(guess_pattern_type("1.2.3.0/24") == "IP");
    BOOST_TEST(guess_pattern_type("2606:4700::/32") == "IP");
}

BOOST_AUTO_TEST_SUITE_END()
