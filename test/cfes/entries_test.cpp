#include "cfes/cfes.hpp"
#include "cfes/terminal.hpp"

using namespace test;

/// Entries that are told by their names, one or many.
BOOST_AUTO_TEST_SUITE(entries)

namespace {

using words = std::vector<std::string>;

/// With these blocked, and only reads that are not logged yet.
struct blocked : fixture {
    explicit blocked(words const& patterns) { server.seed_block_senders(account, patterns); }

    json::value on(words arguments) const {
        arguments.insert(arguments.begin(), "block-senders");
        return document(std::move(arguments));
    }
    ended try_on(words arguments) const {
        arguments.insert(arguments.begin(), "block-senders");
        return run(std::move(arguments));
    }
    /// With lines on stdin.
    ended feed(std::string const& lines, std::string const& arguments) const {
        auto const input = files.file("input", lines);
        program running{
            {"/bin/sh", "-c",
             CFES " block-senders " + arguments + " --ca-file " + ca_file + " <" + input},
            environment()};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    }
    words patterns() { return server.patterns(account); }
    std::size_t writes() {
        auto const log = server.take_log();
        return static_cast<std::size_t>(std::ranges::count_if(
            log, [](sim::logged_request const& each) { return each.method != "GET"; }));
    }
};

words names_in(json::value const& list, std::string const& field = "pattern") {
    words names;
    for (auto const& each : list.as_array()) names.push_back(text_of(each.at(field)));
    return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_entry_is_found_by_its_pattern_as_it_may_be_pasted) {
    blocked f{{"evil.example", "phish@evil.example", "203.0.113.0/24"}};
    for (std::string const name : {"phish@evil.example", "<Phish@Evil.example>",
                                   "phish[at]evil[.]example", " phish@evil.example "}) {
        auto const got = f.on({"get", name});
        BOOST_TEST(text_of(got.at("pattern")) == "phish@evil.example", name);
        BOOST_CHECK(f.on({"get", text_of(got.at("id"))}) == got);
    }
    BOOST_TEST(text_of(f.on({"get", "203.0.113.0/24"}).at("pattern")) == "203.0.113.0/24");
    auto const edited = f.on({"edit", "EVIL.example", "--comments", "INC-1"});
    BOOST_TEST(text_of(edited.at("pattern")) == "evil.example");
    BOOST_TEST(text_of(edited.at("comments")) == "INC-1");
    auto const updated = f.on({"update", "evil.example", "--clear-comments"});
    BOOST_TEST(!updated.as_object().contains("comments"));
    auto const replaced = f.on({"replace", "evil.example", "--pattern", "worse.example"});
    BOOST_TEST(text_of(replaced.at("id")) == text_of(updated.at("id")));
    auto const missing = f.try_on({"get", "good.example"});
    BOOST_TEST(missing.status == 5);
    BOOST_TEST(missing.err.find("no entry with this id or pattern") != std::string::npos,
               missing.err);
}

BOOST_AUTO_TEST_CASE(entries_of_other_collections_are_found_by_what_names_them) {
    fixture f;
    f.document(
        {"impersonation-registry", "create", "--name", "Ann Boss", "--email", "ann@corp.example"});
    auto const ann = f.document({"impersonation-registry", "get", "ann boss"});
    BOOST_TEST(text_of(ann.at("email")) == "ann@corp.example");
    f.document(
        {"content-policies", "create", "--name", "Wires", "--pattern", "p", "--targets", "BODY"});
    f.document({"content-policies", "edit", "Wires", "--enabled", "false"});
    f.document({"domains", "create", "corp.example", "--allowed-delivery-modes", "DIRECT",
                "--regions", "GLOBAL"});
    BOOST_TEST(text_of(f.document({"domains", "get", "corp.example"}).at("domain")) ==
               "corp.example");
    f.document({"url-ignore-patterns", "create", "https://intranet\\.example/.*"});
    auto const gone =
        f.document({"url-ignore-patterns", "delete", "https://intranet\\.example/.*"});
    BOOST_TEST(text_of(gone.at("pattern")) == "https://intranet\\.example/.*");
    BOOST_TEST(f.document({"url-ignore-patterns", "list"}).as_array().empty());
}

BOOST_AUTO_TEST_CASE(several_entries_make_a_list) {
    blocked f{{"a.example", "b.example", "c.example"}};
    auto const two = f.on({"get", "c.example", "a.example"});
    BOOST_TEST(names_in(two) == (words{"c.example", "a.example"}),
               boost::test_tools::per_element());
    auto const fed = f.feed("a.example\n\n b.example\r\n", "get - -o ids");
    BOOST_TEST(fed.status == 0, fed.err);
    BOOST_TEST(lines_in(fed.out) == 2U);
    auto const in_part = f.try_on({"get", "a.example", "x.example", "y.example", "-o", "json"});
    BOOST_TEST(in_part.status == 5);
    BOOST_TEST(names_in(in_part.document()) == words{"a.example"},
               boost::test_tools::per_element());
    BOOST_TEST(in_part.err.find("'x.example'") != std::string::npos, in_part.err);
    BOOST_TEST(in_part.err.find("'y.example'") != std::string::npos, in_part.err);
    BOOST_TEST(f.feed("\n", "get -").status == 64);
}

// Many are looked up in one reading of the list.
BOOST_AUTO_TEST_CASE(many_names_take_few_requests) {
    words all;
    for (int i = 0; i != 300; ++i) all.push_back("bad-" + std::to_string(i) + ".example");
    blocked f{all};
    std::string lines;
    for (auto const& each : all) lines += each + '\n';
    auto const got = f.feed(lines, "get - -o ids");
    BOOST_TEST(got.status == 0, got.err);
    BOOST_TEST(lines_in(got.out) == 300U);
    BOOST_TEST(f.server.take_log().size() < 10U);
}

BOOST_AUTO_TEST_CASE(what_is_deleted_is_printed_whole) {
    blocked f{{}};
    auto const made = f.on({"create", "evil.example", "--comments", "INC-7"});
    auto const gone = f.on({"delete", "evil.example"});
    BOOST_CHECK(gone == made);
    auto const again =
        f.on({"create", text_of(gone.at("pattern")), "--comments", text_of(gone.at("comments"))});
    BOOST_TEST(text_of(again.at("comments")) == "INC-7");
    auto const shown = f.try_on({"delete", text_of(again.at("id"))});
    BOOST_TEST(shown.out.find("INC-7") != std::string::npos, shown.out);
    BOOST_TEST(f.patterns().empty());
}

BOOST_AUTO_TEST_CASE(more_than_one_is_deleted_only_when_that_is_agreed_on) {
    blocked f{{"a.example", "b.example", "c.example"}};
    auto const refused = f.try_on({"delete", "a.example", "b.example"});
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find("delete 2 entries needs --yes") != std::string::npos, refused.err);
    BOOST_TEST(f.feed("a.example\nb.example\n", "delete -").status == 64);
    BOOST_TEST(f.try_on({"edit", "a.example", "b.example", "--comments", "x"}).status == 64);
    BOOST_TEST(f.server.stats().requests == 0U);
    words command{CFES, "block-senders", "delete", "a.example", "b.example"};
    terminal on{f.with_ca(command), f.environment()};
    on.await("[y/N] ");
    on.type("n\n");
    BOOST_TEST(on.wait() == 1);
    BOOST_TEST(on.written().find("b.example") != std::string::npos, on.written());
    BOOST_TEST(f.patterns().size() == 3U);
    auto const gone = f.on({"delete", "a.example", "b.example", "--yes"});
    BOOST_TEST(names_in(gone) == (words{"a.example", "b.example"}),
               boost::test_tools::per_element());
    BOOST_TEST(f.patterns() == words{"c.example"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_that_is_missing_does_not_keep_the_others) {
    blocked f{{"a.example", "b.example"}};
    auto const in_part =
        f.try_on({"delete", "a.example", "x.example", "b.example", "--yes", "-o", "json"});
    BOOST_TEST(in_part.status == 5);
    BOOST_TEST(in_part.document().as_array().size() == 2U);
    BOOST_TEST(in_part.err.find("'x.example'") != std::string::npos, in_part.err);
    BOOST_TEST(f.patterns().empty());
    // The same one, told twice, is one.
    f.on({"create", "c.example"});
    auto const twice = f.on({"delete", "c.example", "C.example", "--yes"});
    BOOST_TEST(twice.as_array().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_fails_for_one_is_not_the_end_of_the_others) {
    blocked f{{"a.example", "b.example", "c.example"}};
    f.server.set_fault("DELETE:400#2");
    auto const in_part = f.try_on({"delete", "a.example", "b.example", "c.example", "--yes"});
    BOOST_TEST(in_part.status == 3, in_part.err);
    BOOST_TEST(f.patterns() == words{"b.example"}, boost::test_tools::per_element());
    // A token that may not do it for one may not for the others.
    f.on({"create", "d.example"});
    f.server.set_fault("DELETE:403#1");
    auto const denied = f.try_on({"delete", "b.example", "d.example", "--yes"});
    BOOST_TEST(denied.status == 4, denied.err);
    BOOST_TEST(denied.err.find("1 left") != std::string::npos, denied.err);
    BOOST_TEST(f.patterns().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_gone_may_count_as_deleted) {
    blocked f{{"a.example"}};
    auto const gone = f.try_on({"delete", "x.example", "--ignore-missing"});
    BOOST_TEST(gone.status == 0, gone.err);
    BOOST_TEST(gone.out.empty(), gone.out);
    BOOST_TEST(gone.err.find("'x.example' is not there") != std::string::npos, gone.err);
    BOOST_CHECK(f.on({"delete", "x.example", "--ignore-missing"}).is_null());
    auto const rest = f.on({"delete", "a.example", "x.example", "--ignore-missing", "--yes"});
    BOOST_TEST(names_in(rest) == words{"a.example"}, boost::test_tools::per_element());
    BOOST_TEST(f.try_on({"delete", "a.example"}).status == 5);
}

BOOST_AUTO_TEST_CASE(a_name_of_several_entries_is_told_with_their_ids) {
    blocked f{{}};
    auto const first = f.on({"create", "evil.example"});
    auto const second = f.on({"create", "evil.example", "--is-regex", "--pattern-type", "DOMAIN"});
    f.server.take_log();
    auto const refused = f.try_on({"delete", "evil.example"});
    BOOST_TEST(refused.status == 1);
    for (auto const* const each : {&first, &second}) {
        BOOST_TEST(refused.err.find(text_of(each->at("id"))) != std::string::npos, refused.err);
    }
    BOOST_TEST(f.writes() == 0U);
    BOOST_TEST(f.on({"get", "evil.example"}).as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(patterns_are_created_by_their_names) {
    blocked f{{}};
    auto const one = f.on({"create", "evil[.]example"});
    BOOST_TEST(text_of(one.at("pattern")) == "evil.example");
    BOOST_TEST(text_of(one.at("pattern_type")) == "DOMAIN");
    auto const many = f.on({"create", "<a@evil.example>", "8.8.8.8", "--comments", "INC-1"});
    BOOST_TEST(names_in(many) == (words{"a@evil.example", "8.8.8.8"}),
               boost::test_tools::per_element());
    BOOST_TEST(text_of(many.at(1).at("comments")) == "INC-1");
    auto const range = f.on({"create", "8.8.4.0-8.8.4.2"});
    BOOST_TEST(names_in(range) == (words{"8.8.4.0/31", "8.8.4.2"}),
               boost::test_tools::per_element());
    auto const fed = f.feed("b@evil.example\nc@evil.example\n", "create - --pattern-type email");
    BOOST_TEST(fed.status == 0, fed.err);
    BOOST_TEST(f.patterns().size() == 7U);
    f.server.take_log();
    // Nothing is sent when one of them is none, or a risk.
    auto const none = f.try_on({"create", "good.example", "no such"});
    BOOST_TEST(none.status == 64);
    BOOST_TEST(none.err.find("'no such'") != std::string::npos, none.err);
    BOOST_TEST(f.try_on({"create", "good.example", "--pattern", "x.example"}).status == 64);
    BOOST_TEST(f.server.take_log().empty());
    auto const risky = f.try_on({"create", "good.example", "gmail.com"});
    BOOST_TEST(risky.status == 64);
    BOOST_TEST(risky.err.find("'gmail.com'") != std::string::npos, risky.err);
    BOOST_TEST(f.writes() == 0U);
    auto const trusted = f.document({"trusted-domains", "create", "new.example", "--is-recent",
                                     "true", "--is-similarity", "false"});
    BOOST_TEST(text_of(trusted.at("pattern")) == "new.example");
}

BOOST_AUTO_TEST_CASE(what_is_there_already_is_not_created_again) {
    blocked f{{}};
    auto const first = f.on({"create", "evil.example", "--comments", "INC-1"});
    f.server.take_log();
    auto const same =
        f.try_on({"create", "Evil.example", "--comments", "INC-1", "--if-absent", "-o", "json"});
    BOOST_TEST(same.status == 0, same.err);
    BOOST_CHECK(same.document() == first);
    BOOST_TEST(same.err == "'evil.example' is there already\n", same.err);
    auto const differs = f.try_on({"create", "evil.example", "--if-absent", "-o", "json"});
    BOOST_TEST(differs.status == 0, differs.err);
    BOOST_CHECK(differs.document() == first);
    BOOST_TEST(differs.err.find("with other values") != std::string::npos, differs.err);
    BOOST_TEST(f.writes() == 0U);
    auto const mixed = f.on({"create", "evil.example", "new.example", "--if-absent"});
    BOOST_TEST(mixed.as_array().size() == 2U);
    BOOST_TEST(f.patterns().size() == 2U);
    // Without it, there may be two.
    f.on({"create", "evil.example"});
    BOOST_TEST(f.patterns().size() == 3U);
    f.document({"url-ignore-patterns", "create", "https://a"});
    f.document({"url-ignore-patterns", "create", "https://a", "--if-absent"});
    BOOST_TEST(f.document({"url-ignore-patterns", "list"}).as_array().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
