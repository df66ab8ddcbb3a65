// What the commands of a step do to each key: whether they are sure to succeed, whatever the values are that they meet. Then Redis need not
// note how things were before each of them.
//
// The sink keeps for each of its keys what it knows of the value, in `annals:keys`: `h`, `z` or `s` for a hash, a sorted set or a string, and a
// bound of its numbers, or `-` if some are no numbers. Nobody else writes to these keys, so an addition that stays below the limits cannot fail.
#pragma once

#include <annals/redis_commands.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annals::redis {

struct key_use {
  std::string_view key;
  char kind = '?';                    ///< h, z, s; d if it is only deleted
  bool adds = false;                  ///< needs numbers
  bool sets_texts = false;            ///< what is no number afterwards
  bool removes = false;               ///< it may not exist afterwards
  bool is_mixed = false;              ///< commands for several kinds, or it is deleted and filled
  bool looks = false;                 ///< a command fails if the key, or a field, is missing
  double sum = 0;                     ///< of the absolute values of what is added and set
  std::vector<std::size_t> commands;  ///< their numbers, in order

  void take(const commands::command& one, std::size_t number);
  bool may_fail() const { return is_mixed || looks || (adds && sets_texts); }
  /// For the script: the kind, and + adds, t texts, r removes, m mixed.
  std::string flags() const;
};

/// The keys in the order in which they are seen first. The commands have to outlive it.
class key_uses {
public:
  explicit key_uses(std::span<const commands::command> all);

  std::span<const key_use> keys() const { return keys_; }
  /// The number of the command's key in keys().
  std::size_t key_of(std::size_t command) const { return numbers_[command]; }
  bool may_fail() const;

private:
  std::vector<key_use> keys_;
  std::vector<std::size_t> numbers_;
};

}  // namespace annals::redis
