// What an intake tells a scrape.
#include "connectors/kafka/families.hpp"
#include "connectors/kafka/taking.hpp"

namespace annals::kafka {

annals::metrics taking::metrics() const {
  const std::lock_guard lock{mutex_};
  const auto& now = status_;
  families all{"group", with_.group};
  const auto of = [](auto value) { return static_cast<double>(value); };
  all.outcomes("annals_intake_messages_total", "Messages whose command was accepted, that mean nothing here, were refused, or could not be parked.",
               {{"accepted", of(now.accepted)}, {"passed_over", of(now.passed_over)}, {"refused", of(now.refused)}, {"lost", of(now.lost)}});
  all.counter("annals_intake_sent_again_total", "Commands and dead letters that were sent once more.", of(now.sent_again));
  all.outcomes("annals_intake_commits_total", "Commits of offsets, by how they ended.",
               {{"done", of(now.commits)}, {"failed", of(now.commits_failed)}});
  all.gauge("annals_intake_in_flight_messages", "Messages without an answer.", of(now.in_flight));
  all.gauge("annals_intake_partitions", "Partitions that this member of the group has.", of(now.partitions));
  all.gauge("annals_intake_lag_messages", "Messages in these partitions that are not answered, as far as the brokers have told.", of(now.lag));
  all.gauge("annals_intake_paused", "1 while nothing is taken because too many messages have no answer.", now.is_paused ? 1 : 0);
  all.gauge("annals_intake_running", "0 once the intake has ended.", now.is_running ? 1 : 0);
  return all.made();
}

}  // namespace annals::kafka
