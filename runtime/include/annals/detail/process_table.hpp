// Builds the table of a process manager: an aggregate whose commands are the messages of detail/process_records.hpp.
#pragma once

#include <annals/detail/aggregate_table.hpp>
#include <annals/detail/process_overloads.hpp>
#include <annals/detail/process_records.hpp>
#include <annals/process.hpp>

#include <chrono>
#include <limits>
#include <map>
#include <set>
#include <type_traits>

namespace annals::detail {

/// What every instance has besides the state of its type.
class process_instance : public hosted_state {
protected:
  /// Applies a record of the runtime's own; false if it is an event of the type.
  result<bool> apply_ours(const record_view& record);
  /// Applies the events just decided; the first of them has version `first`.
  void apply_decided(const decided& out, version first);

  bool is_open(version timer) const { return open_timers_.contains(timer); }
  bool is_answered(version sent) const { return answered_.contains(sent); }

  /// Encodes the instance together with the type's own state, which may be empty.
  std::string saved_with(std::string state) const;
  /// Restores the instance, and returns the type's own state.
  result<std::string> restore_ours(std::string_view bytes);

  position seen_ = 0;

private:
  result<void> note(const record_view& record);
  void note(const command_answered& answered, version) { answered_.insert(answered.sent); }
  void note(const timer_set& set, version at) { open_timers_.emplace(at, set.timer); }
  void note(const timers_cancelled& cancelled, version);
  void note(const timer_fired& fired, version) { open_timers_.erase(fired.set); }

  position recorded_seen_ = 0;  // according to the newest record
  std::map<version, std::string> open_timers_;
  std::set<version> answered_;
};

/// now + delay, clamped to the range of a timestamp.
inline timestamp due_at(timestamp now, std::chrono::microseconds delay) {
  timestamp due = 0;
  if (!__builtin_add_overflow(now, timestamp{delay.count()}, &due)) return due;
  return delay.count() > 0 ? std::numeric_limits<timestamp>::max() : std::numeric_limits<timestamp>::min();
}
void put_command(decided& out, const command_to_send& step);
void put_timer(decided& out, const timer_to_set& step, timestamp now);
void put_cancel(decided& out, const timer_to_cancel& step);
/// unknown_event_type, naming the timer and the record that set it.
error unknown_timer(const fire_timer& message, std::string_view category, std::string_view key);

template <class P>
class process_state final : public process_instance {
public:
  result<void> apply(const record_view& record) override {
    auto ours = apply_ours(record);
    if (!ours) return std::move(ours).error();
    if (*ours) return {};
    try {
      return evolve_by<P>(state_, record);
    } catch (...) {
      return error{errc::evolve_failed, "evolve threw", current_exception_text(), 0, record.at};
    }
  }

  const void* state() const override { return &state_; }

  std::string saved() const override {
    if constexpr (described<typename P::state>)
      return saved_with(encoded(state_));
    else
      return {};
  }

  result<void> restore(std::string_view bytes) override {
    auto own = restore_ours(bytes);
    if (!own) return std::move(own).error();
    if constexpr (described<typename P::state>) {
      auto read = decoded<typename P::state>(*own);
      if (!read) return std::move(read).error();
      state_ = std::move(*read);
    }
    return {};
  }

  void decide(const command_input& in, decided& out) override {
    try {
      with_named(types<observe, take_answer, fire_timer>{}, in.name, [&]<class M>() {
        auto message = decoded<M>(in.body);
        if (!message)
          out.refused = error{errc::invalid_command, std::string{in.name}, message.error().message()};
        else
          handle(*message, in, out);
      });
    } catch (...) {
      out.clear();
      out.refused = error{errc::decide_failed, std::string{P::category} + " threw", current_exception_text()};
    }
  }

private:
  void handle(const observe& message, const command_input& in, decided& out) {
    if (message.at <= seen_) return;
    record_view record;
    record.at = message.at;
    record.stream = message.stream;
    record.type = message.type;
    record.schema = message.schema;
    record.payload = message.payload;
    context about = in.about;
    about.source = record.stream;
    const auto observed = read_event_of_any(typename P::observes{}, record,
                                            [&]<class E>(const E& event)
                                              requires routes<P, E>
                                            { put_steps(P::on(std::as_const(state_), event, about), about, out); });
    if (!observed) out.refused = observed.error();
    if (!out.refused) finish(in, out, message.at);
  }

  void handle(const take_answer& message, const command_input& in, decided& out) {
    if (is_answered(message.sent)) return;
    put_event(out, command_answered{message.sent, message.accepted, message.code, message.detail});
    context about = in.about;
    about.source = message.to;
    if (!message.accepted) reject_in(typename P::observes{}, message, about, out);
    if (!out.refused) finish(in, out, seen_);
  }

