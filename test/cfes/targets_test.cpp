#include "cfes/cfes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace test;
namespace fs = std::filesystem;

/// Where reports and plans are written to.
BOOST_AUTO_TEST_SUITE(targets)

namespace {

struct with_feed : fixture {
    std::string feed = files.file("feed.txt", "a.example\n");

    std::string path(std::string const& name) const { return files.path() / name; }

    ended sync(std::string const& report) const {
        return run({"block-senders", "sync", feed, "--report", report});
    }
    ended plan(std::string const& out) const {
        return run({"block-senders", "plan", feed, "--out", out});
    }
    /// Through a shell, which sets the descriptors up by `redirections`.
    ended sync_in_shell(std::string const& report, std::string const& redirections) const {
        auto arguments = with_ca({"/bin/sh", "-c", "exec \"$0\" \"$@\" " + redirections, CFES,
                                  "block-senders", "sync", feed, "--report", report});
        program running{arguments, environment()};
        ended result;
        result.out = running.read_all();
        result.status = running.wait();
        result.err = running.errors();
        return result;
    }
};

struct stat about(std::string const& path) {
    struct stat found {};
    BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &found), 0);
    return found;
}

unsigned mode_of(std::string const& path) {
    return about(path).st_mode & 07777U;
}

bool is_report(std::string const& text) {
    boost::system::error_code wrong;
    auto const value = json::parse(text, wrong);
    return !wrong && value.is_object() && value.as_object().contains("created");
}

