// What the relay tells its subscription.
#include "connectors/kafka/relaying.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace annals::kafka {

using std::chrono::milliseconds;

/// Tells the subscription what became of these events. Leaves in `left` those that need another attempt.
bool relaying::answer(std::vector<outgoing*>& left) {
  std::vector<const outgoing*> done;
  std::vector<outgoing*> open;
  std::set<std::string_view> refused;  // streams
  std::uint64_t refusals = 0;
  for (auto* one : left) {
    if (one->became == fate::delivered) {
      done.push_back(one);
    } else if (refused.contains(one->stream())) {
      continue;  // the subscription hands it out again
    } else if (one->became == fate::refused) {
      refused.insert(one->stream());
      ++refusals;
      refuse(one->event->record.at, one->why);
    } else {
      open.push_back(one);
    }
  }
  const bool is_settled = open.size() < left.size();
  left = std::move(open);
  if (refusals > 0) count([&](relay_status& now) { now.refused += refusals; });
  if (!done.empty()) acknowledge(done);
  return is_settled;
}

/// These are delivered.
void relaying::acknowledge(const std::vector<const outgoing*>& done) {
  std::vector<position> all;
  all.reserve(done.size());
  std::uint64_t dropped = 0;
  for (const auto* one : done) {
    all.push_back(one->event->record.at);
    if (one->is_known) ++dropped;
  }
  count([&](relay_status& now) {
    now.dropped += dropped;
    now.published += done.size() - dropped;
    if (dropped < done.size()) now.at = std::max(now.at, all.back());
  });
  acknowledge(std::move(all));
}

void relaying::acknowledge(std::vector<position> all) {
  auto answer = in_.ack(all);
  answers_.push_back({std::move(all), {}, std::move(answer)});
}

void relaying::refuse(position at, std::string why) {
  auto answer = in_.nack(at, why);
  answers_.push_back({{at}, std::move(why), std::move(answer)});
}

/// An answer that was not stored is given again: otherwise the subscription would wait for it as long as this relay lives.
void relaying::serve_answers() {
  while (!answers_.empty() && answers_.front().answer.ready()) {
    auto one = std::move(answers_.front());
    answers_.pop_front();
    const auto stored = one.answer.get();
    if (stored) {
      if (one.refusal.empty()) publisher_->acknowledged(one.positions);
      continue;
    }
    if (stored.error().code == errc::not_found) continue;  // the node was started again, and hands out what is not acknowledged
    const auto code = stored.error().code;
    if (code == errc::closed || code == errc::store_failed || code == errc::misuse) continue;
    failed(stored.error());
    pause();
    if (one.refusal.empty())
      acknowledge(std::move(one.positions));
    else
      refuse(one.positions.front(), std::move(one.refusal));
  }
}

void relaying::wait_for_answers() {
  while (!answers_.empty() && !is_over()) {
    const auto ends = std::min(steady::now() + milliseconds{100}, over_at_);
    (void)answers_.front().answer.wait_for(ends - steady::now());
    serve_answers();
  }
}

}  // namespace annals::kafka
