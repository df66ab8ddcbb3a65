// Helpers shared by the tables of all hosted types.
#include <annals/detail/tables.hpp>

#include <exception>

namespace annals::detail {

void decided::clear() {
  payloads.clear();
  events.clear();
  seen = 0;
  refused.reset();
  state_is_broken = false;
}

bool decided::within(const event_limits& limits) {
  const auto refuse = [&](std::string what) {
    clear();
    refused = error{errc::too_large, "a limit is exceeded", std::move(what)};
    return false;
  };
  for (const auto& e : events) {
    if (e.is_undecodable)
      return refuse("event " + std::string{e.type} + " is nested deeper than " + std::to_string(nesting_max) +
                    " lists, maps and structs, or has an encoded_value that is malformed");
    if (e.bytes > limits.event_bytes_max)
      return refuse("event " + std::string{e.type} + " has " + std::to_string(e.bytes) + " bytes, at most " + std::to_string(limits.event_bytes_max) +
                    " are allowed");
  }
  if (events.size() > limits.command_events_max)
    return refuse("a command with " + std::to_string(events.size()) + " events, at most " + std::to_string(limits.command_events_max) +
                  " are allowed");
  if (payloads.size() > limits.command_bytes_max)
    return refuse("a command's events with " + std::to_string(payloads.size()) + " bytes together, at most " +
                  std::to_string(limits.command_bytes_max) + " are allowed");
  return true;
}

namespace {
std::string place_of(const record_view& record) {
  return std::string{record.type} + " of stream " + std::string{record.stream} + " at position " + std::to_string(record.at);
}
}  // namespace

error unknown_type(const record_view& record) { return {errc::unknown_event_type, "unknown event type", place_of(record), 0, record.at}; }

error other_category(const record_view& record, std::string_view category) {
  return {errc::unknown_event_type, "an event of another category", place_of(record) + " is not an event of category " + std::string{category}, 0,
          record.at};
}

error newer_schema(const record_view& record, std::uint16_t known) {
  return {errc::newer_schema, "newer schema",
          place_of(record) + " has schema " + std::to_string(record.schema) + ", this program knows " + std::to_string(known), 0, record.at};
}

error undecodable_record(const record_view& record, const error& why) {
  return {errc::undecodable, "undecodable event", place_of(record) + ": " + why.detail, 0, record.at};
}

error upcast_threw(const record_view& record, std::uint16_t to_schema, const std::string& what) {
  return {errc::undecodable, "undecodable event",
          place_of(record) + " has schema " + std::to_string(record.schema) + ": the upcast to " + std::to_string(to_schema) + " threw: " + what, 0,
          record.at};
}

position left_out_events::before_in_stream(const record_view& record) const {
  const auto found = streams_.empty() ? streams_.end() : streams_.find(record.stream);
  return found == streams_.end() ? 0 : found->second;
}

std::optional<error> left_out_events::refused(const record_view& record, error why) {
  if (!list_ || then_ == on_failure::stop || why.code != errc::projection_failed) return why;
  if (then_ == on_failure::park_stream) streams_.emplace(record.stream, record.at);
  return add(record, std::move(why.detail), 1);
}

std::optional<error> left_out_events::add(const record_view& record, std::string why, std::uint32_t attempts) {
  constexpr std::size_t most = 10'000;  // the same limit as for parked events
  if (list_->size() == most)
    return error{errc::projection_failed, "too many events are left out", std::to_string(most) + " before position " + std::to_string(record.at), 0,
                 record.at};
  list_->push_back({record.at, std::string{record.stream}, std::move(why), attempts, record.time});
  return std::nullopt;
}

std::string shortened(std::string text) {
  constexpr std::size_t most = 1'024;
  constexpr std::string_view end = " …";
  if (text.size() <= most) return text;
  auto size = most - end.size();
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;  // never cut inside a UTF-8 character
  text.resize(size);
  return text.append(end);
}

std::string current_exception_text() {
  try {
    throw;
  } catch (const std::exception& e) {
    return shortened(e.what());
  } catch (...) {
    return "something that is not a std::exception";
  }
}

}  // namespace annals::detail
