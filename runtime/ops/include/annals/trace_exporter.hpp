/// Exports the spans of a runtime to a collector that speaks OTLP over HTTP with JSON: Jaeger, Tempo, the OpenTelemetry collector. Part of
/// annals::ops.
#pragma once

#include <annals/result.hpp>
#include <annals/trace.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals {

struct trace_export_options {
  /// `http://HOST[:PORT][/PATH]` or `https://…`, without the "/v1/traces" at its end. A certificate is checked against those that the system
  /// trusts.
  std::string endpoint = "http://127.0.0.1:4318";
  /// The resource attribute service.name.
  std::string service = "annals";
  /// More resource attributes, such as service.version or deployment.environment.name.
  std::vector<std::pair<std::string, std::string>> attributes = {};
  /// Sent with each request, such as a key of the collector's.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Spans leave when so many wait (1 to 16,384), or after `every` (10 ms to 1 h).
  std::size_t batch_spans = 512;
  std::chrono::milliseconds every = std::chrono::seconds{5};
  /// Of one request, 10 ms to 5 min.
  std::chrono::milliseconds time_out = std::chrono::seconds{10};
  /// Gets a line when the collector refuses spans or cannot be reached, once until it takes some again. Runs in the exporter's thread.
  /// Empty: stderr. An exception that it throws is dropped.
  std::function<void(std::string_view)> warn = {};
};

/// Takes spans out of a runtime's queue in a thread of its own and sends them. The runtime never waits for it. While the collector cannot be
/// reached, or says that it has too much to do (429, 502, 503, 504), the exporter tries again, after 1 s at first and 30 s at most, or when
/// Retry-After says (at most 30 s); meanwhile spans wait in the queue, and those for which it has no place are dropped and counted. Spans that
/// the collector refuses otherwise, or does not answer for five times, are given up and counted as failed, and the next ones are sent after a
/// pause of 1 s at first and 30 s at most. annals_trace_spans_total has the counts.
///
///     auto exporter = annals::trace_exporter::start(rt.spans(), {.endpoint = "http://collector:4318", .service = "shop"});
class trace_exporter {
public:
  /// The exporter may outlive the runtime. Errors: bad_option, with the option; misuse, if `from` is null; no_threads.
  static result<trace_exporter> start(std::shared_ptr<span_queue> from, trace_export_options with = {});

  trace_exporter(trace_exporter&&) noexcept;
  trace_exporter& operator=(trace_exporter&&) noexcept;
  /// As close().
  ~trace_exporter();

  /// Sends what waits and ends, in at most 2 s; what could not be sent by then is counted as failed. In a child of a fork it does nothing.
  void close();

private:
  struct running;
  explicit trace_exporter(std::unique_ptr<running> one);
  std::unique_ptr<running> running_;
};

}  // namespace annals
