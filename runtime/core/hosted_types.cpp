// Finds the hosted type of a stream.
#include <annals/hosted_types.hpp>
#include <annals/node.hpp>

#include <algorithm>
#include <iterator>
#include <set>

namespace annals {

const detail::aggregate_table* hosted_types::find(std::string_view category) const {
  for (const auto& one : aggregates_)
    if (one.category == category) return &one;
  for (const auto& one : processes_)
    if (one.instance.category == category) return &one.instance;
  return nullptr;
}

/// Adds the aggregate of this category, if `from` has it and it is not here yet.
void hosted_types::add_aggregate(const hosted_types& from, std::string_view category) {
  const auto is_it = [&](const detail::aggregate_table& one) { return one.category == category; };
  if (std::any_of(aggregates_.begin(), aggregates_.end(), is_it)) return;
  std::copy_if(from.aggregates_.begin(), from.aggregates_.end(), std::back_inserter(aggregates_), is_it);
}

result<hosted_types> hosted_types::only(std::initializer_list<std::string_view> names) const {
  hosted_types found;
  for (const auto name : names) {
    const auto before = found.projections_.size() + found.processes_.size();
    for (const auto& one : projections_)
      if (one.name == name) found.projections_.push_back(one);
    for (const auto& one : processes_) {
      if (one.instance.category != name) continue;
      found.processes_.push_back(one);
      for (const auto category : one.observed_categories) found.add_aggregate(*this, category);
    }
    found.add_aggregate(*this, name);
    if (found.projections_.size() + found.processes_.size() == before && !found.find(name))
      return error{errc::not_hosted, "no aggregate, projection or process manager has this name", std::string{name}};
  }
  return found;
}

result<const detail::aggregate_table*> hosted_types::described_type_of(std::string_view stream) const {
  const auto* type = find(stream.substr(0, stream.find('-')));
  if (!type) return error{errc::not_hosted, "no aggregate or process manager of this category is known", std::string{stream}};
  if (type->shape == 0) return detail::not_described(stream);
  return type;
}

result<folded_state> hosted_types::begin(std::string_view stream) const {
  const auto type = described_type_of(stream);
  if (!type) return type.error();
  return folded_state{(*type)->make(), (*type)->shown_state};
}

result<std::string> hosted_types::state_json(std::string_view stream, std::string_view encoded) const {
  const auto* type = find(stream.substr(0, stream.find('-')));
  return detail::to_json(encoded, type ? type->shown_state : detail::shown_as{});
}

result<std::string> hosted_types::payload_json(const record_view& record) const {
  const auto* type = find(record.category());
  return detail::to_json(record.payload, type ? type->event(record.type, record.schema).value_or(detail::shown_as{}) : detail::shown_as{});
}

result<std::string> hosted_types::message_json(std::string_view stream, std::string_view name, std::string_view encoded) const {
  const auto* type = find(stream.substr(0, stream.find('-')));
  return detail::to_json(encoded, type && type->message ? type->message(name).value_or(detail::shown_as{}) : detail::shown_as{});
}

namespace detail {
error not_described(std::string_view of) { return {errc::bad_type, "the state is not described", std::string{of}}; }
}  // namespace detail

std::vector<std::string> hosted_types::aggregates() const {
  std::vector<std::string> names;
  for (const auto& each : aggregates_) names.emplace_back(each.category);
  return names;
}

std::vector<std::string> hosted_types::projections() const {
  std::vector<std::string> names;
  for (const auto& each : projections_) names.emplace_back(each.name);
  return names;
}

std::vector<std::string> hosted_types::event_names() const {
  std::set<std::string> names;
  for (const auto& each : aggregates_) each.event_names(names);
  for (const auto& each : processes_) each.instance.event_names(names);
  return {names.begin(), names.end()};
}

std::optional<on_failure> hosted_types::on_failure_of(std::string_view name) const {
  for (const auto& each : projections_)
    if (each.name == name) return each.on_failure.then;
  for (const auto& each : processes_)
    if (each.instance.category == name) return each.on_failure.then == on_failure::stop ? on_failure::stop : on_failure::park_stream;
  return std::nullopt;
}

std::vector<std::string> hosted_types::processes() const {
  std::vector<std::string> names;
  for (const auto& each : processes_) names.emplace_back(each.instance.category);
  return names;
}

}  // namespace annals
