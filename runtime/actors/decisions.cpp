#include "actors/decisions.hpp"

#include <charconv>

namespace annals::actors {
namespace {

constexpr std::size_t digits = 20;

std::string prefix_of(std::string_view who) { return "skipped/" + std::string{who} + "/"; }

}  // namespace

store::control_entry skip_decision(std::string_view who, position at, timestamp now) {
  const auto number = std::to_string(at);
  return {prefix_of(who) + std::string(digits - number.size(), '0') + number, std::to_string(now)};
}

result<std::set<position>> skipped_before(const store::log& in, std::string_view who) {
  std::set<position> all;
  const auto prefix = prefix_of(who);
  auto read = in.control(prefix, [&](std::string_view key, std::string_view) {
    const auto number = key.substr(prefix.size());
    position at = 0;
    if (number.size() == digits && std::from_chars(number.begin(), number.end(), at).ptr == number.end()) all.insert(at);
    return true;
  });
  if (!read) return std::move(read).error();
  return all;
}

store::control_entry effects_done(std::string_view who, const effects& so_far) {
  auto value = std::to_string(so_far.done);
  for (const auto at : so_far.owed) value += " " + std::to_string(at);
  return {"effects/" + std::string{who}, std::move(value)};
}

result<std::optional<effects>> effects_done_before(const store::log& in, std::string_view who) {
  std::optional<effects> done;
  bool is_damaged = false;
  const auto wanted = "effects/" + std::string{who};
  auto read = in.control(wanted, [&](std::string_view key, std::string_view value) {
    if (key != wanted) return false;
    done.emplace();
    const char* rest = value.data();
    const char* const end = rest + value.size();
    const auto number = [&](position& into) {
      const auto [behind, failed] = std::from_chars(rest, end, into);
      is_damaged = is_damaged || failed != std::errc{};
      rest = behind;
    };
    number(done->done);
    while (rest != end && !is_damaged) {
      is_damaged = *rest++ != ' ';
      position at = 0;
      if (!is_damaged) number(at);
      done->owed.insert(at);
    }
    return false;
  });
  if (!read) return std::move(read).error();
  if (is_damaged) return error{errc::corrupt_record, "the log's control table has no such value", wanted};
  return done;
}

error nothing_parked(position at) { return {errc::not_found, "nothing is parked there", "position " + std::to_string(at), 0, at}; }

}  // namespace annals::actors
