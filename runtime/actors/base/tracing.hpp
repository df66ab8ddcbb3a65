// The spans of a runtime. What is not sampled costs one look at a pointer or an empty text.
#pragma once

#include "actors/base/meters.hpp"
#include "telemetry/span_ring.hpp"
#include "telemetry/trace_context.hpp"

#include <annals/options.hpp>
#include <annals/record.hpp>
#include <annals/trace.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace annals::actors {

/// A span that has begun; null if it is not sampled.
using open_span = std::unique_ptr<trace_span>;

/// What closes a span.
struct closing {
  ending how = ending::accepted;
  annals::version version = 0;
  position at = 0;
};

class tracing {
public:
  /// `now`: nanoseconds since 1970. `seed`: see telemetry::id_source.
  void set_up(const options& with, std::function<std::int64_t()> now, std::optional<std::uint64_t> seed);

  std::int64_t now() const { return now_(); }

  /// Whether a command of a host needs to be looked at: it brings a trace, or some that bring none are sampled.
  bool concerns(std::string_view traceparent) const { return !traceparent.empty() || sampler_.may_sample(); }
  struct begun {
    trace_context of;  // of the span; without a span, the sender's
    open_span span;
  };
  /// A command of a host. Decides whether it is sampled: as its sender says, else by options::trace_ratio.
  begun send(std::string_view traceparent, std::string_view command, std::string_view stream) const;

  /// Something that follows from a sampled record: in the record's trace while the record is young, else in a trace of its own. Null if the
  /// record is not sampled.
  open_span follow(const trace_context& record, timestamp time, span_kind kind, std::string_view doing, std::string_view what,
                   std::string_view stream) const;

  void close(open_span& one, const closing& by) const;
  /// An open span is given up without an answer.
  void give_up(open_span& one) const { close(one, {ending::unknown}); }

  trace_context span_in(const trace_context& parent) const { return ids_.child_of(parent); }
  /// A span that has ended by now, as a part of `parent`.
  void add(trace_span one, const trace_context& parent, std::string_view stream) const;

  const std::shared_ptr<telemetry::span_ring>& spans() const { return spans_; }
  /// Values of traceparent that could not be read.
  const telemetry::shared_counter& ignored() const { return ignored_; }

private:
  void name_stream(trace_span& one, std::string_view stream) const;

  std::shared_ptr<telemetry::span_ring> spans_ = std::make_shared<telemetry::span_ring>();
  std::function<std::int64_t()> now_;
  mutable telemetry::id_source ids_;
  telemetry::ratio_sampler sampler_;
  bool keeps_streams_ = true;
  mutable telemetry::shared_counter ignored_;
};

}  // namespace annals::actors
