// What all actors of a runtime share: the seams (clock, store, threads), the options, and what the host is told. Whom an actor tells
// and asks is in the ports.hpp of its folder. Written before the actors start, read-only afterwards, except for the atomics in
// `vitals`.
#pragma once

#include "actors/base/host_calls.hpp"
#include "actors/base/news_board.hpp"
#include "store/derived/images.hpp"
#include "store/derived/index.hpp"
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

/// What the gateway has to know at once, without a message.
struct vitals {
  std::atomic<position> readable{0};
  std::atomic<bool> journal_full{false};  // there is no space in the front; by the journal only
  std::atomic<bool> drainer_full{false};  // nor behind it; by the drainer only
  std::atomic<bool> index_behind{false};
  std::atomic<std::size_t> resident{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<bool> closing{false};
  std::atomic<bool> drainer_knows{false};  // that there is something to drain: no message needed; by exchange() only

  bool storage_full() const { return journal_full || drainer_full; }
};

struct environment {
  annals::options options;
  std::function<timestamp()> now;     // microseconds since 1970; may be set
  std::function<timestamp()> steady;  // microseconds of a clock that nobody sets
  /// What blocks on the disk gets a thread of its own; under simulation everything is scheduled.
  bool own_threads = true;
  store::log* log = nullptr;
  store::index* index = nullptr;
  store::images* images = nullptr;  // null: none are kept
  std::shared_ptr<spdlog::logger> logger;
  std::shared_ptr<const host_calls> host;

  mutable vitals alive;
  mutable news_board news;
  /// The runtime cannot go on, since the log failed or an actor died: answers all who wait. By the engine.
  std::function<void(const error&)> stop;

  /// Tells the host, and the log.
  void report(std::string_view who, const error& why) const { host->report(who, why); }
  /// The same, of an event that is set aside.
  void report(const parked_notice& parked) const { host->report(parked); }
};

}  // namespace annals::actors
