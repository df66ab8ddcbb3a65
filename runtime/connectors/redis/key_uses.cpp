#include "connectors/redis/key_uses.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

namespace annals::redis {
namespace {

enum class effect { add, set, remove };

struct meaning {
  char kind;
  effect what;
  std::string_view value;
};

/// Nothing for a command that looks.
std::optional<meaning> meaning_of(const commands::command& one) {
  const std::string_view name{one.name};
  const auto& a = one.arguments;
  if (name == "HINCRBY") return meaning{'h', effect::add, a[1]};
  if (name == "HSET") return meaning{'h', effect::set, a[1]};
  if (name == "HDEL") return meaning{'h', effect::remove, {}};
  if (name == "ZINCRBY") return meaning{'z', effect::add, a[0]};
  if (name == "ZADD") return meaning{'z', effect::set, a[0]};
  if (name == "ZREM") return meaning{'z', effect::remove, {}};
  if (name == "INCRBY") return meaning{'s', effect::add, a[0]};
  if (name == "SET") return meaning{'s', effect::set, a[0]};
  if (name == "DEL") return meaning{'d', effect::remove, {}};
  return std::nullopt;
}

/// As Redis writes and reads whole numbers: no sign but a minus, no zero in front. At most 18 digits.
bool is_whole_number(std::string_view text) {
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 18 && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit);
}

double magnitude(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::abs(number);
}

}  // namespace

void key_use::take(const commands::command& one, std::size_t number) {
  commands.push_back(number);
  const auto meant = meaning_of(one);
  if (!meant) return void(looks = true);
  if (kind == '?') kind = meant->kind;
  if (meant->kind != kind) is_mixed = true;
  switch (meant->what) {
    case effect::add: adds = true; break;
    case effect::remove: removes = true; return;
    case effect::set:
      if (meant->kind != 'z' && !is_whole_number(meant->value)) return void(sets_texts = true);
      break;
  }
  sum += magnitude(meant->value);
  if (!std::isfinite(sum)) is_mixed = true;
}

std::string key_use::flags() const {
  std::string made{kind};
  if (adds) made += '+';
  if (sets_texts) made += 't';
  if (removes) made += 'r';
  if (is_mixed) made += 'm';
  return made;
}

key_uses::key_uses(std::span<const commands::command> all) {
  std::unordered_map<std::string_view, std::size_t> known;
  numbers_.reserve(all.size());
  for (const auto& command : all) {
    const auto [found, is_new] = known.try_emplace(command.key, keys_.size());
    if (is_new) keys_.emplace_back().key = command.key;
    keys_[found->second].take(command, numbers_.size());
    numbers_.push_back(found->second);
  }
}

bool key_uses::may_fail() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const key_use& one) { return one.may_fail(); });
}

}  // namespace annals::redis
