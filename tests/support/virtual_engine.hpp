// An engine on a store in memory under CAF's testing scheduler: one thread, and time passes only when the test says so.
#pragma once

#include "support/memory_engine.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <functional>
#include <memory>

class virtual_engine {
public:
  /// `more` hosts types besides the counter before the start.
  explicit virtual_engine(const memory_store& on, bool has_front = true, const std::function<void(annals::detail::engine&)>& more = {},
                          annals::options with = memory_engine::quiet());
  ~virtual_engine() { engine_->close(); }

  annals::detail::engine& engine() { return *engine_; }
  annals::store::memory_log& log() { return *log_; }

  /// One job; false when there is none.
  bool run_one() { return scheduler().try_run_once(); }
  void run() {
    while (run_one()) {
    }
  }
  /// Advances in steps, since the work on the way sets timers of its own.
  void pass(std::chrono::microseconds time) {
    constexpr std::chrono::microseconds longest_step = std::chrono::milliseconds{5};
    for (run(); time.count() > 0; run()) {
      const auto step = std::min(time, longest_step);
      now += step.count();
      steady_ += step.count();
      scheduler().advance_time(step);
      time -= step;
    }
  }
  /// Long enough that durable records become readable and decisions durable.
  void settle() { pass(std::chrono::milliseconds{20}); }

  /// Writes one event to the counter with this key.
  void note(std::string_view key, std::string text = "x") {
    const auto sent = engine_->send("counter", key, world::note::about.name, annals::encoded(world::note{std::move(text)}), {});
    settle();
    sent->await().value();
  }
  void add(std::string_view key) {
    const auto sent = engine_->send("counter", key, world::add::about.name, annals::encoded(world::add{1}), {});
    settle();
    sent->await().value();
  }

  annals::timestamp now = 1'000'000;  // a clock that tests may set

private:
  caf::scheduler::test_coordinator& scheduler() { return dynamic_cast<caf::scheduler::test_coordinator&>(engine_->system().scheduler()); }
  annals::timestamp steady_ = 500;
  std::shared_ptr<annals::store::memory_log> log_;
  std::shared_ptr<annals::store::memory_derived_store> index_;
  std::shared_ptr<annals::store::memory_images> images_;
  std::unique_ptr<annals::detail::engine> engine_;
};

/// A member of a subscription, and what is delivered to it.
class member {
public:
  member(virtual_engine& of, std::string_view name, annals::subscription_options with = {}) : e_(&of) {
    auto joining = of.engine().subscribe(name, std::move(with)).value();
    of.settle();
    joining.joined->await().value();
    in_ = std::move(joining.member);
  }

  annals::detail::membership& in() { return *in_; }
  annals::detail::membership::wanted ask(std::size_t max = 100, std::chrono::milliseconds time_out = std::chrono::seconds{10}) {
    return in_->next(max, time_out);
  }
  /// The events that are available now.
  std::vector<annals::delivered> take(std::size_t max = 100) {
    auto asked = ask(max, std::chrono::milliseconds{0});
    e_->run();
    if (!asked.answered->is_answered()) e_->pass(std::chrono::microseconds{1});
    asked.answered->await().value();
    return std::move(*asked.batch);
  }
  std::vector<annals::position> positions(std::size_t max = 100) {
    std::vector<annals::position> found;
    for (const auto& one : take(max)) found.push_back(one.record.at);
    return found;
  }
  /// Empty if the call is not answered.
  std::optional<annals::errc> code_of(const std::shared_ptr<annals::detail::waiter>& call) {
    e_->settle();
    if (!call->is_answered()) return std::nullopt;
    const auto answer = call->await();
    return answer ? annals::errc{0} : answer.error().code;
  }
  std::optional<annals::errc> ack(std::vector<annals::position> all) { return code_of(in_->ack(std::move(all))); }
  /// Only runs what is due: no time passes.
  void nack(annals::position at, std::string why = "no") {
    const auto call = in_->nack(at, std::move(why));
    e_->run();
  }
  std::optional<annals::errc> retry(annals::position at) { return code_of(in_->resolve(at, true)); }
  std::optional<annals::errc> skip(annals::position at) { return code_of(in_->resolve(at, false)); }
  std::vector<annals::parked_event> parked() const { return in_->parked().value(); }
  void leave() {
    in_->leave();
    e_->run();
  }

private:
  virtual_engine* e_;
  std::shared_ptr<annals::detail::membership> in_;
};
