// What a fold of events rests on beside its own code: under which names and in which forms they are read. It is part of the
// shape of what was folded, so that derived state is dropped whenever a fold of today might come to something else: where a
// program does not know what a newer one has folded, where an old form is read otherwise, and where a fold did not know of a
// field that records had. A field that is added drops it, too, though most such folds stay as they are: it is made anew once,
// and need not be right by luck.
#pragma once

#include <annals/detail/events.hpp>
#include <annals/detail/shape.hpp>

namespace annals::detail {

/// All names that it has or had.
template <class E>
constexpr void add_names(shape_hash& to) {
  to.add("event");
  to.add(E::about.name);
  if constexpr (has_former_names<E>)
    for (const std::string_view former : E::formerly) to.add(former);
}

/// Its form, and those that lead to it.
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
