// What all actors of a runtime share: the seams (clock, store, threads), the options, and the reports to the host. The actors that an
// actor sends to are in the ports.hpp of its folder. Filled before the actors start, read-only afterwards, except for `vitals`, the
// meters and the news board.
#pragma once

#include "actors/base/host_calls.hpp"
#include "actors/base/meters.hpp"
#include "actors/base/news_board.hpp"
#include "actors/base/tracing.hpp"
#include "store/derived/derived_store.hpp"
#include "store/derived/images.hpp"
#include "store/log/control_changes.hpp"
#include "store/log/log.hpp"

#include <annals/options.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace annals::actors {

/// State that the gateway and host threads read directly, without a message.
struct vitals {
  std::atomic<position> readable{0};
  std::atomic<bool> journal_full{false};  // no space in the front; set by the journal only
  std::atomic<bool> drainer_full{false};  // no space in LMDB; set by the drainer only
  std::atomic<bool> index_blocked{false};
  std::atomic<std::size_t> resident{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<bool> closing{false};
  store::control_changes control_changes;  // for replicas
  std::atomic<bool> drainer_knows{false};  // it has been told to drain: no further message needed; change by exchange() only

  bool storage_full() const { return journal_full || drainer_full; }
};

struct environment {
  annals::options options;
  std::function<timestamp()> now;     // wall clock: microseconds since 1970; can be set
  std::function<timestamp()> steady;  // microseconds of a clock that is never set
  /// Actors that block get a thread of their own. False in simulation: all actors run on the scheduler.
  bool own_threads = true;
  store::log* log = nullptr;
  store::derived_store* derived = nullptr;
  store::images* images = nullptr;  // null: no images are kept
  std::shared_ptr<spdlog::logger> logger;
  std::shared_ptr<const host_calls> host;

  /// Measures the files of the store. Empty in simulation. Only the index writer calls it.
  std::function<void(store_meters&)> measure_store;

  mutable vitals alive;
  mutable actors::meters meters;
  actors::tracing tracing;
  mutable news_board news;
  /// Set by the engine. Called when the log failed or an actor died: the runtime stops and answers every waiting caller.
  std::function<void(const error&)> stop;

  /// Writes the error to the diagnostic log and tells the host.
  void report(std::string_view source, const error& why) const { host->report(source, why); }
  /// The same for an event that was parked.
  void report(const parked_notice& parked) const { host->report(parked); }
};

}  // namespace annals::actors
