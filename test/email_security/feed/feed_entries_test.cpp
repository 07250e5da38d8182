// What feeds make of their entries: merged, from ranges, within limits.
#include "email_security/sync/fixture.hpp"

#include <cloudflare/email_security/trusted_domains.hpp>
#include <cloudflare/email_security/url_ignore_patterns.hpp>

#include <boost/test/unit_test.hpp>

#include <streambuf>

using namespace test;

BOOST_AUTO_TEST_SUITE(feed_entries)

namespace {

using block_options = es::feed_options<es::block_senders_traits>;

std::string why_not(std::string const& text, block_options const& options) {
    std::istringstream in{text};
    auto const feed = es::read_feed<es::block_senders_traits>(in, options);
    return feed ? std::string{} : feed.error().detail();
}

bool contains(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

/// Gives one character again and again, so many times.
class endless final : public std::streambuf {
public:
    explicit endless(std::uint64_t size) : left_{size} { chunk_.assign(1 << 16, 'x'); }

    std::uint64_t left() const { return left_; }

private:
    int_type underflow() override {
        auto const size = std::min<std::uint64_t>(left_, chunk_.size());
        if (size == 0) return traits_type::eof();
        left_ -= size;
        setg(chunk_.data(), chunk_.data(), chunk_.data() + size);
        return traits_type::to_int_type(*gptr());
    }

    std::string chunk_;
    std::uint64_t left_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_repetition_says_more_is_taken_over) {
    auto const feed = feed_of<es::allow_policies_traits>(
        "pattern,is_trusted_sender,verify_sender,comments\n"
        "a.example,true,,\n"
        "A.example,,false,late\n"
        "a.example,true,false,later\n");
    BOOST_REQUIRE(feed.entries.size() == 1);
    auto const& item = feed.entries[0].item;
    BOOST_TEST(item.is_trusted_sender());
    BOOST_TEST(!item.verify_sender());
    BOOST_TEST(item.comments().value() == "late");
    BOOST_REQUIRE(feed.repeated.size() == 2);
    BOOST_TEST(feed.repeated[1].line == 4);
    BOOST_TEST(feed.repeated[1].entry == 0);
}

BOOST_AUTO_TEST_CASE(a_contradiction_is_rejected) {
    auto const feed = feed_of<es::allow_policies_traits>(
        "pattern,is_trusted_sender\nb.example,true\na.example,true\nA.example,false\n");
    BOOST_TEST(feed.entries.size() == 2);
    BOOST_TEST(feed.repeated.empty());
    BOOST_REQUIRE(feed.rejected.size() == 1);
    BOOST_TEST(feed.rejected[0].line == 4);
    BOOST_TEST(feed.rejected[0].pattern == "A.example");
    BOOST_TEST(feed.rejected[0].reason == "repeats line 3 with another is_trusted_sender");
}

BOOST_AUTO_TEST_CASE(ranges_of_patterns_and_of_items) {
    using traits = es::block_senders_traits;
    auto const patterns = es::make_feed<traits>(
        std::vector<std::string>{"EVIL.example", "nodot", "evil.example.", "8.8.8.9/24"},
        block_options{}.defaults(es::block_sender_patch{}.comments("mine")));
    BOOST_REQUIRE(patterns);
    BOOST_REQUIRE(patterns->entries.size() == 2);
    BOOST_TEST(patterns->entries[0].item.pattern() == "evil.example");
    BOOST_TEST(patterns->entries[0].item.comments().value() == "mine");
    BOOST_TEST(patterns->entries[1].item.pattern() == "8.8.8.0/24");
    BOOST_TEST(patterns->entries[1].line == 4);
    BOOST_REQUIRE(patterns->rejected.size() == 1);
    BOOST_TEST(patterns->rejected[0].line == 2);
    BOOST_TEST(patterns->repeated.size() == 1);

    std::vector<es::new_block_sender> items;
    items.push_back(es::new_block_sender{"A.example", es::pattern_type::domain}.comments("x"));
    items.push_back(es::new_block_sender{"a@b.example", es::pattern_type::unknown});
    items.push_back(es::new_block_sender{"b.example", es::pattern_type::ip});
    items.push_back(es::new_block_sender{".*", es::pattern_type::email}.is_regex(true));
    auto const feed = es::make_feed<traits>(items);
    BOOST_REQUIRE(feed);
    BOOST_REQUIRE(feed->entries.size() == 3);
    BOOST_TEST(feed->entries[0].item.pattern() == "a.example");
    BOOST_TEST(feed->entries[0].item.comments().value() == "x");
    BOOST_CHECK(feed->entries[1].item.pattern_type() == es::pattern_type::email);
    BOOST_TEST(feed->entries[2].item.is_regex());
    BOOST_REQUIRE(feed->rejected.size() == 1);
    BOOST_TEST(feed->rejected[0].line == 3);

    // The same plan as from a file: what the items do not say is left as it is.
    fixture f;
    f.server.seed_entries(account, "block_senders", R"([
        {"pattern":"a@b.example","pattern_type":"EMAIL","is_regex":false,"comments":"by hand"}])");
    auto const plan = f.plan(*feed);
    BOOST_REQUIRE(plan);
    BOOST_TEST(plan->report.unchanged == 1);
    BOOST_TEST(plan->report.created == 2);

    BOOST_TEST(!es::make_feed<traits>(std::vector<std::string>{}));
    BOOST_TEST(es::make_feed<traits>(std::vector<std::string>{}, block_options{}.allow_empty(true))
                   .has_value());
    BOOST_TEST(!es::make_feed<traits>(std::vector<char const*>{"a.example", "b.example"},
                                      block_options{}.max_entries(1)));
}

BOOST_AUTO_TEST_CASE(lines_before_the_header_and_the_first_entry) {
    auto feed =
        feed_of("\xEF\xBB\xBF# a list, of much\r\n#\r\n\r\npattern,comments\r\na.example,x\r\n");
    BOOST_REQUIRE(feed.entries.size() == 1);
    BOOST_TEST(feed.entries[0].line == 5);
    BOOST_TEST(feed.entries[0].item.comments().value() == "x");
    feed = feed_of("# list\n{\"pattern\":\"a.example\"}\n");
    BOOST_TEST(feed.entries.size() == 1);
    BOOST_TEST(feed.rejected.empty());
    // A comment with a comma or a quote does not make the first line a CSV's header.
    feed = feed_of("a.example # seen twice, says \"x\"\nb.example\n");
    BOOST_TEST(feed.entries.size() == 2);
    BOOST_TEST(feed.rejected.empty());
    BOOST_TEST(contains(why_not(std::string{"a\0.\0b\0\n\0", 8}, {}), "UTF-16"));
}

BOOST_AUTO_TEST_CASE(long_lines_are_rejected_and_the_rest_goes) {
    auto const long_text = std::string(es::max_feed_line + 10, 'a');
    for (auto const format :
         {es::feed_format::text, es::feed_format::csv, es::feed_format::json_lines}) {
        auto const entry = [format](std::string const& pattern) {
            return format == es::feed_format::json_lines ? "{\"pattern\":\"" + pattern + "\"}\n"
                                                         : pattern + "\n";
        };
        auto const text = (format == es::feed_format::csv ? std::string{"pattern\n"} : "") +
                          entry("a.example") + entry(long_text) + entry("b.example");
        auto const feed = feed_of(text, block_options{}.format(format));
        BOOST_TEST(feed.entries.size() == 2);
        BOOST_REQUIRE(feed.rejected.size() == 1);
        BOOST_TEST(contains(feed.rejected[0].reason, "longer than 65536 bytes"));
        BOOST_TEST(feed.rejected[0].pattern.size() < 1000);
    }
    BOOST_TEST(feed_of("# " + long_text + "\na.example # " + long_text + "\n").entries.size() == 0);
    // A quotation that never ends must not be kept until the end of the feed.
    auto text = std::string{"pattern\n\""};
    for (int i = 0; i != 40'000; ++i) text += "a\n";
    BOOST_TEST(contains(why_not(text + "\"\nb.example\n", {}), "line 2: the CSV's quotation"));
}

BOOST_AUTO_TEST_CASE(a_feed_without_end_is_refused) {
    endless characters{std::uint64_t{1} << 40U};
    std::istream in{&characters};
    auto const size = std::uint64_t{3} << 20U;
    auto const feed = es::read_feed<es::block_senders_traits>(in, block_options{}.max_size(size));
    BOOST_REQUIRE(!feed);
    BOOST_TEST(contains(feed.error().detail(), "more than 3145728 bytes"), feed.error().detail());
    BOOST_TEST(characters.left() > (std::uint64_t{1} << 39U));

    BOOST_TEST(contains(why_not(domains(11), block_options{}.max_entries(10)), "10 entries"));
    BOOST_TEST(contains(why_not("x\nx\nx\n", block_options{}.max_entries(2)), "2 entries"));
    BOOST_TEST(why_not(domains(10), block_options{}.max_entries(10)) == "");
    BOOST_TEST(contains(why_not(domains(10), block_options{}.max_size(50)), "50 bytes"));
}

BOOST_AUTO_TEST_CASE(collections_without_types) {
    auto const trusted = feed_of<es::trusted_domains_traits>(
        "pattern,is_regex,is_recent\nMY.example,,true\n(,true,\na@b.example,,\n");
    BOOST_REQUIRE(trusted.entries.size() == 2);
    BOOST_TEST(trusted.entries[0].item.pattern() == "my.example");
    BOOST_TEST(trusted.entries[0].item.is_recent());
    BOOST_TEST(trusted.entries[1].item.is_regex());
    BOOST_TEST(trusted.rejected.size() == 1);

    // All of them are regular expressions.
    auto const urls =
        feed_of<es::url_ignore_patterns_traits>("https://[a-z]+\\.EXAMPLE/.*\n^x$\n^x$\n");
    BOOST_REQUIRE(urls.entries.size() == 2);
    BOOST_TEST(urls.entries[0].item.pattern() == "https://[a-z]+\\.EXAMPLE/.*");
    BOOST_TEST(urls.repeated.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
