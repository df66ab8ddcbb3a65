// A projection that tells of each event, for what a projection does outside of its model.
#pragma once

#include "support/memory_engine.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>

namespace world {

using namespace annals;

/// Tells of each note. One template for each policy and number of partitions.
template <on_failure Then, std::uint32_t Attempts, std::size_t Partitions>
struct teller {
  static constexpr std::string_view name = "telling";
  static constexpr failure_policy on_failure{Attempts, std::chrono::milliseconds{1}, Then};
  static constexpr std::size_t partitions = Partitions;
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::vector<position> seen;
    static constexpr auto about = annals::describe<&model::seen>("telling", 1);
  };
  static inline std::mutex mutex;
  static inline std::vector<position> told;
  static inline std::set<position> deaf_at;  // nobody hears it
  static inline std::atomic<bool> takes_all{true};

  static void apply(model& m, const noted& e, const record_view& r) {
    if (e.text.starts_with("bad") && !takes_all) throw std::runtime_error("does not like " + e.text);
    m.seen.push_back(r.at);
  }
  static void apply(model& m, const added&, const record_view& r) { m.seen.push_back(r.at); }
  static void effect(const noted&, const record_view& r) { tell(r.at); }
  static void effect(const added&, const record_view& r) { tell(r.at); }
  static void merge(model& into, model&& part) { into.seen.insert(into.seen.end(), part.seen.begin(), part.seen.end()); }
  static std::int64_t answer(const model& m, const sum_of&) { return static_cast<std::int64_t>(m.seen.size()); }

  static void tell(position at) {
    const std::lock_guard lock{mutex};
    if (deaf_at.contains(at)) throw std::runtime_error("nobody listens");
    told.push_back(at);
  }
  static void begin(std::set<position> deaf = {}) {
    const std::lock_guard lock{mutex};
    told.clear();
    deaf_at = std::move(deaf);
    takes_all = true;
  }
  static void deaf_only(std::set<position> at) {
    const std::lock_guard lock{mutex};
    deaf_at = std::move(at);
  }
  static void all_hear() { deaf_only({}); }
  static std::vector<position> heard() {
    const std::lock_guard lock{mutex};
    auto all = told;
    std::sort(all.begin(), all.end());
    return all;
  }
};
using tells = teller<on_failure::park_event, 2, 1>;
using tells_by_stream = teller<on_failure::park_stream, 2, 1>;
using tells_or_stops = teller<on_failure::stop, 2, 1>;
using tells_in_parts = teller<on_failure::park_event, 2, 3>;
using tells_for_ever = teller<on_failure::park_event, 1'000'000, 1>;

template <class P>
struct telling_rig : memory_engine {
  explicit telling_rig(const memory_store& on, options with = quiet())
      : memory_engine(on, std::move(with), [](detail::engine& e) { e.add(detail::table_of_projection<P>()).value(); }) {}

  void write(std::string text = "", std::string_view key = "a") { send(key, note{std::move(text)}).value(); }
  detail::outcome asked() {
    return detail::await(*engine->ask("telling", "sum_of", encoded(sum_of{}), at_least{engine->head(), std::chrono::seconds{60}}));
  }
  std::int64_t count() { return detail::decoded_answer<std::int64_t>(asked().value().bytes).value(); }
  std::vector<position> seen() const {
    std::vector<position> all;
    engine->read_model("telling", [&](const void* m, position) { all = static_cast<const typename P::model*>(m)->seen; }).value();
    std::sort(all.begin(), all.end());
    return all;
  }
  std::vector<position> parked() const {
    std::vector<position> all;
    const auto listed = engine->parked("telling");
    for (const auto& one : listed.value()) all.push_back(one.at);
    return all;
  }
  bool retry(position at) { return detail::await(*engine->order("telling", actors::retry_parked{at, {}})).has_value(); }
  bool skip(position at) { return detail::await(*engine->order("telling", actors::skip_parked{at, {}})).has_value(); }
  std::shared_ptr<detail::waiter> rebuild() { return engine->order("telling", actors::rebuild_model{}); }
};

using places = std::vector<position>;

inline places up_to(position last, position first = 1) {
  places all(last - first + 1);
  std::iota(all.begin(), all.end(), first);
  return all;
}

inline void lose_derived(memory_store& store) {
  store.index = std::make_shared<store::memory_derived_disk>();
  store.images = std::make_shared<store::memory_image_disk>();
}

}  // namespace world
