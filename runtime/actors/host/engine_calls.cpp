// The calls of hosts: commands, queries and orders on their way in, and reads.
#include "actors/host/engine.hpp"

#include "actors/base/stream_names.hpp"
#include "actors/base/watched.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/dead_letters/unhosted_skip.hpp"
#include "actors/processes/command_ids.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/owner_names.hpp"
#include "store/read/past_model.hpp"
#include "store/read/replay.hpp"

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::detail {
namespace {

constexpr std::size_t text_bytes_max = 255;

}  // namespace

std::string stream_name(std::string_view category, std::string_view key) {
  std::string name;
  name.reserve(category.size() + 1 + key.size());
  name.append(category).append(1, '-').append(key);
  return name;
}

std::optional<error> engine::check(std::string_view category, std::string_view stream, const std::string& body,
                                   const send_options& with, const aggregate_table* type,
                                   std::string_view command) const {
  if (!begun_) return error{errc::misuse, "send before start()"};
  if (!type) return error{errc::not_hosted, "not hosted here", std::string{category}};
  if (auto wrong = actors::reserved_for_runtime(*type, command, with.id)) return wrong;
  if (auto wrong = actors::wrong_stream(category, stream.substr(category.size() + 1))) return wrong;
  for (const auto* text : {&with.id, &with.correlation, &with.causation, &with.principal})
    if (text->size() > text_bytes_max)
      return error{errc::invalid_command, "a text of the envelope is too long",
                   std::string{command} + ": " + std::to_string(text->size()) + " bytes, at most " +
                       std::to_string(text_bytes_max)};
  if (body.size() > env_.options.command_bytes_max)
    return error{errc::too_large, "the command is too large",
                 std::string{command} + ": " + std::to_string(body.size()) + " bytes, at most " +
                     std::to_string(env_.options.command_bytes_max)};
  if (env_.alive.storage_full()) return error{errc::storage_full, "no space for the log"};
  if (env_.alive.index_behind) return error{errc::overloaded, "the stream index cannot be written"};
  return std::nullopt;
}

std::shared_ptr<waiter> engine::send(std::string_view category, std::string_view key, std::string_view command,
                                     std::string body, send_options with) {
  const auto since = with.since.value_or(head());
  const auto refuse = [&](const error& why) {
    const auto stopped = gateway_->refusal();
    return answered_with(stopped ? *stopped : why, since);
  };
  const auto* type = find(category);
  auto stream = stream_name(category, key);
  if (const auto wrong = check(category, stream, body, with, type, command)) return refuse(*wrong);
  auto who = make_waiter(since);
  const auto stream_hash = store::hash_of_stream(stream);
  const auto number = gateway_->admit(who, stream_hash);
  if (!number) return refuse(error{errc::overloaded, "too many commands in flight"});
  actors::command cmd;
  cmd.type = type;
  cmd.stream_hash = stream_hash;
  cmd.stream = stream;
  cmd.name = type->command_name(command);
  cmd.body = body;
  cmd.id = with.id;
  cmd.since = with.since ? known_since(*with.since) : 0;
  cmd.expect = with.expect;
  cmd.correlation = with.correlation;
  cmd.causation = with.causation;
  cmd.principal = with.principal;
  cmd.reply = {actors::gateway_recipient, *number};
  write_.send(cmd);
  return who;
}

/// Rule 7: a token of a history that this one continues is valid up to the fork.
bool engine::is_of_our_history(const token& t) const {
  if (t.history == 0 || t.history == parts_.history) return true;
  const auto fork = store::fork_of(parts_.former, t.history);
  return fork && t.at <= *fork;
}

/// Rule 3: a command that was first sent at this token has no records at or before the returned position. 0 if that is unknown: the
/// token is of no history of this log, or past its head, because records were lost.
position engine::known_since(const token& t) const {
  if (t.history == parts_.history) return t.at <= env_.log->durable() ? t.at : 0;
  return std::min(t.at, store::fork_of(parts_.former, t.history).value_or(0));
}

std::shared_ptr<waiter> engine::not_projected(std::string_view projection) {
  return answered_with(error{errc::not_hosted, "no such projection here", std::string{projection}});
}

std::pair<std::shared_ptr<waiter>, std::optional<std::uint64_t>> engine::admit_order(actors::gateway::asks what) {
  auto who = make_waiter();
  const auto number = gateway_->admit(who, 0, what);
  if (number) return {who, number};
  const auto refusal = gateway_->refusal();
  return {answered_with(refusal ? *refusal : error{errc::overloaded, "too much in flight"}), number};
}

std::shared_ptr<waiter> engine::ask(std::string_view projection, std::string_view query, std::string body,
                                    std::optional<at_least> when) {
  const auto* p = find_projection(projection);
  if (!p) return not_projected(projection);
  if (!begun_) return answered_with(error{errc::misuse, "ask before start()"});
  if (when && !is_of_our_history(when->token))
    return answered_with(error{errc::history_differs, "the token is of another history of this log"});
  auto [who, number] = admit_order(actors::gateway::asks::a_question);
  if (!number) return who;
  actors::query q;
  q.name = query;
  q.body = std::move(body);
  if (when) {
    q.waits = true;
    q.at_least = when->token.at;
    q.time_out = when->time_out;
  }
  q.reply = {actors::gateway_recipient, *number};
  caf::anon_send(p->actor, std::move(q));
  return who;
}

namespace {
/// The thread that applies an event holds the lock of its model; waiting for another model's lock could deadlock with that one's writer.
error in_apply(std::string_view call) {
  return {errc::misuse, std::string{call} + " in apply()", "the model is being written: use what apply() is given, or call it in an effect"};
}
}  // namespace

result<void> engine::read_model(std::string_view projection,
                                const std::function<void(const void*, position)>& look) const {
  const auto* p = find_projection(projection);
  if (!p) return error{errc::not_hosted, "no such projection here", std::string{projection}};
  if (!begun_) return error{errc::misuse, "read before start()"};
  if (actors::model_lock::is_writer()) return in_apply("read()");
  const std::shared_lock lock{p->cell->mutex};
  if (p->cell->stopped) return *p->cell->stopped;
  if (p->cell->at < p->cell->ready_at) return p->cell->not_ready();
  const no_waiting marked;
  look(p->cell->model->model(), p->cell->at);
  return {};
}

engine::followed engine::follower(std::string_view name, bool projections_only) const {
  if (const auto* p = find_projection(name)) return {p->cell.get(), p->actor};
  const auto* p = projections_only ? nullptr : find_process(name);
  return p ? followed{p->cell.get(), p->actor} : followed{};
}

result<std::vector<parked_event>> engine::parked(std::string_view name) const {
  const auto of = follower(name, false);
  if (!of.cell) return error{errc::not_hosted, "no such projection or process manager here", std::string{name}};
  if (actors::model_lock::is_writer()) return in_apply("parked()");
  const std::shared_lock lock{of.cell->mutex};
  return of.cell->parked.list();
}

std::shared_ptr<waiter> engine::skip_parked(std::string_view name, position at) {
  if (follower(name, false).cell) return order(name, actors::skip_parked{at, {}});
  if (!begun_) return answered_with(error{errc::misuse, "skip_parked before start()"});
  auto owner = actors::unhosted_owner(*env_.derived, name, at);
  if (!owner) return answered_with(std::move(owner).error());
  auto [waiting, number] = admit_order(actors::gateway::asks::for_an_effect);
  if (number)
    at_home([&, to = actors::reply_address{actors::gateway_recipient, *number}] {
      actors::spawn_watched(home_->system(), env_, actors::unhosted_skip, std::cref(env_),
                            actors::unhosted_skip_ports{follow_.drainer, follow_.index_writer, recipients_[to.to]}, *owner, at, to.number);
    });
  return waiting;
}

result<void> engine::let_readers_catch_up() const {
  constexpr std::chrono::seconds longest{1};
  const auto head = env_.log->durable();
  if (env_.log->readable() >= head || !begun_ || closed_ || !may_wait()) return {};
  caf::anon_send(write_.drainer, actors::hurry::value);
  auto waited = env_.news.wait(longest, [&] { return env_.log->readable() >= head; });
  if (!waited && (waited.error().code == errc::timed_out || closed_)) return {};
  return waited;
}

result<store::kept_history> engine::history_now() const {
  constexpr position near = 100'000;  // so much a host's thread reads itself
  store::kept_history from{env_.log, env_.derived, env_.derived, [this](const std::string& line) { env_.logger->warn(line); }};
  if (tail_ && env_.log->durable() <= tail_->known() + near)
    if (const auto reached = tail_->catch_up(near); reached && *reached) from.tail = tail_.get();
  if (!from.tail)
    if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  return from;
}

result<store::begun_state> engine::state_of(std::string_view category, std::string_view key, const as_of& when) const {
  const auto* type = find(category);
  if (!type) return error{errc::not_hosted, "not hosted here", std::string{category}};
  const auto from = history_now();
  if (!from) return from.error();
  const auto stream = stream_name(category, key);
  if (when.is_now())
    if (auto known = recent_states_.take(stream)) return store::state_from(*from, stream, std::move(*known), when);
  return store::state_at(*from, stream, *type, when);
}

void engine::keep_state(std::string_view category, std::string_view key, store::begun_state state) const {
  if (state.version > 0) recent_states_.give_back(stream_name(category, key), std::move(state));
}

result<position> engine::fold_log(std::string_view projection, hosted_model& into, position at, const stream_choice& of,
                                  left_out_events left_out) const {
  if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  return store::fold_log(*env_.log, env_.derived, projection, into, at, of, std::move(left_out));
}

result<replayed> engine::verify_replay() const {
  return store::replay_all(*env_.log, env_.derived, env_.derived, [this](std::string_view category) { return find(category); });
}

result<void> engine::read_stream(const std::string& stream, version from, std::size_t max,
                                 const std::function<bool(const record_view&)>& visit) const {
  const auto now = history_now();
  if (!now) return now.error();
  return store::read_stream(*now, stream, from, max, visit);
}

}  // namespace annals::detail
