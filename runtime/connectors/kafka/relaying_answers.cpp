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
      refuse(one->event->record.at, one->event->life, one->why);
    } else {
      open.push_back(one);
    }
  }
  const bool is_settled = open.size() < left.size();
  left = std::move(open);
  if (refusals > 0) count([&](relay_status& now) { now.refused += refusals; });
  // Each shipment by itself: one that another life of the node handed out is not acknowledged any more, and nothing that goes with it.
  for (auto from = done.begin(); from != done.end();) {
    const auto to = std::find_if(from, done.end(), [&](const auto* one) { return one->shipment != (*from)->shipment; });
    acknowledge(std::vector<const outgoing*>(from, to));
    from = to;
  }
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
  acknowledge(std::move(all), done.front()->event->life);
}

void relaying::acknowledge(std::vector<position> all, std::uint64_t life) {
  auto answer = in_.ack(all, life);
  answers_.push_back({std::move(all), life, {}, std::move(answer)});
}

void relaying::refuse(position at, std::uint64_t life, std::string why) {
  auto answer = in_.nack(at, why, life);
  answers_.push_back({{at}, life, std::move(why), std::move(answer)});
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
      if (counts) acknowledged(std::move(one.positions));
      continue;
    }
    const auto why = stored.error().code;
    if (why == errc::store_failed || why == errc::misuse) continue;
    const bool is_of_another_life = why == errc::not_found || why == errc::closed || why == errc::unknown;  // of the node, or it ends
    if (is_of_another_life && counts) publisher_->doubt(one.positions);
    if (why == errc::not_found || why == errc::closed) continue;
    failed(stored.error());
    if (!is_of_another_life || !counts) again.push_back(std::move(one));
  }
  if (!again.empty()) pause();  // one for all: a node that was restarted knows none of them
  for (auto& one : again)
    if (one.refusal.empty())
      acknowledge(std::move(one.positions), one.life);
    else
      refuse(one.positions.front(), one.life, std::move(one.refusal));
}

/// With exactly_once: they are durable.
void relaying::acknowledged(std::vector<position> all) {
  publisher_->acknowledged(all);
  acknowledged_.push_back({std::move(all), supply_.newest()});
}

void relaying::serve_doubtful() {
  if (!with_.exactly_once) return;
  if (doubtful_ && !doubtful_->answer.ready()) return;
  if (auto asked = std::exchange(doubtful_, std::nullopt); asked && asked->answer.get()) acknowledged(std::move(asked->positions));
  if (steady::now() < doubtful_at_) return;
  doubtful_at_ = steady::now() + doubtful_every;
  if (!publisher_->doubtful().empty()) acknowledge_doubtful();
}

/// Succeeds once the node has settled all of them; until then, those that are not settled come again and are acknowledged on their own. A log that
/// was restored may have another event at such a position, which must not be acknowledged unseen. So the relay takes nothing until it has sent the
/// acknowledgement: the node hands out later events after that.
void relaying::acknowledge_doubtful() {
  const auto ends = steady::now() + 2 * relay_take_max;
  auto taken = supply_.pause([&] { return is_stopping() || steady::now() >= ends; });
  std::set<position> others;
  for (const auto& shipped : taken)
    for (const auto& one : shipped->all)
      if (!publisher_->has_published(one.event->record)) others.insert(one.event->record.at);
  auto all = publisher_->doubtful();
  std::erase_if(all, [&](position at) { return others.contains(at); });
  if (!all.empty() && !supply_.is_taking()) {  // otherwise the node is away
    auto answer = in_.ack(all);
    doubtful_ = answer_sent{std::move(all), 0, {}, std::move(answer)};
  }
  supply_.resume(std::move(taken));
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
