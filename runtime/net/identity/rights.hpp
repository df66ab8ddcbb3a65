// What a peer may do: a verb, and which categories or models it may do it with. What is not permitted is forbidden.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace annals::net {

enum class verb : std::uint8_t {
  append,   ///< send commands, by category
  read,     ///< read streams and states, by category
  ask,      ///< ask, by read model
  replay,   ///< read the log and subscribe, by category
  operate,  ///< parked events and rebuilds, by owner
  admin,    ///< copy the store
};
inline constexpr std::array verbs{verb::append, verb::read, verb::ask, verb::replay, verb::operate, verb::admin};

/// The word, as it is written above. Stable.
std::string_view to_string(verb v);
std::optional<verb> verb_of(std::string_view word);

/// Nothing, everything, or some names.
class scope {
public:
  static scope nothing() { return {}; }
  static scope everything();
  static scope of(std::set<std::string, std::less<>> names);

  bool is_nothing() const { return !all_ && names_.empty(); }
  bool is_everything() const { return all_; }
  bool has(std::string_view name) const { return all_ || names_.contains(name); }

private:
  bool all_ = false;
  std::set<std::string, std::less<>> names_;
};

class rights {
public:
  void grant(verb v, scope what) { scopes_[static_cast<std::size_t>(v)] = std::move(what); }
  const scope& scope_of(verb v) const { return scopes_[static_cast<std::size_t>(v)]; }

  bool may(verb v, std::string_view of) const { return scope_of(v).has(of); }
  /// For a call that concerns everything.
  bool may_all(verb v) const { return scope_of(v).is_everything(); }
  /// For a call that concerns nothing in particular (head, health).
  bool may_some(verb v) const { return !scope_of(v).is_nothing(); }

private:
  std::array<scope, verbs.size()> scopes_;
};

}  // namespace annals::net
