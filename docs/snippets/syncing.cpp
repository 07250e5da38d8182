#include "world.hpp"

#include <cloudflare/email_security/block_senders.hpp>
#include <cloudflare/email_security/feed.hpp>
#include <cloudflare/email_security/journal.hpp>
#include <cloudflare/email_security/protection.hpp>
#include <cloudflare/email_security/saved_plan.hpp>
#include <cloudflare/email_security/sync.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = cloudflare::email_security;
namespace fs = std::filesystem;
namespace simulator = cloudflare::simulator;
using namespace snippets;

namespace {

//! [sync]
using senders = es::block_senders_traits;

asio::awaitable<es::sync_report> sync_list(es::block_senders blocked, fs::path feed_file,
                                           fs::path journals) {
    auto feed = es::read_feed<senders>(feed_file).value();
    for (auto const& each : feed.rejected) {
        std::cerr << feed_file.string() << ':' << each.line << ": " << each.reason << '\n';
    }

    es::protection guard;
    guard.add_mail_providers();
    auto account_id = blocked.account_id();
    auto reading = es::protect_account(blocked.client(), std::move(account_id), guard);
    if (auto const failed = co_await std::move(reading)) throw cloudflare::exception{*failed};
    es::hold_back(feed, guard);  // what it holds back is in feed.held_back

    es::sync_options how;
    how.owner("partner").prune(true);
    how.journal(std::make_shared<es::journal_file>(std::move(journals)));
    co_return co_await es::sync(blocked, std::move(feed), std::move(how));
}
//! [sync]

//! [plan]
asio::awaitable<es::sync_report> sync_if_small(es::block_senders blocked, es::feed<senders> feed,
                                               std::int64_t most) {
    es::sync_options how;
    how.owner("partner").prune(true);
    auto planned = co_await es::plan(blocked, std::move(feed), how);
    if (!planned) throw cloudflare::exception{planned.error()};
    auto const& found = planned->report;
    if (found.created + found.updated + found.deleted > most) co_return found;
    co_return co_await es::apply(blocked, std::move(*planned), how);
}
//! [plan]

//! [report]
bool is_complete(es::sync_report const& done) {
    if (done.failure) std::cerr << "stopped early: " << *done.failure << '\n';
    // Sent, and the answer is lost; and not done at all. The next sync does what is left.
    if (done.unknown + done.left > 0)
        std::cerr << done.unknown << " unknown, " << done.left << " left\n";
    return !done.failure && done.rejected.empty();
}
//! [report]

//! [undo]
asio::awaitable<es::sync_report> take_back(es::block_senders blocked, fs::path journal) {
    auto what = es::load_journal<senders>(journal).value();
    auto planned = (co_await es::plan_undo(blocked, std::move(what))).value();
    co_return co_await es::apply(blocked, std::move(planned));
}
//! [undo]

//! [make_feed]
es::feed<senders> feed_of(std::vector<std::string> const& domains) {
    return es::make_feed<senders>(domains).value();
}
//! [make_feed]

//! [recognise]
std::string canonical(std::string_view text) {
    auto const known = es::recognise_pattern(text);
    return known ? known->pattern : known.error().detail();
}
//! [recognise]

//! [list_all]
asio::awaitable<std::vector<es::block_sender>> all_domains(es::block_senders blocked) {
    auto which = es::block_sender_filter{}.pattern_type(es::pattern_type::domain);
    co_return (co_await blocked.list_all(std::move(which))).value();
}
//! [list_all]

/// A directory that goes with the object.
struct directory {
    directory() {
        auto name = (fs::temp_directory_path() / "cloudflare-snippets-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path = name;
    }
    ~directory() { fs::remove_all(path); }
    directory(directory const&) = delete;
    directory& operator=(directory const&) = delete;

    fs::path path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(syncing)

BOOST_AUTO_TEST_CASE(a_sync_and_back) {
    world here;
    directory files;
    std::ofstream{files.path / "feed.txt"} << "evil.example\nPHISH@evil.example\nnot a pattern\n";
    es::block_senders const blocked{here.client(), account};
    auto const done = here.run(sync_list(blocked, files.path / "feed.txt", files.path));
    BOOST_TEST(done.created == 2);
    BOOST_TEST(!is_complete(done));
    BOOST_TEST(here.run(all_domains(blocked)).size() == 1u);

    auto const journals = es::list_journals(files.path).value();
    BOOST_REQUIRE(journals.size() == 1u);
    auto const undone = here.run(take_back(blocked, journals[0].path));
    BOOST_TEST(undone.deleted == 2);
    BOOST_TEST(is_complete(undone));
}

BOOST_AUTO_TEST_CASE(a_plan_first) {
    world here;
    es::block_senders const blocked{here.client(), account};
    auto const refused = here.run(sync_if_small(blocked, feed_of({"a.example", "b.example"}), 1));
    BOOST_TEST(refused.created == 2);
    BOOST_TEST(here.api.patterns(account).empty());
    here.run(sync_if_small(blocked, feed_of({"a.example", "b.example"}), 2));
    BOOST_TEST(here.api.patterns(account).size() == 2u);
}

BOOST_AUTO_TEST_CASE(patterns) {
    BOOST_TEST(canonical("Bücher.Example.") == "xn--bcher-kva.example");
    BOOST_TEST(canonical("203.0.113.77/24") == "203.0.113.0/24");
}

BOOST_AUTO_TEST_SUITE_END()
