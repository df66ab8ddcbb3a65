// Reads the keys of one table of a TOML file; the first mistake is kept, with its place.
#pragma once

#include <annals/option_list.hpp>
#include <annals/result.hpp>

#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::config {

/// Errors: bad_option, with file and line.
result<toml::table> parsed(std::string_view text, std::string_view name);
/// What the file has. Errors: bad_option, if it cannot be read.
result<std::string> text_of(const std::filesystem::path& file);

/// A whole number, a space or none, and a unit; nothing else.
template <std::size_t N>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<option_unit, N>& units) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{}) return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (name.starts_with(' ')) name.remove_prefix(1);
  for (const auto& u : units) {
    std::uint64_t product = 0;
    if (name == u.name && !__builtin_mul_overflow(number, u.factor, &product)) return product;
  }
  return std::nullopt;
}

class reader {
public:
  /// `name`: of the file.
  reader(const toml::table& table, std::string_view name) : reader(table, name, {}) {}

  void text(std::string_view key, std::string& out) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto v = node->value_exact<std::string>(); v && !v->empty())
      out = *v;
    else
      refuse(*node, key, "expected a text that is not empty");
  }

  /// A file. A relative path begins in `directory`.
  void file(std::string_view key, std::filesystem::path& out, const std::filesystem::path& directory) {
    std::string written;
    text(key, written);
    if (!written.empty()) out = directory / written;
  }

  void texts(std::string_view key, std::vector<std::string>& out) {
    const auto* node = take(key);
    if (!node) return;
    const auto* list = node->as_array();
    if (!list) return refuse(*node, key, "expected a list of texts");
    for (const auto& one : *list)
      if (const auto v = one.value_exact<std::string>(); v && !v->empty())
        out.push_back(*v);
      else
        refuse(one, key, "expected a text that is not empty");
  }

  /// A table of texts by name.
  void table_of_texts(std::string_view key, std::map<std::string, std::string>& out) {
    const auto* node = take(key);
    if (!node) return;
    const auto* table = node->as_table();
    if (!table) return refuse(*node, key, "expected a table");
    for (const auto& [name, value] : *table)
      if (const auto v = value.value_exact<std::string>())
        out.emplace(name.str(), *v);
      else
        refuse(value, std::string{key} + "." + std::string{name.str()}, value.is_table() ? "a name with dots stands in quotes" : "expected a text");
  }

  void flag(std::string_view key, bool& out) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto v = node->value_exact<bool>())
      out = *v;
    else
      refuse(*node, key, "expected true or false");
  }

  /// A number from 0 to 1.
  void share(std::string_view key, double& out) {
    const auto* node = take(key);
    if (!node) return;
    const auto whole = node->value_exact<std::int64_t>();
    const auto v = whole ? static_cast<double>(*whole) : node->value_exact<double>().value_or(-1);
    if (v >= 0 && v <= 1)
      out = v;
    else
      refuse(*node, key, "is not within 0 to 1");
  }

  /// One of these words; the number of the word is the value.
  template <class T, std::size_t N>
  void one_of(std::string_view key, T& out, const std::array<std::string_view, N>& words) {
    const auto* node = take(key);
    if (!node) return;
    const auto written = node->value_exact<std::string_view>();
    std::string known;
    for (std::size_t number = 0; number < N; ++number) {
      if (written == words[number]) return void(out = static_cast<T>(number));
      known.append(known.empty() ? "" : ", ").append(words[number]);
    }
    refuse(*node, key, "expected one of: " + known);
  }

  template <class T>
  void number(std::string_view key, T& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    const auto v = node->value_exact<std::int64_t>();
    if (!v || *v < 0) return refuse(*node, key, "expected a whole number, not below zero");
    store(*node, key, static_cast<std::uint64_t>(*v), out, least, most);
  }

  template <class T>
  void bytes(std::string_view key, T& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto v = node->value_exact<std::int64_t>(); v && *v >= 0) return store(*node, key, static_cast<std::uint64_t>(*v), out, least, most);
    const auto text = node->value_exact<std::string_view>();
    const auto v = text ? with_unit(*text, size_units) : std::nullopt;
    if (!v) return refuse(*node, key, "expected a size: bytes, or a number with B, KiB, MiB, GiB or TiB");
    store(*node, key, *v, out, least, most);
  }

  void duration(std::string_view key, std::chrono::milliseconds& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    const auto text = node->value_exact<std::string_view>();
    const auto v = text ? with_unit(*text, duration_units) : std::nullopt;
    if (!v) return refuse(*node, key, "expected a duration: a number with ms, s, min or h");
    std::uint64_t ms = 0;
    store(*node, key, *v, ms, least, most);
    if (!wrong_) out = std::chrono::milliseconds{ms};
  }

  /// A knob that may not be below another one: said of whichever is in the file. `named`: how the bound is called, if not by its key.
  void at_least(std::string_view key, std::uint64_t value, std::string_view named, std::uint64_t bound, std::string_view other = {}) {
    if (value >= bound) return;
    const auto* node = table_.get(key);
    if (!node) node = table_.get(other.empty() ? named : other);
    const auto why = std::to_string(value) + " is below " + std::string{named} + ", " + std::to_string(bound);
    if (node) refuse(*node, key, why);
  }

  /// A table that somebody else reads.
  void leave(std::string_view key) {
    const auto* node = take(key);
    if (node && !node->is_table()) refuse(*node, key, "expected a table");
  }

  /// A table in this one: `read` gets its reader. Mistakes name its keys as `key.…`.
  template <class Read>
  void table(std::string_view key, Read&& read) {
    const auto* node = take(key);
    if (!node) return;
    const auto* found = node->as_table();
    if (!found) return refuse(*node, key, "expected a table");
    reader inner{*found, name_, prefix_ + std::string{key} + "."};
    read(inner);
    if (auto wrong = inner.finish()) keep(std::move(*wrong));
  }

  bool has(std::string_view key) const { return table_.contains(key); }
  /// A mistake that shows only beside other keys.
  void refuse_key(std::string_view key, const std::string& why) {
    if (const auto* node = table_.get(key)) refuse(*node, key, why);
  }
  /// A mistake of the table as a whole.
  void refuse_table(std::string_view key, const std::string& why) { refuse(table_, key, why); }

  /// What was not taken is unknown.
  std::optional<error> finish() {
    for (const auto& [key, node] : table_)
      if (!taken_.contains(std::string{key.str()})) refuse(node, key.str(), "unknown key");
    return wrong_;
  }

private:
  reader(const toml::table& table, std::string_view name, std::string prefix) : table_(table), name_(name), prefix_(std::move(prefix)) {}

  const toml::node* take(std::string_view key) {
    taken_.emplace(key);
    return table_.get(key);
  }

  template <class T>
  void store(const toml::node& node, std::string_view key, std::uint64_t v, T& out, std::uint64_t least, std::uint64_t most) {
    if (v < least || v > most)
      return refuse(node, key, std::to_string(v) + " is not within " + std::to_string(least) + " to " + std::to_string(most));
    out = static_cast<T>(v);
  }

  void refuse(const toml::node& node, std::string_view key, const std::string& why) {
    const auto line = node.source().begin.line;
    keep({errc::bad_option, name_ + ":" + std::to_string(line), prefix_ + std::string{key} + ": " + why, 0, line});
  }

  /// The first one of the file.
  void keep(error wrong) {
    if (!wrong_ || wrong.place < wrong_->place) wrong_ = std::move(wrong);
  }

  const toml::table& table_;
  std::string name_;
  std::string prefix_;  // of keys in messages
  std::set<std::string> taken_;
  std::optional<error> wrong_;
};

}  // namespace annals::config
