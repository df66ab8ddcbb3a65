// Case 99: what the runtime says of what it does.
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace annals;
using namespace world;

namespace {

class lines {
public:
  options hearing() {
    auto with = memory_engine::quiet();
    with.image_every_records = 2;
    with.log_sink = [this](log_level level, std::string_view line) {
      const std::lock_guard lock{mutex_};
      all_.emplace_back(level, line);
    };
    return with;
  }
  bool has(log_level level, std::string_view part) const {
    const std::lock_guard lock{mutex_};
    return std::any_of(all_.begin(), all_.end(), [&](const auto& one) { return one.first == level && one.second.find(part) != std::string::npos; });
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::pair<log_level, std::string>> all_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(case_99_a_life_of_the_runtime_is_told_in_its_log) {
  const temporary_directory d;
  lines told;
  {
    auto rt = runtime::open(d / "store", told.hearing()).value();
    BOOST_TEST(told.has(log_level::info, "opened " + (d / "store").string()));
    rt.host<counter>().value();
    rt.project<sums>().value();
    rt.start().value();
    BOOST_TEST(told.has(log_level::info, "started: 1 aggregates, 1 projections, 0 process managers"));
    BOOST_TEST(told.has(log_level::info, "projection sums: follows the log after position 0"));
    BOOST_TEST(told.has(log_level::info, "all followers have reached position 0"));
    for (int i = 0; i < 3; ++i) rt.send<counter>("a", add{1}).get().value();
    wait_until([&] { return told.has(log_level::debug, "an image of sums at position"); });
    rt.rebuild<sums>().get().value();
    BOOST_TEST(told.has(log_level::info, "projection sums: a rebuild has begun"));
    BOOST_TEST(told.has(log_level::info, "projection sums: the rebuilt model is live, at position 3"));
    rt.backup(d / "copy").value();
    BOOST_TEST(told.has(log_level::info, "backed up to " + (d / "copy").string()));
  }
  BOOST_TEST(told.has(log_level::info, "closed at position 3"));
}
