#include "quota_store/redis_connection.hpp"

#include "quota_store/host_lookup.hpp"
#include "quota_store/redis_socket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

redis_connection::redis_connection(asio::any_io_executor strand, quota_store_options options)
    : strand_{std::move(strand)}, options_{std::move(options)} {}

redis_connection::~redis_connection() = default;

void redis_connection::close(std::shared_ptr<redis_socket> const& which) {
    which->close();
    if (socket_ == which) socket_.reset();
}

asio::awaitable<result<std::shared_ptr<redis_socket>>> redis_connection::open(time_point deadline) {
    if (options_.kind() == quota_store_options::place::redis && addresses_.empty()) {
        auto work = look_up_host(options_.host(), deadline);
        auto found = co_await std::move(work);
        if (!found) co_return found.error();
        addresses_ = std::move(*found);
        next_address_ = 0;
    }
    // Another command may have opened it meanwhile.
    if (socket_ && socket_->is_sound()) co_return socket_;
    if (socket_) socket_->close();
    auto const made = std::make_shared<redis_socket>(strand_);
    auto const address = addresses_.empty() ? std::string{} : addresses_[next_address_];
    auto const begun = made->begin(options_, address);
    if (!begun) co_return begun.error();
    socket_ = made;
    co_return made;
}

asio::awaitable<result<redis_reply>> redis_connection::command(std::vector<std::string> words,
                                                               time_point deadline) {
    for (;;) {
        auto opening = open(deadline);
        auto const opened = co_await std::move(opening);
        if (!opened) co_return opened.error();
        auto const socket = *opened;
        auto const awaited = socket->send(words, deadline);
        boost::system::error_code ec;
        if (!awaited->answer) {
            co_await awaited->timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        if (socket->refusal()) {
            auto why = *socket->refusal();
            close(socket);
            co_return why;
        }
        if (awaited->answer && *awaited->answer) co_return std::move(*awaited->answer);
        bool const was_there = socket->has_answered();
        // Not what the closing says.
        auto const why = awaited->answer
                             ? awaited->answer->error()
                             : error{errc::quota_unavailable, "the store did not answer in time"};
        bool const has_failed = awaited->answer.has_value();
        close(socket);
        // Where nobody answered at this address, somebody may at the next one.
        bool const is_another_left = next_address_ + 1 < addresses_.size();
        if (was_there || !has_failed || !is_another_left ||
            std::chrono::steady_clock::now() >= deadline) {
            if (!was_there) addresses_.clear();
            co_return why;
        }
        ++next_address_;
    }
}

}  // namespace cloudflare::inline v0
