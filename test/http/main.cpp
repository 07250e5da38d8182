#define BOOST_TEST_MODULE pool_machine
#include <boost/test/unit_test.hpp>
