#include "actors/write/shard_inbox.hpp"

#include "actors/base/messages.hpp"

namespace annals::actors {
namespace {
thread_local bool wakes_at_end = false;
thread_local std::vector<caf::actor> to_wake;
}  // namespace

template <class Add>
void shard_inbox::put_with(Add&& add) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    add(batch_);
    if (std::exchange(awake_, true)) return;
  }
  if (wakes_at_end)
    to_wake.push_back(reader);
  else
    caf::anon_send(reader, wake::value);
}

wake_at_end::wake_at_end() {
  if (std::exchange(wakes_at_end, true)) detail::broken("wake_at_end within another");
}

wake_at_end::~wake_at_end() {
  wakes_at_end = false;
  for (const auto& shard : take()) caf::anon_send(shard, wake::value);
}

std::vector<caf::actor> wake_at_end::take() { return std::exchange(to_wake, {}); }

void shard_inbox::put(const command& cmd) {
  put_with([&](shard_batch& batch) { batch.commands.add(cmd); });
}

void shard_inbox::put(caf::actor aggregate, caf::message answer) {
  put_with([&](shard_batch& batch) { batch.answers.emplace_back(std::move(aggregate), std::move(answer)); });
}

void shard_inbox::take(shard_batch& empty) {
  const std::lock_guard lock{mutex_};
  std::swap(batch_, empty);
  awake_ = false;
}

void shard_inbox::close() {
  shard_batch dropped;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  std::swap(batch_, dropped);
}

}  // namespace annals::actors
