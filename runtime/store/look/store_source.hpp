// What a view of a store on this machine reads: from outside, beside a writer, and from inside, in the writer's process. It takes no lock
// that a writer, a projector or the journal holds, and reads what is readable.
#pragma once

#include <annals/detail/view_source.hpp>
#include "store/look/instances.hpp"
#include "store/look/parts.hpp"
#include "store/os/forks.hpp"
#include "store/read/past_state.hpp"

#include <functional>
#include <memory>

namespace annals::store {

class store_source final : public detail::view_source {
public:
  /// The source does not keep the store open, except during a call. Without `statistics` stats() is misuse.
  store_source(std::weak_ptr<void> store, looked_at in, std::shared_ptr<const hosted_types> types,
               std::function<result<store_stats>(figures)> statistics)
      : store_(std::move(store)), in_(in), types_(std::move(types)), statistics_(std::move(statistics)) {}

  std::optional<error> gone() const override;
  const hosted_types& types() const override { return *types_; }
  result<std::string> store_id() const override;
  result<token> head() const override;
  result<void> log(position from, direction go, const record_visitor& visit) const override;
  result<void> stream(const std::string& id, version from, direction go, const record_visitor& visit) const override;
  result<detail::state_place> take_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                         const detail::state_taker& into) const override;
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when) const override;
  result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const override;
  result<store_stats> stats(figures which) const override;
  result<void> streams(std::string_view prefix, std::string_view after, const std::function<bool(std::string_view, version)>& visit) const override;
  result<annals::stream_page> page_of_streams(std::string_view prefix, std::string_view after, std::size_t max) const override;
  result<past_model_json> model_at(std::string_view projection, position at, const model_bounds& bounds, const stream_choice& of) const override;
  result<std::set<position>> skipped(std::string_view projection) const override;
  result<instance_counts> count_instances(std::string_view category) const override;
  result<instance_page> instances(const instance_query& which) const override;
  result<instance_history> instance(const std::string& stream, version from, std::size_t turns_max) const override;

private:
  /// Calls `what` while the store is kept open. Errors: closed.
  template <class What>
  auto reading(What&& what) const -> decltype(what());
  result<begun_state> past_state_of(const detail::aggregate_table& type, const std::string& stream, const as_of& when) const;
  result<const detail::process_table*> process_manager(std::string_view category) const;

  std::weak_ptr<void> store_;
  looked_at in_;
  std::shared_ptr<const hosted_types> types_;
  std::function<result<store_stats>(figures)> statistics_;
  home_process home_;
  mutable known_instances instances_;
};

}  // namespace annals::store
