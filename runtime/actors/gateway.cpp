// The gateway.
//
//   takes   answers           from the journal
//           query_answer      from projectors
//           vanished          from shards
//           journal_stopped   from the journal
//
// Invariant: every admitted command is answered exactly once to its caller: by the journal, or `unknown` when what
// could have answered it is gone.
#include "actors/gateway.hpp"

#include <algorithm>
#include <map>

namespace annals::actors {
namespace {
error lost(std::string why) { return {errc::unknown, "the answer is lost", std::move(why)}; }
}  // namespace

gateway::gateway(std::size_t places_max, std::uint64_t history, std::atomic<std::size_t>& under_way)
    : history_(history), places_max_(places_max), under_way_(under_way) {}

std::optional<std::uint64_t> gateway::admit(std::shared_ptr<detail::waiter> who, std::uint64_t stream_hash) {
  const std::lock_guard lock{mutex_};
  if (refusal_ || taken_ >= places_max_) return std::nullopt;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& p = places_[index];
  p.who = std::move(who);
  p.stream_hash = stream_hash;
  ++p.turn;
  ++taken_;
  if (stream_hash != 0) under_way_.fetch_add(1, std::memory_order_relaxed);
  return (std::uint64_t{p.turn} << 32) | index;
}

std::shared_ptr<detail::waiter> gateway::leave(std::uint64_t number) {
  const auto index = static_cast<std::uint32_t>(number);
  if (index >= places_.size()) return nullptr;
  auto& p = places_[index];
  if (p.turn != number >> 32 || !p.who) return nullptr;
  free_.push_back(index);
  if (--taken_ == 0) emptied_.notify_all();
  return std::exchange(p.who, nullptr);
}

void gateway::complete(std::uint64_t number, const detail::outcome& given) {
  std::shared_ptr<detail::waiter> who;
  {
    const std::lock_guard lock{mutex_};
    who = leave(number);
  }
  if (who) who->complete(given);
}

detail::outcome gateway::outcome_of(const answer& reply) const {
  if (reply.refused) return *reply.refused;
  return detail::answered{{reply.version, reply.at, reply.events, {history_, reply.at}}, {}};
}

void gateway::complete(std::span<const answer> some) {
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  waiting.reserve(some.size());
  {
    const std::lock_guard lock{mutex_};
    for (const auto& reply : some) waiting.push_back(leave(reply.number));
  }
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (!waiting[i]) continue;
    std::exchange(waiting[i], nullptr)->complete(outcome_of(some[i]));
    under_way_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void gateway::fail_stream(const vanished& gone) {
  const auto stream_hash = store::hash_of_stream(gone.stream);
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  {
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto number = (std::uint64_t{places_[i].turn} << 32) | i;
      if (!places_[i].who || places_[i].stream_hash != stream_hash) continue;
      if (std::find(gone.except.begin(), gone.except.end(), number) != gone.except.end()) continue;
      waiting.push_back(leave(number));
    }
  }
  for (auto& who : waiting) who->complete(lost("the aggregate " + gone.stream + " died"));
  under_way_.fetch_sub(waiting.size(), std::memory_order_relaxed);
}

void gateway::fail_all(const error& why) {
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  {
    const std::lock_guard lock{mutex_};
    if (!refusal_) refusal_ = error{errc::closed, "the runtime has stopped", why.message()};
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].who) waiting.push_back(leave((std::uint64_t{places_[i].turn} << 32) | i));
  }
  for (auto& who : waiting) who->complete(lost(why.message()));
}

std::optional<error> gateway::refusal() const {
  const std::lock_guard lock{mutex_};
  return refusal_;
}

void gateway::refuse_from_now(error why) {
  const std::lock_guard lock{mutex_};
  if (!refusal_) refusal_ = std::move(why);
}

std::size_t gateway::in_flight() const {
  const std::lock_guard lock{mutex_};
  return taken_;
}

bool gateway::wait_until_empty(std::chrono::milliseconds at_most) {
  std::unique_lock lock{mutex_};
  return emptied_.wait_for(lock, at_most, [&] { return taken_ == 0; });
}

namespace {

/// Answers a batch; of few answers the gateway also handles what the callbacks send.
void take(caf::stateful_actor<gateway_state>* self, gateway* places, const answers& batch) {
  // A part at a time: callbacks send more, and are to find the places free.
  const std::span<const answer> all{batch.list};
  for (std::size_t begin = 0; begin < all.size(); begin += few_answers) {
    wake_at_end after_callbacks;
    places->complete(all.subspan(begin, std::min(few_answers, all.size() - begin)));
    if (all.size() > few_answers) continue;
    auto& turn = *self->state.turn;
    for (const auto& shard : after_callbacks.take()) {
      if (&shard.home_system() == &self->system())
        turn.send(shard, wake::value);
      else
        caf::anon_send(shard, wake::value);  // of another runtime in this process
    }
    turn.run_ready(self->context(), 1);
  }
}

}  // namespace

caf::behavior gateway_actor(caf::stateful_actor<gateway_state>* self, gateway* places, const environment& env) {
  self->state.turn.emplace(self->system());
  // Without one of these nobody could answer: the runtime stops, and says so, before it lets anybody wait for ever.
  std::map<caf::actor_addr, std::string> watched{{env.journal.reader.address(), "the journal"}, {env.loader.address(), "the loader"},
                                                {env.drainer.address(), "the drainer"}};
  for (const auto& shard : env.shards) watched.emplace(shard.reader.address(), "a shard");
  for (const auto& [who, name] : watched) self->monitor(who);
  self->set_down_handler([self, places, &env, watched](const caf::down_msg& down) {
    if (down.reason == caf::exit_reason::user_shutdown) return;
    const error why{errc::store_failed, watched.at(down.source) + " died", self->system().render(down.reason)};
    env.report("runtime", why);
    places->fail_all(why);
  });
  return {
      [self, places](const answers& batch) { take(self, places, batch); },
      [places](const query_answer& reply) { places->complete(reply.number, *reply.given); },
      [places](const vanished& gone) { places->fail_stream(gone); },
      [places](const journal_stopped& stopped) { places->fail_all(stopped.why); },
  };
}

}  // namespace annals::actors
