// What operators did: each act is an event in the log before it takes effect. The stream is an ordinary one, so every reader of the log
// sees it, and nothing that follows the log has to know it.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annals::ops {

enum class act : std::uint8_t { retry, retry_group, skip, rebuild };
constexpr auto labels_of(act) { return std::to_array<std::string_view>({"retry", "retry_group", "skip", "rebuild"}); }

/// An operator asked for this. The name of who did is the record's principal.
struct record_act {
  act what = act::retry;
  std::string of;                   // the projection, the category of a process manager, or subscription/NAME
  std::vector<position> positions;  // of the parked events; empty for a rebuild
  static constexpr auto about = annals::describe<&record_act::what, &record_act::of, &record_act::positions>("record_act", 1);
};

struct operator_acted {
  act what = act::retry;
  std::string of;
  std::vector<position> positions;
  static constexpr auto about = annals::describe<&operator_acted::what, &operator_acted::of, &operator_acted::positions>("annals.operator_acted", 1);
};

struct operators {
  static constexpr std::string_view category = "annals.operator";
  static constexpr std::string_view key = "console";
  using commands = annals::types<record_act>;
  using events = annals::types<operator_acted>;
  struct state {
    std::uint64_t acts = 0;
    static constexpr auto about = annals::describe<&state::acts>("annals.operator", 1);
  };
  static annals::decision<operators> decide(const state&, const record_act& c, const annals::context&) {
    return operator_acted{c.what, c.of, c.positions};
  }
  static void evolve(state& s, const operator_acted&) { ++s.acts; }
};

}  // namespace annals::ops
