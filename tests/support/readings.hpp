// What a test reads from runtime::metrics().
#pragma once

#include <annals/metrics.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <initializer_list>
#include <string_view>

inline const annals::metric& series_of(const annals::metrics& in, std::string_view family, std::initializer_list<std::string_view> labels = {}) {
  const auto* found = in.find(family, labels);
  BOOST_TEST_REQUIRE(found, family << " is missing");
  return *found;
}

inline double reading(const annals::metrics& in, std::string_view family, std::initializer_list<std::string_view> labels = {}) {
  return series_of(in, family, labels).value;
}

/// Of all series.
inline double total(const annals::metrics& in, std::string_view family) {
  const auto* found = in.find(family);
  BOOST_TEST_REQUIRE(found, family << " is missing");
  double all = 0;
  for (const auto& one : found->series) all += one.value;
  return all;
}

inline std::uint64_t samples_of(const annals::metrics& in, std::string_view family, std::initializer_list<std::string_view> labels = {}) {
  return series_of(in, family, labels).histogram->count;
}

inline double sum_in(const annals::metrics& in, std::string_view family, std::initializer_list<std::string_view> labels = {}) {
  return series_of(in, family, labels).histogram->sum;
}
