#include "quota_store/record_store.hpp"
#include "quota_store/redis_connection.hpp"
#include "quota_store/redis_script.hpp"
#include "quota_store/redis_tls.hpp"
#include "quota_store/scripts.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace cloudflare::inline v0 {

namespace asio = boost::asio;

namespace {

class redis_store final : public record_store {
public:
    redis_store(asio::any_io_executor strand, quota_store_options const& options,
                std::string const& key, quota::record_policy policy)
        : connection_{std::move(strand), options}, key_{"cfes:quota:" + key}, policy_{policy} {}

    asio::awaitable<result<quota::record_answer>> exchange(quota::record_exchange what) override {
        auto const deadline = std::chrono::steady_clock::now() + store_patience;
        std::vector<std::string> words;
        for (auto const number :
             {policy_.quota, policy_.window, policy_.reserve, what.generation, what.opened,
              what.ends_in, what.in_flight, what.answers, what.remaining, what.resets_in,
              what.silent, what.refused_for, what.unused, what.wanted}) {
            words.push_back(std::to_string(number));
        }
        auto work = script_.run(connection_, key_, std::move(words), deadline);
        auto const reply = co_await std::move(work);
        if (!reply) co_return reply.error();
        co_return answer_of(*reply);
    }

private:
    static result<quota::record_answer> answer_of(redis_reply const& reply) {
        constexpr std::array members{
            &quota::record_answer::generation, &quota::record_answer::opened,
            &quota::record_answer::ends_in,    &quota::record_answer::granted,
            &quota::record_answer::lasts,      &quota::record_answer::is_probe};
        quota::record_answer answer;
        bool is_one = reply.elements.size() >= members.size();
        for (std::size_t i = 0; is_one && i != members.size(); ++i) {
            is_one = reply.elements[i].what == redis_reply::kind::integer;
            answer.*members[i] = reply.elements[i].integer;
        }
        if (!is_one) {
            return error{errc::quota_unavailable, "the store's answer is not of the script"};
        }
        return answer;
    }

    redis_connection connection_;
    redis_script const script_{quota_record_script};
    std::string key_;
    quota::record_policy policy_;
};

}  // namespace

std::unique_ptr<record_store> make_redis_store(asio::any_io_executor strand,
                                               quota_store_options const& options, std::string key,
                                               quota::record_policy policy) {
    if (options.uses_tls() && !has_redis_tls()) {
        throw exception{error{errc::invalid_argument,
                              "this build cannot speak TLS with a quota store: hiredis had none "
                              "when it was built"}};
    }
    return std::make_unique<redis_store>(std::move(strand), options, key, policy);
}

}  // namespace cloudflare::inline v0
