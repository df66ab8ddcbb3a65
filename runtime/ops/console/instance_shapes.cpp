#include "ops/console/instance_shapes.hpp"

#include "ops/console/moments.hpp"
#include "ops/console/shapes.hpp"

namespace annals::ops {

const char* word_of(instance_state state) {
  switch (state) {
    case instance_state::held: return "stuck";
    case instance_state::stuck: return "parked";
    case instance_state::open_commands: return "open";
    case instance_state::waiting: return "timer";
    case instance_state::running:
    case instance_state::ended: break;
  }
  return "idle";
}

std::uint64_t count_of(const instance_counts& all, instance_state state) {
  switch (state) {
    case instance_state::held: return all.held.value_or(0);
    case instance_state::stuck: return all.stuck;
    case instance_state::open_commands: return all.open_commands;
    case instance_state::waiting: return all.waiting;
    case instance_state::running: return all.running;
    case instance_state::ended: break;
  }
  return all.ended;
}

std::uint64_t total_of(const instance_counts& all) {
  return all.stuck + all.held.value_or(0) + all.open_commands + all.waiting + all.running + all.ended;
}

json counts_json(const instance_counts& all) {
  return {{"stuck", all.held ? json(*all.held) : json{}},
          {"parked", all.stuck},
          {"open", all.open_commands},
          {"timer", all.waiting},
          {"idle", all.running + all.ended}};
}

json instance_json(const process_instance_info& one) {
  json last;
  if (one.newest > 0)
    last = {{"stream", text(one.stream)}, {"version", one.newest}, {"position", one.at}, {"time", time_text(one.changed)}, {"type", text(one.type)}};
  return {{"stream", text(one.stream)}, {"state", word_of(one.state)},        {"versions", one.newest},    {"began", time_text(one.began)},
          {"last", std::move(last)},    {"open_commands", one.open_commands}, {"timers", one.open_timers}, {"refused", one.refused}};
}

}  // namespace annals::ops
