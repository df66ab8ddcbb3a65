// Types that a failed check does not print.
#pragma once

#include <annals/result.hpp>

#include <boost/test/unit_test.hpp>

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)
