// Which right each call needs: the only table of it. A command needs `append` for its category.
#pragma once

#include "net/identity/rights.hpp"
#include "net/wire/calls.hpp"

#include <array>
#include <optional>

namespace annals::net {

/// For what a right has to be held.
enum class concerns : std::uint8_t {
  category,    // the one of the stream
  model,       // the projection
  owner,       // whose parked events
  everything,  // all categories
  filter,      // the categories of the subscription; all, if it has none
  anything,    // any right at all will do
};

struct needed_right {
  call what;
  verb needs;
  concerns about;
};

inline constexpr std::array rights_of_calls{
    needed_right{call::ask, verb::ask, concerns::model},
    needed_right{call::stream, verb::read, concerns::category},
    needed_right{call::state, verb::read, concerns::category},
    needed_right{call::log, verb::replay, concerns::everything},
    needed_right{call::head, verb::read, concerns::anything},
    needed_right{call::health, verb::operate, concerns::everything},
    needed_right{call::parked, verb::operate, concerns::owner},
    needed_right{call::retry_parked, verb::operate, concerns::owner},
    needed_right{call::skip_parked, verb::operate, concerns::owner},
    needed_right{call::rebuild, verb::operate, concerns::owner},
    needed_right{call::subscribe, verb::replay, concerns::filter},
    needed_right{call::next, verb::replay, concerns::filter},
    needed_right{call::ack, verb::replay, concerns::filter},
    needed_right{call::nack, verb::replay, concerns::filter},
    needed_right{call::resolve, verb::replay, concerns::filter},
    needed_right{call::member_parked, verb::replay, concerns::filter},
    needed_right{call::leave, verb::replay, concerns::anything},
    needed_right{call::statistics, verb::operate, concerns::everything},
    needed_right{call::source, verb::admin, concerns::everything},
    needed_right{call::pull, verb::admin, concerns::everything},
};
static_assert(rights_of_calls.size() == calls.size(), "every call has a row");

constexpr const needed_right* right_of(call c) {
  for (const auto& one : rights_of_calls)
    if (one.what == c) return &one;
  return nullptr;
}

/// Whether the peer may make this call about `names`: one category, model or owner; of a filter all its categories.
template <class Names>
bool may_call(const rights& of, const needed_right& right, const Names& names) {
  if (right.about == concerns::anything) {
    for (const auto v : verbs)
      if (of.may_some(v)) return true;
    return false;
  }
  if (right.about == concerns::everything || (right.about == concerns::filter && names.empty())) return of.may_all(right.needs);
  for (const auto& name : names)
    if (!of.may(right.needs, name)) return false;
  return !names.empty();
}

}  // namespace annals::net
