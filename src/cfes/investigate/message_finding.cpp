#include "investigate/message_finding.hpp"

#include "verbs.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <iterator>
#include <utility>

namespace cfes {

namespace {

using clock = std::chrono::steady_clock;

/// Between two questions whether a search that takes longer has come to its end.
constexpr auto poll_interval = std::chrono::seconds{1};

}  // namespace

asio::awaitable<cf::result<std::optional<es::message_page>>> next_page(session const& with,
                                                                       es::message_search& pages) {
    auto const deadline = clock::now() + with.timeout();
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;) {
        auto next = co_await pages.next();
        if (!next || !*next || !(*next)->is_pending) co_return std::move(next);
        if (clock::now() + poll_interval > deadline) {
            co_return cf::error{cf::errc::timed_out, "the search is still going on"};
        }
        timer.expires_after(poll_interval);
        boost::system::error_code ec;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return cf::error{cf::errc::cancelled, {}};
    }
}

asio::awaitable<cf::result<std::vector<es::message>>> find_messages(session const& with,
                                                                    es::message_filter which) {
    which.per_page(cf::max_page_size);
    es::investigate const where{with.client(), with.account_id()};
    auto pages = where.search(std::move(which));
    std::vector<es::message> found;
    for (;;) {
        auto reading = next_page(with, pages);
        auto next = co_await std::move(reading);
        if (!next) co_return next.error();
        if (!*next) break;
        auto& items = (*next)->items;
        found.insert(found.end(), std::make_move_iterator(items.begin()),
                     std::make_move_iterator(items.end()));
    }
    co_return std::move(found);
}

std::string describe(es::message const& one) {
    auto text = one.id.text();
    if (one.from) text += "  from " + *one.from;
    if (one.subject) text += "  '" + *one.subject + '\'';
    return text;
}

}  // namespace cfes
