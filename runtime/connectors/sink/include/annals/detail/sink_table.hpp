// Builds the table of a sink from the handlers that a host has written, as projection_table.hpp does for a projection: what it is called,
// which records it wants, and how it turns one into what its database is to do.
#pragma once

#include <annals/detail/event_shape.hpp>
#include <annals/detail/projection_table.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace annals::detail {

template <class Model>
struct sink_table {
  std::string_view name;
  std::uint64_t shape;  ///< of the events that it applies, and of its version
  failure_policy on_failure;
  std::size_t partitions;
  bool (*wants)(const record_view& record);
  result<bool> (*apply)(Model& to, const record_view& record);
};

/// An event without an overload is passed over. One that is not known at all is wanted: to apply it says so.
template <class P, class... Es>
bool wants_event(types<Es...>, std::string_view type) {
  bool is_known = false, is_applied = false;
  const auto look = [&]<class E>() {
    if (type != E::about.name && !was_named<E>(type)) return;
    is_known = true;
    is_applied = is_applied || applies<P, E>;
  };
  (look.template operator()<Es>(), ...);
  return is_applied || !is_known;
}
template <class P, class... As>
bool wants_record(types<As...>, const record_view& record) {
  const auto category = record.category();
  return ((category == As::category && wants_event<P>(typename As::events{}, record.type)) || ...);
}

template <class P>
constexpr std::uint64_t shape_of_sink() {
  shape_hash made;
  if constexpr (requires { P::version; })
    made.add_number(P::version);
  else
    made.add_number(1);
  add_followed<P>(made, typename P::follows{});
  return made.value() | 1;
}

template <class P>
sink_table<typename P::model> table_of_sink() {
  static_assert(projected_type<P>::is_one && sizeof(projection_with_overloads<P>) > 0);
  static_assert(policy_of<P>().attempts > 0, "an event is tried at least once");
  std::size_t partitions = 1;
  if constexpr (requires { P::partitions; }) {
    static_assert(P::partitions >= 1 && P::partitions <= 16, "a sink has 1 to 16 partitions");
    partitions = P::partitions;
  }
  return {P::name,
          shape_of_sink<P>(),
          policy_of<P>(),
          partitions,
          [](const record_view& record) { return wants_record<P>(typename P::follows{}, record); },
          apply_record<P>};
}

}  // namespace annals::detail
