// Spans as OTLP/HTTP with JSON: https://opentelemetry.io/docs/specs/otlp/. Ids are in hex, 64-bit numbers are texts.
#pragma once

#include <annals/trace.hpp>
#include <annals/trace_exporter.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace annals::ops {

/// The body of one request.
std::string otlp_request(std::span<const trace_span> spans, const trace_export_options& with);

/// What to do after an attempt.
struct verdict {
  enum class kind { delivered, again, refused };
  kind what = kind::refused;
  std::uint64_t refused_spans = 0;  // of those that were delivered
  std::string why;                  // empty: nothing to tell
};
/// `status`: of the answer.
verdict verdict_on(int status, std::string_view body);

/// The pause before the next attempt: doubled from 1 s on, at most 30 s; or what the collector wants, within the same bounds.
std::chrono::seconds pause_after(std::size_t attempts, std::string_view retry_after);

/// Where spans are sent.
struct otlp_address {
  std::string origin;  // scheme, host and port
  std::string path;
};
std::optional<otlp_address> otlp_address_of(std::string_view endpoint);

}  // namespace annals::ops
