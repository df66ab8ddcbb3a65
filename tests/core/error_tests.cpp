// The line that an error is for people.
#include <annals/result.hpp>

#include <boost/test/unit_test.hpp>

using annals::errc;
using annals::error;

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(the_line_has_code_reason_and_detail) {
  BOOST_TEST(error{errc::conflict}.message() == "conflict");
  BOOST_TEST((error{errc::not_found, "no such stream"}.message() == "not_found: no such stream"));
  BOOST_TEST((error{errc::not_found, "no such stream", "account-42"}.message() == "not_found: no such stream (account-42)"));
}

BOOST_AUTO_TEST_CASE(case_108_a_code_stands_once_although_an_error_caused_another_one) {
  const error cause{errc::store_failed, "write", "Input/output error"};
  BOOST_TEST((error{errc::store_failed, "the log failed", cause.message()}.message() == "store_failed: the log failed (write (Input/output error))"));
  BOOST_TEST(
      (error{errc::unknown, "the log failed", cause.message()}.message() == "unknown: the log failed (store_failed: write (Input/output error))"));
}

BOOST_AUTO_TEST_SUITE_END()
