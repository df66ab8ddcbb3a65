// What the cases about traces share: a runtime that traces, and what it has made.
#pragma once

#include "support/relay.hpp"
#include "support/spans.hpp"
#include "support/virtual_engine.hpp"

#include <string>
#include <vector>

namespace traced {

using namespace annals;

inline const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736", parent = "00f067aa0ba902b7";
inline const std::string sampled = "00-" + trace + "-" + parent + "-01", not_sampled = "00-" + trace + "-" + parent + "-00";

inline options options_for(double ratio = 0) {
  auto with = memory_engine::quiet();
  with.trace_ratio = ratio;
  return with;
}

template <class A, class C>
receipt send(virtual_engine& e, std::string_view key, const C& command, send_options with = {}) {
  const auto sent = e.engine().send(A::category, key, C::about.name, encoded(command), std::move(with));
  e.settle();
  return sent->await().value().accepted;
}

inline taken_spans spans_of(virtual_engine& e) { return taken_spans{*e.engine().spans()}; }

inline double counted(virtual_engine& e, std::string_view family, std::initializer_list<std::string_view> labels = {}) {
  return e.engine().metrics().find(family, labels)->value;
}

/// The trace of each record; empty if it has none.
inline std::vector<std::string> traces_in(const memory_store& store) {
  std::vector<std::string> all;
  for (const auto& bytes : store.log->records) all.push_back(to_string(store::read_record(all.size() + 1, bytes)->trace));
  return all;
}

}  // namespace traced
