// The state of a stream at a version, a position or a time, and what its event changed.
#include "ops/console/changes.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"
#include "ops/console/versions.hpp"

namespace annals::ops {
namespace {

struct state_query {
  std::string id;
  std::optional<version> at_version;
  std::optional<position> at_position;
  std::optional<timestamp> at_time;
};

result<version> version_of(const call& c, const state_query& q, version newest) {
  if (q.at_version) {
    if (*q.at_version > newest) return error{errc::not_found, "the stream has no such version", std::to_string(*q.at_version)};
    return *q.at_version;
  }
  if (q.at_position) return last_within(c.view(), q.id, newest, [&](const record_view& record) { return record.at <= *q.at_position; });
  if (q.at_time) return last_within(c.view(), q.id, newest, [&](const record_view& record) { return record.time <= *q.at_time; });
  return newest;
}

/// One line of JSON. Version 0 is the initial state.
result<std::string> state_text(const call& c, const std::string& id, version at) {
  const auto& types = c.view().types();
  if (at == 0) {
    const auto initial = types.begin(id);
    if (!initial) return initial.error();
    return initial->json();
  }
  const auto past = c.view().state_of(types, id, {.version = at});
  if (!past) return past.error();
  return types.state_json(id, past->state);
}

void add_state(const call& c, const std::string& id, version at, json& out) {
  out["state"] = nullptr;
  out["state_error"] = nullptr;
  out["state_omitted"] = false;
  out["changes"] = nullptr;
  const auto after = state_text(c, id, at);
  if (!after) {
    out["state_error"] = error_json(after.error());
    return;
  }
  if (after->size() > shown_bytes_max) {
    out["state_omitted"] = true;
    return;
  }
  out["state"] = parsed(*after);
  const auto before = at == 0 ? after : state_text(c, id, at - 1);
  if (!before || before->size() > shown_bytes_max) return;
  auto changes = changes_between(parsed(*before), out["state"]);
  if (text_of(changes).size() <= shown_bytes_max) out["changes"] = std::move(changes);
}

}  // namespace

answer show_state(call& c) {
  parameters given{c.asked};
  const state_query q{given.needed_text("id"), given.number("version"), given.number("position"), given.time("time")};
  if (given.wrong()) return answer_of(*given.wrong());
  const auto ends = ends_of(c.view(), q.id);
  if (!ends) return answer_of(ends.error());
  const auto at = version_of(c, q, ends->newest);
  if (!at) return answer_of(at.error());
  json out{{"stream", text(q.id)}, {"version", *at}, {"position", 0}, {"time", nullptr}, {"type", nullptr}};
  json record;
  if (*at > 0) {
    auto ok = look_at_version(c.view(), q.id, *at, [&](const record_view& found) {
      out.update(place_json(found));
      record = record_json(c.view().types(), found, shown_bytes_max);
    });
    if (!ok) return answer_of(ok.error());
  }
  add_state(c, q.id, *at, out);
  out["record"] = std::move(record);
  return answer_of(std::move(out));
}

}  // namespace annals::ops
