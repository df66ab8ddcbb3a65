// The diagnostic log on stderr: from which level on, and how a line looks.
#include "actors/base/logging.hpp"
#include "support/temporary_directory.hpp"

#include <spdlog/logger.h>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

using namespace annals;

namespace {

/// What `write` leaves on stderr.
template <class Write>
std::vector<std::string> lines_on_stderr(Write&& write) {
  const temporary_directory place;
  const auto file = place / "stderr";
  const int before = ::dup(STDERR_FILENO);
  const int to = ::open(file.c_str(), O_CREAT | O_WRONLY, 0600);
  ::dup2(to, STDERR_FILENO);
  write();
  ::dup2(before, STDERR_FILENO);
  ::close(to);
  ::close(before);
  std::ifstream in{file};
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

std::vector<std::string> lines_of(const options& with) {
  return lines_on_stderr([&] {
    const auto logger = actors::make_logger(with);
    logger->debug("a debug line");
    logger->info("an info line");
    logger->warn("a \"quoted\" warning with a tab\tand a line\nend");
    logger->error("an error, and a byte that is no UTF-8: \xff");
    logger->flush();
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stderr_lines)

BOOST_AUTO_TEST_CASE(begin_at_warnings_and_are_text) {
  const auto lines = lines_of({});
  BOOST_TEST_REQUIRE(lines.size() == 3u);  // the warning has two
  BOOST_TEST(lines[0].starts_with("annals warning: a \"quoted\" warning"));
  BOOST_TEST(lines[2].starts_with("annals error: an error"));
}

BOOST_AUTO_TEST_CASE(begin_at_the_level_of_choice) {
  BOOST_TEST(lines_of({.stderr_level = log_level::debug}).size() == 5u);
  BOOST_TEST(lines_of({.stderr_level = log_level::info}).size() == 4u);
  BOOST_TEST(lines_of({.stderr_level = log_level::error}).size() == 1u);
}

BOOST_AUTO_TEST_CASE(are_one_json_object_each_if_that_is_wanted) {
  const auto lines = lines_of({.stderr_level = log_level::info, .stderr_format = log_format::json});
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  const std::regex form{R"--(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","level":"(\w+)","logger":"annals","message":"(.*)"\})--"};
  std::smatch found;
  BOOST_TEST_REQUIRE(std::regex_match(lines[0], found, form), lines[0]);
  BOOST_TEST(found[1] == "info");
  BOOST_TEST(found[2] == "an info line");
  BOOST_TEST_REQUIRE(std::regex_match(lines[1], found, form), lines[1]);
  BOOST_TEST(found[1] == "warning");
  BOOST_TEST(found[2] == R"(a \"quoted\" warning with a tab\tand a line\nend)");
  BOOST_TEST_REQUIRE(std::regex_match(lines[2], found, form), lines[2]);
  BOOST_TEST(found[1] == "error");
}

BOOST_AUTO_TEST_SUITE_END()
