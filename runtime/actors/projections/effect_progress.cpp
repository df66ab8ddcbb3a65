#include "actors/projections/effect_progress.hpp"

#include "store/log/effect_table.hpp"

namespace annals::actors {

result<effect_progress> effect_progress::read(const store::log& log, const std::string& projection, position head,
                                              const std::set<position>& skipped) {
  const auto before = store::effects_done_before(log, projection);
  if (!before) return before.error();
  effect_progress made;
  made.written_ = *before;
  made.now = before->value_or(store::effects{head, {}});
  for (const auto at : skipped) made.now.pending.erase(at);
  return made;
}

std::optional<store::control_entry> effect_progress::to_write(const std::string& projection) {
  if (is_writing_ || written_ == now) return std::nullopt;
  is_writing_ = true;
  written_ = now;
  return store::effects_done(projection, now);
}

}  // namespace annals::actors
