// One HTML file with everything in it: no script, nothing loaded.
#pragma once

#include <string>
#include <vector>

namespace bench::report {

/// On what the figures of a section were taken, a line each.
struct source {
  std::vector<std::string> command;  // and its options, none of which is broken between two lines
  std::vector<std::string> machines;
  std::string syncs;
};

struct figure {
  std::string title;
  std::string svg;
};

struct table {
  std::string title;  // may be empty
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

struct section {
  std::string heading;
  std::string text;
  std::vector<figure> figures;
  std::vector<table> tables;
  std::vector<source> sources;
};

/// All texts are escaped, but for the drawings, which are SVG.
std::string page(const std::string& title, const std::vector<std::string>& lead, const std::vector<section>& sections);

}  // namespace bench::report
