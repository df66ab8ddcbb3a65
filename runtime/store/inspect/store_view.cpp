// A store seen from outside the runtime: read only, also while its writer runs.
#include <annals/store_view.hpp>

#include "store/inspect/verify.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"
#include "store/log/subscription_table.hpp"
#include "store/open_store.hpp"
#include "store/read/past_state.hpp"
#include "store/read/replay.hpp"
#include "store/read/scan.hpp"
#include "store/statistics.hpp"

#include <utility>
#include <vector>

namespace annals {

struct store_view::inside {
  std::unique_ptr<store::opened> store;
  store::home_process home;
};

void store_view::end::operator()(inside* one) const {
  if (one->home.is_this_one()) delete one;  // in a forked child it is left alone: it belongs to the parent
}

/// Why the view cannot be used; empty if it can.
std::optional<error> store_view::gone() const {
  if (!in_) return error{errc::closed, "this view has been moved from"};
  if (!in_->home.is_this_one()) return store::used_after_fork();
  return std::nullopt;
}

store_view::store_view(std::unique_ptr<inside, end> in) : in_(std::move(in)) {}
store_view::store_view(store_view&&) noexcept = default;
store_view& store_view::operator=(store_view&&) noexcept = default;
store_view::~store_view() = default;

result<store_view> store_view::open(const std::filesystem::path& directory) {
  store::open_options with;
  with.create = false;
  with.read_only = true;
  auto opened = store::open_store(directory, with);
  if (!opened) return std::move(opened).error();
  return store_view{std::unique_ptr<inside, end>{new inside{std::move(*opened), {}}}};
}

const std::string& store_view::store_id() const {
  static const auto* none = new std::string;
  return gone() ? *none : in_->store->log->identity().store_id;
}
token store_view::head() const {
  if (gone()) return {};
  return {in_->store->log->identity().history, in_->store->log->readable()};
}

result<void> store_view::log(position from, const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone()) return std::move(*why);
  return store::scan(*in_->store->log, from, visit, store::visitor_is::slow);
}

result<void> store_view::streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit) const {
  if (auto why = gone()) return std::move(*why);
  return store::scan_streams(*in_->store->log, in_->store->derived.get(), prefix, visit);
}

result<void> store_view::stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone()) return std::move(*why);
  bool found = false;
  const auto take = [&](const record_view& record) { return found = true, visit(record); };
  auto ok = store::scan_stream(*in_->store->log, in_->store->derived.get(), id, from, take, store::visitor_is::slow);
  if (ok && !found) return error{errc::not_found, "no such stream", id};
  return ok;
}

result<void> store_view::parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const {
  if (auto why = gone()) return std::move(*why);
  std::vector<std::pair<std::string, parked_event>> all;
  const auto& derived = in_->store->derived;
  const auto add = [&](std::string_view owner, const parked_event& one) { return all.emplace_back(store::owner_name::spoken(owner), one), true; };
  auto ok = derived ? derived->parked(add) : result<void>{};
  const auto& log = *in_->store->log;
  auto subscriptions = store::all_subscriptions(log);
  if (!subscriptions) ok = subscriptions.error();
  for (std::size_t i = 0; ok && i < subscriptions->size(); ++i) {
    const auto& name = (*subscriptions)[i].name;
    ok = store::visit_parked(log, name, [&](parked_event&& one) { all.emplace_back(store::key_of_subscription(name), std::move(one)); });
  }
  for (const auto& [of, one] : all)
    if (!visit(of, one)) return {};
  return ok;
}

result<std::set<position>> store_view::skipped(std::string_view projection) const {
  if (auto why = gone()) return std::move(*why);
  return store::skipped_before(*in_->store->log, projection);
}

result<verified> store_view::verify() const {
  if (auto why = gone()) return std::move(*why);
  auto seen = store::verify(*in_->store->log, in_->store->derived.get(), in_->store->images.get());
  if (seen && !in_->store->derived) {
    seen->why_no_derived = in_->store->why_no_derived;
    seen->derived_damaged = in_->store->derived_is_damaged;
  }
  return seen;
}

result<store_stats> store_view::stats() const {
  if (auto why = gone()) return std::move(*why);
  return store::statistics_of(*in_->store);
}

result<void> store_view::look_at_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                       const std::function<void(const detail::hosted_state&, annals::version, position, timestamp)>& look) const {
  if (auto why = gone()) return std::move(*why);
  const store::state_sources from{in_->store->log.get(), in_->store->derived.get(), in_->store->derived.get(), {}};
  const auto found = store::state_at(from, stream, type, when);
  if (!found) return found.error();
  if (found->version == 0)  // before its first event, or is there no such stream?
    if (auto ok = this->stream(stream, 1, [](const record_view&) { return false; }); !ok) return ok;
  look(*found->state, found->version, found->at, found->time);
  return {};
}

result<past_bytes> store_view::state_of(const hosted_types& types, const std::string& stream, const as_of& when) const {
  const auto type = types.described_type_of(stream);
  if (!type) return type.error();
  past_bytes past;
  auto ok = look_at_state(**type, stream, when, [&](const detail::hosted_state& state, annals::version v, position at, timestamp time) {
    past = {state.saved(), v, at, time};
  });
  if (!ok) return std::move(ok).error();
  return past;
}

result<replayed> store_view::verify_replay(const hosted_types& types) const {
  if (auto why = gone()) return std::move(*why);
  return store::replay_all(*in_->store->log, in_->store->derived.get(), in_->store->derived.get(),
                           [&](std::string_view category) { return types.find(category); });
}

result<void> store_view::backup(const std::filesystem::path& target) const {
  if (auto why = gone()) return std::move(*why);
  return in_->store->log->backup(target);
}

}  // namespace annals
