// JSON of answers. Any bytes can be shown: what is not UTF-8 becomes the replacement character, so no text makes an answer fail.
#pragma once

#include <annals/result.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace annals::ops {

/// Keeps the order in which fields are added.
using json = nlohmann::ordered_json;

inline std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }
inline json text(std::string_view value) { return std::string{value}; }

inline json error_json(const error& why) {
  return {{"code", text(to_string(why.code))}, {"reason", text(why.reason)}, {"detail", text(why.detail)}, {"place", why.place}};
}

}  // namespace annals::ops
