#include "ops/trace/otlp.hpp"

#include <annals/version.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace annals::ops {
namespace {

using json = nlohmann::ordered_json;

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

json attribute(std::string_view key, std::string_view value) { return {{"key", key}, {"value", {{"stringValue", value}}}}; }
json attribute(std::string_view key, std::uint64_t value) { return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}}; }

json attributes_of(const trace_span& one) {
  auto all = json::array();
  if (one.kind != span_kind::internal) {
    all.push_back(attribute("messaging.system", "annals"));
    all.push_back(attribute("messaging.operation.type", one.kind == span_kind::producer ? "send" : "process"));
    all.push_back(attribute("messaging.destination.name", one.category));
  }
  if (!one.stream.empty()) all.push_back(attribute("annals.stream", one.stream));
  if (one.version > 0) all.push_back(attribute("annals.version", one.version));
  if (one.at > 0) all.push_back(attribute("annals.position", one.at));
  if (!one.outcome.empty()) all.push_back(attribute("annals.outcome", one.outcome));
  if (one.batch_events > 0) all.push_back(attribute("annals.batch.events", one.batch_events));
  return all;
}

json otlp(const trace_span& one) {
  json made{{"traceId", hex(one.id.trace_id)}, {"spanId", hex(one.id.span_id)}};
  if (one.parent != std::array<std::uint8_t, 8>{}) made["parentSpanId"] = hex(one.parent);
  made["name"] = one.name;
  made["kind"] = static_cast<int>(one.kind);
  made["startTimeUnixNano"] = std::to_string(one.begin);
  made["endTimeUnixNano"] = std::to_string(one.end);
  made["attributes"] = attributes_of(one);
  if (one.link.is_set()) made["links"] = json::array({{{"traceId", hex(one.link.trace_id)}, {"spanId", hex(one.link.span_id)}}});
  made["status"] = one.has_failed ? json{{"code", 2}} : json::object();
  return made;
}

/// The number of spans in partialSuccess.rejectedSpans, and the message beside it.
void read_partial_success(std::string_view body, verdict& into) {
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return;
  const auto partial = answer.find("partialSuccess");
  if (partial == answer.end() || !partial->is_object()) return;
  if (const auto count = partial->find("rejectedSpans"); count != partial->end()) {
    if (count->is_number_unsigned()) into.refused_spans = count->get<std::uint64_t>();
    if (count->is_string()) {
      const auto& text = count->get_ref<const std::string&>();
      (void)std::from_chars(text.data(), text.data() + text.size(), into.refused_spans);
    }
  }
  const auto message = partial->find("errorMessage");
  if (into.refused_spans > 0)
    into.why = "the collector refused " + std::to_string(into.refused_spans) + " spans" +
               (message != partial->end() && message->is_string() ? ": " + message->get<std::string>().substr(0, 256) : "");
}

}  // namespace

std::string otlp_request(std::span<const trace_span> spans, const trace_export_options& with) {
  auto resource = json::array({attribute("service.name", with.service), attribute("telemetry.sdk.name", "annals"),
                               attribute("telemetry.sdk.language", "cpp"), attribute("telemetry.sdk.version", library_version)});
  for (const auto& [key, value] : with.attributes) resource.push_back(attribute(key, value));
  auto list = json::array();
  for (const auto& one : spans) list.push_back(otlp(one));
  const json scope{{"scope", {{"name", "annals"}, {"version", library_version}}}, {"spans", std::move(list)}};
  const json whole{{"resourceSpans", json::array({{{"resource", {{"attributes", std::move(resource)}}}, {"scopeSpans", json::array({scope})}}})}};
  return whole.dump(-1, ' ', false, json::error_handler_t::replace);  // keys may be no UTF-8
}

verdict verdict_on(int status, std::string_view body) {
  verdict made;
  if (status >= 200 && status < 300) {
    made.what = verdict::kind::delivered;
    read_partial_success(body, made);
    return made;
  }
  if (status == 429 || status == 502 || status == 503 || status == 504) made.what = verdict::kind::again;
  made.why = "the collector answers " + std::to_string(status);
  return made;
}

std::chrono::seconds pause_after(std::size_t attempts, std::string_view retry_after) {
  constexpr std::uint64_t longest = 30;
  std::uint64_t seconds = std::uint64_t{1} << std::min<std::size_t>(attempts > 0 ? attempts - 1 : 0, 5);
  std::uint64_t wanted = 0;
  const auto [end, wrong] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), wanted);
  if (!retry_after.empty() && wrong == std::errc{} && end == retry_after.data() + retry_after.size()) seconds = wanted;
  return std::chrono::seconds{std::clamp<std::uint64_t>(seconds, 1, longest)};
}

std::optional<otlp_address> otlp_address_of(std::string_view endpoint) {
  const auto scheme = endpoint.find("://");
  if (scheme == endpoint.npos || (endpoint.substr(0, scheme) != "http" && endpoint.substr(0, scheme) != "https")) return std::nullopt;
  const auto host = scheme + 3;
  const auto path = std::min(endpoint.find('/', host), endpoint.size());
  if (path == host || endpoint.find_first_of(" ?#@") != endpoint.npos) return std::nullopt;
  auto prefix = std::string{endpoint.substr(path)};
  while (prefix.ends_with('/')) prefix.pop_back();
  return otlp_address{std::string{endpoint.substr(0, path)}, prefix + "/v1/traces"};
}

}  // namespace annals::ops
