// How far each follower is, and a read model as it was.
#include "ops/console/followers.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>
#include <string>

namespace annals::ops {
namespace {

/// No encoded value has a JSON of less than a quarter of its bytes: what is larger than this is above `shown_bytes_max` as JSON.
constexpr std::size_t encoded_bytes_max = 4 * shown_bytes_max;
constexpr std::chrono::milliseconds build_time_max{2'500};  // the rest of the time is for encoding what was built

answer not_in_time(position reached) {
  return answer_of(error{errc::timed_out, "the model could not be built in time", "it has come to position " + std::to_string(reached), 0, reached});
}

/// The model, or that it is too large to be shown.
answer model_answer(const call& c, const std::string& name, position at, position head, const std::optional<past_model_json>& model) {
  json when;
  if (at > 0) (void)c.view().log(at, [&](const record_view& record) { return when = time_text(record.time), false; });
  const bool is_shown = model && model->json.size() <= shown_bytes_max;
  return answer_of(json{{"name", text(name)},
                        {"position", at},
                        {"time", std::move(when)},
                        {"head", head},
                        {"model", is_shown ? parsed(model->json) : json{}},
                        {"model_omitted", !is_shown},
                        {"bytes", model ? json(model->json.size()) : json{}},
                        {"left_out", model ? json(model->left_out.size()) : json{}}});
}

}  // namespace

answer list_models(call& c) {
  const auto at = look_around(c);
  if (!at) return answer_of(at.error());
  return answer_of(json{{"now", time_text(now())},
                        {"head", {{"position", at->head.at}, {"time", at->head_time ? json(time_text(*at->head_time)) : json{}}}},
                        {"followers", followers_json(c, *at)}});
}

answer show_model(call& c) {
  parameters given{c.asked};
  const auto name = given.needed_text("name");
  const auto wanted = given.number("position");
  const auto time = given.time("time");
  if (given.wrong()) return answer_of(*given.wrong());
  const auto head = c.view().head();
  if (!head) return answer_of(head.error());
  auto at = wanted.value_or(head->at);
  if (!wanted && time) {
    const auto found = c.view().position_at(*time);
    if (!found) return answer_of(found.error());
    at = *found;
  }
  at = std::min(at, head->at);
  const auto model = c.view().model_at(name, at, {.time_max = build_time_max, .bytes_max = encoded_bytes_max});
  if (!model && model.error().code == errc::too_large) return model_answer(c, name, at, head->at, std::nullopt);
  if (!model) return answer_of(model.error());
  if (!model->is_complete) return not_in_time(model->at);
  return model_answer(c, name, model->at, head->at, *model);
}

}  // namespace annals::ops
