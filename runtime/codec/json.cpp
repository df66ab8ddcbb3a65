// Any payload as JSON, without its C++ type.
#include <annals/codec.hpp>

#include <nlohmann/json.hpp>

namespace annals {

result<std::string> to_json(std::string_view payload) {
  // The parser of ours sets the limits; the other one writes.
  document parsed;
  if (auto ok = parsed.parse(payload); !ok) return std::move(ok).error();
  const auto shown = nlohmann::ordered_json::from_msgpack(payload.begin(), payload.end(), true, false);
  if (shown.is_discarded()) return error{errc::undecodable, "not JSON", "the payload has no form in JSON"};
  return shown.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace annals
