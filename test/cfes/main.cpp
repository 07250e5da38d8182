#define BOOST_TEST_MODULE cfes
#include <boost/test/unit_test.hpp>
