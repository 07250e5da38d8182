#define BOOST_TEST_MODULE quota_record
#include <boost/test/unit_test.hpp>
