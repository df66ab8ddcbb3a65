// A shard's inbox: commands, and answers to its aggregates. Thread-safe. The shard is woken once for everything that waits, and takes it
// all at once. What one thread puts in keeps its order.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/meters.hpp"
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
  /// Copies the texts.
  void put(const command& cmd);
  void put(caf::actor aggregate, caf::message answer) override;
  /// Swaps what waits with an empty batch, whose memory is reused. The next put() wakes the shard.
  void take(shard_batch& empty);
  /// Call when the shard has ended: drops what waits and everything that is put later.
  void close();

  caf::actor reader;    // the shard; set before the first command
  shard_meters meters;  // the shard is their writer

private:
  template <class Add>
  void put_with(Add&& add);

  std::mutex mutex_;
  shard_batch batch_;
  bool awake_ = false;
  bool closed_ = false;
};

/// Delays wake-ups: shards that get something from this thread are woken when this object is destroyed, so that no shard takes the
/// processor from the sender between two sends. Does not nest.
class wake_at_end {
public:
  wake_at_end();
  wake_at_end(const wake_at_end&) = delete;
  wake_at_end& operator=(const wake_at_end&) = delete;
  ~wake_at_end();
  /// The shards to be woken. The caller wakes them instead.
  std::vector<caf::actor> take();
};

}  // namespace annals::actors
