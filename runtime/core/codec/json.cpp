// Converts any payload to JSON without its C++ type. What almost every payload is made of is written here, as the JSON library would write it:
// a relay converts each event, and building the library's tree took three quarters of the time.
#include <annals/codec.hpp>
#include <annals/detail/labels.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace annals {
namespace {

using json = nlohmann::ordered_json;

void label(json& value, detail::shown_as as) {
  if (value.is_array() || (value.is_object() && as.maps > 0)) {
    as.maps -= value.is_object();
    for (auto& entry : value) label(entry, as);
  } else if (value.is_object() && as.fields) {
    for (const auto& field : as.fields())
      if (const auto found = value.find(field.name); found != value.end()) label(*found, field.as);
  } else if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number < as.labels.size()) value = as.labels[number];
  }
}

/// Texts that JSON has as they are.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

template <class Number>
void put_number(Number number, std::string& to) {
  char text[24];
  to.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

/// Returns false for what only the library knows how to write: floats, binary, other texts, other keys, maps that are large or have a key twice.
bool put_plain(const value& from, std::string& to) {
  constexpr std::size_t keys_max = 32;
  std::string_view text;
  std::uint64_t natural = 0;
  std::int64_t negative = 0;
  bool truth = false;
  if (from.is_map()) {
    if (from.size() > keys_max) return false;
    to += '{';
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto key = from.key(i);
      for (std::size_t before = 0; before < i; ++before)
        if (from.key(before) == key) return false;
      if (key.empty() || !is_plain(key)) return false;
      to.append(i == 0 ? "\"" : ",\"").append(key).append("\":");
      if (!put_plain(from.at(i), to)) return false;
    }
    to += '}';
  } else if (from.is_array()) {
    to += '[';
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (i > 0) to += ',';
      if (!put_plain(from.at(i), to)) return false;
    }
    to += ']';
  } else if (from.get(text)) {
    if (!is_plain(text)) return false;
    to.append("\"").append(text).append("\"");
  } else if (from.get(natural)) {
    put_number(natural, to);
  } else if (from.get(negative)) {
    put_number(negative, to);
  } else if (from.get(truth)) {
    to += truth ? "true" : "false";
  } else if (from.is_nil()) {
    to += "null";
  } else {
    return false;
  }
  return true;
}

}  // namespace

result<std::string> to_json(std::string_view payload) { return detail::to_json(payload, {}); }

result<std::string> detail::to_json(std::string_view payload, const shown_as& as) {
  // Our parser enforces the limits; the JSON library converts.
  document parsed;
  const auto root = parsed.parse(payload);
  if (!root) return root.error();
  const bool has_labels = as.fields || !as.labels.empty();
  if (std::string plain; !has_labels && put_plain(*root, plain)) return plain;
  auto all = json::from_msgpack(payload.begin(), payload.end(), true, false);
  if (all.is_discarded()) return error{errc::undecodable, "not JSON", "the payload cannot be written as JSON"};
  if (has_labels) label(all, as);
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace annals
