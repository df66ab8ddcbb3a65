/// What a projection, a process manager or a subscription could not handle and was set aside, so that the rest goes on: the
/// dead letters.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace annals {

/// What becomes of an event whose attempts have all failed.
enum class on_failure : std::uint8_t {
  park_event,   ///< it is set aside, and the rest goes on
  park_stream,  ///< so is everything of its stream behind it, so that the stream is applied in order or not at all
  stop,         ///< the projection stops there, and its queries answer why
};

/// How a projection meets an `apply` that throws: `static constexpr annals::failure_policy on_failure{…}` in it. What
/// cannot be decoded always stops it: the program does not know it. A process manager parks the instance, whatever `then`
/// says but `stop`. A subscription has one among its options. options::on_parked tells of each that is parked.
struct failure_policy {
  std::uint32_t attempts = 5;                  ///< at least 1; meanwhile the model stands still
  std::chrono::milliseconds first_pause{100};  ///< before the second attempt; each pause is twice the one before, to 10 s
  annals::on_failure then = annals::on_failure::park_event;
};

/// An event that was set aside. It stays in the log, and only there: this says where and why. A projection or a process manager
/// has at most 10,000 of them: at one more it stops, and start() fails from then on, until some are skipped
/// (runtime::skip_parked(), `annals parked skip`) or the program can handle them. Each event behind a parked one of its stream
/// counts, so park_stream comes there soon. Of subscriptions: subscription_options::parked_max.
struct parked_event {
  position at = 0;
  std::string stream;          ///< its own; of a process manager: the instance that stands still
  std::string error;           ///< of the last attempt; for what lies behind a parked event of its stream, which one
  std::uint32_t attempts = 0;  ///< 0: never tried, because of the stream
  timestamp time = 0;          ///< of the last attempt, or when it was set aside: microseconds since 1970 UTC
  static constexpr auto about =
      annals::describe("parked_event", 1, field{"at", &parked_event::at}, field{"stream", &parked_event::stream},
                       field{"error", &parked_event::error}, field{"attempts", &parked_event::attempts},
                       field{"time", &parked_event::time});

  friend bool operator==(const parked_event&, const parked_event&) = default;
};

}  // namespace annals
