#include "net/identity/rights.hpp"

#include <algorithm>

namespace annals::net {

std::string_view to_string(verb v) {
  switch (v) {
    case verb::append: return "append";
    case verb::read: return "read";
    case verb::ask: return "ask";
    case verb::replay: return "replay";
    case verb::operate: return "operate";
    case verb::admin: return "admin";
  }
  return {};
}

std::optional<verb> verb_of(std::string_view word) {
  const auto found = std::ranges::find(verbs, word, [](verb v) { return to_string(v); });
  return found == verbs.end() ? std::nullopt : std::optional{*found};
}

scope scope::everything() {
  scope made;
  made.all_ = true;
  return made;
}

scope scope::of(std::set<std::string, std::less<>> names) {
  scope made;
  made.names_ = std::move(names);
  return made;
}

}  // namespace annals::net
