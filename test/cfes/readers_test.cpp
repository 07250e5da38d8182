#include "cfes/cfes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace test;

/// What a reader of tables, plans and JSON sees of what others wrote.
BOOST_AUTO_TEST_SUITE(readers)

namespace {

json::object entry(std::string const& pattern, std::string const& comments) {
    return {{"pattern", pattern},
            {"pattern_type", "DOMAIN"},
            {"is_regex", false},
            {"comments", comments}};
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_long_cell_does_not_widen_a_table) {
    fixture f;
    json::array entries;
    for (int i = 0; i != 500; ++i) {
        entries.push_back(entry("d" + std::to_string(i) + ".example", "hi"));
    }
    entries.push_back(entry("long.example", std::string(60'000, 'x')));
    f.server.seed_entries(account, "block_senders", json::serialize(entries));
    auto const list = f.run({"block-senders", "list"});
    BOOST_TEST(list.status == 0);
    // 30 MB before.
    BOOST_TEST(list.out.size() < 502U * 300U);
    // Nothing is cut for a program.
    BOOST_TEST(contains(list.out, std::string(60'000, 'x')));
    auto const id =
        text_of(f.document({"block-senders", "list", "--search", "long.example"}).at(0).at("id"));
    BOOST_TEST(f.run({"block-senders", "get", id}).out.size() < 17U * 1024U);
    BOOST_TEST(f.document({"block-senders", "get", id}).at("comments").as_string().size() ==
               60'000U);
}

BOOST_AUTO_TEST_CASE(a_cell_looks_like_no_other_column) {
    fixture f;
    json::array const entries{entry("a.example", "Your parcel  BENIGN             delivered"),
                              entry("b.example", "x\u00A0\u3000\u2003y\t\tz")};
    f.server.seed_entries(account, "block_senders", json::serialize(entries));
    auto const list = f.run({"block-senders", "list"});
    BOOST_TEST(contains(list.out, "Your parcel BENIGN delivered"), list.out);
    BOOST_TEST(contains(list.out, "x y z"), list.out);
}

BOOST_AUTO_TEST_CASE(what_is_invisible_is_named) {
    fixture f;
    json::array const entries{
        entry("a.example", "\u202Eevil\u2066\u200B\u2028\uFEFF\U000E0041\u009B31m\u007F")};
    f.server.seed_entries(account, "block_senders", json::serialize(entries));
    std::string const named =
        "<U+202E>evil<U+2066><U+200B><U+2028><U+FEFF><U+E0041><U+009B>31m<U+007F>";
    auto const list = f.run({"block-senders", "list"});
    BOOST_TEST(contains(list.out, named), list.out);
    auto const document = f.document({"block-senders", "list"});
    auto const id = text_of(document.at(0).at("id"));
    BOOST_TEST(contains(f.run({"block-senders", "get", id}).out, named));
    BOOST_TEST(document.at(0).at("comments").as_string() == entries[0].at("comments").as_string());
}

BOOST_AUTO_TEST_CASE(a_plan_shows_what_its_patterns_are) {
    fixture f;
    auto const feed =
        f.files.file("feed.csv",
                     "pattern,pattern_type,is_regex,is_trusted_sender\n"
                     "\u202Eelpmaxe.knab@ssob\u202C|.*@evil\\.example,EMAIL,true,true\n"
                     "b\u200Bad bad,,,\n");
    auto const plan = f.run({"allow-policies", "plan", feed});
    BOOST_TEST(contains(plan.out, "+ <U+202E>elpmaxe.knab@ssob<U+202C>|.*@evil\\.example"),
               plan.out);
    BOOST_TEST(contains(plan.err, "b<U+200B>ad bad"), plan.err);
}

BOOST_AUTO_TEST_CASE(json_has_nothing_that_a_terminal_obeys) {
    fixture f;
    json::array const entries{entry("a.example", "\u009B31m\u007F\u2028\u2029")};
    f.server.seed_entries(account, "block_senders", json::serialize(entries));
    for (std::vector<std::string> const& command :
         {std::vector<std::string>{"block-senders", "list", "--output", "json"},
          std::vector<std::string>{"block-senders", "export"}}) {
        auto const got = f.run(command);
        BOOST_TEST(contains(got.out, R"("\u009b31m\u007f\u2028\u2029")"), got.out);
    }
    // What the command says itself, of a path for instance.
    auto const refused = f.run({"block-senders", "plan", "/no\u009B31m\x7f", "--output", "json"});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(contains(refused.out, R"(no\u009b31m\u007f)"), refused.out);
    BOOST_TEST(contains(refused.err, "no<U+009B>31m<U+007F>"), refused.err);
}

BOOST_AUTO_TEST_SUITE_END()
