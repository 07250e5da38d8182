// The line of progress, made from given numbers.
#include "progress_text.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

BOOST_AUTO_TEST_SUITE(progress_text)

namespace {

using namespace std::chrono_literals;

cfes::progress_view view_of(std::int64_t done, std::int64_t total) {
    cfes::progress_view view;
    view.now.done = done;
    view.now.total = total;
    view.now.requests = 5;
    view.elapsed = 10s;
    view.round_trip = 100ms;
    return view;
}

/// Cloudflare's quota, of which so much is left for so long.
cfes::progress_view with_quota(cfes::progress_view view, std::uint64_t left,
                               std::chrono::milliseconds resets_in) {
    view.now.quota.limit = 1200;
    view.now.quota.window = 300s;
    view.now.quota.remaining = left;
    view.now.quota.resets_in = resets_in;
    return view;
}

}  // namespace

BOOST_AUTO_TEST_CASE(counts_rate_and_bar) {
    auto view = view_of(250'000, 1'000'000);
    BOOST_TEST(cfes::render_progress(view) == "250000/1000000 25%  ETA 0:19  25000/s  5 requests");
    view.has_bar = true;
    BOOST_TEST(cfes::render_progress(view) ==
               "[######..................] 250000/1000000 25%  ETA 0:19  25000/s  5 requests");
    view.now.done = view.now.total;
    BOOST_TEST(cfes::render_progress(view) ==
               "[########################] 1000000/1000000 100%  done  100000/s  5 requests");
    BOOST_TEST(cfes::render_progress(view_of(0, 3)).ends_with("  0/s  5 requests"));
}

BOOST_AUTO_TEST_CASE(the_expected_end_knows_the_quota) {
    // 750 batches to go.
    auto const fits = with_quota(view_of(250'000, 1'000'000), 1000, 200s);
    BOOST_TEST(cfes::render_progress(fits).ends_with(
        "  ETA 0:19  25000/s  5 requests  quota left 1000/1200"));
    // 88 go now, as 12 are the reserve, and the others when the window ends.
    auto const waits = cfes::render_progress(with_quota(view_of(250'000, 1'000'000), 100, 200s));
    BOOST_TEST(waits.find("  ETA 3:3") != std::string::npos, waits);
    // Three more windows.
    auto const long_one = cfes::render_progress(with_quota(view_of(1000, 3'000'000), 12, 100s));
    BOOST_TEST(long_one.find("ETA 11:5") != std::string::npos, long_one);
}

BOOST_AUTO_TEST_CASE(waiting_is_told) {
    auto view = with_quota(view_of(1000, 2000), 12, 100s);
    BOOST_TEST(cfes::render_progress(view).find("waiting") == std::string::npos);
    view.now.quota.waiting = 1;
    BOOST_TEST(cfes::render_progress(view).find(", waiting for the quota") != std::string::npos);
    view.now.quota.waiting = 0;
    view.now.quota.blocked_for = 300s;
    auto const blocked = cfes::render_progress(view);
    // On a terminal of 80 columns that is not cut off, even at a million.
    auto large = with_quota(view_of(250'000, 1'000'000), 100, 200s);
    large.has_bar = true;
    large.now.quota.waiting = 4;
    BOOST_TEST(cfes::render_progress(large).substr(0, 79).find(", waiting for the quota") !=
               std::string::npos);
    BOOST_TEST(blocked.find("ETA 5:01, waiting for the quota") != std::string::npos, blocked);
}

BOOST_AUTO_TEST_CASE(a_narrow_window_gets_whole_parts) {
    auto view = with_quota(view_of(250'000, 1'000'000), 1000, 200s);
    view.has_bar = true;
    auto const line = cfes::render_progress(view);
    BOOST_TEST(cfes::fit_progress(line, 200) == line);
    BOOST_TEST(cfes::fit_progress(line, 79) ==
               "[######..................] 250000/1000000 25%  ETA 0:19  25000/s  5 requests");
    BOOST_TEST(cfes::fit_progress(line, 60) ==
               "[######..................] 250000/1000000 25%  ETA 0:19");
    BOOST_TEST(cfes::fit_progress(line, 39) == "250000/1000000 25%");
    BOOST_TEST(cfes::fit_progress(line, 10) == "250000/100");
    BOOST_TEST(cfes::fit_progress(line, 0).empty());
}

BOOST_AUTO_TEST_CASE(of_a_moment_there_is_no_rate) {
    auto view = view_of(3, 3);
    view.elapsed = 10ms;
    BOOST_TEST(cfes::render_progress(view) == "3/3 100%  done  5 requests");
}

BOOST_AUTO_TEST_CASE(the_list_comes_first) {
    auto view = view_of(0, 0);
    view.now.phase = cloudflare::email_security::sync_phase::reading;
    view.now.requests = 0;
    BOOST_TEST(cfes::render_progress(with_quota(view, 0, 100s)) ==
               "reading the list: 0/?  0/s  0 requests");
    view.now.requests = 1;
    BOOST_TEST(cfes::render_progress(view) == "reading the list: 0/?  0/s  1 request");
    auto waits = with_quota(view, 12, 100s);
    waits.now.quota.waiting = 1;
    BOOST_TEST(cfes::render_progress(waits) ==
               "reading the list: 0/?  waiting for the quota for 1:40  0/s  1 request"
               "  quota left 12/1200");
    view.now.to_read = 100'000;
    view.now.read = 25'000;
    view.has_bar = true;
    // 75 pages by four at a time, a tenth of a second each.
    BOOST_TEST(cfes::render_progress(view) ==
               "[####............] reading 25000/100000 25%  ETA 0:02  2500/s  1 request");
    waits.now.to_read = 1'000'000;
    waits.now.read = 250'000;
    waits.has_bar = true;
    BOOST_TEST(cfes::render_progress(waits).substr(0, 79).find(", waiting for the quota") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_unknown_is_told) {
    auto view = view_of(400, 1000);
    view.now.unknown = 100;
    BOOST_TEST(cfes::render_progress(view) ==
               "400/1000 40%  ETA 0:01  100 unknown  40/s  5 requests");
    view.now.phase = cloudflare::email_security::sync_phase::settling;
    view.now.read = 1000;
    view.now.to_read = 3000;
    BOOST_TEST(cfes::render_progress(view).find("  reading the list again: 1000/3000  ") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(clocks) {
    BOOST_TEST(cfes::to_clock(0ms) == "0:00");
    BOOST_TEST(cfes::to_clock(1ms) == "0:01");
    BOOST_TEST(cfes::to_clock(65s) == "1:05");
    BOOST_TEST(cfes::to_clock(2h + 3min) == "2:03:00");
}

BOOST_AUTO_TEST_CASE(the_pace_leaves_out_what_waited) {
    cfes::request_pace pace;
    BOOST_TEST(pace.round_trip(4).count() == 250);
    pace.add(10, 1s, false);
    pace.add(1, 300s, true);
    BOOST_TEST(pace.round_trip(4).count() == 400);
    pace.add(10, 1s, false);
    BOOST_TEST(pace.round_trip(1).count() == 100);
}

BOOST_AUTO_TEST_SUITE_END()
