// One instance of a process manager, turn by turn.
#include "ops/console/instance_shapes.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/parked_groups.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

namespace annals::ops {
namespace {

json body_of(const std::string& shown) { return shown.empty() || shown.size() > payload_bytes_in_list ? json{} : parsed(shown); }

json command_json(const instance_turn& turn, const turn_item& item) {
  json out{{"kind", "command"}, {"version", item.version}, {"command", text(item.name)}, {"to", text(item.to)}, {"body", body_of(item.json)}};
  const auto& answer = item.answer;
  out["result"] = !answer ? "open" : answer->accepted ? "accepted" : "refused";
  out["code"] = answer ? text(answer->code) : "";
  out["detail"] = answer ? text(answer->detail) : "";
  out["event"] = nullptr;
  if (answer && answer->target_version > 0)
    out["event"] = {{"stream", text(item.to)},
                    {"version", answer->target_version},
                    {"position", answer->at},
                    {"time", time_text(answer->time)},
                    {"type", text(answer->type)}};
  out["answered"] = answer ? json(time_text(answer->time)) : json{};
  out["seconds"] = answer ? json(static_cast<double>(answer->time - turn.time) / 1e6) : json{};
  return out;
}

json timer_json(const turn_item& item) {
  const auto& end = item.end;
  return {{"kind", "timer"},
          {"version", item.version},
          {"timer", text(item.name)},
          {"due", time_text(item.due)},
          {"end", !end         ? "pending"
                  : end->fired ? "fired"
                               : "cancelled"},
          {"end_time", end ? json(time_text(end->time)) : json{}}};
}

json item_json(const instance_turn& turn, const turn_item& item) {
  switch (item.what) {
    case turn_item::kind::command: return command_json(turn, item);
    case turn_item::kind::timer: return timer_json(item);
    case turn_item::kind::cancel_timers: return {{"kind", "cancel"}, {"version", item.version}, {"timer", text(item.name)}};
    case turn_item::kind::event: break;
  }
  return {{"kind", "event"}, {"version", item.version}, {"type", text(item.name)}, {"payload", body_of(item.json)}};
}

json observed_json(const instance_turn& turn) {
  if (turn.cause != turn_cause::observed || turn.cause_at == 0) return nullptr;
  return {{"stream", text(turn.cause_stream)},
          {"version", turn.cause_version},
          {"position", turn.cause_at},
          {"time", time_text(turn.cause_time)},
          {"type", text(turn.cause_type)}};
}

json fired_json(const instance_turn& turn) {
  if (turn.cause != turn_cause::timer) return nullptr;
  return {{"timer", text(turn.cause_type)},
          {"version", turn.cause_version},
          {"due", time_text(turn.due)},
          {"late_seconds", static_cast<double>(turn.time - turn.due) / 1e6}};
}

json answered_json(const instance_turn& turn) {
  if (turn.cause != turn_cause::answered || !turn.answer) return nullptr;
  return {{"version", turn.cause_version},     {"command", text(turn.cause_type)}, {"to", text(turn.cause_stream)},
          {"accepted", turn.answer->accepted}, {"code", text(turn.answer->code)},  {"detail", text(turn.answer->detail)}};
}

json turn_json(const instance_turn& turn) {
  json items = json::array();
  for (const auto& each : turn.items) items.push_back(item_json(turn, each));
  return {{"version", turn.version},   {"position", turn.at},           {"time", time_text(turn.time)}, {"observed", observed_json(turn)},
          {"fired", fired_json(turn)}, {"answer", answered_json(turn)}, {"items", std::move(items)}};
}

json error_of(const process_instance_info& now) {
  if (!now.parked && now.held)
    return {{"text", text(now.held->why)},
            {"position", nullptr},
            {"command", text(now.held->command)},
            {"to", text(now.held->to)},
            {"attempts", nullptr}};
  if (!now.parked) return nullptr;
  return {{"text", text(now.parked->error)}, {"position", now.parked->at}, {"command", nullptr}, {"to", nullptr}, {"attempts", now.parked->attempts}};
}

}  // namespace

answer show_instance(call& c) {
  parameters given{c.asked};
  const auto id = given.needed_text("id");
  const auto from = given.number("from", 1).value_or(1);
  const auto limit = given.limit();
  if (given.wrong()) return answer_of(*given.wrong());
  const auto found = c.view().instance(id, from, limit);
  if (!found) return answer_of(found.error());
  json turns = json::array();
  for (const auto& each : found->turns) turns.push_back(turn_json(each));
  auto out = instance_json(found->now);
  out["category"] = text(category_of(id));
  out["error"] = error_of(found->now);
  out["turns"] = std::move(turns);
  out["next"] = found->next ? json(*found->next) : json{};
  out["unsearched"] = found->unsearched;
  return answer_of(std::move(out));
}

}  // namespace annals::ops
