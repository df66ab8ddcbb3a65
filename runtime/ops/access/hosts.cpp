#include "ops/access/hosts.hpp"

#include <algorithm>

namespace annals::ops {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> name_in_host(std::string_view host) {
  std::string_view name = host, rest;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    name = host.substr(1, end - 1);
    rest = host.substr(end + 1);
  } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    rest = host.substr(colon);
  }
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  if (name.empty() || name.size() > 255) return std::nullopt;
  return lower(name);
}

host_list::host_list(std::string_view address, const std::vector<std::string>& further) : names_{"localhost", "127.0.0.1", "::1"} {
  names_.push_back(lower(address));
  for (const auto& each : further) names_.push_back(name_in_host(each).value_or(lower(each)));
}

bool host_list::has(std::string_view host) const {
  const auto name = name_in_host(host);
  return name && std::find(names_.begin(), names_.end(), *name) != names_.end();
}

bool is_same_origin(std::string_view origin, std::string_view host, scheme served) {
  const std::string from = lower(origin), to = lower(host);
  const bool plain = from == "http://" + to, encrypted = from == "https://" + to;
  switch (served) {
    case scheme::plain: return plain;
    case scheme::encrypted: return encrypted;
    case scheme::either: return plain || encrypted;
  }
  return false;
}

}  // namespace annals::ops
