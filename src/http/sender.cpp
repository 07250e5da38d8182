#include "http/sender.hpp"

#include <utility>

namespace cloudflare {

namespace {

class users_transport final : public sender {
public:
    explicit users_transport(std::shared_ptr<transport> users) : users_{std::move(users)} {}

    task<result<void>> send(request const& message, attempt_facts& facts,
                            response& answer) override {
        auto got = co_await from_awaitable(users_->send(message, facts));
        if (!got) co_return got.error();
        answer = std::move(*got);
        co_return result<void>{};
    }

    boost::asio::awaitable<void> close(std::chrono::steady_clock::time_point deadline) override {
        return users_->close(deadline);
    }

private:
    std::shared_ptr<transport> users_;
};

}  // namespace

std::shared_ptr<sender> make_sender(std::shared_ptr<transport> users) {
    return std::make_shared<users_transport>(std::move(users));
}

}  // namespace cloudflare
