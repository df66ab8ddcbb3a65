#include "connectors/kafka/cloud_event.hpp"

#include <annals/codec.hpp>
#include <annals/trace.hpp>

#include <array>
#include <charconv>
#include <chrono>

namespace annals::kafka {
namespace {

constexpr std::size_t headers_max = 13;

/// A text of bounded size, without memory of its own: one is made for each header of each event.
class short_text {
public:
  void add(std::string_view text) { size_ += text.copy(all_.data() + size_, all_.size() - size_); }
  template <class Number>
  void add_number(Number value, int base = 10) {
    size_ = static_cast<std::size_t>(std::to_chars(all_.data() + size_, all_.data() + all_.size(), value, base).ptr - all_.data());
  }
  /// With zeros before it.
  void add_digits(std::uint64_t value, int digits, unsigned base = 10) {
    for (int i = digits; i-- > 0; value /= base) all_[size_ + static_cast<std::size_t>(i)] = "0123456789abcdef"[value % base];
    size_ += static_cast<std::size_t>(digits);
  }
  std::string_view view() const { return {all_.data(), size_}; }

private:
  std::array<char, 128> all_;
  std::size_t size_ = 0;
};

/// RFC 3339 in UTC, with microseconds.
short_text time_of(timestamp of) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds{of}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  short_text text;
  const auto digits = [&](auto value, int count, std::string_view after) {
    text.add_digits(static_cast<std::uint64_t>(value), count);
    text.add(after);
  };
  digits(static_cast<int>(date.year()), 4, "-");
  digits(static_cast<unsigned>(date.month()), 2, "-");
  digits(static_cast<unsigned>(date.day()), 2, "T");
  digits(time.hours().count(), 2, ":");
  digits(time.minutes().count(), 2, ":");
  digits(time.seconds().count(), 2, ".");
  digits(time.subseconds().count(), 6, "Z");
  return text;
}

std::string id_of(const record_view& record, std::string_view store_id) {
  short_text rest;
  rest.add("-");
  rest.add_number(record.at);
  rest.add("-");
  rest.add_digits(record.checksum, 16, 16);
  std::string id;
  id.reserve(store_id.size() + rest.view().size());
  return id.append(store_id).append(rest.view());
}

}  // namespace

result<std::string> payload_of(const record_view& record, payload_format format) {
  if (format == payload_format::json) return to_json(record.payload);
  return std::string{record.payload};
}

message_headers headers_of(const record_view& record, std::string_view store_id, std::string_view source, payload_format format) {
  message_headers made{rd_kafka_headers_new(headers_max)};
  const auto add = [&](std::string_view name, std::string_view value) {
    rd_kafka_header_add(made.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  };
  const auto add_number = [&](std::string_view name, auto value) {
    short_text text;
    text.add_number(value);
    add(name, text.view());
  };
  add("ce_specversion", "1.0");
  add("ce_id", id_of(record, store_id));
  add("ce_source", source);
  add("ce_type", record.type);
  add("ce_subject", record.stream);
  add("ce_time", time_of(record.time).view());
  add("content-type", format == payload_format::json ? "application/json" : "application/msgpack");
  add_number("ce_schema", record.schema);
  add_number("ce_position", record.at);
  add_number("ce_streamversion", record.version);
  if (!record.correlation.empty()) add("ce_correlationid", record.correlation);
  if (!record.causation.empty()) add("ce_causationid", record.causation);
  if (record.trace.sampled) add("traceparent", to_string(record.trace));
  return made;
}

}  // namespace annals::kafka
