// What a view of a node elsewhere reads: the calls of a handle.
#include <annals/detail/view_source.hpp>
#include <annals/remote.hpp>

#include "net/remote/handle.hpp"

#include <limits>
#include <map>
#include <utility>

namespace annals {

/// Shares the handle, and does not close it.
class remote::seen final : public detail::view_source {
public:
  explicit seen(std::shared_ptr<net::handle> to) : to_(std::move(to)) {}
  ~seen() override { net::let_go(std::exchange(to_.to_, nullptr)); }

  std::optional<error> gone() const override { return to_.to_->is_ours() ? std::nullopt : std::optional{store::used_after_fork()}; }
  const hosted_types& types() const override { return types_; }
  result<std::string> store_id() const override {
    auto figures = to_.stats();
    if (!figures) return std::move(figures).error();
    return std::move(figures->store_id);
  }
  result<token> head() const override { return to_.head_now(); }

  result<void> log(position from, direction go, const record_visitor& visit) const override {
    if (go == direction::backward) return not_here("log_backward()");
    auto end = to_.read_log(from, std::numeric_limits<std::size_t>::max(), visit);
    if (!end) return std::move(end).error();
    return {};
  }
  result<void> stream(const std::string& id, version from, direction go, const record_visitor& visit) const override {
    if (go == direction::backward) return not_here("stream_backward()");
    return to_.stream(id, from, visit);
  }
  result<detail::state_place> take_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                         const detail::state_taker& into) const override {
    auto found = to_.take_state(type.category, std::string_view{stream}.substr(type.category.size() + 1), when, into);
    if (!found || found->version > 0) return found;
    if (auto ok = to_.stream(stream, 1, [](const record_view&) { return false; }); !ok) return std::move(ok).error();
    return found;
  }
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when) const override {
    return to_.state_of(types, stream, when);
  }
  /// In the order that a store has.
  result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const override {
    const auto health = to_.health();
    if (!health) return health.error();
    const auto stats = to_.stats();
    if (!stats) return stats.error();
    std::map<std::string, std::string> owners;  // as the store sorts them
    for (const auto& one : health->projections) owners.emplace(one.name, one.name);
    for (const auto& one : health->processes) owners.emplace("process " + one.name, one.name);
    std::vector<std::string> all;
    for (auto& [sorted, name] : owners) all.push_back(std::move(name));
    for (const auto& one : stats->subscriptions) all.push_back("subscription/" + one.name);
    for (const auto& name : all) {
      const auto events = to_.parked(name);
      if (!events) return events.error();
      for (const auto& one : *events)
        if (!visit(name, one)) return {};
    }
    return {};
  }
  result<store_stats> stats(figures) const override { return to_.stats(); }

private:
  remote to_;
  hosted_types types_;
};

annals::view remote::view() const { return annals::view{to_ ? std::make_shared<const seen>(to_) : nullptr}; }

}  // namespace annals
