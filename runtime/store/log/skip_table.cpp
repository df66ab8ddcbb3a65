#include "store/log/skip_table.hpp"

#include "store/log/owner_names.hpp"

#include <charconv>
#include <string>

namespace annals::store {
namespace {

std::string prefix_of(std::string_view owner) { return "skipped/" + std::string{owner} + "/"; }

}  // namespace

control_entry skip_decision(std::string_view owner, position at, timestamp now) { return {prefix_of(owner) + padded(at), std::to_string(now)}; }

result<std::set<position>> skipped_before(const log& in, std::string_view owner) {
  std::set<position> all;
  const auto prefix = prefix_of(owner);
  auto read = in.control(prefix, [&](std::string_view key, std::string_view) {
    const auto number = key.substr(prefix.size());
    position at = 0;
    if (number.size() == position_digits && std::from_chars(number.begin(), number.end(), at).ptr == number.end()) all.insert(at);
    return true;
  });
  if (!read) return std::move(read).error();
  return all;
}

}  // namespace annals::store
