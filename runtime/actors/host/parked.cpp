// What an operator does with a read model or a process manager: lists, retries and skips its parked events, or rebuilds the model.
#include "actors/base/watched.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/dead_letters/unhosted_skip.hpp"
#include "actors/host/engine.hpp"
#include "store/log/subscription_table.hpp"

namespace annals::detail {
namespace {

constexpr std::string_view before_a_subscription = "subscription/";

result<std::vector<parked_event>> parked_by_subscription(const store::log& log, std::string_view name) {
  auto known = store::find_subscription(log, name);
  if (!known) return std::move(known).error();
  if (!*known) return error{errc::not_found, "no subscription has this name", std::string{name}};
  std::vector<parked_event> all;
  auto ok = store::visit_parked(log, name, [&](parked_event&& one) { all.push_back(std::move(one)); });
  if (!ok) return std::move(ok).error();
  return all;
}

}  // namespace

result<std::vector<parked_event>> engine::parked(std::string_view name) const {
  if (name.starts_with(before_a_subscription)) return parked_by_subscription(*env_.log, name.substr(before_a_subscription.size()));
  const auto* of = find_follower(name);
  if (!of) return error{errc::not_hosted, "no projection or process manager of this name is hosted", std::string{name}};
  if (actors::model_lock::is_writer()) return in_apply("parked()");
  const std::shared_lock lock{of->cell->mutex};
  return of->cell->parked.list();
}

std::shared_ptr<waiter> engine::order(std::string_view name, follower_order what) {
  const bool is_rebuild = std::holds_alternative<actors::rebuild_model>(what);
  const auto* to = is_rebuild ? find_in(projections_, name) : find_follower(name);
  if (!to) return answered_with(no_such_projection(name));
  if (!begun_) return answered_with(error{errc::misuse, std::string{name} + " takes no orders before start()"});
  // A failed rebuild has no effect: the model is the one from before.
  auto [answer, reply] = admit(is_rebuild ? actors::gateway::asks::a_question : actors::gateway::asks::for_an_effect);
  if (!reply) return answer;
  const auto send = [&](auto& one) {
    one.reply = *reply;
    caf::anon_send(to->actor, std::move(one));
  };
  std::visit(send, what);
  return answer;
}

std::shared_ptr<waiter> engine::skip_parked(std::string_view name, position at) {
  if (auto no = only_at_the_owner("a skip")) return answered_with(std::move(*no));
  if (find_follower(name)) return order(name, actors::skip_parked{at, {}});
  if (!begun_) return answered_with(error{errc::misuse, "skip_parked() was called before start()"});
  auto owner = actors::unhosted_owner(*env_.derived, name, at);
  if (!owner) return answered_with(std::move(owner).error());
  auto [answer, reply] = admit(actors::gateway::asks::for_an_effect);
  if (reply)
    at_home([&, to = *reply] {
      actors::spawn_watched(home_->system(), env_, actors::unhosted_skip, std::cref(env_),
                            actors::unhosted_skip_ports{follow_.drainer, follow_.index_writer, recipients_[to.to]}, *owner, at, to.number);
    });
  return answer;
}

}  // namespace annals::detail
