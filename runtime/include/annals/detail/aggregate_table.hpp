// Builds the table of an aggregate: its commands and events by name.
#pragma once

#include <annals/detail/aggregate_overloads.hpp>
#include <annals/detail/event_shape.hpp>

#include <exception>
#include <type_traits>

namespace annals::detail {

/// Appends one described event to the decision.
template <described E>
void put_event(decided& out, const E& event) {
  const auto begin = out.payloads.size();
  encoder to{out.payloads};
  encode(to, event);
  out.events.push_back({E::about.name, E::about.schema, begin, out.payloads.size() - begin, to.is_undecodable()});
}

template <described C>
bool decode_command(const command_input& in, C& command, decided& out) {
  const auto ok = decode_bytes(in.body, command);
  if (!ok) out.refused = error{errc::invalid_command, std::string{in.name}, ok.error().message()};
  return ok.has_value();
}

/// Folds a record into a state that has an evolve overload for its type.
template <class A>
result<void> evolve_by(typename A::state& state, const record_view& record) {
  return read_event(typename A::events{}, record, [&]<class E>(const E& event) { A::evolve(state, event); });
}

template <class A>
class aggregate_state final : public hosted_state {
public:
  result<void> apply(const record_view& record) override {
    try {
      return evolve_by<A>(state_, record);
    } catch (...) {
      return error{errc::evolve_failed, "evolve threw", current_exception_text(), 0, record.at};
    }
  }

  void decide(const command_input& in, decided& out) override {
    try {
      // `Of` makes the lookup dependent: an aggregate without commands needs no decide.
      const bool known = with_named(typename A::commands{}, in.name, [&]<class C, class Of = A>() {
        C command{};
        if (decode_command(in, command, out)) apply_decision(Of::decide(std::as_const(state_), std::as_const(command), in.about), in, out);
      });
      if (!known) out.refused = error{errc::invalid_command, "unknown command", std::string{in.name}};
    } catch (...) {
      out.clear();
      out.refused = error{errc::decide_failed, "decide threw", std::string{in.name} + ": " + current_exception_text()};
    }
  }

  const void* state() const override { return &state_; }

  std::string saved() const override {
    if constexpr (described<typename A::state>)
      return encoded(state_);
    else
      return {};
  }

  result<void> restore([[maybe_unused]] std::string_view bytes) override {
    if constexpr (described<typename A::state>) {
      auto read = decoded<typename A::state>(bytes);
      if (!read) return std::move(read).error();
      state_ = std::move(*read);
      return {};
    } else
      return wrong_kind("a state that is described");
  }

private:
  /// Compiled once for all commands, so that each command adds as little code as possible.
  void apply_decision(const decision<A>& made, const command_input& in, decided& out) {
    if (!made.accepted()) {
      out.refused = error{errc::rejected, made.why().code, made.why().detail};
      return;
    }
    for (const auto& event : made.events()) std::visit([&](const auto& e) { put_event(out, e); }, event);
    if (out.within(in.limits)) evolve_all(made.events(), out);
  }

  void evolve_all(const std::vector<event_of<A>>& events, decided& out) {
    try {
      for (const auto& event : events) std::visit([&](const auto& e) { A::evolve(state_, e); }, event);
    } catch (...) {
      out.clear();
      out.refused = error{errc::evolve_failed, "evolve threw", current_exception_text()};
      out.state_is_broken = true;
    }
  }

  typename A::state state_{};
};

/// Schema hash of the state, of the events folded into it, and of the events in `Beside`; 0 when the state is not described. Loading
/// ignores a snapshot with another hash.
template <class A, class Beside = types<>>
constexpr std::uint64_t shape_of_state() {
  if constexpr (!described<typename A::state>)
    return 0;
  else {
    shape_hash made;
    add_shape<typename A::state>(made, shape_depth_max);
    add_events(made, typename A::events{});
    add_events(made, Beside{});
    return made.value() | 1;
  }
}

template <class A>
aggregate_table table_of_aggregate() {
  if constexpr (hosted_aggregate<A>::is_one) {
    static_assert(all_described<typename A::commands> && all_described<typename A::events>,
                  "each command and event needs: static constexpr auto about = annals::describe(...)");
    static_assert(names_are_unique(typename A::commands{}), "two commands of an aggregate have the same stored name");
    static_assert(names_are_unique_ever(typename A::events{}), "two events of an aggregate have the same stored name, present or former");
    static_assert(sizeof(aggregate_with_overloads<A>) > 0);
    static_assert(std::is_default_constructible_v<typename A::state>, "a state begins default-constructed");
    return {A::category,
            []() -> std::unique_ptr<hosted_state> { return std::make_unique<aggregate_state<A>>(); },
            [](std::string_view name) { return stored_name(typename A::commands{}, name); },
            sizeof(aggregate_state<A>),
            shape_of_state<A>(),
            snapshot_every_of<A>(),
            shown<typename A::state>(),
            [](std::string_view type, std::uint16_t schema) { return shown_event_named(typename A::events{}, type, schema); },
            false,
            [](std::string_view name) { return shown_message_named(typename A::commands{}, name); },
            [](std::set<std::string>& to) { add_event_names(typename A::events{}, to); }};
  }
}

}  // namespace annals::detail