  void handle(const fire_timer& message, const command_input& in, decided& out) {
    if (!is_open(message.set)) return;
    put_event(out, timer_fired{message.set});
    const bool known = with_named(timers_of<P>{}, message.timer, [&]<class T>() {
      auto timer = decoded<T>(message.body);
      if (!timer)
        out.refused = timer.error();
      else
        put_steps(P::on(std::as_const(state_), *timer, in.about), in.about, out);
    });
    if (!known) out.refused = unknown_timer(message, P::category, in.about.key);
    if (!out.refused) finish(in, out, seen_);
  }

  template <class... As>
  void reject_in(types<As...>, const take_answer& message, const context& about, decided& out) {
    const auto category = std::string_view{message.to}.substr(0, message.to.find('-'));
    (void)((category == As::category && (reject_of<As>(message, about, out), true)) || ...);
  }

  template <class A>
  void reject_of(const take_answer& message, const context& about, decided& out) {
    with_named(typename A::commands{}, message.command, [&]<class C>() { hear<C>(message, about, out); });
  }

  template <class C>
  void hear(const take_answer& message, const context& about, decided& out) {
    if constexpr (hears_rejection_of<P, C>) {
      auto command = decoded<C>(message.body);
      if (!command)
        out.refused = command.error();
      else
        put_steps(P::rejected(std::as_const(state_), *command, rejection{message.code, message.detail}, about), about, out);
    }
  }

  void put_steps(const steps<P>& made, const context& about, decided& out) {
    for (const auto& step : made.list()) {
      if (auto* own = std::get_if<0>(&step)) {
        std::visit([&](const auto& e) { put_event(out, e); }, *own);
        own_.push_back(*own);
      } else if (auto* command = std::get_if<command_to_send>(&step))
        put_command(out, *command);
      else if (auto* timer = std::get_if<timer_to_set>(&step))
        put_timer(out, *timer, about.now);
      else if (auto* cancelled = std::get_if<timer_to_cancel>(&step))
        put_cancel(out, *cancelled);
    }
  }

  /// Checks the limits, then evolves. Without events only this object remembers `seen`.
  void finish(const command_input& in, decided& out, position seen) {
    const auto own = std::exchange(own_, {});
    if (!out.events.empty() && !out.within(in.limits)) return;
    out.seen = seen;
    try {
      for (const auto& event : own) std::visit([&](const auto& e) { P::evolve(state_, e); }, event);
      apply_decided(out, in.about.version + 1);
      seen_ = seen;
    } catch (...) {
      out.clear();
      out.refused = error{errc::evolve_failed, "evolve threw", current_exception_text()};
      out.state_is_broken = true;
    }
  }

  typename P::state state_{};
  std::vector<event_of<P>> own_;  // of the decision in progress
};

template <class P>
result<std::optional<std::string>> key_of(const record_view& record) {
  std::optional<std::string> key;
  auto ok = read_event_of_any(typename P::observes{}, record,
                              [&]<class E>(const E& event)
                                requires routes<P, E>
                              { key = P::key(event); });
  if (!ok) return std::move(ok).error();
  return key;
}

template <class... As>
std::vector<std::string_view> categories_of(types<As...>) {
  return {As::category...};
}

/// How to show what process_instance::saved_with() encodes.
template <class State>
std::span<const shown_field> shown_instance() {
  static constexpr std::array all{shown_field{"state", shown<State>()}};
  return all;
}

template <class P>
process_table table_of_process() {
  if constexpr (orchestrated_type<P>::is_one) {
    static_assert(all_described<typename P::events>, "each event needs: static constexpr auto about = annals::describe(...)");
    static_assert(names_are_unique_ever(typename P::events{}), "two events of a process manager have the same stored name, present or former");
    static_assert(no_name_is_the_runtimes(typename P::events{}),
                  "the stored name of an event of a process manager begins with annals., which is the runtime's");
    static_assert(sizeof(process_with_overloads<P>) > 0);
    aggregate_table instance{P::category,
                             []() -> std::unique_ptr<hosted_state> { return std::make_unique<process_state<P>>(); },
                             [](std::string_view name) { return stored_name(types<observe, take_answer, fire_timer>{}, name); },
                             sizeof(process_state<P>),
                             shape_of_state<P, process_records>(),
                             snapshot_every_of<P>(),
                             {{}, described<typename P::state> ? &shown_instance<typename P::state> : nullptr},
                             [](std::string_view type, std::uint16_t schema) -> std::optional<shown_as> {
                               if (type.starts_with("annals.")) return shown_as{};
                               return shown_event_named(typename P::events{}, type, schema);
                             },
                             true,
                             [](std::string_view name) { return shown_message_named(timers_of<P>{}, name); },
                             [](std::set<std::string>& to) {
                               add_event_names(process_records{}, to);
                               add_event_names(typename P::events{}, to);
                             }};
    return {instance, categories_of(typename P::observes{}),
            [](const record_view& record) {
              try {
                return key_of<P>(record);
              } catch (...) {
                return result<std::optional<std::string>>{error{errc::decide_failed, "key threw", current_exception_text(), 0, record.at}};
              }
            },
            policy_of<P>()};
  }
}

}  // namespace annals::detail
