#include "http/sender.hpp"

#include "memory/await_until.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace cloudflare::inline v0 {

namespace {

class users_transport final : public sender {
public:
    users_transport(std::shared_ptr<transport> users, std::stop_token stop)
        : users_{std::move(users)}, stop_{std::move(stop)} {}

    task<result<void>> send(request const& message, attempt_facts& facts,
                            response& answer) override {
        using clock = std::chrono::steady_clock;
        if (clock::now() >= facts.deadline) {
            co_return error{errc::timed_out, "the time was over before the request was sent"};
        }
        auto const under_way = std::make_shared<exchange>(users_, message, facts);
        auto ended = co_await await_until(
            facts.deadline, stop_, users_->send(under_way->message, under_way->facts), under_way);
        if (!ended) {
            // It may still be at work on it, on another thread.
            facts.bytes_sent = true;
            if (stop_.stop_requested()) co_return error{errc::closed, "the client was closed"};
            co_return error{errc::timed_out, "the transport did not return"};
        }
        facts.reused = under_way->facts.reused;
        facts.bytes_sent = under_way->facts.bytes_sent;
        facts.response_started = under_way->facts.response_started;
        facts.refused = under_way->facts.refused;
        auto got = take(*ended);
        if (!got) co_return got.error();
        if (clock::now() >= facts.deadline) {
            facts.bytes_sent = true;
            co_return error{errc::timed_out, "the transport returned too late"};
        }
        answer = std::move(*got);
        co_return result<void>{};
    }

    boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) override {
        return users_->close(deadline);
    }

private:
    /// What the transport was promised, which may need it longer than the call lasts.
    struct exchange {
        exchange(std::shared_ptr<transport> by, request what, attempt_facts const& known)
            : users{std::move(by)}, message{std::move(what)}, facts{known} {
            account = facts.account;
            tag = facts.tag;
            facts.account = account;
            facts.tag = tag;
        }

        std::shared_ptr<transport> users;
        request message;
        std::string account;
        std::string tag;
        attempt_facts facts;
    };

    /// What it came to, or that it was cut off, whichever way it says so.
    result<response> take(awaited<result<response>>& ended) const {
        error const cut_off{errc::closed, "the client was closed"};
        try {
            auto got = ended.take();
            auto const is_cut_off =
                !got && got.error().code() == errc::cancelled && stop_.stop_requested();
            return is_cut_off ? cut_off : std::move(got);
        } catch (boost::system::system_error const& thrown) {
            if (!stop_.stop_requested() || thrown.code() != boost::asio::error::operation_aborted) {
                throw;
            }
            return cut_off;
        }
    }

    std::shared_ptr<transport> users_;
    std::stop_token stop_;
};

}  // namespace

std::shared_ptr<sender> make_sender(std::shared_ptr<transport> users, std::stop_token stop) {
    return std::make_shared<users_transport>(std::move(users), std::move(stop));
}

}  // namespace cloudflare::inline v0
