/// How to write an aggregate: plain structs and pure functions, without a base class, a clock or I/O.
///
///     struct account {
///       static constexpr std::string_view category = "account";      // streams are named "account-<key>"
///       using commands = annals::types<open_account, deposit>;
///       using events   = annals::types<account_opened, money_deposited>;
///       struct state { … };                                          // default-constructed: the state before any event
///       static annals::decision<account> decide(const state&, const deposit&, const annals::context&);
///       static void evolve(state&, const money_deposited&);          // one overload for each event
///       static constexpr std::uint64_t snapshot_every = 100;         // versions; optional (options.hpp)
///     };
///
/// An overload of decide or evolve that the runtime would never call does not compile.
///
/// An aggregate sees its events in their newest form only. Declare older forms beside the event (describe.hpp, "Schemas").
///
/// If the state is described, the runtime stores snapshots of it from time to time. It discards a snapshot when the description of
/// the state or of one of its events has changed: a field, a schema, an old form or a name. It cannot see changes in code. If
/// `evolve`, an upcast or a default value now gives another result, raise the schema in the state's `about`. The same holds for
/// process managers and their own events.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>
#include <annals/trace.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace annals {

/// A list of types.
template <class... Ts>
struct types {
  static constexpr std::size_t size = sizeof...(Ts);
  template <template <class...> class Into>
  using apply = Into<Ts...>;
};

namespace detail {
template <class T, class List>
inline constexpr bool is_in = false;
template <class T, class... Ts>
inline constexpr bool is_in<T, types<Ts...>> = (std::is_same_v<T, Ts> || ...);

/// Index of T in the list; the size of the list when T is not in it.
template <class T, class... Ts>
consteval std::size_t index_in(types<Ts...>) {
  std::size_t index = 0;
  (void)((std::is_same_v<T, Ts> || (++index, false)) || ...);
  return index;
}
}  // namespace detail

/// T is one of the types in the list.
template <class T, class List>
concept one_of = detail::is_in<std::remove_cvref_t<T>, List>;

/// What `decide` may use besides the state and the command. A non-owning view, valid during the call.
struct context {
  timestamp now = 0;            ///< microseconds since 1970 UTC, by the runtime's clock; a domain must use no other clock
  std::string_view key;         ///< of the aggregate or process instance
  annals::version version = 0;  ///< of the stream, before the decision
  std::string_view command_id;  ///< may be empty
  std::string_view causation;   ///< in process managers: "@" and the position of the record that caused this
  std::string_view correlation;
  std::string_view principal;
  std::string_view source;  ///< in process managers: the stream of the observed event, or the target that answered
  trace_context trace;      ///< the span of the command, or what its sender said if it is not sampled; may be not set
};

/// A decision without events: the command is accepted, and nothing is written.
struct nothing_t {};
inline constexpr nothing_t nothing{};

/// A refusal by the domain. It is a value, not an exception.
struct rejection {
  std::string code;    ///< for programs: snake_case, stable
  std::string detail;  ///< for people; may be empty

  friend bool operator==(const rejection&, const rejection&) = default;
};

inline rejection reject(std::string code, std::string detail = {}) { return {std::move(code), std::move(detail)}; }

/// A variant that holds one event of A.
template <class A>
using event_of = typename A::events::template apply<std::variant>;

/// What `decide` returns: events in order, nothing, or a rejection.
template <class A>
class decision {
public:
  using event = event_of<A>;

  decision(nothing_t) {}
  decision(rejection no) : rejected_(true), rejection_(std::move(no)) {}
  decision(std::vector<event> list) : events_(std::move(list)) {}

  /// One or more events: `return {stock_reserved{…}, stock_low{…}};`
  template <class... Es>
    requires(sizeof...(Es) > 0 && (described<std::remove_cvref_t<Es>> && ...))
  decision(Es&&... list) {
    static_assert((one_of<Es, typename A::events> && ...), "a decision for what is not in A::events: add the event there");
    events_.reserve(sizeof...(Es));
    // Construction by index and moving into the list both compile much faster than a lookup of the alternative or emplacement.
    (events_.push_back(event{std::in_place_index<detail::index_in<std::remove_cvref_t<Es>>(typename A::events{})>, std::forward<Es>(list)}), ...);
  }

  bool accepted() const { return !rejected_; }
  /// Empty if the command was rejected.
  const std::vector<event>& events() const { return events_; }
  const rejection& why() const { return rejection_; }

private:
  std::vector<event> events_;
  bool rejected_ = false;
  rejection rejection_;
};

}  // namespace annals
