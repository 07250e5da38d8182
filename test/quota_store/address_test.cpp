// Where a quota is kept, as a text.

#include "harness.hpp"

#include <cloudflare/quota_store.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace cf = cloudflare;
namespace data = boost::unit_test::data;
using place = cf::quota_store_options::place;

namespace {

struct accepted {
    char const* address;
    char const* described;
    place kind = place::redis;
    char const* login = "";
    char const* password = "";

    friend std::ostream& operator<<(std::ostream& out, accepted const& a) {
        return out << a.address;
    }
};

std::vector<accepted> const good{
    {"redis://cache.example", "redis://cache.example:6379"},
    {"redis://10.0.0.1:7000", "redis://10.0.0.1:7000"},
    {"redis://10.0.0.1:7000/", "redis://10.0.0.1:7000"},
    {"redis://[2001:db8::1]:7000/3", "redis://[2001:db8::1]:7000/3"},
    {"rediss://cache.example/2", "rediss://cache.example:6379/2"},
    {"redis://me:s%3Acret@h/1", "redis://h:6379/1", place::redis, "me", "s:cret"},
    {"redis://:only@h", "redis://h:6379", place::redis, "", "only"},
    {"redis://only@h", "redis://h:6379", place::redis, "", "only"},
    {"unix:/run/redis.sock", "unix:/run/redis.sock", place::redis_socket},
    {"redis+unix:///run/redis.sock", "unix:/run/redis.sock", place::redis_socket},
    {"redis+unix://me:word@/run/redis.sock?db=4", "unix:/run/redis.sock", place::redis_socket, "me",
     "word"},
    {"file:/var/lib/quota", "file:/var/lib/quota", place::file},
};

std::vector<std::string> const bad{
    "",
    "redis",
    "redis://",
    "redis:///2",
    "redis://h:0",
    "redis://h:65536",
    "redis://h:x",
    "redis://h/x",
    "redis://h/-1",
    "redis://h/1/2",
    "redis://h/99999999999",
    "redis://h?db=1",
    "redis://h#1",
    "redis://me:@h",
    "http://s3cret@h",
    "redis://me:s3cret@h:x",
    "redis://me:s3 cret@h",
    "s3cret",
    "unix:relative",
    "unix:",
    "file:relative",
    "file:",
    "redis+unix://me:s3cret@host/run/redis.sock",
    "redis+unix:///run/redis.sock?x=1",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_DATA_TEST_CASE(is_understood, data::make(good), each) {
    cf::quota_store_options const options{each.address};
    BOOST_TEST(options.describe() == each.described);
    BOOST_CHECK(options.kind() == each.kind);
    BOOST_TEST(options.login() == each.login);
    BOOST_TEST(options.password() == each.password);
    BOOST_TEST(options.has_login() == (std::string_view{each.password} != ""));
}

BOOST_AUTO_TEST_CASE(has_a_database) {
    BOOST_TEST(cf::quota_store_options{"redis://h/7"}.database() == 7U);
    BOOST_TEST(cf::quota_store_options{"redis+unix:///s?db=7"}.database() == 7U);
    BOOST_TEST(cf::quota_store_options{"redis://h"}.database() == 0U);
}

BOOST_DATA_TEST_CASE(is_refused_and_not_repeated, data::make(bad), each) {
    try {
        (void)cf::quota_store_options{each};
        BOOST_ERROR("taken: " + each);
    } catch (cf::exception const& refused) {
        BOOST_CHECK(refused.reason().code() == cf::errc::invalid_argument);
        auto const text = std::string{refused.what()};
        BOOST_TEST(text.find("the quota store's address") != std::string::npos, text);
        BOOST_TEST(text.find("s3") == std::string::npos, text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
