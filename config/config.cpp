#include <annals/config.hpp>
#include <annals/option_list.hpp>

#include "config/reader.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <variant>

namespace annals::config {

result<toml::table> parsed(std::string_view text, std::string_view name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& e) {
    const auto line = e.source().begin.line;
    return error{errc::bad_option, std::string{name} + ":" + std::to_string(line), std::string{e.description()}, 0, line};
  }
}

result<std::string> text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  in.peek();  // a directory opens, and fails here
  if (!in.is_open() || in.bad()) return error{errc::bad_option, file.string(), "cannot be read"};
  in.clear();  // an empty file has nothing to peek at
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

namespace {

/// Reads the key of one option.
struct option_reader {
  reader& from;
  const option_entry& of;
  options& into;

  void operator()(bool options::* place) const { from.flag(of.name, into.*place); }
  void operator()(std::uint64_t options::* place) const {
    if (of.is_size)
      from.bytes(of.name, into.*place, of.least, of.most);
    else
      from.number(of.name, into.*place, of.least, of.most);
  }
  void operator()(std::chrono::milliseconds options::* place) const { from.duration(of.name, into.*place, of.least, of.most); }
  void operator()(double options::* place) const { from.share(of.name, into.*place); }
  template <class Label>
  void operator()(Label options::* place) const {
    from.one_of(of.name, into.*place, labels_of(Label{}));
  }
};

}  // namespace

result<options> parse(std::string_view text, std::string_view name) {
  const auto table = parsed(text, name);
  if (!table) return table.error();
  options o;
  reader r{*table, name};
  for (const auto* table : {"listen", "remote", "relay", "intake", "sink"}) r.leave(table);
  for (const auto& each : all_options()) std::visit(option_reader{r, each, o}, each.place);
  for (const auto& each : all_options())
    if (const auto least = each.not_below; least.place)
      r.at_least(each.name, o.*std::get<std::uint64_t options::*>(each.place), least.name, o.*least.place);
  if (auto wrong = r.finish()) return std::move(*wrong);
  return o;
}

result<options> load(const std::filesystem::path& file) {
  const auto text = text_of(file);
  if (!text) return text.error();
  return parse(*text, file.string());
}

}  // namespace annals::config
