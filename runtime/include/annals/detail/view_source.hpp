// What a view reads from: each kind of store, and each node elsewhere, implements this.
#pragma once

#include <annals/view.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace annals::detail {

/// The calls of annals::view, which checks gone() and bounds before. What a source does not have is misuse.
class view_source {
public:
  using record_visitor = view::record_visitor;

  virtual ~view_source() = default;

  /// Why it cannot be used any more; empty if it can.
  virtual std::optional<error> gone() const = 0;
  virtual const hosted_types& types() const = 0;
  virtual result<std::string> store_id() const = 0;
  virtual result<token> head() const = 0;

  virtual result<void> log(position from, direction go, const record_visitor& visit) const = 0;
  /// not_found, if there is no record there.
  virtual result<void> stream(const std::string& id, version from, direction go, const record_visitor& visit) const = 0;
  virtual result<state_place> take_state(const aggregate_table& type, const std::string& stream, const as_of& when,
                                         const state_taker& into) const = 0;
  virtual result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when) const = 0;
  virtual result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const = 0;
  virtual result<store_stats> stats(figures which) const = 0;

  virtual result<void> streams(std::string_view prefix, std::string_view after, const std::function<bool(std::string_view, version)>& visit) const;
  virtual result<annals::stream_page> page_of_streams(std::string_view prefix, std::string_view after, std::size_t max) const;
  virtual result<past_model_json> model_at(std::string_view projection, position at, const model_bounds& bounds, const stream_choice& of) const;
  virtual result<std::set<position>> skipped(std::string_view projection) const;
  virtual result<instance_counts> count_instances(std::string_view category) const;
  virtual result<instance_page> instances(const instance_query& which) const;
  virtual result<instance_history> instance(const std::string& stream, version from, std::size_t turns_max) const;

protected:
  static error not_here(std::string_view call);
};

/// The tables in a list of hosted types, by name; null if there is none.
struct tables_of {
  static const aggregate_table* aggregate(const hosted_types& in, std::string_view category) { return in.find(category); }
  static const process_table* process(const hosted_types& in, std::string_view category);
  static const projection_table* projection(const hosted_types& in, std::string_view name);
  static result<const aggregate_table*> described(const hosted_types& in, std::string_view stream) { return in.described_type_of(stream); }
};

}  // namespace annals::detail
