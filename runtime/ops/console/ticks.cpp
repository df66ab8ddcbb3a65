// The marks of the slider over a stream's versions.
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"
#include "ops/console/versions.hpp"

#include <optional>

namespace annals::ops {
namespace {

json tick_json(const record_view& record, const json& changed) {
  return {{"version", record.version}, {"position", record.at}, {"time", time_text(record.time)}, {"type", text(record.type)}, {"changed", changed}};
}

/// Says for one event after the other whether it changed the state, as long as the state can be known.
class state_watch {
public:
  state_watch(const call& c, const std::string& stream) : call_(c) {
    if (auto begun = c.view().types().begin(stream)) {
      state_ = std::move(*begun);
      before_ = state_->encoded();
    }
  }
  json changed_by(const record_view& record) {
    if (!state_) return nullptr;
    if (call_.is_over() || !state_->apply(record)) return state_.reset(), nullptr;
    auto after = state_->encoded();
    const bool changed = after != before_;
    before_ = std::move(after);
    return changed;
  }

private:
  const call& call_;
  std::optional<folded_state> state_;
  std::string before_;
};

result<json> all_ticks(const call& c, const std::string& id) {
  json out = json::array();
  state_watch watch{c, id};
  auto ok = c.view().stream(id, 1, [&](const record_view& record) {
    out.push_back(tick_json(record, watch.changed_by(record)));
    return true;
  });
  if (!ok) return std::move(ok).error();
  return out;
}

/// `count` versions, spread evenly, the first and the last among them.
result<json> some_ticks(const call& c, const std::string& id, version newest, std::uint64_t count) {
  json out = json::array();
  for (std::uint64_t n = 0; n < count && !c.is_over(); ++n) {
    const auto at = 1 + n * (newest - 1) / (count - 1);
    auto ok = look_at_version(c.view(), id, at, [&](const record_view& record) { out.push_back(tick_json(record, nullptr)); });
    if (!ok) return std::move(ok).error();
  }
  return out;
}

}  // namespace

answer list_ticks(call& c) {
  parameters given{c.asked};
  const auto id = given.needed_text("id");
  const auto most = given.between("max", 2, 1'000, 400);
  if (given.wrong()) return answer_of(*given.wrong());
  const auto ends = ends_of(c.view(), id);
  if (!ends) return answer_of(ends.error());
  const bool sampled = ends->newest > most;
  auto ticks = sampled ? some_ticks(c, id, ends->newest, most) : all_ticks(c, id);
  if (!ticks) return answer_of(ticks.error());
  return answer_of(json{{"stream", text(id)}, {"versions", ends->newest}, {"sampled", sampled}, {"ticks", std::move(*ticks)}});
}

}  // namespace annals::ops
