// What every process instance keeps: open timers, answered sends, how far it has seen the log.
#include <annals/detail/process_table.hpp>

namespace annals::detail {

result<bool> process_instance::apply_ours(const record_view& record) {
  seen_ = recorded_seen_ = record.seen;
  if (!record.type.starts_with("annals.")) return false;
  if (auto ok = apply_payload(record.type, record.payload, record.version); !ok)
    return undecodable_record(record, ok.error());
  return true;
}

void process_instance::apply_decided(const decided& out, version first) {
  if (!out.events.empty()) recorded_seen_ = out.seen;
  for (std::size_t i = 0; i < out.events.size(); ++i)
    if (out.events[i].type.starts_with("annals."))
      // What was encoded a moment ago decodes: a failure here is a broken invariant, not bad input.
      apply_payload(out.events[i].type, out.payload(out.events[i]), first + i).value();
}

result<void> process_instance::apply_payload(std::string_view type, std::string_view payload, version at) {
  if (type == timer_set::about.name) {
    auto set = decoded<timer_set>(payload);
    if (!set) return std::move(set).error();
    open_timers_.emplace(at, std::move(set->timer));
  } else if (type == timers_cancelled::about.name) {
    auto cancelled = decoded<timers_cancelled>(payload);
    if (!cancelled) return std::move(cancelled).error();
    std::erase_if(open_timers_, [&](const auto& open) { return open.second == cancelled->timer; });
  } else if (type == timer_fired::about.name) {
    auto fired = decoded<timer_fired>(payload);
    if (!fired) return std::move(fired).error();
    open_timers_.erase(fired->set);
  } else if (type == command_answered::about.name) {
    auto answered = decoded<command_answered>(payload);
    if (!answered) return std::move(answered).error();
    answered_.insert(answered->sent);
  }
  return {};
}

namespace {

struct saved_timer {
  version set = 0;
  std::string timer;
  static constexpr auto about = describe("annals.saved_timer", 1, field{"set", &saved_timer::set}, field{"timer", &saved_timer::timer});
};

struct saved_instance {
  position seen = 0;
  std::vector<saved_timer> timers;
  std::vector<version> answered;
  encoded_value state;
  static constexpr auto about =
      describe("annals.saved_instance", 1, field{"seen", &saved_instance::seen}, field{"timers", &saved_instance::timers},
               field{"answered", &saved_instance::answered}, field{"state", &saved_instance::state});
};

}  // namespace

std::string process_instance::saved_with(std::string state) const {
  // What was seen without an event is not in the records: a fold of them would not know it.
  saved_instance all{recorded_seen_, {}, {answered_.begin(), answered_.end()}, {std::move(state)}};
  for (const auto& [set, timer] : open_timers_) all.timers.push_back({set, timer});
  return encoded(all);
}

result<std::string> process_instance::restore_ours(std::string_view bytes) {
  auto all = decoded<saved_instance>(bytes);
  if (!all) return std::move(all).error();
  seen_ = recorded_seen_ = all->seen;
  for (auto& [set, timer] : all->timers) open_timers_.emplace(set, std::move(timer));
  answered_.insert(all->answered.begin(), all->answered.end());
  return std::move(all->state.bytes);
}

void put_command(decided& out, const command_to_send& step) {
  command_sent sent{std::string{step.category} + "-" + step.key, std::string{step.command.name()}, {}};
  sent.body.bytes.clear();
  encoder to{sent.body.bytes};
  step.command.encode_to(to);
  put_event(out, sent);
}

void put_timer(decided& out, const timer_to_set& step, timestamp now) {
  timer_set set{std::string{step.timer.name()}, now + step.delay.count(), {}};
  set.body.bytes.clear();
  encoder to{set.body.bytes};
  step.timer.encode_to(to);
  put_event(out, set);
}

void put_cancel(decided& out, const timer_to_cancel& step) { put_event(out, timers_cancelled{std::string{step.name}}); }

}  // namespace annals::detail
