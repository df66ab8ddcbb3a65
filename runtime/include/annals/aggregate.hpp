/// What an aggregate is written with. Plain structs and pure functions: no base class, no clock, no I/O.
///
///     struct account {
///       static constexpr std::string_view category = "account";      // streams are named "account-<key>"
///       using commands = annals::types<open_account, deposit>;
///       using events   = annals::types<account_opened, money_deposited>;
///       struct state { … };                                          // default-constructed: before any event
///       static annals::decision<account> decide(const state&, const deposit&, const annals::context&);
///       static void evolve(state&, const money_deposited&);          // one overload for each event
///       static constexpr std::uint64_t snapshot_every = 100;         // versions; may be left out (options.hpp)
///     };
///
/// An overload of decide or evolve that would never be called does not compile.
///
/// It knows its events in their newest form only; what they were before stands beside them (describe.hpp, "Schemas").
///
/// A state that is described is kept on disk now and then, as a snapshot of what its stream came to. Snapshots are left out when
/// the state or one of the events is described otherwise than it was: another field, schema, old form or name. What only code
/// says the runtime cannot see: when `evolve`, an upcast or a default comes to something else than before, raise the schema in the
/// state's `about`. The same holds for process managers and their own events.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>

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

/// Where T is in the list; its size when it is not there.
template <class T, class... Ts>
consteval std::size_t index_in(types<Ts...>) {
  std::size_t index = 0;
  (void)((std::is_same_v<T, Ts> || (++index, false)) || ...);
  return index;
}
}  // namespace detail

/// T is one of the types of the list.
template <class T, class List>
concept one_of = detail::is_in<std::remove_cvref_t<T>, List>;

/// What a decision may know besides its state and its command. Owns nothing; valid during the call.
struct context {
  timestamp now = 0;              ///< the runtime's clock; a domain calls no other
  std::string_view key;           ///< of this aggregate or process instance
  annals::version version = 0;    ///< of this stream, before the decision
  std::string_view command_id;    ///< may be empty
  std::string_view causation;     ///< process managers: "@" and the position of the record that caused this
  std::string_view correlation;
  std::string_view principal;
  std::string_view source;        ///< process managers: the stream of what is observed, or of what answered
};

/// Decides without events: accepted, and nothing to write.
struct nothing_t {};
inline constexpr nothing_t nothing{};

/// The domain's no: a value, not an exception.
struct rejection {
  std::string code;    ///< for programs: snake_case, stable
  std::string detail;  ///< for people; may be empty

  friend bool operator==(const rejection&, const rejection&) = default;
};

inline rejection reject(std::string code, std::string detail = {}) { return {std::move(code), std::move(detail)}; }

/// One event of A.
template <class A>
using event_of = typename A::events::template apply<std::variant>;

/// What `decide` returns: events in their order, nothing, or a rejection.
template <class A>
class decision {
public:
  using event = event_of<A>;

  decision(nothing_t) {}
  decision(rejection no) : rejected_(true), rejection_(std::move(no)) {}
  decision(std::vector<event> list) : events_(std::move(list)) {}

  /// One event, or several: `return {stock_reserved{…}, stock_low{…}};`
  template <class... Es>
    requires(sizeof...(Es) > 0 && (described<std::remove_cvref_t<Es>> && ...))
  decision(Es&&... list) {
    static_assert((one_of<Es, typename A::events> && ...), "a decision for what is not in A::events: add the event there");
    events_.reserve(sizeof...(Es));
    // By index, and moved into the list: both compile much faster than what looks for the alternative by itself, or makes it in place.
    (events_.push_back(event{std::in_place_index<detail::index_in<std::remove_cvref_t<Es>>(typename A::events{})>, std::forward<Es>(list)}), ...);
  }

  bool accepted() const { return !rejected_; }
  /// Empty when rejected.
  const std::vector<event>& events() const { return events_; }
  const rejection& why() const { return rejection_; }

private:
  std::vector<event> events_;
  bool rejected_ = false;
  rejection rejection_;
};

}  // namespace annals
