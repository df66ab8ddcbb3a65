#include "ops/console/shapes.hpp"

#include "ops/console/moments.hpp"

#include <algorithm>
#include <utility>

namespace annals::ops {
namespace {

bool is_one_of(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// The bytes that a record takes in an answer, beside its payload, at most.
constexpr std::size_t envelope_bytes = 1024;

}  // namespace

std::string_view category_of(std::string_view stream) { return stream.substr(0, stream.find('-')); }

json kind_of(const hosted_types& types, std::string_view category) {
  if (is_one_of(types.processes(), category)) return "process";
  if (is_one_of(types.aggregates(), category)) return "aggregate";
  return nullptr;
}

json shown_id(std::string_view command_id) {
  if (const auto by = sender_of(command_id)) return text(by->stream + "#" + std::to_string(by->version));
  return text(command_id);
}

json place_json(const record_view& record) {
  return {{"stream", text(record.stream)},
          {"version", record.version},
          {"position", record.at},
          {"time", time_text(record.time)},
          {"type", text(record.type)}};
}

json parsed(const std::string& shown) {
  auto value = json::parse(shown, nullptr, false);
  return value.is_discarded() ? text(shown) : value;
}

json record_json(const hosted_types& types, const record_view& record, std::size_t bytes_max) {
  auto out = place_json(record);
  const auto payload = types.payload_json(record);
  const bool is_omitted = payload && payload->size() > bytes_max;
  out["schema"] = record.schema;
  out["payload"] = payload && !is_omitted ? parsed(*payload) : json{};
  out["payload_error"] = payload ? json{} : error_json(payload.error());
  out["payload_omitted"] = is_omitted;
  out["stored_bytes"] = record.stored_bytes;
  out["command_id"] = shown_id(record.command_id);
  out["causation"] = text(record.causation);
  out["correlation"] = text(record.correlation);
  out["principal"] = text(record.principal);
  out["seen"] = record.seen;
  out["index"] = record.index;
  out["count"] = record.count;
  out["of_runtime"] = record.type.starts_with("annals.");
  return out;
}

bool record_list::add(const record_view& record) {
  if (is_full()) return false;
  rows_.push_back(record_json(types_, record, payload_max_));
  bytes_ += envelope_bytes + std::min<std::size_t>(record.stored_bytes, payload_max_);
  return !is_full();
}

json record_list::taken(bool reversed) {
  if (reversed) std::reverse(rows_.begin(), rows_.end());
  json out = json::array();
  for (auto& each : rows_) out.push_back(std::move(each));
  rows_.clear();
  return out;
}

result<json> record_at(const call& c, position at, std::size_t bytes_max) {
  json found;
  auto ok = c.view().log(at, [&](const record_view& record) {
    if (record.at == at) found = record_json(c.view().types(), record, bytes_max);
    return false;
  });
  if (!ok) return std::move(ok).error();
  if (found.is_null()) return error{errc::not_found, "the log has no such position", std::to_string(at), 0, at};
  return found;
}

result<stream_ends> ends_of(const view& of, const std::string& stream) {
  stream_ends out;
  auto ok = of.stream_backward(stream, ~version{0}, [&](const record_view& record) {
    out.last = place_json(record);
    out.newest = record.version;
    return false;
  });
  if (!ok) return std::move(ok).error();
  if (out.newest == 0) return error{errc::not_found, "there is no such stream", stream};
  ok = of.stream(stream, 1, [&](const record_view& record) { return out.first = place_json(record), false; });
  if (!ok) return std::move(ok).error();
  return out;
}

}  // namespace annals::ops
