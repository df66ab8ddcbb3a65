// The part of a process instance that is the same for all types: open timers, answered sends, how far it has seen the log.
#include <annals/detail/process_table.hpp>
#include <annals/node.hpp>

namespace annals::detail {

result<bool> process_instance::apply_ours(const record_view& record) {
  seen_ = recorded_seen_ = record.seen;
  if (!is_the_runtimes(record)) return false;
  if (auto ok = note(record); !ok) return std::move(ok).error();
  return true;
}

result<void> process_instance::note(const record_view& record) {
  // The outbox reads the commands sent; the instance ignores them.
  return read_event(process_records{}, record,
                    [&]<class E>(const E& event)
                      requires(!std::same_as<E, command_sent>)
                    { note(event, record.version); });
}

void process_instance::apply_decided(const decided& out, version first) {
  if (!out.events.empty()) recorded_seen_ = out.seen;
  record_view record;
  record.version = first;
  for (const auto& event : out.events) {
    record.type = event.type;
    record.schema = event.schema;
    record.payload = out.payload(event);
    // The event was encoded a moment ago, so it decodes: a failure here is a broken invariant, not bad input.
    if (is_the_runtimes(record)) note(record).value();
    ++record.version;
  }
}

void process_instance::note(const timers_cancelled& cancelled, version) {
  std::erase_if(open_timers_, [&](const auto& open) { return open.second == cancelled.timer; });
}

namespace {

struct saved_timer {
  version set = 0;
  std::string timer;
  static constexpr auto about = describe<&saved_timer::set, &saved_timer::timer>("annals.saved_timer", 1);
};

struct saved_instance {
  position seen = 0;
  std::vector<saved_timer> timers;
  std::vector<version> answered;
  encoded_value state;
  static constexpr auto about =
      describe<&saved_instance::seen, &saved_instance::timers, &saved_instance::answered, &saved_instance::state>("annals.saved_instance", 1);
};

}  // namespace

std::string process_instance::saved_with(std::string state) const {
  // Save only the position that events recorded: a fold of the records would not know a later one.
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

result<std::string> state_of_instance(std::string_view saved) {
  auto all = decoded<saved_instance>(saved);
  if (!all) return std::move(all).error();
  return std::move(all->state.bytes);
}

void put_command(decided& out, const command_to_send& step) {
  command_sent sent{std::string{step.category} + "-" + step.key, std::string{step.command.name()}, {}};
  sent.body.bytes.clear();
  encoder to{sent.body.bytes};
  step.command.encode_to(to);
  put_event(out, sent);  // decided::within() refuses it if the command is nested too deeply
}

void put_timer(decided& out, const timer_to_set& step, timestamp now) {
  timer_set set{std::string{step.timer.name()}, due_at(now, step.delay), {}};
  set.body.bytes.clear();
  encoder to{set.body.bytes};
  step.timer.encode_to(to);
  put_event(out, set);
}

void put_cancel(decided& out, const timer_to_cancel& step) { put_event(out, timers_cancelled{std::string{step.name}}); }

error unknown_timer(const fire_timer& message, std::string_view category, std::string_view key) {
  return {errc::unknown_event_type, "unknown timer",
          message.timer + ", set by version " + std::to_string(message.set) + " of stream " + std::string{category} + "-" + std::string{key}};
}

}  // namespace annals::detail
