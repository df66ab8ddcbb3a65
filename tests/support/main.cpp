// The main() of every test program.
#define BOOST_TEST_MODULE annals
#include <boost/test/unit_test.hpp>
