// The schema hash of the events of a fold: the names and forms under which they are read. It is part of the hash of the folded state,
// so that derived state is dropped whenever today's fold might give another result: when this program does not know what a newer one
// folded, when it reads an old form differently, or when the fold did not know a field that records had. An added field drops derived
// state too, although most such folds give the same result: one rebuild is cheaper than being right by luck.
#pragma once

#include <annals/detail/events.hpp>
#include <annals/detail/shape.hpp>

namespace annals::detail {

/// Adds all present and former names of the event.
template <class E>
constexpr void add_names(shape_hash& to) {
  to.add("event");
  to.add(E::about.name);
  if constexpr (has_former_names<E>)
    for (const std::string_view former : E::formerly) to.add(former);
}

/// Adds the event's form and the old forms that lead to it.
template <class E>
constexpr void add_forms(shape_hash& to) {
  to.add("form");
  add_struct<E>(to, shape_depth_max);
  if constexpr (has_old_form<E>) add_forms<typename E::before>(to);
}

template <class... Es>
constexpr void add_events(shape_hash& to, types<Es...>) {
  ((add_names<Es>(to), add_forms<Es>(to)), ...);
}

}  // namespace annals::detail
