// One engine that is served, on a store that survives it, and callers elsewhere: what happens between them when links and processes end.
#pragma once

#include "support/net/far_node.hpp"
#include "support/virtual_engine.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

class far_world {
public:
  using duration = std::chrono::microseconds;

  explicit far_world(std::uint64_t seed = 1, std::shared_ptr<const annals::net::peers> known = trusting(), annals::net::credit limits = {})
      : net(seed), known_(std::move(known)), limits_(limits) {
    start_server();
  }

  void start_server() {
    engine_ = std::make_unique<virtual_engine>(
        store, true, [](annals::detail::engine& of) { of.add(annals::detail::table_of_projection<world::sums>()).value(); });
    served_ = std::make_unique<served_node>(engine_->engine(), net, known_, limits_, history);
  }
  /// The process ends where it stands. What was not durable is gone.
  void kill_server(duration noticed_within = std::chrono::milliseconds{5}) {
    net.forget(served_->door(), noticed_within);
    abandon();
  }
  virtual_engine& engine() { return *engine_; }
  annals::net::door& door() { return served_->door(); }
  served_node& served() { return *served_; }
  bool is_up() const { return served_ != nullptr; }

  far_caller& add_caller(unsigned char session = 1, std::string name = "shop-web", unsigned char key = client_number,
                         std::size_t frame_bytes_max = std::size_t{64} << 20) {
    return callers.emplace_back(
        net, [this]() -> annals::net::link_owner* { return served_ ? &served_->door() : nullptr; }, session, std::move(name), key, frame_bytes_max);
  }

  /// Everybody gets on for this long.
  void pass(duration time) {
    constexpr duration step{500};
    for (; time.count() > 0; time -= step) {
      step_all();
      net.pass(std::min(step, time));
      if (engine_) engine_->pass(std::min(step, time));
    }
    step_all();
  }
  /// At most a minute. Returns whether it came true.
  template <class Condition>
  bool until(Condition&& holds) {
    for (int i = 0; i < 60'000 && !holds(); ++i) pass(std::chrono::milliseconds{1});
    return holds();
  }
  bool link_up(far_caller& one) {
    return until([&] { return one.calls.is_linked(); });
  }

  memory_store store;
  std::uint64_t history = 0;  // what the node says that its history is; 0: the truth
  memory_network net;
  std::deque<far_caller> callers;

private:
  void step_all() {
    for (auto& one : callers) one.step();
    if (served_) served_->step();
  }
  void abandon() {
    served_.reset();
    engine_.reset();
  }

  std::shared_ptr<const annals::net::peers> known_;
  annals::net::credit limits_;
  std::unique_ptr<virtual_engine> engine_;
  std::unique_ptr<served_node> served_;
};

/// What the log holds of one stream, in order: the values of `added`.
inline std::vector<std::int64_t> added_in(far_world& w, const std::string& key) {
  std::vector<std::int64_t> all;
  auto ok = w.engine().engine().read_stream("counter-" + key, 1, 1'000'000, [&](const annals::record_view& record) {
    if (record.type == world::added::about.name) all.push_back(annals::decoded<world::added>(record.payload).value().amount);
    return true;
  });
  ok.value();
  return all;
}

/// The code of an answer that has come.
inline std::string outcome_of(const std::shared_ptr<annals::detail::waiter>& w) {
  if (!w->is_answered()) return "nothing";
  const auto given = w->await();
  return given ? "accepted" : std::string{annals::to_string(given.error().code)};
}
