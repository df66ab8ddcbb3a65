#pragma once

#include "actors/base/environment.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"

namespace annals::actors {

struct partition_state {
  const environment* env = nullptr;
  std::optional<fold> log_fold;
  std::shared_ptr<model_state> model;
  build_partition order;
  fold::went counted;
  static inline const char* name = "partition";
};

/// Starts at once, answers with partition_built, and ends.
caf::behavior partition(caf::stateful_actor<partition_state>* self, const environment& env, build_partition order);

/// The partitions that build one model.
class partitions {
public:
  /// Spawns one partition for each number, with otherwise equal orders. Each answers with partition_built.
  partitions(caf::event_based_actor* self, const environment& env, build_partition orders);
  partitions(partitions&&) = default;
  partitions& operator=(partitions&&) = default;
  /// Ends the partitions that are still working.
  ~partitions();

  /// The build number that their answers carry.
  std::uint64_t build() const { return build_; }

  /// Takes the result of one partition. Returns true for the last one.
  bool take(const partition_built& part);
  /// The parts merged into one model, or the error at the lowest position where a partition failed.
  result<model_state> merged();
  /// What has become of the counted events, once the last one is taken.
  fold::went went() const;

private:
  const detail::projection_table* table_;
  position up_to_;
  position counted_after_;
  std::uint64_t build_;
  std::vector<caf::actor> at_work_;
  std::vector<std::shared_ptr<model_state>> parts_;  // by number: the merge does not depend on which one ended first
  std::size_t missing_;
  std::optional<error> failed_;
  fold::went went_;
};

}  // namespace annals::actors
