#include "actors/write/traced_parts.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace annals::actors {

void trace_decision(const aggregate_state& s, const command& cmd, const trace_context& of, std::int64_t begun, const detail::decided& made) {
  if (s.type->is_process) return;
  trace_span span;
  span.name = std::string{"decide "}.append(cmd.name);
  span.begin = begun;
  span.end = s.env->tracing.now();
  span.version = s.self->version + made.events.size();
  span.outcome = label_of(ending_of(made.refused ? &*made.refused : nullptr), false);
  span.has_failed = made.refused && made.refused->code != errc::rejected;
  s.env->tracing.add(std::move(span), of, s.stream);
}

void trace_load(const aggregate_state& s, const rehydration& of, bool has_failed) {
  for (const auto& cmd : s.stash) {
    const auto trace = cmd->traced();
    if (!trace.sampled) continue;
    trace_span span;
    span.name = std::string{"load "}.append(s.type->category);
    span.end = s.env->tracing.now();
    span.begin = span.end - of.since.elapsed().count();
    span.version = of.version;
    span.has_failed = has_failed;
    s.env->tracing.add(std::move(span), trace, s.stream);
  }
}

void trace_commit(journal_state& s, const handed_batch& from, const handed_over& item) {
  const auto index = static_cast<std::size_t>(&item - from.items.data());
  const auto found = std::ranges::lower_bound(from.traced, index, {}, &traced_append::item);
  if (found == from.traced.end() || found->item != index) return;
  trace_span span;
  span.id = s.env->tracing.span_in(found->of);
  span.name = "commit";
  span.begin = s.traced->begin;
  span.end = s.traced->end;
  span.version = item.reply.version;
  span.at = item.reply.at;
  span.batch_events = s.records.size();
  if (s.traced->first.is_set())
    span.link = s.traced->first;
  else
    s.traced->first = span.id;
  s.env->tracing.add(std::move(span), found->of, found->stream);
}

}  // namespace annals::actors
