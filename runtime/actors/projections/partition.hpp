#pragma once

#include "actors/base/environment.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"

namespace annals::actors {

struct partition_state {
  const environment* env = nullptr;
  std::optional<fold> following;
  std::shared_ptr<model_state> model;
  build_partition order;
  static inline const char* name = "partition";
};

/// Starts at once and ends with its answer.
caf::behavior partition(caf::stateful_actor<partition_state>* self, const environment& env, build_partition order);

/// The partitions of a model that are being built.
class partitions {
public:
  /// Spawns them, each with its number of these orders; they answer with partition_built.
  partitions(caf::event_based_actor* self, const environment& env, build_partition orders);
  partitions(partitions&&) = default;
  partitions& operator=(partitions&&) = default;
  /// Ends those that are still at it.
  ~partitions();

  /// What their answers bear.
  std::uint64_t build() const { return build_; }

  /// Takes what one has come to; true when it was the last.
  bool take(const partition_built& part);
  /// All of them as one model, or what was wrong at the first place where one failed.
  result<model_state> merged();

private:
  const detail::projection_table* table_;
  position up_to_;
  std::uint64_t build_;
  std::vector<caf::actor> at_work_;
  std::vector<std::shared_ptr<model_state>> parts_;  // by number, so that merging does not depend on who was first
  std::size_t missing_;
  std::optional<error> failed_;
};

}  // namespace annals::actors
