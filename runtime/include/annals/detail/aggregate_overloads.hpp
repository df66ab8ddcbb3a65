// Checks the overloads of an aggregate: one for each of its commands and events, and none that would never be called.
#pragma once

#include <annals/detail/overloads.hpp>

namespace annals::detail {

// The exact overload is looked up by its address: a call could silently bind to one for a base class of the type.
template <class A, class C>
concept decides = requires { static_cast<decision<A> (*)(const typename A::state&, const C&, const context&)>(&A::decide); };
template <class A, class E>
concept evolves = requires { static_cast<void (*)(typename A::state&, const E&)>(&A::evolve); };

template <class A, class C>
struct aggregate_needs_decide_for_command {
  static_assert(decides<A, C>, "missing overload: static annals::decision<A> A::decide(const A::state&, const C&, const annals::context&)");
};
template <class A, class E>
struct aggregate_needs_evolve_for_event {
  static_assert(evolves<A, E>, "missing overload: static void A::evolve(A::state&, const E&)");
};
template <class A, class... Cs>
consteval bool all_decided(types<Cs...>) {
  return (sizeof(aggregate_needs_decide_for_command<A, Cs>) && ... && true);
}
template <class A, class... Es>
consteval bool all_evolved(types<Es...>) {
  return (sizeof(aggregate_needs_evolve_for_event<A, Es>) && ... && true);
}

/// For aggregates and process managers.
template <class A>
struct with_evolve_overloads {
  static_assert(all_evolved<A>(typename A::events{}));
  static_assert(!has_overload_beside<evolve_hook, A, all_of<typename A::events>>(),
                "an overload of evolve is never called: it takes none of A::events; add the event there, or give a helper another name");
};
template <class A>
struct aggregate_with_overloads : with_evolve_overloads<A> {
  static_assert(all_decided<A>(typename A::commands{}));
  static_assert(!has_overload_beside<decide_hook, A, all_of<typename A::commands>>(),
                "an overload of decide is never called: it takes none of A::commands; add the command there, or give a helper another name");
};

/// Only an aggregate can be hosted.
template <class A>
struct hosted_aggregate {
  static_assert(!requires { typename A::observes; }, "this is a process manager: orchestrate it, do not host it");
  static_assert(!requires { typename A::follows; }, "this is a projection: project it, do not host it");
  static_assert(has_commands<A>, "an aggregate needs: static constexpr std::string_view category, using commands and events = annals::types<...>");
  static constexpr bool is_one = has_commands<A>;
};

}  // namespace annals::detail
