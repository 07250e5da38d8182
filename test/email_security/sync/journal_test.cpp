// What a sync writes down of what it changes, and when.
#include "journal_fixture.hpp"

#include <cloudflare/email_security/saved_plan.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <sstream>
#include <sys/stat.h>

using namespace test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(journals)

namespace {

using words = std::vector<std::string>;

constexpr auto mixed_list = R"([
    {"pattern":"same.example","pattern_type":"DOMAIN","is_regex":false,"comments":"x [owner:me]"},
    {"pattern":"edited.example","pattern_type":"DOMAIN","is_regex":false,
     "comments":"old [owner:me]"},
    {"pattern":"gone.example","pattern_type":"DOMAIN","is_regex":false,
     "comments":"why it is here [owner:me]"}])";

block_feed mixed_feed() {
    return feed_of(
        "pattern,pattern_type,is_regex,comments\nsame.example,DOMAIN,false,x\n"
        "edited.example,DOMAIN,false,by the feed\nnew.example,DOMAIN,false,\n");
}

es::sync_options mixed_options(std::shared_ptr<kept_journal> to) {
    return es::sync_options{}.owner("me").prune(true).max_delete_percent(100).journal(
        std::move(to));
}

std::string text_at(json::object const& line, std::string const& pointer) {
    json::value const whole = line;
    return std::string{whole.at_pointer(pointer).as_string()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_has_whole_old_entries_before_and_what_became_of_them_after) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", as_synced(mixed_list));
    auto const kept = std::make_shared<kept_journal>();
    auto const report = f.sync(mixed_feed(), mixed_options(kept));
    BOOST_REQUIRE(!report.failure);
    BOOST_TEST(kept->flushed == kept->text.size());
    BOOST_TEST(kept->kinds() == (words{"header", "create", "update", "delete", "planned", "sent",
                                       "done", "ended"}),
               boost::test_tools::per_element());
    auto const lines = kept->lines();
    BOOST_TEST(text_at(lines[0], "/collection") == "block_senders");
    BOOST_TEST(text_at(lines[0], "/account_id") == account);
    BOOST_TEST(text_at(lines[0], "/owner") == "me");
    BOOST_TEST(text_at(lines[0], "/operation") == "sync");
    BOOST_TEST(text_at(lines[0], "/base_url") == f.server.base_url());
    BOOST_TEST(text_at(lines[1], "/create/pattern") == "new.example");
    BOOST_TEST(text_at(lines[1], "/create/comments") == "[owner:me]");
    BOOST_TEST(text_at(lines[2], "/update/before/comments") == marked("old"));
    BOOST_TEST(text_at(lines[2], "/update/set/comments") == marked("by the feed"));
    BOOST_TEST(text_at(lines[3], "/delete/before/pattern") == "gone.example");
    BOOST_TEST(text_at(lines[3], "/delete/before/comments") == marked("why it is here"));
    BOOST_TEST(lines[7].at("ended").at("created").as_int64() == 1);
    auto const id = text_at(lines[6], "/done/ids/0");
    BOOST_TEST(f.server.entries(account).find(id) != std::string::npos);
    BOOST_TEST(kept->text.find("test-token") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_going_to_change_is_safe_before_the_first_request) {
    journal_fixture f;
    auto const kept = std::make_shared<kept_journal>();
    std::size_t sent = 0;
    std::vector<std::pair<std::string, std::size_t>> seen;
    kept->on_call = [&](std::string_view what) -> std::optional<cf::error> {
        sent += f.count("POST");
        seen.emplace_back(what, sent);
        return std::nullopt;
    };
    auto const options = es::sync_options{}.batch_size(100).concurrency(1).journal(kept);
    BOOST_TEST(f.sync(feed_of(domains(300)), options).created == 300);
    // All that is planned; then, before each request, that it is sent, and behind it, what came.
    using calls = std::vector<std::pair<std::string, std::size_t>>;
    BOOST_CHECK((seen == calls{{"append", 0},
                               {"flush", 0},
                               {"append", 0},
                               {"append", 1},
                               {"flush", 1},
                               {"append", 1},
                               {"append", 2},
                               {"flush", 2},
                               {"append", 2},
                               {"append", 3},
                               {"flush", 3},
                               {"append", 3},
                               {"flush", 3}}));
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_that_cannot_be_written_down) {
    journal_fixture f;
    for (int fails_at = 0; fails_at != 2; ++fails_at) {
        auto const kept = std::make_shared<kept_journal>();
        int calls = 0;
        kept->on_call = [&](std::string_view) -> std::optional<cf::error> {
            if (calls++ < fails_at) return std::nullopt;
            return cf::error{cf::errc::journal_failed, "the disk is full"};
        };
        f.server.take_log();
        auto const report = f.sync(feed_of(domains(10)), es::sync_options{}.journal(kept));
        BOOST_REQUIRE(report.failure);
        BOOST_CHECK(report.failure->code() == cf::errc::journal_failed);
        BOOST_TEST(report.left == 10);
        BOOST_TEST(f.count("POST") == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_sync_ends_when_it_can_no_longer_write_down_what_it_does) {
    journal_fixture f;
    auto const kept = std::make_shared<kept_journal>();
    kept->on_call = [&](std::string_view) -> std::optional<cf::error> {
        if (f.server.patterns(account).empty()) return std::nullopt;
        return cf::error{cf::errc::journal_failed, "the disk is full"};
    };
    auto const options = es::sync_options{}.batch_size(100).concurrency(1).journal(kept);
    auto const report = f.sync(feed_of(domains(300)), options);
    BOOST_REQUIRE(report.failure);
    BOOST_CHECK(report.failure->code() == cf::errc::journal_failed);
    BOOST_TEST(report.created == 100);
    BOOST_TEST(report.left == 200);
    BOOST_TEST(f.patterns().size() == 100U);
}

BOOST_AUTO_TEST_CASE(what_changes_nothing_leaves_none) {
    journal_fixture f;
    BOOST_TEST(f.sync(feed_of(domains(10))).created == 10);
    auto const kept = std::make_shared<kept_journal>();
    BOOST_TEST(f.sync(feed_of(domains(10)), es::sync_options{}.journal(kept)).unchanged == 10);
    BOOST_TEST(kept->text.empty());

    scratch const directory;
    auto const file = std::make_shared<es::journal_file>(directory.path());
    BOOST_TEST(f.sync(feed_of(domains(10)), es::sync_options{}.journal(file)).unchanged == 10);
    BOOST_TEST(file->path().empty());
    BOOST_TEST(std::filesystem::is_empty(directory.path()));
}

BOOST_AUTO_TEST_CASE(a_file_is_for_its_owner_and_has_all_of_it) {
    journal_fixture f;
    scratch const directory;
    auto const file = std::make_shared<es::journal_file>(directory.path());
    BOOST_TEST(f.sync(feed_of(domains(10)), es::sync_options{}.journal(file)).created == 10);
    struct stat about {};
    BOOST_REQUIRE(::stat(file->path().c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777U) == 0600U);
    auto const journal = es::load_journal<es::block_senders_traits>(file->path());
    BOOST_REQUIRE(journal.has_value());
    BOOST_TEST(journal->size() == 10U);
    auto const all = es::list_journals(directory.path());
    BOOST_REQUIRE(all.has_value());
    BOOST_REQUIRE(all->size() == 1U);
    BOOST_TEST(all->front().created == 10);
    BOOST_TEST(all->front().has_ended);
    BOOST_TEST(all->front().path == file->path());

    es::journal_file nowhere{directory.path() / "none"};
    auto const written = nowhere.append("x\n");
    BOOST_REQUIRE(written.has_error());
    BOOST_CHECK(written.error().code() == cf::errc::journal_failed);
}

BOOST_AUTO_TEST_CASE(a_saved_plan_is_written_down_too) {
    journal_fixture f;
    f.server.seed_entries(account, "block_senders", as_synced(mixed_list));
    auto const kept = std::make_shared<kept_journal>();
    auto const options = mixed_options(kept);
    auto const plan = f.plan(mixed_feed(), mixed_options(nullptr));
    std::stringstream saved;
    es::save_plan(saved, *plan, f.blocked(), options);
    auto loaded = es::load_plan<es::block_senders_traits>(saved);
    BOOST_REQUIRE(loaded.has_value());
    auto const before = f.contents();
    auto const report = run(f.context, es::apply_saved(f.blocked(), std::move(*loaded), options));
    BOOST_REQUIRE(!report.failure);
    auto const lines = kept->lines();
    BOOST_TEST(text_at(lines[0], "/operation") == "apply");
    BOOST_TEST(text_at(lines[3], "/delete/before/comments") == marked("why it is here"));
    BOOST_REQUIRE(!f.undo(kept->text).failure);
    BOOST_TEST(f.contents() == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_list_showed_in_the_end_is_written_down) {
    // The first batch is applied, and its answer lost.
    journal_fixture f{sim::options{}.fault("POST:reset-after#1")};
    auto const kept = std::make_shared<kept_journal>();
    auto const options = es::sync_options{}.concurrency(1).journal(kept);
    BOOST_TEST(f.sync(feed_of(domains(3)), options).created == 3);
    BOOST_TEST(kept->kinds() == (words{"header", "create", "create", "create", "planned", "sent",
                                       "unknown", "done", "ended"}),
               boost::test_tools::per_element());
    BOOST_REQUIRE(!f.undo(kept->text).failure);
    BOOST_TEST(f.patterns().empty());
}

namespace {

void refuse_line(journal_fixture& f, std::string const& text, std::string const& why) {
    BOOST_TEST_CONTEXT(text.substr(0, 200)) {
        auto const read = f.load(text);
        BOOST_REQUIRE(read.has_error());
        BOOST_CHECK(read.error().code() == cf::errc::invalid_argument);
        BOOST_TEST(read.error().detail().find(why) != std::string::npos, read.error().detail());
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused) {
    journal_fixture f;
    std::string const header =
        R"({"format":"cloudflare-email-security-journal","version":1,"collection":"block_senders",)"
        R"("base_url":"https://x/","account_id":"a","owner":"","operation":"sync"})"
        "\n";
    std::string const create = R"({"create":{"pattern":"a.example","pattern_type":"DOMAIN"}})"
                               "\n";
    std::string const planned = R"({"planned":{"creates":1,"updates":0,"deletes":0}})"
                                "\n";
    BOOST_REQUIRE(f.load(header + create + planned).has_value());
    refuse_line(f, "", "is not a journal");
    refuse_line(f, "{}\n", "is not a journal");
    refuse_line(f, "[1]\n", "is not a journal");
    refuse_line(f, "no JSON\n", "is not a journal");
    refuse_line(f, header.substr(0, 20), "is not a journal");
    auto other = header;
    other.replace(other.find("\"version\":1"), 11, "\"version\":2");
    refuse_line(f, other, "version 2");
    other = header;
    other.replace(other.find("block_senders"), 13, "allow_policies");
    refuse_line(f, other, "about the collection 'allow_policies'");
    refuse_line(f, header + "{\"create\":1}\n", "line 2");
    refuse_line(f, header + "{\"create\":{}}\n", "line 2: does not say what was created");
    refuse_line(f, header + "{\"update\":{\"set\":{}}}\n", "line 2");
    refuse_line(f, header + "{\"delete\":{\"id\":{}}}\n", "line 2");
    refuse_line(f, header + "{\"delete\":{\"id\":\"../../x\"}}\n", "line 2");
    refuse_line(f, header + R"({"delete":{"id":"1","before":{"id":"2"}}})" + '\n',
                "of another identifier");
    refuse_line(f, header + "{\"what\":{}}\n", "is none of a journal's");
    refuse_line(f, header + "{}\n", "is none of a journal's");
    refuse_line(f, header + R"({"sent":{},"done":{}})" + '\n', "is none of a journal's");
    refuse_line(f, header + create + "{\"done\":{\"creates\":[0]}}\n", "before all is planned");
    for (auto const* const number : {"-1", "1", "9223372036854775807", "1e300", "\"0\""}) {
        refuse_line(f, header + create + planned + "{\"done\":{\"creates\":[" + number + "]}}\n",
                    "line 4");
    }
    refuse_line(f, header + create + planned + "{\"done\":{\"updates\":[0]}}\n",
                "names a change that is not there");
    refuse_line(f, header + create + planned + "{\"done\":{\"creates\":[0],\"ids\":[1,2]}}\n",
                "one identifier");
    refuse_line(f, header + create + planned + "{\"ended\":{}}\n" + create, "behind the end");
    refuse_line(f, header + std::string(5U << 20U, ' '), "is longer than");
    refuse_line(f, header + '{' + std::string(5U << 20U, ' ') + "}\n", "is longer than");
    refuse_line(f, header + "{\"create\":" + std::string(10000, '[') + '\n', "line 2");

    auto const directory = es::load_journal<es::block_senders_traits>(f.files.path());
    BOOST_CHECK(directory.error().code() == cf::errc::invalid_argument);
    auto const pipe = (f.files.path() / "pipe").string();
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (auto const& path : {pipe, std::string{"/dev/zero"}, std::string{"/dev/null"}}) {
        auto const special = es::load_journal<es::block_senders_traits>(path);
        BOOST_REQUIRE(special.has_error());
        BOOST_TEST(special.error().detail().find("is not a regular file") != std::string::npos);
    }
    BOOST_TEST(es::load_journal<es::block_senders_traits>(f.files.path() / "none").has_error());
}

BOOST_AUTO_TEST_CASE(only_journals_are_listed_and_links_are_not_followed) {
    journal_fixture f;
    scratch const directory;
    auto const there = directory.path();
    for (int i = 0; i != 2; ++i) {
        auto const file = std::make_shared<es::journal_file>(there);
        auto const feed = feed_of(domains(i + 1, 10 * i));
        BOOST_TEST(f.sync(feed, es::sync_options{}.journal(file)).created == i + 1);
    }
    auto const real = es::list_journals(there)->front().path;
    directory.file("empty.jsonl", "");
    directory.file("other.jsonl", "{\"format\":\"x\"}\n");
    directory.file("text.txt", read_file(real));
    std::filesystem::create_symlink(real, there / "link.jsonl");
    BOOST_REQUIRE(::mkfifo((there / "pipe.jsonl").c_str(), 0600) == 0);
    // Cut behind what was sent: nobody knows.
    auto const text = read_file(real);
    directory.file("cut.jsonl", text.substr(0, text.find("{\"done\"") + 3));
    auto const all = es::list_journals(there);
    BOOST_REQUIRE(all.has_value());
    BOOST_REQUIRE(all->size() == 3U);
    BOOST_TEST((*all)[0].created + (*all)[1].created + (*all)[2].created == 3);
    auto const is_cut = [](es::journal_summary const& each) { return !each.has_ended; };
    auto const cut = std::find_if(all->begin(), all->end(), is_cut);
    BOOST_REQUIRE(cut != all->end());
    BOOST_TEST(cut->created == 0);
    BOOST_TEST(cut->unknown == 1);
    BOOST_TEST(es::list_journals(there / "none").has_error());
}

BOOST_AUTO_TEST_SUITE_END()
