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
#include <array>
#include <functional>
#include <map>
#include <span>

namespace annals::actors {
namespace {
std::uint64_t hash_of(const std::string& stream) { return std::hash<std::string>{}(stream); }

error lost(std::string why) { return {errc::unknown, "the answer is lost", std::move(why)}; }
}  // namespace

gateway::gateway(std::size_t places_max, std::uint64_t history) : history_(history), places_max_(places_max) {}

std::optional<std::uint64_t> gateway::admit(std::shared_ptr<detail::waiter> who, const std::string& stream) {
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
  p.stream_hash = hash_of(stream);
  ++p.turn;
  ++taken_;
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

void gateway::complete(const answers& batch) {
  // A part at a time: callbacks send more, and are to find the places free.
  constexpr std::size_t part_max = 64;
  std::array<std::shared_ptr<detail::waiter>, part_max> waiting;
  const std::span list{batch.list};
  for (std::size_t begin = 0; begin < list.size(); begin += part_max) {
    const auto part = list.subspan(begin, std::min(part_max, list.size() - begin));
    {
      const std::lock_guard lock{mutex_};
      for (std::size_t i = 0; i < part.size(); ++i) waiting[i] = leave(part[i].number);
    }
    for (std::size_t i = 0; i < part.size(); ++i)
      if (const auto who = std::move(waiting[i])) who->complete(outcome_of(part[i]));
  }
}

void gateway::fail_stream(const vanished& gone) {
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  {
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto number = (std::uint64_t{places_[i].turn} << 32) | i;
      if (!places_[i].who || places_[i].stream_hash != hash_of(gone.stream)) continue;
      if (std::find(gone.except.begin(), gone.except.end(), number) != gone.except.end()) continue;
      waiting.push_back(leave(number));
    }
  }
  for (auto& who : waiting) who->complete(lost("the aggregate " + gone.stream + " died"));
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

caf::behavior gateway_actor(caf::stateful_actor<gateway_state>* self, gateway* places, const environment& env) {
  // Without one of these nobody could answer: the runtime stops, and says so, before it lets anybody wait for ever.
  std::map<caf::actor_addr, std::string> watched{{env.journal.reader.address(), "the journal"}, {env.loader.address(), "the loader"}};
  for (const auto& shard : env.shards) watched.emplace(shard.reader.address(), "a shard");
  for (const auto& [who, name] : watched) self->monitor(who);
  self->set_down_handler([self, places, &env, watched](const caf::down_msg& down) {
    if (down.reason == caf::exit_reason::user_shutdown) return;
    const error why{errc::store_failed, watched.at(down.source) + " died", self->system().render(down.reason)};
    env.report("runtime", why);
    places->fail_all(why);
  });
  return {
      [places](const answers& batch) { places->complete(batch); },
      [places](const query_answer& reply) { places->complete(reply.number, *reply.given); },
      [places](const vanished& gone) { places->fail_stream(gone); },
      [places](const journal_stopped& stopped) { places->fail_all(stopped.why); },
  };
}

}  // namespace annals::actors
