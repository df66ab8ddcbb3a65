#include "connectors/redis/rows.hpp"

#include <charconv>

namespace annals::redis {
namespace {

/// Up to the next space, which is taken away, too.
std::string_view take_word(std::string_view& from) {
  const auto end = from.find(' ');
  const auto word = from.substr(0, end);
  from.remove_prefix(end == std::string_view::npos ? from.size() : end + 1);
  return word;
}

}  // namespace

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string text_of(const connectors::slot_place& place) { return std::to_string(place.at) + ":" + std::to_string(place.changes); }

connectors::slot_place place_from(std::string_view text) {
  const auto colon = text.find(':');
  return {number_of(text.substr(0, colon)), colon == std::string_view::npos ? 0 : number_of(text.substr(colon + 1))};
}

std::string text_of(const connectors::parked_row& row) {
  const auto& event = row.event;
  return std::to_string(event.attempts) + " " + std::to_string(event.time) + " " + std::to_string(row.command_first) + " " +
         std::to_string(row.command_last) + " " + std::to_string(event.stream.size()) + " " + event.stream + " " + event.error;
}

connectors::parked_row row_from(std::string_view at, std::string_view text) {
  connectors::parked_row row;
  row.event.at = number_of(at);
  row.event.attempts = static_cast<std::uint32_t>(number_of(take_word(text)));
  row.event.time = static_cast<timestamp>(number_of(take_word(text)));
  row.command_first = number_of(take_word(text));
  row.command_last = number_of(take_word(text));
  const auto size = number_of(take_word(text));
  row.event.stream = text.substr(0, size);
  text.remove_prefix(std::min<std::size_t>(size + 1, text.size()));
  row.event.error = text;
  return row;
}

}  // namespace annals::redis
