#include "quota_store/record_store.hpp"

#include <cloudflare/leader_lease.hpp>

namespace cloudflare::inline v0 {

std::unique_ptr<record_store> make_redis_store(boost::asio::any_io_executor,
                                               quota_store_options const&, std::string,
                                               quota::record_policy) {
    throw exception{error{errc::invalid_argument,
                          "this build cannot use Redis: hiredis was not there when it was built"}};
}

boost::asio::awaitable<result<leader_attempt>> take_leader_lease(quota_store_options, std::string,
                                                                 std::string,
                                                                 std::chrono::milliseconds) {
    co_return error{errc::invalid_argument,
                    "this build cannot use Redis: hiredis was not there when it was built"};
}

}  // namespace cloudflare::inline v0
