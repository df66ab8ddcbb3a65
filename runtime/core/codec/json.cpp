// Converts any payload to JSON without its C++ type.
#include <annals/codec.hpp>
#include <annals/detail/labels.hpp>

#include <nlohmann/json.hpp>

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

}  // namespace

result<std::string> to_json(std::string_view payload) { return detail::to_json(payload, {}); }

result<std::string> detail::to_json(std::string_view payload, const shown_as& as) {
  // Our parser enforces the limits; the JSON library converts.
  document parsed;
  if (auto ok = parsed.parse(payload); !ok) return std::move(ok).error();
  auto all = json::from_msgpack(payload.begin(), payload.end(), true, false);
  if (all.is_discarded()) return error{errc::undecodable, "not JSON", "the payload cannot be written as JSON"};
  if (as.fields || !as.labels.empty()) label(all, as);
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace annals
