// The way to a shard, from any thread: commands, and what comes back to its aggregates. The shard is woken once for
// all that waits, and takes all of it at once. Each thread's things keep their order.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/ports.hpp"

#include <caf/all.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace annals::actors {

struct shard_batch {
  command_list commands;
  std::vector<std::pair<caf::actor, caf::message>> answers;  // to aggregates
};

class shard_inbox final : public answer_port {
public:
  /// The texts are copied.
  void put(const command& cmd);
  void put(caf::actor aggregate, caf::message answer) override;
  /// Hands out what waits, and takes an empty batch in its place, whose memory is used again. The next put() wakes.
  void take(shard_batch& empty);
  /// The shard has ended: what waits is dropped, and all that comes later.
  void close();

  caf::actor reader;  // the shard; set before the first command

private:
  template <class Add>
  void put_with(Add&& add);

  std::mutex mutex_;
  shard_batch batch_;
  bool awake_ = false;
  bool closed_ = false;
};

/// While it lives, a shard that gets something from this thread is woken at its end: between two sends nobody takes the
/// processor from the sender. Does not nest.
class wake_at_end {
public:
  wake_at_end();
  wake_at_end(const wake_at_end&) = delete;
  wake_at_end& operator=(const wake_at_end&) = delete;
  ~wake_at_end();
  /// Those that are to be woken, for whoever does it now.
  std::vector<caf::actor> take();
};

}  // namespace annals::actors
