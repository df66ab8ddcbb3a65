#include "tools/source.hpp"

#include <annals/config.hpp>
#include <annals/store_view.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

class store_source final : public source {
public:
  explicit store_source(annals::store_view view) : view_(std::move(view)) {}

  result<void> log(annals::position from, const visitor& visit) const override { return view_.log(from, visit); }
  result<void> stream(const std::string& id, annals::version from, const visitor& visit) const override { return view_.stream(id, from, visit); }
  result<annals::past_bytes> state_of(const annals::hosted_types& types, const std::string& stream, const annals::as_of& when) const override {
    return view_.state_of(types, stream, when);
  }
  result<annals::token> head() const override { return view_.head(); }
  result<void> parked(const std::function<bool(std::string_view, const annals::parked_event&)>& visit) const override { return view_.parked(visit); }
  result<annals::store_stats> stats() const override { return view_.stats(); }

private:
  annals::store_view view_;
};

class far_source final : public source {
public:
  explicit far_source(annals::remote to) : to_(std::move(to)) {}

  result<void> log(annals::position from, const visitor& visit) const override {
    auto end = to_.log(from, ~std::size_t{0}, visit);
    if (!end) return std::move(end).error();
    return {};
  }
  result<void> stream(const std::string& id, annals::version from, const visitor& visit) const override { return to_.stream(id, from, visit); }
  result<annals::past_bytes> state_of(const annals::hosted_types& types, const std::string& stream, const annals::as_of& when) const override {
    return to_.state_of(types, stream, when);
  }
  result<annals::token> head() const override { return to_.head(); }
  /// In the order that a store has.
  result<void> parked(const std::function<bool(std::string_view, const annals::parked_event&)>& visit) const override {
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
  result<annals::store_stats> stats() const override { return to_.stats(); }

private:
  annals::remote to_;
};

/// Why the node lets nobody in, or not this one: to ask again would change nothing.
struct refusal {
  std::mutex mutex;
  std::optional<error> why;  // guarded

  void note(const annals::link_news& news) {
    if (!news.why || news.why->code == errc::unreachable || news.why->code == errc::timed_out || news.why->code == errc::closed ||
        news.why->code == errc::overloaded)
      return;
    const std::lock_guard lock{mutex};
    if (!why) why = error{news.why->code, news.why->reason, news.address + (news.why->detail.empty() ? "" : ": " + news.why->detail)};
  }
};

}  // namespace

result<annals::remote> connect(const where& to) {
  constexpr std::chrono::milliseconds look_again{20};
  auto with = annals::config::load_remote(to.as);
  if (!with) return std::move(with).error();
  const auto refused = std::make_shared<refusal>();
  with->on_link = [refused](const annals::link_news& news) { refused->note(news); };
  const auto until = std::chrono::steady_clock::now() + with->time_out;
  auto made = annals::remote::connect(to.connect, std::move(*with));
  if (!made) return made;
  for (;;) {
    auto linked = made->wait_for_link(look_again);
    if (linked) return made;
    const std::lock_guard lock{refused->mutex};
    if (refused->why && to.connect.size() == 1) return *refused->why;
    if (linked.error().code != errc::unreachable || std::chrono::steady_clock::now() >= until) return std::move(linked).error();
  }
}

int with_source(const where& place, const std::function<result<void>(const source&)>& look) {
  const auto opened = [&]() -> result<std::unique_ptr<source>> {
    if (place.is_far()) {
      auto to = connect(place);
      if (!to) return std::move(to).error();
      return std::unique_ptr<source>{std::make_unique<far_source>(std::move(*to))};
    }
    auto view = annals::store_view::open(place.store);
    if (!view) return std::move(view).error();
    return std::unique_ptr<source>{std::make_unique<store_source>(std::move(*view))};
  }();
  if (!opened) return fail(opened.error());
  const auto done = look(**opened);
  return done ? 0 : fail(done.error());
}

}  // namespace tools
