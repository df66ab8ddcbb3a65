// Types that a failed check does not print.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)
BOOST_TEST_DONT_PRINT_LOG_VALUE(std::vector<annals::position>)
BOOST_TEST_DONT_PRINT_LOG_VALUE(std::vector<std::string>)
