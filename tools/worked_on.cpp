#include "tools/worked_on.hpp"

#include "config/hosted.hpp"
#include "tools/interruptible_start.hpp"

#include <utility>

namespace tools {

using annals::error;
using annals::result;

result<void> worked_on::open(const where& place, const annals::options& with, const awaited_signals& signals) {
  const interruptible_start starting{signals};
  if (place.is_far()) {
    auto to = connect(place);
    if (!to) return std::move(to).error();
    far_.emplace(std::move(*to));
    return {};
  }
  auto opened = annals::runtime::open(place.store, with);
  if (!opened) return std::move(opened).error();
  here_.emplace(std::move(*opened));
  if (auto ok = annals::config::host_all(*here_); !ok) return ok;
  return here_->start();
}

std::optional<error> worked_on::wait_for_end(const awaited_signals& signals, const std::function<std::optional<error>()>& look) const {
  for (;;) {
    if (is_end(signals.next())) return std::nullopt;
    if (auto why = look()) return why;
    if (here_)
      if (auto stopped = here_->health().journal_stopped) return stopped;
  }
}

void worked_on::close() {
  if (here_) here_->close();
  if (far_) far_->close();
}

}  // namespace tools
