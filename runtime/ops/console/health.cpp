// For an orchestrator, without a session: it says whether the program lives and is ready, and nothing about what it does.
#include "ops/console/routes.hpp"

namespace annals::ops {
namespace {

struct condition {
  bool live = true;
  bool ready = true;
};

/// Live: the program can go on without a restart. Ready: it takes commands, and nothing that follows the log has stopped.
condition condition_of(const call& c) {
  if (!c.site.is_inside()) {
    const bool readable = c.view().head().has_value();
    return {readable, readable};
  }
  const auto now = c.site.runtime->health();
  const auto has_stopped = [](const auto& all) {
    for (const auto& each : all)
      if (each.stopped) return true;
    return false;
  };
  return {!now.journal_stopped, !now.journal_stopped && !now.storage_full && !has_stopped(now.projections) && !has_stopped(now.processes)};
}

answer say(bool good, const json& what) {
  answer out;
  out.status = good ? 200 : 503;
  out.body = text_of(what);
  return out;
}

}  // namespace

answer show_health(call& c) {
  const auto now = condition_of(c);
  return say(now.live && now.ready, {{"live", now.live}, {"ready", now.ready}});
}

answer show_live(call& c) {
  const bool live = condition_of(c).live;
  return say(live, {{"live", live}});
}

answer show_ready(call& c) {
  const bool ready = condition_of(c).ready;
  return say(ready, {{"ready", ready}});
}

}  // namespace annals::ops
