#include "ops/http/message.hpp"

#include "ops/json.hpp"

#include <algorithm>

namespace annals::ops {
namespace {

constexpr std::size_t segments_max = 16;
constexpr std::size_t parameters_max = 32;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[at] != '%') {
      out += text[at];
    } else {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = digit(text[at + 1]), low = digit(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return out;
}

/// Calls `take` with each part; false if one of them is refused.
template <class Take>
bool split(std::string_view text, char at, Take&& take) {
  for (;;) {
    const auto end = text.find(at);
    if (!take(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string_view> target::parameter(std::string_view name) const {
  const auto found = std::find_if(query.begin(), query.end(), [&](const auto& one) { return one.first == name; });
  if (found == query.end()) return std::nullopt;
  return found->second;
}

std::optional<target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  target out;
  const auto mark = text.find('?');
  const auto path = text.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  const bool sound = path.empty() || split(path, '/', [&](std::string_view part) {
                       auto segment = decoded(part, false);
                       if (!segment || out.segments.size() == segments_max) return false;
                       out.segments.push_back(std::move(*segment));
                       return true;
                     });
  if (!sound) return std::nullopt;
  if (mark == std::string_view::npos) return out;
  const bool readable = split(text.substr(mark + 1), '&', [&](std::string_view pair) {
    if (pair.empty()) return true;
    const auto middle = pair.find('=');
    auto name = decoded(pair.substr(0, middle), true);
    auto value = decoded(middle == std::string_view::npos ? std::string_view{} : pair.substr(middle + 1), true);
    if (!name || !value || out.query.size() == parameters_max) return false;
    out.query.emplace_back(std::move(*name), std::move(*value));
    return true;
  });
  if (!readable) return std::nullopt;
  return out;
}

std::optional<std::string_view> request::header(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [each, value] : headers) {
    if (each != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

answer refusal(int status, const error& why) {
  answer out;
  out.status = status;
  out.body = text_of(json{{"error", error_json(why)}});
  return out;
}

}  // namespace annals::ops
