/// Parked events, the dead letters of annals: a projection, a process manager or a subscription could not handle them, and set them
/// aside so that the rest can go on.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals {

/// What happens to an event after all its attempts have failed.
enum class on_failure : std::uint8_t {
  park_event,   ///< park the event; the rest goes on
  park_stream,  ///< also park every later event of its stream, so that the stream is applied in order or not at all
  stop,         ///< stop there; queries then answer with the reason
};
constexpr auto labels_of(on_failure) { return std::to_array<std::string_view>({"park_event", "park_stream", "stop"}); }

/// What a projection does when `apply` throws: declare `static constexpr annals::failure_policy on_failure{…}` in it. An event that
/// cannot be decoded always stops the projection. A process manager parks the failed input and blocks its instance, unless `then` is
/// `stop`. A subscription takes its policy from its options. The runtime calls options::on_parked for each parked event.
struct failure_policy {
  std::uint32_t attempts = 5;                  ///< at least 1; the projection waits in between
  std::chrono::milliseconds first_pause{100};  ///< before the second attempt; each pause is twice the one before, up to 10 s
  annals::on_failure then = annals::on_failure::park_event;
};

/// A parked event. This entry says where and why; the event itself is only in the log. A projection or a process manager has at most
/// 10,000 of them. At one more it stops, and every start() fails until some are skipped (runtime::skip_parked(), `annals parked skip`)
/// or the program can handle them. With park_stream each later event of the stream counts, so the limit is reached sooner. For
/// subscriptions the limit is subscription_options::parked_max.
struct parked_event {
  position at = 0;
  std::string stream;          ///< the event's stream; for a process manager the blocked instance
  std::string error;           ///< why the last attempt failed; if the event waits for an earlier parked one, the position of that one
  std::uint32_t attempts = 0;  ///< 0: never tried, because it waits for an earlier parked event
  timestamp time = 0;          ///< of the last attempt, or when it was parked: microseconds since 1970 UTC
  static constexpr auto about =
      annals::describe<&parked_event::at, &parked_event::stream, &parked_event::error, &parked_event::attempts, &parked_event::time>("parked_event",
                                                                                                                                     1);

  friend bool operator==(const parked_event&, const parked_event&) = default;
};

}  // namespace annals
