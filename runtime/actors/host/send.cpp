// Sending a command: the limits are checked, the caller gets a place at the gateway, and the aggregate's shard gets the command.
#include "actors/host/engine.hpp"

#include <algorithm>

namespace annals::detail {

std::string stream_name(std::string_view category, std::string_view key) {
  std::string name;
  name.reserve(category.size() + 1 + key.size());
  name.append(category).append(1, '-').append(key);
  return name;
}

std::shared_ptr<waiter> engine::send(std::string_view category, std::string_view key, std::string_view command, std::string body, send_options with) {
  const auto since = with.since.value_or(head());
  const auto* type = find(category);
  auto* counted = type ? &env_.meters.categories[type->number] : nullptr;
  auto& refusals = counted ? counted->refused : env_.meters.of_no_category;
  if (auto no = only_at_the_owner("a command")) return refused(std::move(*no), refusals, since);
  if (auto wrong = check_command(category, key, command, body, with, type)) return refused(std::move(*wrong), refusals, since);
  const auto stream = stream_name(category, key);
  auto answer = make_waiter(since);
  const auto stream_hash = store::hash_of_stream(stream);
  actors::tracing::begun traced;
  if (env_.tracing.concerns(with.trace)) [[unlikely]]
    traced = env_.tracing.send(with.trace, type->command_name(command), stream);
  const auto number = gateway_->admit(answer, stream_hash, &counted->answers, actors::gateway::asks::for_an_effect, &traced.span);
  if (!number) {
    env_.tracing.close(traced.span, {actors::ending::overloaded});
    return refused({errc::overloaded, "too many commands in flight"}, refusals, since);
  }
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
  if (traced.of.is_set()) cmd.set_trace(traced.of);
  cmd.reply = {actors::gateway_recipient, *number};
  write_.send(cmd);
  return answer;
}

std::shared_ptr<waiter> engine::refused(error why) const {
  auto stopped = gateway_->refusal();
  return answered_with(stopped ? std::move(*stopped) : std::move(why));
}

std::shared_ptr<waiter> engine::refused(error why, actors::refusal_meters& counted, token since) const {
  if (auto stopped = gateway_->refusal()) why = std::move(*stopped);
  counted.add(why.code);
  return answered_with(std::move(why), since);
}

engine::admitted engine::admit(actors::gateway::asks what, actors::projection_meters* asked) {
  auto answer = make_waiter();
  const auto number = gateway_->admit(answer, 0, asked ? &asked->queries : nullptr, what);
  error full{errc::overloaded, "too many calls in flight"};
  if (!number) return {asked ? refused(std::move(full), asked->refused) : refused(std::move(full)), std::nullopt};
  return {std::move(answer), actors::reply_address{actors::gateway_recipient, *number}};
}

/// Rule 3: a command that was first sent at this token has no records at or before the returned position. 0 if that is unknown: the
/// token is of no history of this log, or past its head, because records were lost.
position engine::known_since(const token& t) const {
  if (t.history == parts_.history) return t.at <= env_.log->durable() ? t.at : 0;
  return std::min(t.at, store::fork_of(parts_.former, t.history).value_or(0));
}

}  // namespace annals::detail
