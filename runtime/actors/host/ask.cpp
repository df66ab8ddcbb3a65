// Asking a read model: by message, or by reading it in the caller's thread.
#include "actors/host/engine.hpp"

namespace annals::detail {

/// Rule 7: a token of a history that this one continues is valid up to the fork.
bool engine::is_of_our_history(const token& t) const {
  if (t.history == 0 || t.history == parts_.history) return true;
  const auto fork = store::fork_of(parts_.former, t.history);
  return fork && t.at <= *fork;
}

std::shared_ptr<waiter> engine::ask(std::string_view projection, std::string_view query, std::string body, std::optional<at_least> when) {
  const auto* p = find_in(projections_, projection);
  if (!p) return answered_with(no_such_projection(projection));
  auto& counted = p->cell->of_projection;
  if (!begun_) return refused({errc::misuse, "ask() was called before start()"}, counted.refused);
  if (when && !is_of_our_history(when->token))
    return refused({errc::history_differs, "the token belongs to another history of this log"}, counted.refused);
  auto [answer, reply] = admit(actors::gateway::asks::a_question, &counted);
  if (!reply) return answer;
  actors::query q;
  q.name = query;
  q.body = std::move(body);
  if (when) {
    q.waits = true;
    q.at_least = when->token.at;
    q.time_out = when->time_out;
  }
  q.reply = *reply;
  caf::anon_send(p->actor, std::move(q));
  return answer;
}

result<void> engine::read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const {
  const auto* p = find_in(projections_, projection);
  if (!p) return no_such_projection(projection);
  if (!begun_) return error{errc::misuse, "read() was called before start()"};
  if (actors::model_lock::is_writer()) return in_apply("read()");
  const std::shared_lock lock{p->cell->mutex};
  if (p->cell->stopped) return *p->cell->stopped;
  if (p->cell->at < p->cell->ready_at) return p->cell->not_ready();
  const no_waiting marked;
  look(p->cell->model->model(), p->cell->at);
  return {};
}

}  // namespace annals::detail
