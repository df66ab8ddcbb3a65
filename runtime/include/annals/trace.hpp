/// Distributed traces: the place of a command or an event in a trace (W3C trace context, level 1), and the spans that the runtime makes of
/// what is sampled. annals::ops exports them (trace_exporter.hpp).
#pragma once

#include <annals/receipt.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

/// A span within a trace. Not set: all ids are zeros.
struct trace_context {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  bool sampled = false;

  bool is_set() const { return span_id != std::array<std::uint8_t, 8>{}; }
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// As the value of the header `traceparent`: "00-TRACE-SPAN-FLAGS", ids in lower-case hex. Empty if it is not set.
std::string to_string(const trace_context& of);
/// Reads the value of a header `traceparent`, of version 00 or of a later one that begins alike. Empty for everything else: ids of zeros,
/// upper case, version ff, more than 255 bytes.
std::optional<trace_context> trace_context_of(std::string_view traceparent);

/// The numbers are those of OTLP.
enum class span_kind : std::uint8_t { internal = 1, producer = 4, consumer = 5 };

/// What took from `begin` to `end`, as part of a trace. It never has a payload, nor the detail of a rejection.
struct trace_span {
  trace_context id;
  std::array<std::uint8_t, 8> parent{};  ///< in the same trace; zeros: none
  trace_context link;                    ///< another span that this one follows from or belongs to; may be not set
  std::string name;
  span_kind kind = span_kind::internal;
  std::int64_t begin = 0;          ///< in nanoseconds since 1970
  std::int64_t end = 0;            ///< never before `begin`
  std::string_view outcome = {};   ///< as the label of annals_commands_total, in static memory; empty if nothing was answered
  bool has_failed = false;         ///< neither accepted nor a decision of the domain
  std::string category;            ///< of the stream
  std::string stream;              ///< empty with options::trace_streams = false
  annals::version version = 0;     ///< of the stream, after it; 0: unknown
  position at = 0;                 ///< of the event, or of the last one; 0: unknown
  std::uint64_t batch_events = 0;  ///< of a commit: the events that were committed together
};

/// The finished spans of a runtime, at most 16,384. One more is dropped and counted. Thread-safe. It may be used after its runtime has
/// ended.
class span_queue {
public:
  virtual ~span_queue();
  /// Takes out up to `max` spans, the oldest first. Does not wait.
  virtual std::vector<trace_span> take(std::size_t max) = 0;
  virtual std::size_t size() const = 0;
  /// What became of spans that were taken, for annals_trace_spans_total.
  virtual void exported(std::uint64_t spans) = 0;
  virtual void failed(std::uint64_t spans) = 0;
};

}  // namespace annals
