// What docs/reference/metrics.md says of the families of metrics.
#pragma once

#include <annals/metrics.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace connectors {

/// Lines like "annals_relay_position gauge name", labels in the order of the alphabet.
using family_lines = std::set<std::string>;

inline std::string family_line(const std::string& name, const std::string& kind, const std::set<std::string>& labels) {
  auto line = name + ' ' + kind;
  for (const auto& label : labels) line += ' ' + label;
  return line;
}

/// What the section of this title lists, of names that begin so.
inline family_lines listed_families(std::string_view title, std::string_view names) {
  std::ifstream page{METRICS_PAGE};
  const std::regex row{R"(\| `(\w+)` \| (counter|gauge|histogram) \|([^|]*)\|.*)"};
  const std::regex word{R"(\w+)"};
  family_lines found;
  bool is_in = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) is_in = line.substr(3) == title;
    std::smatch parts;
    if (!is_in || !std::regex_match(line, parts, row) || !parts.str(1).starts_with(names)) continue;
    const auto labels = parts.str(3);
    found.insert(family_line(parts[1], parts[2], {std::sregex_token_iterator{labels.begin(), labels.end(), word}, {}}));
  }
  if (found.empty()) throw std::runtime_error(METRICS_PAGE ": no such families in the section " + std::string{title});
  return found;
}

/// The families of a read model in a database.
inline family_lines listed_families_of_sinks() {
  auto all = listed_families("Followers of the log", "annals_follower_");
  all.merge(listed_families("Parked events", "annals_parked_"));
  return all;
}

/// A family without a series has no labels here.
inline family_lines families_in(const annals::metrics& of) {
  family_lines made;
  for (const auto& family : of.families) {
    const auto* kind = family.kind == annals::metric_kind::counter ? "counter" : family.kind == annals::metric_kind::gauge ? "gauge" : "histogram";
    std::set<std::string> labels;
    for (const auto& series : family.series)
      for (const auto& label : series.labels) labels.insert(label.name);
    made.insert(family_line(family.name, kind, labels));
  }
  return made;
}

}  // namespace connectors
