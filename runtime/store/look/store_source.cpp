#include "store/look/store_source.hpp"

#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"
#include "store/log/subscription_table.hpp"
#include "store/look/instance_history.hpp"
#include "store/look/past_json.hpp"
#include "store/read/scan.hpp"
#include "store/read/scan_back.hpp"
#include "store/read/stream_places.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace annals::store {
namespace {

error ended() { return {errc::closed, "the runtime of this view has been destroyed"}; }
error no_such_stream(std::string_view id) { return {errc::not_found, "no such stream", std::string{id}}; }

}  // namespace

template <class What>
auto store_source::reading(What&& what) const -> decltype(what()) {
  const auto held = store_.lock();
  if (!held) return ended();
  return what();
}

std::optional<error> store_source::gone() const {
  if (!home_.is_this_one()) return used_after_fork();
  if (store_.expired()) return ended();
  return std::nullopt;
}

result<std::string> store_source::store_id() const {
  return reading([&]() -> result<std::string> { return in_.log->identity().store_id; });
}

result<token> store_source::head() const {
  return reading([&]() -> result<token> { return token{in_.log->identity().history, in_.log->readable()}; });
}

result<void> store_source::log(position from, direction go, const record_visitor& visit) const {
  return reading([&] { return go == direction::forward ? scan(*in_.log, from, visit, visitor_is::slow) : scan_back(*in_.log, from, visit); });
}

result<void> store_source::stream(const std::string& id, version from, direction go, const record_visitor& visit) const {
  return reading([&]() -> result<void> {
    bool found = false;
    const auto take = [&](const record_view& record) { return found = true, visit(record); };
    result<void> ok;
    if (go == direction::forward)
      ok = scan_stream(*in_.log, in_.derived, id, from, take, visitor_is::slow);
    else {
      const auto places = stream_places::of(*in_.log, in_.derived, [&](std::string_view name) { return name == id; });
      if (!places) return places.error();
      ok = scan_stream_back(*in_.log, *places, id, from, take);
    }
    if (ok && !found) return no_such_stream(id);
    return ok;
  });
}

result<begun_state> store_source::past_state_of(const detail::aggregate_table& type, const std::string& stream, const as_of& when) const {
  auto found = state_at({in_.log, in_.derived, in_.derived, {}}, stream, type, when);
  if (!found || found->version > 0) return found;
  // Before its first event, or is there no such stream?
  if (auto ok = this->stream(stream, 1, direction::forward, [](const record_view&) { return false; }); !ok) return std::move(ok).error();
  return found;
}

result<detail::state_place> store_source::take_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                                     const detail::state_taker& into) const {
  return reading([&]() -> result<detail::state_place> {
    const auto found = past_state_of(type, stream, when);
    if (!found) return found.error();
    into.copy(into.into, found->state->state());
    return detail::state_place{found->version, found->at, found->time};
  });
}

result<past_bytes> store_source::state_of(const hosted_types& types, const std::string& stream, const as_of& when) const {
  const auto type = detail::tables_of::described(types, stream);
  if (!type) return type.error();
  return reading([&]() -> result<past_bytes> {
    const auto found = past_state_of(**type, stream, when);
    if (!found) return found.error();
    return past_bytes{found->state->saved(), found->version, found->at, found->time};
  });
}

result<void> store_source::parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const {
  return reading([&]() -> result<void> {
    std::vector<std::pair<std::string, parked_event>> all;
    const auto add = [&](std::string_view owner, const parked_event& one) { return all.emplace_back(owner_name::spoken(owner), one), true; };
    auto ok = in_.derived ? in_.derived->parked(add) : result<void>{};
    auto subscriptions = all_subscriptions(*in_.log);
    if (!subscriptions) ok = subscriptions.error();
    for (std::size_t i = 0; ok && i < subscriptions->size(); ++i) {
      const auto& name = (*subscriptions)[i].name;
      ok = visit_parked(*in_.log, name, [&](parked_event&& one) { all.emplace_back(key_of_subscription(name), std::move(one)); });
    }
    for (const auto& [of, one] : all)
      if (!visit(of, one)) return {};
    return ok;
  });
}

result<store_stats> store_source::stats(figures which) const {
  if (!statistics_) return error{errc::misuse, "this store has no files to count"};
  return reading([&] { return statistics_(which); });
}

result<void> store_source::streams(std::string_view prefix, std::string_view after,
                                   const std::function<bool(std::string_view, version)>& visit) const {
  return reading([&] { return scan_streams(*in_.log, in_.derived, prefix, visit, after); });
}

result<annals::stream_page> store_source::page_of_streams(std::string_view prefix, std::string_view after, std::size_t max) const {
  return reading([&]() -> result<annals::stream_page> {
    annals::stream_page page;
    std::map<std::string, std::size_t, std::less<>> names;  // and their places in the page
    auto ok = scan_streams(
        *in_.log, in_.derived, prefix,
        [&](std::string_view name, version) {
          if (names.size() == max) return page.more = true, false;
          names.emplace(name, names.size());
          page.streams.emplace_back().name = name;
          return true;
        },
        after);
    if (!ok) return std::move(ok).error();
    const auto places = stream_places::of(*in_.log, in_.derived, [&](std::string_view stream) { return names.contains(stream); });
    if (!places) return places.error();
    std::vector<position> last;
    for (const auto& one : page.streams) {
      const auto newest = places->newest(one.name);
      if (!newest) return newest.error();
      if (ok = places->positions(one.name, *newest, *newest, last); !ok) return std::move(ok).error();
    }
    std::sort(last.begin(), last.end());
    ok = in_.log->read_at(last, [&](const record_view& record) {
      const auto found = names.find(record.stream);
      if (found == names.end()) return true;
      auto& one = page.streams[found->second];
      one.newest = record.version;
      one.at = record.at;
      one.time = record.time;
      one.type = record.type;
      return true;
    });
    if (!ok) return std::move(ok).error();
    return page;
  });
}

result<past_model_json> store_source::model_at(std::string_view projection, position at, const model_bounds& bounds, const stream_choice& of) const {
  const auto* table = detail::tables_of::projection(*types_, projection);
  if (!table) return error{errc::not_hosted, "no projection of this name is known", std::string{projection}};
  return reading([&] { return store::model_at(in_, *table, at, bounds, of); });
}

result<std::set<position>> store_source::skipped(std::string_view projection) const {
  return reading([&] { return skipped_before(*in_.log, projection); });
}

result<const detail::process_table*> store_source::process_manager(std::string_view category) const {
  const auto* found = detail::tables_of::process(*types_, category);
  if (!found) return error{errc::not_hosted, "no process manager of this category is known", std::string{category}};
  return found;
}

result<instance_counts> store_source::count_instances(std::string_view category) const {
  const auto of = process_manager(category);
  if (!of) return of.error();
  return reading([&] { return instances_.count(in_, **of); });
}

result<instance_page> store_source::instances(const instance_query& which) const {
  const auto of = process_manager(which.category);
  if (!of) return of.error();
  return reading([&] { return instances_.list(in_, **of, which); });
}

result<instance_history> store_source::instance(const std::string& stream, version from, std::size_t turns_max) const {
  const auto of = process_manager(std::string_view{stream}.substr(0, stream.find('-')));
  if (!of) return of.error();
  return reading([&] { return history_of(in_, *types_, **of, instances_, stream, from, turns_max); });
}

}  // namespace annals::store
