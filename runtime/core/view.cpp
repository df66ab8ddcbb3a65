// The calls of a view: what all kinds of sources have in common.
#include <annals/detail/view_source.hpp>

#include <algorithm>
#include <utility>

namespace annals {
namespace {

error out_of_range(std::string_view what, std::size_t most) {
  return {errc::bad_option, "out of range", std::string{what} + ": 1 to " + std::to_string(most)};
}

constexpr std::size_t page_max = 1'000;

}  // namespace

view::view(std::shared_ptr<const detail::view_source> source) : source_(std::move(source)) {}
view::view(view&&) noexcept = default;
view& view::operator=(view&&) noexcept = default;
view::~view() = default;

std::optional<error> view::gone() const {
  if (!source_) return error{errc::closed, "this view, or the runtime that gave it, has been moved from"};
  return source_->gone();
}

result<std::string> view::store_id() const {
  if (auto why = gone()) return std::move(*why);
  return source_->store_id();
}

result<token> view::head() const {
  if (auto why = gone()) return std::move(*why);
  return source_->head();
}

const hosted_types& view::types() const {
  static const auto* none = new hosted_types;
  return source_ ? source_->types() : *none;
}

result<void> view::log(position from, const record_visitor& visit) const {
  if (auto why = gone()) return std::move(*why);
  return source_->log(from, direction::forward, visit);
}

result<void> view::log_backward(position from, const record_visitor& visit) const {
  if (auto why = gone()) return std::move(*why);
  return source_->log(from, direction::backward, visit);
}

result<position> view::position_at(timestamp time) const {
  const auto end = head();
  if (!end) return end.error();
  // All records up to `low` are not after the time; all after `high` are.
  position low = 0, high = end->at;
  while (low < high) {
    const auto middle = low + (high - low + 1) / 2;
    timestamp found = 0;
    auto ok = source_->log(middle, direction::forward, [&](const record_view& record) { return found = record.time, false; });
    if (!ok) return std::move(ok).error();
    if (found <= time)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

result<void> view::streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit, std::string_view after) const {
  if (auto why = gone()) return std::move(*why);
  return source_->streams(prefix, after, visit);
}

result<annals::stream_page> view::page_of_streams(std::string_view prefix, std::string_view after, std::size_t max) const {
  if (auto why = gone()) return std::move(*why);
  if (max == 0 || max > page_max) return out_of_range("max", page_max);
  return source_->page_of_streams(prefix, after, max);
}

result<void> view::stream(const std::string& id, version from, const record_visitor& visit) const {
  if (auto why = gone()) return std::move(*why);
  return source_->stream(id, from, direction::forward, visit);
}

result<void> view::stream_backward(const std::string& id, version from, const record_visitor& visit) const {
  if (auto why = gone()) return std::move(*why);
  return source_->stream(id, from, direction::backward, visit);
}

result<detail::state_place> view::take_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                             const detail::state_taker& into) const {
  if (auto why = gone()) return std::move(*why);
  return source_->take_state(type, stream, when, into);
}

result<past_bytes> view::state_of(const hosted_types& types, const std::string& stream, const as_of& when) const {
  if (auto why = gone()) return std::move(*why);
  return source_->state_of(types, stream, when);
}

result<past_model_json> view::model_at(std::string_view projection, position at, const model_bounds& bounds, const stream_choice& of) const {
  if (auto why = gone()) return std::move(*why);
  return source_->model_at(projection, at, bounds, of);
}

result<searched> view::search(const record_filter& wanted, const search_bounds& bounds, const record_visitor& visit) const {
  if (auto why = gone()) return std::move(*why);
  if (bounds.records_max == 0 || bounds.found_max == 0) return error{errc::bad_option, "a search has to look at a record, and to find one"};
  const bool is_forward = bounds.go == direction::forward;
  const auto begin = bounds.begin.value_or(is_forward ? 1 : ~position{0});
  searched done;
  position last = 0;  // 0: nothing was looked at
  auto ok = source_->log(begin, bounds.go, [&](const record_view& record) {
    last = record.at;
    ++done.looked_at;
    bool goes_on = true;
    if (wanted.wants(record)) {
      ++done.found;
      goes_on = visit(record);
    }
    const bool is_past = is_forward ? wanted.to_time && record.time > *wanted.to_time : wanted.from_time && record.time < *wanted.from_time;
    if (is_past) last = 0;  // times never decrease: the rest is not wanted
    goes_on = goes_on && !is_past && done.looked_at < bounds.records_max && done.found < bounds.found_max;
    if (!goes_on && last != 0) done.next = is_forward ? record.at + 1 : record.at - 1;
    return goes_on;
  });
  if (!ok) return std::move(ok).error();
  if (done.next == position{0}) done.next.reset();
  return done;
}

result<void> view::parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const {
  if (auto why = gone()) return std::move(*why);
  return source_->parked(visit);
}

result<std::set<position>> view::skipped(std::string_view projection) const {
  if (auto why = gone()) return std::move(*why);
  return source_->skipped(projection);
}

result<store_stats> view::stats(figures which) const {
  if (auto why = gone()) return std::move(*why);
  return source_->stats(which);
}

result<instance_counts> view::count_instances(std::string_view process_manager) const {
  if (auto why = gone()) return std::move(*why);
  return source_->count_instances(process_manager);
}

result<instance_page> view::instances(const instance_query& which) const {
  if (auto why = gone()) return std::move(*why);
  if (which.max == 0 || which.max > page_max) return out_of_range("instance_query::max", page_max);
  return source_->instances(which);
}

result<instance_history> view::instance(const std::string& stream, version from, std::size_t turns_max) const {
  if (auto why = gone()) return std::move(*why);
  if (turns_max == 0 || turns_max > page_max) return out_of_range("turns_max", page_max);
  return source_->instance(stream, from, turns_max);
}

namespace detail {

error view_source::not_here(std::string_view call) { return {errc::misuse, "this view does not have the call", std::string{call}}; }

result<void> view_source::streams(std::string_view, std::string_view, const std::function<bool(std::string_view, version)>&) const {
  return not_here("streams()");
}
result<annals::stream_page> view_source::page_of_streams(std::string_view, std::string_view, std::size_t) const {
  return not_here("page_of_streams()");
}
result<past_model_json> view_source::model_at(std::string_view, position, const model_bounds&, const stream_choice&) const {
  return not_here("model_at()");
}
result<std::set<position>> view_source::skipped(std::string_view) const { return not_here("skipped()"); }
result<instance_counts> view_source::count_instances(std::string_view) const { return not_here("count_instances()"); }
result<instance_page> view_source::instances(const instance_query&) const { return not_here("instances()"); }
result<instance_history> view_source::instance(const std::string&, version, std::size_t) const { return not_here("instance()"); }

const process_table* tables_of::process(const hosted_types& in, std::string_view category) {
  const auto found = std::find_if(in.processes_.begin(), in.processes_.end(), [&](const auto& one) { return one.instance.category == category; });
  return found == in.processes_.end() ? nullptr : &*found;
}

const projection_table* tables_of::projection(const hosted_types& in, std::string_view name) {
  const auto found = std::find_if(in.projections_.begin(), in.projections_.end(), [&](const auto& one) { return one.name == name; });
  return found == in.projections_.end() ? nullptr : &*found;
}

}  // namespace detail
}  // namespace annals
