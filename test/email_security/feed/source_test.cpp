// Feeds as bytes: compressed, in UTF-16, and what is not text at all.
#include "email_security/feed/reading.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <ostream>

using namespace test;
using namespace std::string_literals;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(feed_source)

namespace {

std::string const two_names{"one.example\ntwo.example\n"};

la_ssize_t append(archive*, void* into, void const* bytes, std::size_t size) {
    static_cast<std::string*>(into)->append(static_cast<char const*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

/// Files with one content, in an archive of a format and a compression.
std::string packed(std::string const& content, int (*add_filter)(archive*),
                   int (*set_format)(archive*), int files = 1) {
    std::string bytes;
    auto* const out = archive_write_new();
    add_filter(out);
    set_format(out);
    archive_write_set_bytes_in_last_block(out, 1);
    archive_write_open(out, &bytes, nullptr, &append, nullptr);
    for (int i = 0; i != files; ++i) {
        auto* const entry = archive_entry_new();
        archive_entry_set_pathname(entry, "feed.txt");
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(out, entry);
        archive_write_data(out, content.data(), content.size());
        archive_entry_free(entry);
    }
    archive_write_close(out);
    archive_write_free(out);
    return bytes;
}

using add_filter = int (*)(archive*);
constexpr std::array<add_filter, 4> filters{
    &archive_write_add_filter_gzip, &archive_write_add_filter_bzip2, &archive_write_add_filter_xz,
    &archive_write_add_filter_zstd};

std::string utf_16(std::string_view text, bool big_endian) {
    std::string bytes{big_endian ? "\xFE\xFF"sv : "\xFF\xFE"sv};
    for (auto const c : text) bytes += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    return bytes;
}

std::string why_not(std::string const& bytes) {
    auto const feed = try_read(bytes);
    return feed ? "" : feed.error().detail();
}

}  // namespace

BOOST_AUTO_TEST_CASE(compressed_text_is_read_through) {
    for (auto const filter : filters) {
        auto const bytes = packed(two_names, filter, &archive_write_set_format_raw);
        CHECK_SAME(patterns(read(bytes)), (names{"one.example", "two.example"}));
        // Cut anywhere, it is not taken in part.
        for (auto size : {bytes.size() - 1, bytes.size() / 2}) {
            BOOST_TEST(contains(why_not(bytes.substr(0, size)), "damaged or cut"));
        }
        // What it holds may be as big as any feed, and not bigger.
        auto const big = packed(std::string(3 << 20, '\n'), filter, &archive_write_set_format_raw);
        auto const refused = try_read(big, block_options{}.max_size(1 << 20));
        BOOST_TEST(contains(refused.error().detail(), "more than 1048576 bytes"));
        BOOST_TEST(contains(why_not(packed("", filter, &archive_write_set_format_raw)), "empty"));
    }
}

BOOST_AUTO_TEST_CASE(files_one_after_another_are_one) {
    for (auto const filter : filters) {
        auto const one = packed("one.example\n", filter, &archive_write_set_format_raw);
        auto const two = packed("two.example\n", filter, &archive_write_set_format_raw);
        CHECK_SAME(patterns(read(one + two)), (names{"one.example", "two.example"}));
    }
}

BOOST_AUTO_TEST_CASE(what_follows_compressed_data_does_not_vanish) {
    for (auto const filter : filters) {
        auto const bytes = packed(two_names, filter, &archive_write_set_format_raw);
        for (auto const more : {"three.example\n"sv, "x"sv, "\0x"sv, "\x1F"sv, "\x1F\x8Bx"sv}) {
            auto const why = why_not(bytes + std::string{more});
            BOOST_TEST(contains(why, "damaged"), why);
        }
        auto const twice = packed(bytes, filter, &archive_write_set_format_raw);
        BOOST_TEST(contains(why_not(twice), "compressed more than once"));
    }
    // Zeros fill up a block, as of a tape.
    auto const gzip = packed(two_names, filters[0], &archive_write_set_format_raw);
    CHECK_SAME(patterns(read(gzip + std::string(512, '\0'))),
               (names{"one.example", "two.example"}));
}

BOOST_AUTO_TEST_CASE(the_sums_of_compressed_data_are_checked) {
    // Of zstd, this writer leaves the sum out.
    for (auto const filter : {filters[0], filters[1], filters[2]}) {
        auto const bytes = packed(two_names, filter, &archive_write_set_format_raw);
        for (std::size_t i = bytes.size() - 8; i != bytes.size(); ++i) {
            auto bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ 0x10);
            BOOST_TEST(contains(why_not(bad), "damaged"), i);
        }
    }
    // The first of two members has sums too.
    auto const gzip = packed(two_names, filters[0], &archive_write_set_format_raw);
    auto bad = gzip;
    bad[bad.size() - 8] ^= 1;
    BOOST_TEST(contains(why_not(bad + gzip), "damaged or cut"));
}

BOOST_AUTO_TEST_CASE(gzip_with_all_that_a_header_may_have) {
    auto const gzip = packed(two_names, filters[0], &archive_write_set_format_raw);
    auto const raw = gzip.substr(10);
    auto const header = [](char flags) {
        return "\x1F\x8B\x08"s + flags + std::string(5, '\0') + '\3';
    };
    auto const all = header(0x1F) + "\x03\0abc"s + "name\0"s + "comment\0"s + "zz" + raw;
    CHECK_SAME(patterns(read(all)), (names{"one.example", "two.example"}));
    for (std::size_t size = 3; size != all.size(); ++size) {
        BOOST_TEST(contains(why_not(all.substr(0, size)), "damaged or cut"), size);
    }
    BOOST_TEST(contains(why_not(header('\x20') + raw), "damaged or cut"));
    BOOST_TEST(contains(why_not("\x1F\x8B\x07" + gzip.substr(3)), "damaged or cut"));
}

BOOST_AUTO_TEST_CASE(archives_are_refused_by_name) {
    for (int const files : {1, 2}) {
        auto const tar = packed(two_names, &archive_write_add_filter_none,
                                &archive_write_set_format_ustar, files);
        BOOST_TEST(contains(why_not(tar), "a tar archive"));
        auto const compressed =
            packed(two_names, filters[0], &archive_write_set_format_ustar, files);
        BOOST_TEST(contains(why_not(compressed), "a tar archive"));
        auto const zip =
            packed(two_names, &archive_write_add_filter_none, &archive_write_set_format_zip, files);
        BOOST_TEST(contains(why_not(zip), "a zip archive"));
    }
}

BOOST_AUTO_TEST_CASE(other_files_are_refused_by_name) {
    BOOST_TEST(contains(why_not("%PDF-1.7\none.example\n"), "PDF"));
    BOOST_TEST(contains(why_not("\x7F"
                                "ELF\x02 one.example\n"),
                        "a program"));
    BOOST_TEST(contains(why_not("\n <!DOCTYPE html>\n<p>\none.example\n"), "an error page?"));
    BOOST_TEST(contains(why_not("<html><body>\none.example\n</body>"), "an error page?"));
    BOOST_TEST(contains(why_not("<?xml version=\"1.0\"?>\n<Error/>\n"), "an error page?"));
    BOOST_TEST(contains(why_not("<Error><Code>NoSuchKey</Code></Error>"), "an error page?"));
    CHECK_SAME(patterns(read("<x@one.example>\n")), names{"x@one.example"});
    BOOST_TEST(contains(why_not("one.example\nb\xFC"
                                "cher.example\n"),
                        "line 2 is not UTF-8"));
    BOOST_TEST(
        contains(why_not("pattern,comments\none.example,M\xFCller\n"), "line 2 is not UTF-8"));
}

BOOST_AUTO_TEST_CASE(a_page_in_a_feed_is_refused_wherever_it_stands) {
    for (std::string const before :
         {"# note\n", "Error\n", "\xE2\x80\x8B", "a.example\nb.example\n",
          "pattern,comments\na.example,x\n", "{\"pattern\":\"a.example\"}\n", "||a.example^\n"}) {
        for (std::string const tag : {"<!DOCTYPE html>", "<HTML lang=en>", "</html>", " <html"}) {
            auto const why = why_not(before + tag + "\nstatus.example\n");
            BOOST_TEST(contains(why, "an error page?"), before + tag + ": " + why);
        }
    }
    BOOST_TEST(read("a.example # <html>\n").entries.size() == 1U);
}

BOOST_AUTO_TEST_CASE(binaries_are_refused_by_name) {
    auto const binary = [](std::string begin) {
        return begin + std::string(20, '\0') + "\n" + two_names;
    };
    BOOST_TEST(contains(why_not(binary("MZ\x90")), "a program"));
    BOOST_TEST(contains(why_not(binary("\x04\x22\x4D\x18")), "lz4"));
    BOOST_TEST(contains(why_not(binary("\x5D\0\0\x80"s)), "lzma"));
    BOOST_TEST(contains(why_not(binary("\x1F\x9D")), "by compress"));
    for (auto const* const begin : {"\x78\x01", "\x78\x5E", "\x78\x9C", "\x78\xDA"}) {
        BOOST_TEST(contains(why_not(binary(begin)), "zlib"));
    }
    BOOST_TEST(contains(why_not("070701" + std::string(104, '0') + "f\n" + two_names), "cpio"));
    BOOST_TEST(contains(why_not("070707" + std::string(70, '0') + "f\n" + two_names), "cpio"));
    for (bool const big : {false, true}) {
        std::string wide;
        for (auto const c : two_names) {
            wide += big ? std::string{'\0', '\0', '\0', c} : std::string{c, '\0', '\0', '\0'};
        }
        auto const why = why_not(wide);
        BOOST_TEST(contains(why, "UTF-32"), why);
    }
    // Names that begin like those.
    CHECK_SAME(patterns(read("MZ.example\n")), names{"mz.example"});
    CHECK_SAME(patterns(read("070701.example\n")), names{"070701.example"});
}

BOOST_AUTO_TEST_CASE(utf_16_with_a_mark_is_read) {
    for (bool const big : {false, true}) {
        auto const feed = read(utf_16("pattern,comments\r\none.example,x\r\n", big));
        CHECK_SAME(patterns(feed), names{"one.example"});
        BOOST_TEST(
            contains(why_not(utf_16(two_names, big).substr(2)), "without a byte order mark"));
        auto const odd = utf_16(two_names, big) + 'x';
        BOOST_TEST(contains(why_not(odd), "not valid UTF-16"));
        std::string long_text;
        for (int i = 0; i != 5000; ++i) long_text += "name-" + std::to_string(i) + ".example\n";
        BOOST_TEST(read(utf_16(long_text, big)).entries.size() == 5000U);
    }
    // A pair of surrogates is one character; half of one is none.
    auto const pair = std::string{"\xFF\xFE#\0 \0\x3D\xD8\x00\xDE\n\0a\0.\0t\0e\0s\0t\0\n\0"sv};
    CHECK_SAME(patterns(read(pair)), names{"a.test"});
    auto const half = std::string{"\xFF\xFE#\0\x3D\xD8\n\0a\0.\0t\0e\0s\0t\0\n\0"sv};
    BOOST_TEST(contains(why_not(half), "not valid UTF-16"));
}

BOOST_AUTO_TEST_CASE(line_ends_over_the_edge_of_the_buffer) {
    for (auto const end : {"\n"sv, "\r\n"sv, "\r"sv}) {
        std::string text;
        std::size_t count = 0;
        // Names of many lengths, so that an end falls on each side of each edge.
        while (text.size() < 5 * es::max_feed_line) {
            text += std::string(1 + count % 53, 'a') + std::to_string(count) + ".example";
            text += end;
            ++count;
        }
        auto const feed = read(text);
        BOOST_TEST(feed.entries.size() == count);
        BOOST_TEST(feed.entries.back().line == static_cast<std::int64_t>(count));
        BOOST_TEST(feed.rejected.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_end_of_a_long_line_over_the_edge_of_the_buffer) {
    for (auto const end : {"\n"sv, "\r\n"sv, "\r"sv}) {
        // The end's first byte is the last of what is read at once, or the first of what comes
        // next.
        for (auto const size : {2 * es::max_feed_line - 1, 2 * es::max_feed_line}) {
            auto text = "first.example" + std::string{end};
            text += "# " + std::string(size - text.size() - 2, 'x') + std::string{end};
            text += "last.example" + std::string{end};
            auto const feed = read(text);
            BOOST_TEST(
                patterns(feed) == (std::vector<std::string>{"first.example", "last.example"}),
                boost::test_tools::per_element());
            BOOST_TEST(feed.entries.back().line == 3);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
