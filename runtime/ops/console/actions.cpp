// What an operator may change. Each act is a record in the log before it takes effect.
#include "ops/console/operators.hpp"
#include "ops/console/parked_groups.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>
#include <optional>

namespace annals::ops {
namespace {

constexpr std::chrono::seconds answer_max{4};

/// The fields of the body of an action.
class body {
public:
  explicit body(const request& of) : fields_(json::parse(of.body, nullptr, false)) {
    if (!fields_.is_object()) refuse("body", "a JSON object is needed");
  }
  std::string text(const char* name) {
    if (fields_.is_object() && fields_.contains(name) && fields_[name].is_string()) return fields_[name];
    return refuse(name, "a text is needed"), std::string{};
  }
  position at(const char* name) {
    if (fields_.is_object() && fields_.contains(name) && fields_[name].is_number_unsigned()) return fields_[name];
    return refuse(name, "a position is needed"), 0;
  }
  const std::optional<error>& wrong() const { return wrong_; }

private:
  void refuse(std::string_view name, std::string_view why) {
    if (!wrong_) wrong_ = error{errc::bad_option, "field " + std::string{name} + ": " + std::string{why}, std::string{name}};
  }
  json fields_;
  std::optional<error> wrong_;
};

/// Returns the position of the record, when it is durable.
result<position> record(const call& c, act what, const std::string& of, std::vector<position> positions) {
  send_options with;
  with.principal = principal_of(*c.who);
  auto done = c.site.runtime->send<operators>(operators::key, record_act{what, of, std::move(positions)}, std::move(with)).wait_for(answer_max);
  if (!done) return done.error();
  return done->at;
}

error still_running() { return {errc::timed_out, "it goes on, but has not ended yet", "look again"}; }

/// The answer of the runtime. `unknown` from wait_for() says only that there is none yet.
result<position> outcome(pending<position> of, std::chrono::steady_clock::time_point until) {
  auto done = of.wait_for(std::max<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(), std::chrono::milliseconds{1}));
  if (!done && !of.ready() && done.error().code == errc::unknown) return still_running();
  return done;
}

answer done_at(position act, result<position> done) {
  if (!done) return answer_of(done.error());
  return answer_of(json{{"act", act}, {"position", *done}});
}

struct group_progress {
  std::uint64_t done = 0;
  std::uint64_t left = 0;
  json failed = json::array();
};

/// Retries the events one after the other, until the time is up.
group_progress retry_all(call& c, const parked_group& group, std::chrono::steady_clock::time_point until) {
  group_progress out;
  for (const auto& each : group.events) {
    if (waits_for(each)) continue;  // the event that it waits for brings it along
    if (std::chrono::steady_clock::now() >= until || c.site.closing) {
      ++out.left;
      continue;
    }
    const auto done = outcome(c.site.runtime->retry_parked(group.of, each.at), until);
    if (done || done.error().code == errc::not_found)
      ++out.done;
    else if (done.error().code == errc::timed_out)
      ++out.left;
    else
      out.failed.push_back({{"position", each.at}, {"error", error_json(done.error())}});
  }
  return out;
}

}  // namespace

answer retry(call& c) {
  body given{c.asked};
  const auto of = given.text("of");
  const auto at = given.at("position");
  if (given.wrong()) return answer_of(*given.wrong());
  const auto recorded = record(c, act::retry, of, {at});
  if (!recorded) return answer_of(recorded.error());
  return done_at(*recorded, outcome(c.site.runtime->retry_parked(of, at), c.until));
}

answer retry_group(call& c) {
  body given{c.asked};
  const auto of = given.text("of");
  const auto id = given.text("group");
  if (given.wrong()) return answer_of(*given.wrong());
  const auto groups = groups_of_parked(c.view());
  if (!groups) return answer_of(groups.error());
  const auto group = std::find_if(groups->begin(), groups->end(), [&](const parked_group& each) { return each.id == id && each.of == of; });
  if (group == groups->end()) return answer_of(error{errc::not_found, "there is no such group any more", id});
  std::vector<position> positions;
  for (const auto& each : group->events) positions.push_back(each.at);
  const auto recorded = record(c, act::retry_group, of, std::move(positions));
  if (!recorded) return answer_of(recorded.error());
  auto all = retry_all(c, *group, std::min(c.until, std::chrono::steady_clock::now() + answer_max));
  return answer_of(json{{"act", *recorded}, {"done", all.done}, {"failed", std::move(all.failed)}, {"left", all.left}});
}

answer skip(call& c) {
  body given{c.asked};
  const auto of = given.text("of");
  const auto at = given.at("position");
  const auto store = given.text("store");
  if (given.wrong()) return answer_of(*given.wrong());
  if (store.size() != 8 || !c.site.store_id.starts_with(store))
    return answer_of(error{errc::forbidden, "the store's id is needed", "its first eight characters"});
  const auto recorded = record(c, act::skip, of, {at});
  if (!recorded) return answer_of(recorded.error());
  return done_at(*recorded, outcome(c.site.runtime->skip_parked(of, at), c.until));
}

answer rebuild(call& c) {
  body given{c.asked};
  const auto name = given.text("name");
  if (given.wrong()) return answer_of(*given.wrong());
  const auto hosted = c.view().types().projections();
  if (std::find(hosted.begin(), hosted.end(), name) == hosted.end()) return answer_of(error{errc::not_hosted, "no such projection is hosted", name});
  const auto recorded = record(c, act::rebuild, name, {});
  if (!recorded) return answer_of(recorded.error());
  auto running = c.site.runtime->rebuild(name);
  if (running.ready())
    if (auto done = running.get(); !done) return answer_of(done.error());
  auto out = answer_of(json{{"act", *recorded}, {"name", text(name)}});
  out.status = 202;
  return out;
}

}  // namespace annals::ops
