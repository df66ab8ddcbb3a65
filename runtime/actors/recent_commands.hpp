// The command ids that an aggregate remembers (design rule 3): the last 100 and more, so that a repeat is known
// without a look at the log. Ids are kept as 128-bit hashes. Positions are not known to an aggregate by themselves:
// a fence tells an upper bound for all before it, which is what forgetting needs.
#pragma once

#include <annals/receipt.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::actors {

struct remembered {
  std::uint64_t id_high = 0;
  std::uint64_t id_low = 0;
  std::uint64_t fingerprint = 0;
  annals::version version = 0;  // of the stream, after the command's events
  position at_most = 0;         // its position is not past this; 0: not known yet
};

class recent_commands {
public:
  static constexpr std::size_t kept_min = 100;
  /// Longer than commands in flight can reach back: what lies this far behind the head may be forgotten.
  static constexpr position window = 200'000;

  const remembered* find(std::string_view id) const;
  void remember(std::string_view id, std::uint64_t fingerprint, annals::version version, position at_most);

  /// The highest position that may have been forgotten: an id first used at or after it is either here or new.
  position forgotten() const { return forgotten_; }

  /// True when enough entries wait for their bound that a fence is worth its while; then fenced() is told the count.
  bool wants_fence() const { return size() > kept_min && next_ - bounded_ >= 64; }
  /// How many were ever remembered.
  std::uint64_t count() const { return next_; }
  /// All but the newest after `count` have positions up to `head`. Forgets what is old enough.
  void fenced(std::uint64_t count, position head);

  std::size_t size() const { return entries_.size() - first_; }
  std::size_t bytes() const { return entries_.capacity() * sizeof(remembered) + by_id_.size() * 48; }

private:
  const remembered& at(std::uint64_t number) const { return entries_[first_ + (number - (next_ - size()))]; }
  remembered& at(std::uint64_t number) { return entries_[first_ + (number - (next_ - size()))]; }
  void forget_old(position head);

  std::vector<remembered> entries_;  // oldest first, from first_ on
  std::size_t first_ = 0;
  std::uint64_t next_ = 0;     // the number of the next one
  std::uint64_t bounded_ = 0;  // numbers below it have their bound
  position forgotten_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> by_id_;  // low half → number; only when there are many
};

}  // namespace annals::actors
