// What -o, --columns, --sort, --limit and --no-headers make of a list, elsewhere than on a
// terminal.
#include "cfes/cfes.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>

using namespace test;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(output_forms)

namespace {

using words = std::vector<std::string>;

constexpr auto three = R"([
    {"pattern":"a.example","pattern_type":"DOMAIN",
     "is_regex":false},
    {"pattern":"b@c.example","pattern_type":"EMAIL",
     "is_regex":false,"comments":"says \"hi\",\tthen\ngoes"},
    {"pattern":"evil.example","pattern_type":"DOMAIN",
     "is_regex":false,"comments":"=1+1"}])";

struct three_entries : fixture {
    three_entries() {
        server.seed_entries(account, "block_senders", three);
        auto const entries = json::parse(server.entries(account));
        for (auto const& each : entries.as_array()) {
            ids[text_of(each.at("pattern"))] = text_of(each.at("id"));
        }
    }

    std::string list(words const& more) const {
        words arguments{"block-senders", "list"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto const ended = run(arguments);
        BOOST_TEST(ended.status == 0, ended.err);
        BOOST_TEST(ended.err.empty(), ended.err);
        return ended.out;
    }

    std::map<std::string, std::string> ids;
};

constexpr auto names = "pattern,comments";

words sorted(words all) {
    std::ranges::sort(all);
    return all;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_form_of_a_list, three_entries) {
    BOOST_TEST(list({"-o", "table", "--columns", names}) ==
               "pattern       comments\n"
               "a.example     -\n"
               "b@c.example   says \"hi\", then goes\n"
               "evil.example  =1+1\n");
    BOOST_TEST(list({"-o", "wide", "--columns", names}) ==
               list({"--output", "table", "--columns", names}));
    BOOST_TEST(list({"-o", "csv", "--columns", names}) ==
               "pattern,comments\n"
               "\"a.example\",\"\"\n"
               "\"b@c.example\",\"says \"\"hi\"\",\tthen\ngoes\"\n"
               "\"evil.example\",\"'=1+1\"\n");
    BOOST_TEST(list({"-o", "tsv", "--columns", names}) ==
               "pattern\tcomments\n"
               "a.example\t\n"
               "b@c.example\tsays \"hi\",\\tthen\\ngoes\n"
               "evil.example\t'=1+1\n");
    BOOST_TEST(list({"-o", "jsonl", "--columns", names}) ==
               "{\"pattern\":\"a.example\"}\n"
               "{\"pattern\":\"b@c.example\",\"comments\":\"says \\\"hi\\\",\\tthen\\ngoes\"}\n"
               "{\"pattern\":\"evil.example\",\"comments\":\"=1+1\"}\n");
    BOOST_TEST(list({"-o", "ids"}) == ids.at("a.example") + '\n' + ids.at("b@c.example") + '\n' +
                                          ids.at("evil.example") + '\n');
    BOOST_TEST(list({"-o", "markdown", "--columns", "pattern_type,pattern", "--limit", "1"}) ==
               "| pattern\\_type | pattern |\n| --- | --- |\n| DOMAIN | a.example |\n");
}

BOOST_FIXTURE_TEST_CASE(json_is_one_array_and_has_all_unless_columns_are_named, three_entries) {
    auto const all = json::parse(list({"-o", "json"}));
    BOOST_TEST(all.as_array().size() == 3U);
    BOOST_TEST(all.at(0).as_object().contains("created_at"));
    BOOST_TEST(list({"-o", "json", "--columns", "pattern"}) ==
               "[{\"pattern\":\"a.example\"},{\"pattern\":\"b@c.example\"},"
               "{\"pattern\":\"evil.example\"}]\n");
    // Line by line it is the same.
    auto lines = list({"-o", "jsonl"});
    std::ranges::replace(lines, '\n', ',');
    lines.pop_back();
    BOOST_CHECK(json::parse('[' + lines + ']') == all);
}

BOOST_FIXTURE_TEST_CASE(rows_are_sorted_limited_and_without_names, three_entries) {
    words const bare{"-o", "tsv", "--columns", "pattern", "--no-headers"};
    auto const with = [&](words more) {
        more.insert(more.begin(), bare.begin(), bare.end());
        return list(more);
    };
    BOOST_TEST(with({"--sort", "pattern"}) == "a.example\nb@c.example\nevil.example\n");
    BOOST_TEST(with({"--sort", "-pattern_type,pattern"}) ==
               "b@c.example\na.example\nevil.example\n");
    BOOST_TEST(with({"--sort=-pattern", "--limit", "1"}) == "evil.example\n");
    BOOST_TEST(with({"--limit", "2"}) == "a.example\nb@c.example\n");
    BOOST_TEST(with({"--page", "2", "--per-page", "1"}) == "b@c.example\n");
    BOOST_TEST(list({"--columns", "pattern", "--no-headers", "--limit", "1"}) == "a.example\n");
    BOOST_TEST(list({"-o", "csv", "--columns", "pattern", "--no-headers", "--limit", "1"}) ==
               "\"a.example\"\n");
    BOOST_TEST(json::parse(list({"-o", "json", "--limit", "2"})).as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(numbers_are_sorted_by_what_they_are) {
    fixture f;
    auto const jobs = f.run({"investigate", "list", "--detections-only", "false", "-o", "tsv",
                             "--columns", "scanned_at", "--no-headers", "--sort", "-scanned_at"});
    std::istringstream lines{jobs.out};
    std::vector<std::string> times;
    for (std::string line; std::getline(lines, line);) times.push_back(line);
    BOOST_TEST(times.size() > 2U, jobs.err);
    BOOST_TEST(std::ranges::is_sorted(times, std::greater{}));
    auto const months = f.run({"analytics", "monthly-report", "-o", "tsv", "--columns", "total",
                               "--no-headers", "--sort", "total"});
    std::istringstream totals{months.out};
    std::vector<int> counts{std::istream_iterator<int>{totals}, {}};
    BOOST_TEST(counts.size() > 2U, months.err);
    BOOST_TEST(std::ranges::is_sorted(counts));
    BOOST_TEST(counts.front() < counts.back());
}

BOOST_FIXTURE_TEST_CASE(a_csv_of_a_list_is_a_feed, three_entries) {
    auto const feed = files.file("list.csv", list({"-o", "csv"}));
    auto const plan = document({"block-senders", "plan", feed});
    BOOST_TEST(plan.at("unchanged").as_int64() == 3);
    BOOST_TEST(plan.at("created").as_int64() == 0);
    BOOST_TEST(plan.at("updated").as_int64() == 0);
    BOOST_TEST(plan.at("rejected").as_array().empty());
}

BOOST_FIXTURE_TEST_CASE(one_object_is_a_list_of_one, three_entries) {
    words const get{"block-senders", "get", ids.at("evil.example")};
    auto const with = [&](words more) {
        more.insert(more.begin(), get.begin(), get.end());
        return run(more).out;
    };
    BOOST_TEST(with({"-o", "ids"}) == get.back() + '\n');
    BOOST_TEST(with({"-o", "tsv", "--columns", "pattern_type,pattern"}) ==
               "pattern_type\tpattern\nDOMAIN\tevil.example\n");
    BOOST_TEST(with({"--columns", "pattern"}) == "pattern  evil.example\n");
    BOOST_TEST(with({"-o", "json", "--columns", "pattern"}) == "{\"pattern\":\"evil.example\"}\n");
}

BOOST_DATA_TEST_CASE_F(three_entries, what_is_no_column_is_refused_before_anything_is_sent,
                       data::make({"--columns", "--sort"}), option) {
    for (auto const* const collection : {"block-senders", "investigate", "submissions"}) {
        auto const refused = run({collection, "list", option, "patern"});
        BOOST_TEST(refused.status == 64);
        BOOST_TEST(refused.out.empty());
        BOOST_TEST(refused.err.find("there is no column 'patern'") != std::string::npos,
                   refused.err);
        BOOST_TEST(lines_in(refused.err) == 1);
    }
    BOOST_TEST(run({"block-senders", "list", "-o", "xml"}).status == 64);
    BOOST_TEST(run({"block-senders", "list", "--limit", "0"}).status == 64);
    BOOST_TEST(server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_list_that_others_change_loses_no_row_and_repeats_none) {
    fixture f{sim::options{}.request_quota(std::nullopt).writers(2000)};
    std::vector<std::string> patterns;
    for (int i = 0; i != 9000; ++i) patterns.push_back("d" + std::to_string(i) + ".example");
    f.server.seed_block_senders(account, patterns);
    for (int i = 0; i != 5; ++i) {
        auto const before = sorted(f.server.patterns(account));
        auto const listed =
            f.run({"block-senders", "list", "-o", "tsv", "--columns", "pattern", "--no-headers"});
        auto const after = sorted(f.server.patterns(account));
        BOOST_TEST(listed.status == 0, listed.err);
        std::istringstream text{listed.out};
        words rows;
        for (std::string row; std::getline(text, row);) rows.push_back(row);
        rows = sorted(std::move(rows));
        BOOST_TEST((std::ranges::adjacent_find(rows) == rows.end()));
        words lasting;
        std::ranges::set_intersection(before, after, std::back_inserter(lasting));
        BOOST_TEST(std::ranges::includes(rows, lasting));
    }
}

BOOST_AUTO_TEST_CASE(the_beginning_of_a_long_list_takes_one_page) {
    fixture f;
    std::vector<std::string> patterns;
    for (int i = 0; i != 5000; ++i) patterns.push_back("d" + std::to_string(i) + ".example");
    f.server.seed_block_senders(account, patterns);
    auto const some = f.run({"block-senders", "list", "-o", "tsv", "--columns", "pattern",
                             "--no-headers", "--limit", "3"});
    BOOST_TEST(some.out == "d0.example\nd1.example\nd2.example\n");
    BOOST_TEST(f.server.stats().requests == 1U);
}

BOOST_AUTO_TEST_CASE(rows_come_before_the_list_ends) {
    fixture f;
    std::vector<std::string> patterns;
    for (int i = 0; i != 5000; ++i) patterns.push_back("d" + std::to_string(i) + ".example");
    f.server.seed_block_senders(account, patterns);
    // The second page never comes.
    f.server.set_fault("GET:hang#2");
    for (auto const* const form : {"table", "csv", "jsonl", "ids"}) {
        auto arguments =
            f.with_ca({CFES, "block-senders", "list", "-o", form, "--connections", "1"});
        program running{arguments, f.environment()};
        for (int line = 0; line != 500; ++line) BOOST_TEST_REQUIRE(!running.read_line().empty());
        // Whoever has seen enough goes, and nothing is said of it.
        f.server.set_fault("");
        running.stop_reading();
        running.signal(SIGINT);
        running.wait();
        f.server.set_fault("GET:hang#2");
    }
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_after_some_lines_is_no_failure) {
    fixture f;
    std::vector<std::string> patterns;
    for (int i = 0; i != 20'000; ++i) patterns.push_back("d" + std::to_string(i) + ".example");
    f.server.seed_block_senders(account, patterns);
    program running{f.with_ca({CFES, "block-senders", "list"}), f.environment()};
    BOOST_TEST(running.read_line().starts_with("id "));
    running.stop_reading();
    BOOST_TEST(running.wait() == 0);
    BOOST_TEST(running.errors().empty(), running.errors());
}

BOOST_AUTO_TEST_SUITE_END()
