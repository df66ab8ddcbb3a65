// Reads records as events: by their present and former names, and from their old forms. All code that reads a record as an event of a
// type calls read_event(), so what a type says about its past holds everywhere.
#pragma once

#include <annals/detail/tables.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <iterator>
#include <type_traits>
#include <utility>

namespace annals::detail {

template <class E>
concept has_former_names = requires { std::begin(E::formerly); };
template <class E>
concept has_old_form = requires { typename E::before; };
// Looked up by its address, as all overloads are: a call could convert its argument.
template <class E>
concept upcasts = requires { static_cast<E (*)(const typename E::before&)>(&E::upcast); };

template <class E>
struct event_with_old_form {
  using before = typename E::before;
  static_assert(described<before>, "an old form needs: static constexpr auto about = annals::describe(…)");
  static_assert(before::about.name == E::about.name,
                "an event and its old form have the same stored name; a former name stands in the event's `formerly`");
  static_assert(before::about.schema < E::about.schema, "an old form of an event has a lower schema version");
  static_assert(upcasts<E>, "missing overload: static E E::upcast(const E::before&)");
  static_assert(!has_former_names<before>, "former names of an event stand in its newest form");
};
template <class E>
struct event_without_old_form {
  static_assert(!requires { &E::upcast; }, "an event with an upcast needs: using before = …, its old form");
};

/// Checks that each old form leads to the next one.
template <class E>
consteval bool leads_here() {
  if constexpr (!has_old_form<E>)
    return sizeof(event_without_old_form<E>) > 0;
  else
    return sizeof(event_with_old_form<E>) > 0 && leads_here<typename E::before>();
}
template <class... Es>
consteval bool all_lead_here(types<Es...>) {
  return (leads_here<Es>() && ... && true);
}

template <class E>
constexpr std::size_t former_names() {
  if constexpr (has_former_names<E>)
    return std::size(E::formerly);
  else
    return 0;
}
template <class E>
constexpr bool was_named(std::string_view name) {
  if constexpr (has_former_names<E>)
    for (const std::string_view former : E::formerly)
      if (former == name) return true;
  return false;
}

/// True if no stored name, present or former, belongs to two of the events.
template <class... Es>
consteval bool names_are_unique_ever(types<Es...>) {
  std::array<std::string_view, (sizeof...(Es) + ... + former_names<Es>())> names{Es::about.name...};
  auto end = names.begin() + sizeof...(Es);
  const auto add = [&]<class E>() {
    if constexpr (has_former_names<E>)
      for (const std::string_view former : E::formerly) *end++ = former;
  };
  (add.template operator()<Es>(), ...);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

/// How to show an event of this schema: in the form that was stored, perhaps an old one.
template <described E>
shown_as shown_event(std::uint16_t schema) {
  if constexpr (has_old_form<E>)
    if (schema <= E::before::about.schema) return shown_event<typename E::before>(schema);
  return shown<E>();
}
/// The same for the event that has or had this stored name.
template <class... Es>
std::optional<shown_as> shown_event_named(types<Es...>, [[maybe_unused]] std::string_view name, [[maybe_unused]] std::uint16_t schema) {
  std::optional<shown_as> found;
  (void)(((name == Es::about.name || was_named<Es>(name)) && (found = shown_event<Es>(schema), true)) || ...);
  return found;
}

/// How to show the command or timer that has this stored name.
template <class... Ms>
std::optional<shown_as> shown_message_named(types<Ms...>, [[maybe_unused]] std::string_view name) {
  std::optional<shown_as> found;
  (void)((name == Ms::about.name && (found = shown<Ms>(), true)) || ...);
  return found;
}

/// Adds the stored names of these events, present and former.
template <class... Es>
void add_event_names(types<Es...>, [[maybe_unused]] std::set<std::string>& to) {
  [[maybe_unused]] const auto add = [&]<class E>() {
    to.emplace(E::about.name);
    if constexpr (has_former_names<E>)
      for (const std::string_view former : E::formerly) to.emplace(former);
  };
  (add.template operator()<Es>(), ...);
}

/// True if no event has a name of the runtime's own records in a process manager's stream (is_the_runtimes()).
template <class... Es>
consteval bool no_name_is_the_runtimes(types<Es...>) {
  const auto is_ours = []<class E>() {
    if constexpr (has_former_names<E>)
      for (const std::string_view former : E::formerly)
        if (former.starts_with("annals.")) return true;
    return E::about.name.starts_with("annals.");
  };
  return !(is_ours.template operator()<Es>() || ... || false);
}

/// Decodes a record's payload as E. A record with E's schema is decoded directly; an older one is decoded as the oldest form that is
/// not older than the record, and then upcast from form to form.
template <described E>
result<void> decode_event(const record_view& record, E& event) {
  if constexpr (has_old_form<E>) {
    using before = typename E::before;
    if (record.schema <= before::about.schema) {
      before old{};
      if (auto ok = decode_event(record, old); !ok) return ok;
      try {
        event = E::upcast(std::as_const(old));
      } catch (...) {
        return upcast_threw(record, E::about.schema, current_exception_text());
      }
      return {};
    }
  }
  if (record.schema > E::about.schema) return newer_schema(record, E::about.schema);
  auto ok = decode_bytes(record.payload, event);
  if (!ok) ok = undecodable_record(record, ok.error());
  return ok;
}

/// Calls `take` with the record decoded as its event type from the list. An event without an overload of `take` counts as known and is
/// not decoded. Exceptions of `take` propagate.
template <class... Es, class Take>
result<void> read_event(types<Es...> list, const record_view& record, Take&& take) {
  static_assert(all_lead_here(types<Es...>{}));
  result<void> done;
  const auto as = [&]<class E>() {
    if constexpr (requires(E event) { take(std::move(event)); }) {
      E event{};
      done = decode_event(record, event);
      if (done) take(std::move(event));
    }
  };
  if (with_named(list, record.type, as)) return done;
  // Former names are checked after all present ones, so that present names pay nothing for them.
  if (((was_named<Es>(record.type) && (as.template operator()<Es>(), true)) || ...)) return done;
  return unknown_type(record);
}

/// Reads a record of A's category. In a process manager's stream it passes over the runtime's own records.
template <class A, class Take>
result<void> read_event_of(const record_view& record, Take&& take) {
  if constexpr (requires { typename A::observes; })
    if (is_the_runtimes(record)) return {};
  return read_event(typename A::events{}, record, std::forward<Take>(take));
}

/// Reads a record of one of these aggregates; does nothing for other categories.
template <class... As, class Take>
result<void> read_event_of_any(types<As...>, const record_view& record, Take&& take) {
  result<void> done;
  const auto category = record.category();
  (void)((category == As::category && (done = read_event_of<As>(record, take), true)) || ...);
  return done;
}

}  // namespace annals::detail
