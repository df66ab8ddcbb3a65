// What the relay tells its subscription.
#include "connectors/kafka/relaying.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace annals::kafka {

using std::chrono::milliseconds;

constexpr milliseconds doubtful_every{1'000};

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
  std::vector<answer_sent> again;
  while (!answers_.empty() && answers_.front().answer.ready()) {
    auto one = std::move(answers_.front());
    answers_.pop_front();
    const bool counts = one.refusal.empty() && with_.exactly_once;
    const auto stored = one.answer.get();
    if (stored) {
      if (!counts) continue;
      publisher_->acknowledged(one.positions);
      acknowledged_.push_back({std::move(one.positions), supply_.newest()});
      continue;
    }
    const auto why = stored.error().code;
    if (why == errc::store_failed || why == errc::misuse) continue;
    if (why == errc::not_found || why == errc::closed) {  // the node was started again, or ends
      if (counts) doubtful_.insert(doubtful_.end(), one.positions.begin(), one.positions.end());
      continue;
    }
    failed(stored.error());
    again.push_back(std::move(one));
  }
  if (!again.empty()) pause();  // one for all: a node that was restarted knows none of them
  for (auto& one : again)
    if (one.refusal.empty())
      acknowledge(std::move(one.positions));
    else
      refuse(one.positions.front(), std::move(one.refusal));
  acknowledge_doubtful();
}

/// Asks until it is true of all of them: what the node had settled needs no more, and the others come again and are acknowledged with that.
void relaying::acknowledge_doubtful() {
  if (doubtful_.empty() || steady::now() < doubtful_at_) return;
  doubtful_at_ = steady::now() + doubtful_every;
  acknowledge(std::exchange(doubtful_, {}));
}

/// Once everything that was handed out before the acknowledgement was looked at.
void relaying::forget_acknowledged() {
  for (; !acknowledged_.empty() && acknowledged_.front().newest <= begun_; acknowledged_.pop_front())
    publisher_->forget(acknowledged_.front().positions);
}

void relaying::wait_for_answers() {
  while (!answers_.empty() && !is_over()) {
    const auto ends = std::min(steady::now() + milliseconds{100}, over_at_);
    (void)answers_.front().answer.wait_for(ends - steady::now());
    serve_answers();
  }
}

}  // namespace annals::kafka
