#include "quota_store/record_store.hpp"
#include "quota_store/redis_connection.hpp"
#include "quota_store/redis_script.hpp"
#include "quota_store/redis_tls.hpp"
#include "quota_store/scripts.hpp"

#include <cloudflare/leader_lease.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

using clock = std::chrono::steady_clock;

namespace {

constexpr int renewals = 3;  // in the time that it lasts
constexpr int parts = 6;     // of which the last is for what is still under way

/// Nothing else waits for it meanwhile.
constexpr std::chrono::milliseconds longest_answer{2000};

std::string random_identifier() {
    std::random_device random;
    std::string text;
    for (int i = 0; i != 4; ++i) text += std::to_string(random()) + '-';
    return text;
}

/// What a lease and its renewal share.
class redis_lease : public std::enable_shared_from_this<redis_lease> {
public:
    redis_lease(asio::any_io_executor strand, quota_store_options const& store, std::string name,
                std::string holder, std::chrono::milliseconds lasts)
        : connection_{strand, store},
          timer_{strand},
          key_{"cfes:leader:" + std::move(name)},
          holder_{std::move(holder)},
          lasts_{lasts} {}

    bool is_held() const noexcept { return clock::now().time_since_epoch().count() < until_; }
    std::int64_t number() const noexcept { return number_; }

    /// Who has it, when it is another.
    asio::awaitable<result<std::string>> take() {
        auto work = ask("take");
        auto const answer = co_await std::move(work);
        if (!answer) co_return answer.error();
        number_ = answer->first;
        co_return answer->second;
    }

    asio::awaitable<void> release() {
        stop();
        auto work = ask("release");
        (void)co_await std::move(work);
    }

    void keep() {
        asio::co_spawn(timer_.get_executor(), renew(shared_from_this()), asio::detached);
    }
    void stop() {
        until_ = 0;
        is_over_ = true;
        timer_.cancel();
    }

private:
    asio::awaitable<result<std::pair<std::int64_t, std::string>>> ask(char const* operation) {
        auto const begun = clock::now();
        std::vector<std::string> words{operation, id_, holder_, std::to_string(lasts_.count())};
        auto work = script_.run(connection_, key_, std::move(words),
                                begun + std::min(longest_answer, lasts_ / parts));
        auto const reply = co_await std::move(work);
        if (!reply) co_return reply.error();
        if (reply->elements.size() != 2) {
            co_return error{errc::quota_unavailable, "the store's answer is not of the script"};
        }
        std::pair<std::int64_t, std::string> answer{reply->elements[0].integer,
                                                    reply->elements[1].text};
        if (answer.first != 0 && !is_over_) {
            auto const until = begun + lasts_ - lasts_ / parts;
            until_ = until.time_since_epoch().count();
        } else {
            until_ = 0;
        }
        co_return answer;
    }

    static asio::awaitable<void> renew(std::shared_ptr<redis_lease> self) {
        while (!self->is_over_) {
            self->timer_.expires_after(self->lasts_ / renewals);
            boost::system::error_code ec;
            co_await self->timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            // What is lost stays lost: somebody may have acted on it.
            if (ec || !self->is_held()) co_return;
            auto work = self->ask("renew");
            auto const answer = co_await std::move(work);
            // It is another's for good.
            if (answer && answer->first == 0) co_return;
        }
    }

    redis_connection connection_;
    redis_script const script_{leader_lease_script};
    asio::steady_timer timer_;
    std::string const key_;
    std::string const id_ = random_identifier();
    std::string const holder_;
    std::chrono::milliseconds const lasts_;
    std::atomic<clock::rep> until_ = 0;
    std::int64_t number_ = 0;
    bool is_over_ = false;
};

/// Who lets go of it ends the renewal.
class held_lease final : public leader_lease {
public:
    explicit held_lease(std::shared_ptr<redis_lease> what) : what_{std::move(what)} {}
    ~held_lease() override { what_->stop(); }

    bool is_held() const noexcept override { return what_->is_held(); }
    std::int64_t number() const noexcept override { return what_->number(); }
    asio::awaitable<void> release() override { return what_->release(); }

private:
    std::shared_ptr<redis_lease> const what_;
};

}  // namespace

asio::awaitable<result<leader_attempt>> take_leader_lease(quota_store_options store,
                                                          std::string name, std::string holder,
                                                          std::chrono::milliseconds lasts) {
    if (store.kind() == quota_store_options::place::file) {
        co_return error{errc::invalid_argument, "leases need a Redis server"};
    }
    if (store.uses_tls() && !has_redis_tls()) {
        co_return error{errc::invalid_argument, "this build cannot speak TLS with a Redis server"};
    }
    auto const here = co_await asio::this_coro::executor;
    auto const lease =
        std::make_shared<redis_lease>(here, store, std::move(name), std::move(holder), lasts);
    auto work = lease->take();
    auto const taken = co_await std::move(work);
    if (!taken) co_return taken.error();
    leader_attempt made;
    if (lease->number() == 0) {
        made.holder = *taken;
        co_return made;
    }
    lease->keep();
    made.lease = std::make_shared<held_lease>(lease);
    co_return made;
}

}  // namespace cloudflare::inline v0
