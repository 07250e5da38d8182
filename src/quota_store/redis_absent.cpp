#include "quota_store/record_store.hpp"

namespace cloudflare {

std::unique_ptr<record_store> make_redis_store(boost::asio::any_io_executor,
                                               quota_store_options const&, std::string,
                                               quota::record_policy) {
    throw exception{error{errc::invalid_argument,
                          "this build cannot use Redis: hiredis was not there when it was built"}};
}

}  // namespace cloudflare
