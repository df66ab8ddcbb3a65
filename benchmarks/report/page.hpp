// One self-contained HTML file: no script, nothing loaded.
#pragma once

#include <string>
#include <vector>

namespace bench::report {

/// How and on which machines the figures of a section were measured, one line for each.
struct source {
  std::vector<std::string> command;  // the command and its options; no option is broken between two lines
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

/// Escapes all texts except the drawings, which are SVG.
std::string page(const std::string& title, const std::vector<std::string>& lead, const std::vector<section>& sections);

}  // namespace bench::report
