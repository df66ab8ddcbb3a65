// The gateway: gives callers their answers.
//
//   takes   answers           from the journal
//           query_answer      from projectors, process managers and unhosted_skip
//           commands_lost     from shards
//           journal_stopped   from the journal and the drainer
//   sends   wake              to shards, for commands that callbacks have sent
//
// Invariant: every admitted command is answered exactly once: with the journal's answer, or with `unknown` when that answer can no
// longer come.
#include "actors/host/gateway.hpp"

#include "actors/follow/messages.hpp"
#include "actors/write/shard_inbox.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {
error lost(std::string why) { return {errc::unknown, "the answer is lost", std::move(why)}; }
}  // namespace

gateway::gateway(std::size_t places_max, std::uint64_t history, const environment& env, journal_inbox& journal)
    : history_(history), places_max_(places_max), env_(env), journal_(journal) {}

std::optional<std::uint64_t> gateway::admit(std::shared_ptr<detail::waiter> waiter, std::uint64_t stream_hash, answer_meters* counted, asks what,
                                            open_span* of_it) {
  const auto now = counted ? telemetry::clock::now() : telemetry::instant{};
  const std::lock_guard lock{mutex_};
  if (refusal_ || in_use_ >= places_max_) return std::nullopt;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& p = places_[index];
  p.waiter = std::move(waiter);
  p.stream_hash = stream_hash;
  p.counted = counted;
  p.since = now;
  p.what = what;
  if (of_it) p.span = std::move(*of_it);
  ++p.turn;
  env_.meters.in_flight.set(++in_use_);
  if (stream_hash != 0) journal_.under_way.fetch_add(1, std::memory_order_relaxed);
  return (std::uint64_t{p.turn} << 32) | index;
}

std::shared_ptr<detail::waiter> gateway::leave(std::uint64_t number, const closing& by, telemetry::instant now) {
  const auto index = static_cast<std::uint32_t>(number);
  if (index >= places_.size()) return nullptr;
  auto& p = places_[index];
  if (p.turn != number >> 32 || !p.waiter) return nullptr;
  free_.push_back(index);
  env_.meters.in_flight.set(--in_use_);
  if (p.counted) p.counted->add(by.how, now - p.since);
  if (p.span) env_.tracing.close(p.span, by);
  return std::exchange(p.waiter, nullptr);
}

void gateway::tell(bool is_empty) const {
  if (is_empty) env_.news.changed();
}

void gateway::complete(std::uint64_t number, const detail::outcome& given) {
  const auto how = given ? ending::accepted : ending_of(given.error().code);
  const auto now = telemetry::clock::now();
  std::unique_lock lock{mutex_};
  const auto waiter = leave(number, {how}, now);
  const bool is_empty = in_use_ == 0;
  lock.unlock();
  if (!waiter) return;
  waiter->complete(given, env_.host.get());
  tell(is_empty);
}

detail::outcome gateway::outcome_of(const answer& reply) const {
  if (reply.refused) return *reply.refused;
  return detail::answered{{reply.version, reply.at, reply.events, {history_, reply.at}}, {}};
}

void gateway::complete(std::span<const answer> some) {
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  waiting.reserve(some.size());
  const auto now = telemetry::clock::now();
  std::unique_lock lock{mutex_};
  for (const auto& reply : some) waiting.push_back(leave(reply.number, closed_by(reply), now));
  const bool is_empty = in_use_ == 0;
  lock.unlock();
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (!waiting[i]) continue;
    std::exchange(waiting[i], nullptr)->complete(outcome_of(some[i]), env_.host.get());
    journal_.under_way.fetch_sub(1, std::memory_order_relaxed);
  }
  tell(is_empty);
}

void gateway::fail_stream(const commands_lost& gone) {
  const auto stream_hash = store::hash_of_stream(gone.stream);
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  const auto now = telemetry::clock::now();
  std::unique_lock lock{mutex_};
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto number = (std::uint64_t{places_[i].turn} << 32) | i;
    if (!places_[i].waiter || places_[i].stream_hash != stream_hash) continue;
    if (std::find(gone.except.begin(), gone.except.end(), number) != gone.except.end()) continue;
    waiting.push_back(leave(number, {ending::unknown}, now));
  }
  const bool is_empty = in_use_ == 0;
  lock.unlock();
  for (auto& waiter : waiting) waiter->complete(lost("the aggregate " + gone.stream + " died"), env_.host.get());
  journal_.under_way.fetch_sub(waiting.size(), std::memory_order_relaxed);
  tell(is_empty);
}

void gateway::fail_all(const error& why) {
  std::vector<std::pair<std::shared_ptr<detail::waiter>, asks>> waiting;
  const auto now = telemetry::clock::now();
  std::unique_lock lock{mutex_};
  if (!refusal_) refusal_ = why;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].waiter) continue;
    const auto what = places_[i].what;
    const auto how = what == asks::a_question ? ending_of(why.code) : ending::unknown;
    waiting.emplace_back(leave((std::uint64_t{places_[i].turn} << 32) | i, {how}, now), what);
  }
  lock.unlock();
  for (auto& [waiter, what] : waiting) waiter->complete(what == asks::a_question ? why : lost(why.message()), env_.host.get());
  tell(true);
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
  return in_use_;
}

namespace {

/// Answers a batch. With few answers it also runs the shards that get commands from the callbacks, in its own turn.
void on_answers(caf::stateful_actor<gateway_state>* self, gateway* places, const answers& batch) {
  // A part at a time, so that places are free for the commands that callbacks send.
  const std::span<const answer> all{batch.list};
  for (std::size_t begin = 0; begin < all.size(); begin += inline_answers_max) {
    wake_at_end after_callbacks;
    places->complete(all.subspan(begin, std::min(inline_answers_max, all.size() - begin)));
    if (all.size() > inline_answers_max) continue;
    auto& turn = *self->state.turn;
    for (const auto& shard : after_callbacks.take()) {
      if (&shard.home_system() == &self->system())
        turn.send(shard, wake::value);
      else
        caf::anon_send(shard, wake::value);  // a shard of another runtime in this process
    }
    turn.run_ready(self->context(), 1);
  }
}

}  // namespace

caf::behavior gateway_actor(caf::stateful_actor<gateway_state>* self, gateway* places, const environment& env) {
  self->state.turn.emplace(self->system());
  return {
      [self, places](const answers& batch) { on_answers(self, places, batch); },
      [places](const query_answer& reply) { places->complete(reply.number, *reply.given); },
      [places](const commands_lost& gone) { places->fail_stream(gone); },
      [&env](const journal_stopped& stopped) { env.stop(stopped.why); },
  };
}

}  // namespace annals::actors
