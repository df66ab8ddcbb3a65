#include "ops/console/parked_groups.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

namespace annals::ops {
namespace {

/// FNV-1a, 64 bits: a name for a group, not a secret.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 14695981039346656037ULL) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

std::string id_of(const std::string& owner, const std::string& error) {
  std::string out;
  for (std::uint64_t hash = hash_of(error, hash_of(std::string_view{"\0", 1}, hash_of(owner))); out.size() < 16; hash >>= 4U)
    out += "0123456789abcdef"[hash & 15U];
  return out;
}

using by_owner = std::map<std::string, std::vector<parked_event>>;

/// The error of the event that is at the head of a chain of waiting ones.
std::string error_of(const parked_event& one, const std::map<position, const parked_event*>& all) {
  const auto* at = &one;
  for (std::size_t steps = 0; steps < all.size(); ++steps) {
    const auto first = waits_for(*at);
    const auto found = first ? all.find(*first) : all.end();
    if (found == all.end()) break;
    at = found->second;
  }
  return at->error;
}

void add(parked_group& to, parked_event one) {
  if (waits_for(one)) ++to.waiting;
  to.attempts = std::max(to.attempts, one.attempts);
  to.oldest = to.events.empty() ? one.time : std::min(to.oldest, one.time);
  to.newest = std::max(to.newest, one.time);
  to.events.push_back(std::move(one));
}

}  // namespace

std::optional<position> waits_for(const parked_event& one) {
  constexpr std::string_view begins = "waits for position ";
  if (one.attempts != 0 || !one.error.starts_with(begins)) return std::nullopt;
  position at = 0;
  const auto* end = one.error.data() + one.error.size();
  const auto [read, wrong] = std::from_chars(one.error.data() + begins.size(), end, at);
  if (wrong != std::errc{} || read != end) return std::nullopt;
  return at;
}

result<std::vector<parked_group>> groups_of_parked(const view& of) {
  by_owner owners;
  auto ok = of.parked([&](std::string_view owner, const parked_event& one) { return owners[std::string{owner}].push_back(one), true; });
  if (!ok) return std::move(ok).error();
  std::vector<parked_group> groups;
  for (auto& [owner, events] : owners) {
    std::map<position, const parked_event*> all;
    for (const auto& each : events) all.emplace(each.at, &each);
    std::map<std::string, parked_group> of_owner;
    for (const auto& each : events) {
      auto why = error_of(each, all);
      auto& group = of_owner[why];
      if (group.events.empty()) group = {.id = id_of(owner, why), .of = owner, .error = why};
      add(group, each);
    }
    for (auto& [why, group] : of_owner) groups.push_back(std::move(group));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.events.size() > b.events.size(); });
  return groups;
}

const char* kind_of_owner(const view& of, std::string_view owner) {
  if (owner.starts_with("subscription/")) return "subscription";
  const auto processes = of.types().processes();
  return std::find(processes.begin(), processes.end(), owner) == processes.end() ? "projection" : "process";
}

}  // namespace annals::ops
