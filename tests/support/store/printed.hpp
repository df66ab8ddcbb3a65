// The same, for tests of the log.
#pragma once

#include "store/log/log.hpp"
#include "support/printed.hpp"

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::store::commit_status)
