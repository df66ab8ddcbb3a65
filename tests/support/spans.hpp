// Spans as a test looks at them: the shape of a trace, and what holds for each of its spans.
#pragma once

#include <annals/trace.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

class taken_spans {
public:
  explicit taken_spans(annals::span_queue& from) : all(from.take(1'000'000)) {}
  explicit taken_spans(std::vector<annals::trace_span> some) : all(std::move(some)) {}

  /// The only span of this name.
  const annals::trace_span& the(std::string_view name) const {
    const auto is_it = [&](const auto& one) { return one.name == name; };
    BOOST_TEST_REQUIRE(std::count_if(all.begin(), all.end(), is_it) == 1, "there is not exactly one span " << name);
    return *std::find_if(all.begin(), all.end(), is_it);
  }
  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; }));
  }
  const annals::trace_span* parent_of(const annals::trace_span& one) const {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& other) { return other.id.span_id == one.parent && other.id.trace_id == one.id.trace_id; });
    return found == all.end() ? nullptr : &*found;
  }
  /// The names on the way from the root of its trace, parted by slashes.
  std::string path_of(const annals::trace_span& one) const {
    const auto* above = parent_of(one);
    return (above ? path_of(*above) + "/" : std::string{}) + one.name;
  }
  /// All paths, in alphabetical order. Equal ones appear as often as there are.
  std::vector<std::string> paths() const {
    std::vector<std::string> found;
    for (const auto& one : all) found.push_back(path_of(one));
    std::sort(found.begin(), found.end());
    return found;
  }
  void check_each() const {
    std::map<std::string, int> ids;
    for (const auto& one : all) {
      BOOST_TEST(one.id.is_set(), one.name);
      BOOST_TEST(one.id.sampled, one.name);
      BOOST_TEST(one.begin > 0, one.name);
      BOOST_TEST(one.end >= one.begin, one.name);
      BOOST_TEST(++ids[annals::to_string(one.id)] == 1, one.name << " has the id of another span");
    }
  }

  std::vector<annals::trace_span> all;
};
