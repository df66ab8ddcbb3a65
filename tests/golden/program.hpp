// A program on a store on disk, with a clock that stands where it is set: timers of years ago, and none by surprise.
#pragma once

#include "golden/domain.hpp"

#include "actors/host/engine.hpp"
#include "support/outcomes.hpp"

#include <annals/runtime.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace golden {

/// When the first golden store was written, by its clock: 2025-06-15.
inline constexpr annals::timestamp written_at = 1'750'000'000'000'000;

class program {
public:
  /// Opens the store, hosts the types, and has caught up. `warn` gets each line of its log that warns.
  program(const std::filesystem::path& store, annals::timestamp now, bool with_shipping, std::function<void(std::string_view)> warn = {});
  ~program() { engine_->close(); }

  std::atomic<annals::timestamp> now;

  template <class C>
  annals::result<annals::receipt> send(std::string_view key, const C& command, annals::send_options with = {}) {
    auto answer = annals::detail::await(*engine_->send(parcel::category, key, C::about.name, annals::encoded(command), std::move(with)));
    if (!answer) return std::move(answer).error();
    return answer->accepted;
  }

  template <class A>
  annals::past_state<A> state_of(std::string_view key, const annals::as_of& when = {}) const {
    const auto found = engine_->state_of(A::category, key, when).value();
    return {*static_cast<const typename A::state*>(found.state->state()), found.version, found.at, found.time};
  }

  std::map<std::string, std::string> all_parcels() const;
  /// Visits the records from one position to another.
  void log(annals::position from, annals::position to, const std::function<void(const annals::record_view&)>& visit) const;
  annals::position head() const;
  annals::replayed verify_replay() const { return engine_->verify_replay().value(); }
  void settle() const { engine_->settle(60s).value(); }

private:
  std::unique_ptr<annals::detail::engine> engine_;
};

}  // namespace golden
