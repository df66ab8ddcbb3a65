#include "figures.hpp"

#include "support/truth.hpp"

#include <string>

using namespace annals;

namespace {

double number(const metrics& now, std::string_view family, std::initializer_list<std::string_view> labels) {
  const auto* found = now.find(family, labels);
  promise(found, std::string{family} + " is missing");
  return found->value;
}

struct follower_figures {
  std::string what;
  double begun, handled, at, ahead;
};

std::vector<follower_figures> followers_in(const metrics& now) {
  std::vector<follower_figures> all;
  for (const auto& one : now.find("annals_follower_position")->series) {
    const auto& kind = one.labels[0].value;
    const auto& name = one.labels[1].value;
    const auto of = [&](std::string_view family) { return number(now, family, {kind, name}); };
    const auto events = [&](std::string_view how) { return number(now, "annals_follower_events_total", {kind, name, how}); };
    follower_figures made{kind + " " + name, of("annals_follower_start_position"), events("applied") + events("passed") + events("parked"), one.value,
                          of("annals_follower_ahead_events")};
    made.what += " at position " + std::to_string(made.at) + " and " + std::to_string(made.ahead) + " ahead, begun after " +
                 std::to_string(made.begun) + ", counts " + std::to_string(made.handled);
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace

void check_log(const detail::engine& engine, const std::deque<std::string>& log, position begun) {
  const auto now = engine.metrics();
  const auto durable = static_cast<position>(number(now, "annals_log_durable_position", {}));
  double bytes = 0;
  for (auto at = begun; at < durable; ++at) bytes += static_cast<double>(log[at].size());
  promise(number(now, "annals_log_events_total", {}) == static_cast<double>(durable - begun), "the events of the log do not add up");
  promise(number(now, "annals_log_bytes_total", {}) == bytes, "the bytes of the log do not add up");
  const auto& events = *now.find("annals_log_commit_events", {})->histogram;
  const auto commits = engine.health().commits;
  promise(events.sum == static_cast<double>(durable - begun) && events.count == commits, "the commits of the log do not add up");
}

void check_followers(const detail::engine& engine) {
  for (const auto& one : followers_in(engine.metrics()))
    promise(one.begun + one.handled == one.at + one.ahead, "the events of a follower do not add up: " + one.what);
}

void check_followers_at_head(const detail::engine& engine, position head) {
  for (const auto& one : followers_in(engine.metrics()))
    promise(one.at == static_cast<double>(head) && one.ahead == 0, "a follower is not at the head, " + std::to_string(head) + ": " + one.what);
}

void check_commands(const detail::engine& engine, std::size_t answered) {
  const auto now = engine.metrics();
  double counted = 0;
  for (const auto& one : now.find("annals_commands_total")->series) counted += one.value;
  promise(counted == static_cast<double>(answered),
          std::to_string(counted) + " answers to commands are counted, and " + std::to_string(answered) + " were given");
  promise(number(now, "annals_commands_in_flight", {}) == 0, "commands are in flight after the last answer");
}
