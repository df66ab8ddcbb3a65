#include "store/log/effect_table.hpp"

#include <charconv>

namespace annals::store {

control_entry effects_done(std::string_view projection, const effects& so_far) {
  auto value = std::to_string(so_far.done);
  for (const auto at : so_far.pending) value.append(1, ' ').append(std::to_string(at));
  return {"effects/" + std::string{projection}, std::move(value)};
}

result<std::optional<effects>> effects_done_before(const log& in, std::string_view projection) {
  std::optional<effects> done;
  bool is_damaged = false;
  const auto wanted = "effects/" + std::string{projection};
  auto read = in.control(wanted, [&](std::string_view key, std::string_view value) {
    if (key != wanted) return false;
    done.emplace();
    const char* rest = value.data();
    const char* const end = rest + value.size();
    const auto number = [&](position& into) {
      const auto [next, failed] = std::from_chars(rest, end, into);
      is_damaged = is_damaged || failed != std::errc{};
      rest = next;
    };
    number(done->done);
    while (rest != end && !is_damaged) {
      is_damaged = *rest++ != ' ';
      position at = 0;
      if (!is_damaged) number(at);
      done->pending.insert(at);
    }
    return false;
  });
  if (!read) return std::move(read).error();
  if (is_damaged) return error{errc::corrupt_record, "a value of the log's control table is damaged", wanted};
  return done;
}

}  // namespace annals::store
