// An engine on a store in memory that fails and crashes on demand. The actors run on threads of their own.
#pragma once

#include "actors/host/engine.hpp"
#include "store/derived/memory_derived_store.hpp"
#include "store/derived/memory_images.hpp"
#include "store/log/memory_log.hpp"
#include "support/outcomes.hpp"
#include "support/wait_until.hpp"
#include "support/world.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

/// What survives a crash.
struct memory_store {
  std::shared_ptr<annals::store::memory_disk> log = std::make_shared<annals::store::memory_disk>(1);
  std::shared_ptr<annals::store::memory_derived_disk> index = std::make_shared<annals::store::memory_derived_disk>();
  std::shared_ptr<annals::store::memory_image_disk> images = std::make_shared<annals::store::memory_image_disk>();
};

struct memory_engine {
  std::shared_ptr<annals::store::memory_log> log;
  std::shared_ptr<annals::store::memory_derived_store> index;
  std::shared_ptr<annals::store::memory_images> images;
  std::unique_ptr<annals::detail::engine> engine;

  /// `more` hosts additional types before the start.
  explicit memory_engine(const memory_store& on, annals::options with = quiet(), const std::function<void(annals::detail::engine&)>& more = {},
                         annals::timestamp at = 1'000'000, bool has_front = false);
  ~memory_engine() { engine->close(); }

  static annals::options quiet() {
    annals::options with;
    with.log_sink = [](annals::log_level, std::string_view) {};
    with.close_deadline = std::chrono::milliseconds{200};
    return with;
  }

  template <class C>
  std::shared_ptr<annals::detail::waiter> start(std::string_view key, const C& command, annals::send_options with = {}) {
    return engine->send("counter", key, C::about.name, annals::encoded(command), std::move(with));
  }

  /// Sends to any aggregate.
  template <class A, class C>
  annals::result<annals::receipt> send_to(std::string_view key, const C& command, annals::send_options with = {}) {
    auto answer = annals::detail::await(*engine->send(A::category, key, C::about.name, annals::encoded(command), std::move(with)));
    if (!answer) return std::move(answer).error();
    return answer->accepted;
  }

  template <class C>
  annals::result<annals::receipt> send(std::string_view key, const C& command, annals::send_options with = {}) {
    auto answer = annals::detail::await(*start(key, command, std::move(with)));
    if (!answer) return std::move(answer).error();
    return answer->accepted;
  }

  /// The projection's sum once it has reached the token.
  std::int64_t sum(std::string_view key, annals::token at) {
    auto answer = annals::detail::await(
        *engine->ask("sums", "sum_of", annals::encoded(world::sum_of{std::string{key}}), annals::at_least{at, std::chrono::seconds{60}}));
    return annals::detail::decoded_answer<std::int64_t>(answer.value().bytes).value();
  }

  std::atomic<annals::timestamp> now;
};
