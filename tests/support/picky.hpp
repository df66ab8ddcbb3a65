// A projection that rejects some events, for tests of what happens to these.
#pragma once

#include "support/memory_engine.hpp"

namespace world {

using namespace annals;

/// Counts notes; throws at those whose text begins with "bad", unless `cures` is set. One type for each failure policy.
template <on_failure Then>
struct picky {
  static constexpr std::string_view name = "picky";
  static constexpr failure_policy on_failure{3, std::chrono::milliseconds{1}, Then};
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::map<std::string, std::int64_t, std::less<>> notes;
    std::vector<std::string> order;
    static constexpr auto about = annals::describe<&model::notes, &model::order>("picky", 1);
  };
  static inline std::atomic<bool> cures{false};
  static inline std::atomic<int> tries{0};
  static void apply(model& m, const noted& e, const record_view& r) {
    ++tries;
    if (e.text.starts_with("bad") && !cures) throw std::runtime_error("does not like " + e.text);
    ++m.notes[std::string{r.key()}];
    m.order.push_back(e.text);
  }
  static std::int64_t answer(const model& m, const sum_of& q) {
    const auto found = m.notes.find(q.key);
    return found == m.notes.end() ? 0 : found->second;
  }
  static void begin() {
    cures = false;
    tries = 0;
  }
};
using parks_events = picky<on_failure::park_event>;
using parks_streams = picky<on_failure::park_stream>;
using stops = picky<on_failure::stop>;

template <class P>
struct rig {
  memory_engine e;
  explicit rig(const memory_store& on, options with = memory_engine::quiet())
      : e(on, std::move(with), [](detail::engine& engine) { engine.add(detail::table_of_projection<P>()).value(); }) {}

  void write(std::string_view key, std::string text) { e.send(key, note{std::move(text)}).value(); }
  /// The model's count at the head. If the stream has parked events, the count without them.
  result<std::int64_t> count(std::string_view key) {
    const auto query = encoded(sum_of{std::string{key}});
    auto answer = detail::await(*e.engine->ask("picky", "sum_of", query, at_least{e.engine->head(), std::chrono::seconds{60}}));
    if (!answer && answer.error().code == errc::parked) answer = detail::await(*e.engine->ask("picky", "sum_of", query, std::nullopt));
    if (!answer) return std::move(answer).error();
    return detail::decoded_answer<std::int64_t>(answer->bytes);
  }
  std::vector<position> parked() const {
    std::vector<position> all;
    const auto listed = e.engine->parked("picky");
    for (const auto& one : listed.value()) all.push_back(one.at);
    return all;
  }
  result<position> retry(position at) {
    auto answer = detail::await(*e.engine->order("picky", actors::retry_parked{at, {}}));
    if (!answer) return std::move(answer).error();
    return answer->accepted.at;
  }
  result<position> skip(position at) {
    auto answer = detail::await(*e.engine->order("picky", actors::skip_parked{at, {}}));
    if (!answer) return std::move(answer).error();
    return answer->accepted.at;
  }
  std::vector<std::string> order() const {
    std::vector<std::string> seen;
    e.engine->read_model("picky", [&](const void* m, position) { seen = static_cast<const typename P::model*>(m)->order; }).value();
    return seen;
  }
};

using texts = std::vector<std::string>;

}  // namespace world
