#include "shared_world.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace test {

namespace asio = boost::asio;
namespace cf = cloudflare;
namespace sim = cloudflare::simulator;

namespace {

sim::service_settings settings_of(world_settings const& settings) {
    sim::service_settings all;
    all.seed = settings.seed;
    all.max_body = 64U << 20U;
    all.log_requests = false;
    all.on_duplicate =
        settings.refuses_duplicates ? sim::duplicates::conflict : sim::duplicates::accept;
    return all;
}

}  // namespace

/// The way of one client to the API.
class shared_world::link final : public cf::transport {
public:
    explicit link(shared_world& world) : world_{world} {}

    asio::awaitable<cf::result<cf::response>> send(cf::request const& message,
                                                   cf::attempt_facts& facts) override {
        facts.bytes_sent = true;
        return world_.serve(message);
    }
    asio::awaitable<void> close(std::chrono::steady_clock::time_point) override { co_return; }

private:
    shared_world& world_;
};

shared_world::shared_world(world_settings settings)
    : settings_{settings}, random_{settings.seed}, api_{settings_of(settings), ""} {}

cf::client shared_world::connect() {
    cf::client_options options{cf::credentials::api_token("any")};
    options.rate_limit(cf::rate_limit_options::unlimited())
        .retry(cf::retry_options{}.backoff(std::chrono::milliseconds{0},
                                           std::chrono::milliseconds{0}));
    return cf::client{context_.get_executor(), options, std::make_shared<link>(*this)};
}

int shared_world::draw(int below) {
    return std::uniform_int_distribution<int>{0, below - 1}(random_);
}

asio::awaitable<void> shared_world::pause() {
    for (int left = draw(settings_.most_steps + 1); left > 0; --left) {
        co_await asio::post(context_, asio::use_awaitable);
    }
}

void shared_world::apply_late() {
    for (auto const& each : std::exchange(late_, {})) api_.serve(each);
}

void shared_world::change_search(std::string& target) const {
    constexpr std::string_view name = "search=";
    auto const at = target.find(name);
    if (at == std::string::npos) return;
    auto const value = at + name.size();
    auto const length = std::min(target.find('&', value), target.size()) - value;
    if (settings_.search == searching::is_ignored) target.replace(at, name.size(), "ignored=");
    if (settings_.search == searching::finds_nothing) target.replace(value, length, "nothing");
    if (settings_.search == searching::finds_others) target.replace(value, length, "1.example");
}

asio::awaitable<cf::result<cf::response>> shared_world::serve(cf::request const& message) {
    sim::request asked;
    asked.method = to_string(message.operation.method);
    asked.target = "/client/v4" + message.target;
    asked.body = message.body;
    asked.authorization = "Bearer any";
    asked.content_type = "application/json";
    if (auto const at = asked.target.find("per_page=1000"); at != std::string::npos) {
        asked.target.replace(at, 13, "per_page=" + std::to_string(settings_.page_size));
    }
    change_search(asked.target);
    bool const is_read = asked.method == "GET";
    ++(is_read ? reads : writes);

    co_await pause();
    bool const is_lost =
        !is_read && std::uniform_real_distribution<>{}(random_) < settings_.lost_share;
    // One that is late is served before the next request is: whoever looks for it, finds it.
    if (is_lost && draw(3) == 0) {
        late_.push_back(std::move(asked));
        co_return cf::error{cf::errc::connection_lost, "late"};
    }
    apply_late();
    bool const is_served = !is_lost || draw(2) == 0;
    auto const served = is_served ? api_.serve(asked) : sim::delivery{};
    co_await pause();
    if (is_lost) co_return cf::error{cf::errc::connection_lost, "lost"};
    cf::response answer;
    answer.status = served.answer.status;
    answer.body = served.answer.body;
    co_return answer;
}

}  // namespace test