std::size_t files_in(fs::path const& directory) {
    fs::directory_iterator const all{directory};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(new_files_are_for_their_owner) {
    with_feed f;
    BOOST_TEST(f.plan(f.path("plan")).status == 0);
    BOOST_TEST(mode_of(f.path("plan")) == 0600U);
    BOOST_TEST(f.sync(f.path("report")).status == 0);
    BOOST_TEST(mode_of(f.path("report")) == 0600U);
}

BOOST_AUTO_TEST_CASE(replaced_ones_keep_mode_and_owner_also_behind_links) {
    with_feed f;
    fs::create_directory(f.path("elsewhere"));
    auto const file = f.files.file("elsewhere/file", "old");
    fs::create_symlink(file, f.path("absolute"));
    fs::create_symlink("elsewhere/file", f.path("relative"));
    fs::create_symlink("relative", f.path("link to a link"));
    bool const is_root = ::geteuid() == 0;
    if (is_root) BOOST_REQUIRE_EQUAL(::chown(file.c_str(), 12345, 23456), 0);
    for (auto const mode : {0600U, 0640U, 0604U, 0664U, 0400U}) {
        for (std::string const name :
             {"elsewhere/file", "absolute", "relative", "link to a link"}) {
            std::ofstream{file} << "old";
            BOOST_REQUIRE_EQUAL(::chmod(file.c_str(), mode), 0);
            BOOST_TEST_CONTEXT(std::oct << mode << ' ' << name) {
                BOOST_TEST(f.plan(f.path(name)).status == 0);
                BOOST_TEST(mode_of(file) == mode);
                BOOST_TEST(read_file(file).starts_with('{'));
                if (is_root) {
                    BOOST_TEST(about(file).st_uid == 12345U);
                    BOOST_TEST(about(file).st_gid == 23456U);
                }
                BOOST_TEST(fs::is_symlink(f.path(name)) == (name != "elsewhere/file"));
                BOOST_TEST(files_in(f.path("elsewhere")) == 1U);
            }
            BOOST_REQUIRE_EQUAL(::chmod(file.c_str(), 0600), 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_link_that_leads_to_nothing_yet_stays_one) {
    with_feed f;
    fs::create_symlink("later", f.path("link"));
    BOOST_TEST(f.plan(f.path("link")).status == 0);
    BOOST_TEST(fs::is_symlink(f.path("link")));
    BOOST_TEST(mode_of(f.path("later")) == 0600U);
    fs::create_symlink("circle", f.path("circle"));
    auto const refused = f.plan(f.path("circle"));
    BOOST_TEST(refused.status == 64);
    BOOST_TEST(refused.err.find("cannot write " + f.path("circle")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_pipe_gets_the_report) {
    with_feed f;
    auto const fifo = f.path("fifo");
    BOOST_REQUIRE_EQUAL(::mkfifo(fifo.c_str(), 0600), 0);
    std::string read;
    std::thread reader{[&] { read = read_file(fifo); }};
    BOOST_TEST(f.sync(fifo).status == 0);
    reader.join();
    BOOST_TEST(is_report(read), read);
    BOOST_TEST(fs::is_fifo(fifo));

    // What a shell makes of `--report >(cat)`.
    auto const through = f.sync_in_shell("/dev/fd/3", "3>&1 >/dev/null");
    BOOST_TEST(through.status == 0, through.err);
    BOOST_TEST(is_report(through.out), through.out);
}

BOOST_AUTO_TEST_CASE(standard_output_gets_the_report_too) {
    with_feed f;
    auto const piped = f.sync("/dev/stdout");
    BOOST_TEST(piped.status == 0, piped.err);
    BOOST_TEST(is_report(piped.out.substr(0, piped.out.find('\n'))), piped.out);
    BOOST_TEST(piped.out.find("1 created") != std::string::npos, piped.out);

    // Neither of both is lost, whatever name it has.
    auto const file = f.path("both");
    for (auto const& name : {std::string{"/dev/stdout"}, std::string{"/proc/self/fd/1"}, file}) {
        for (std::string const how : {" >", " >>"}) {
            std::ofstream{file} << "first\n";
            auto const got = f.sync_in_shell(name, how + file);
            BOOST_TEST(got.status == 0, got.err);
            auto text = read_file(file);
            BOOST_TEST_CONTEXT(name << how << ": " << text) {
                BOOST_TEST(text.starts_with("first\n") == (how == " >>"));
                if (how == " >>") text.erase(0, 6);
                BOOST_TEST(is_report(text.substr(0, text.find('\n'))));
                BOOST_TEST(text.find(" in the feed, ") != std::string::npos);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_named_before_anything_is_sent) {
    with_feed f;
    auto const check = [&](ended const& got, std::string const& name) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(got.status == 64);
            BOOST_TEST(got.err.find("cannot write " + name + ": ") != std::string::npos, got.err);
        }
    };
    auto const directory = f.files.path().string();
    for (auto const& name : {std::string{"/nonexistent/report"}, directory, f.feed + "/report",
                             std::string{"/dev/fd/77"}, std::string{"/dev/fd/x"}}) {
        check(f.sync(name), name);
    }
    check(f.sync_in_shell("/dev/fd/3", "3<" + f.files.file("input", "x")), "/dev/fd/3");
    check(f.sync_in_shell("/dev/stdout", ">&-"), "/dev/stdout");

    BOOST_TEST(f.run({"block-senders", "plan", f.feed, "--out", f.path("one"), "--report",
                      directory + "/./one"})
                   .status == 64);
    BOOST_TEST(!fs::exists(f.path("one")));
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_CASE(what_fails_later_is_named_too) {
    with_feed f;
    auto const full = f.sync("/dev/full");
    BOOST_TEST(full.status == 1);
    BOOST_TEST(full.err.find("cannot write /dev/full: No space left") != std::string::npos,
               full.err);
    BOOST_TEST(f.server.patterns(account).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_feed_is_no_target_when_it_is_standard_input_either) {
    with_feed f;
    auto arguments = f.with_ca({"/bin/sh", "-c", "exec \"$0\" \"$@\" <" + f.feed, CFES,
                                "block-senders", "sync", "-", "--report", f.feed});
    program running{arguments, f.environment()};
    running.read_all();
    BOOST_TEST(running.wait() == 64);
    BOOST_TEST(running.errors().find("would overwrite FEED") != std::string::npos);
    BOOST_TEST(read_file(f.feed) == "a.example\n");
}

BOOST_AUTO_TEST_CASE(files_without_end_are_refused) {
    with_feed f;
    auto const zero = std::string{"/dev/zero"};
    for (std::vector<std::string> const& arguments :
         {std::vector<std::string>{"block-senders", "list", "--token-file", zero},
          std::vector<std::string>{"block-senders", "batch", zero}}) {
        auto const got = f.run(arguments);
        BOOST_TEST(got.status == 64);
        BOOST_TEST(got.err.find("/dev/zero is larger than ") != std::string::npos, got.err);
    }
    // It has the forms of a feed, and its limit.
    auto const providers = f.run({"block-senders", "plan", f.feed, "--mail-providers", zero});
    BOOST_TEST(providers.status == 64);
    BOOST_TEST(providers.err.find("--mail-providers: /dev/zero: the feed has more than ") !=
                   std::string::npos,
               providers.err);
    auto const with_ca = cfes({"block-senders", "list", "--ca-file", zero}, f.environment());
    BOOST_TEST(with_ca.status == 64);
    BOOST_TEST(with_ca.err.find("/dev/zero is larger than ") != std::string::npos, with_ca.err);
    BOOST_TEST(f.server.stats().connections == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
