// What Redis does with the commands of a sink, in memory: an event has its effect whole or not at all.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace connectors {

struct one_command {
  std::string name, key, field, value;
};

class redis_in_memory {
public:
  using hash = std::map<std::string, std::string>;
  using sorted_set = std::map<std::string, double>;
  using value = std::variant<std::string, hash, sorted_set>;

  /// Returns whether all could be executed; otherwise nothing has changed.
  bool apply(const std::vector<one_command>& all) {
    const auto before = keys_;
    for (const auto& one : all) {
      if (execute(one)) continue;
      keys_ = before;
      return false;
    }
    return true;
  }

  const std::map<std::string, value>& keys() const { return keys_; }

private:
  static bool add(std::string& to, const std::string& by) {
    const auto old = number(to), more = number(by);
    std::int64_t sum = 0;
    if (!old || !more || __builtin_add_overflow(*old, *more, &sum)) return false;
    to = std::to_string(sum);
    return true;
  }
  static std::optional<std::int64_t> number(const std::string& text) {
    std::int64_t found = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), found);
    const bool is_good = read.ec == std::errc{} && std::to_string(found) == text;
    return is_good ? std::optional{found} : std::nullopt;
  }

  /// Null if the key has a value of another type.
  template <class T>
  T* at(const std::string& key) {
    return std::get_if<T>(&keys_.try_emplace(key, T{}).first->second);
  }
  template <class T>
  bool remove(const one_command& one) {
    const auto found = keys_.find(one.key);
    if (found == keys_.end()) return true;
    auto* const in = std::get_if<T>(&found->second);
    if (in == nullptr) return false;
    in->erase(one.field);
    if (in->empty()) keys_.erase(found);
    return true;
  }

  bool execute(const one_command& one) {
    if (one.name == "SET") return keys_.insert_or_assign(one.key, one.value), true;
    if (one.name == "DEL") return keys_.erase(one.key), true;
    if (one.name == "HDEL") return remove<hash>(one);
    if (one.name == "ZREM") return remove<sorted_set>(one);
    if (one.name == "EXISTS") return keys_.contains(one.key);
    if (one.name == "HEXISTS") {
      const auto found = keys_.find(one.key);
      const auto* const in = found == keys_.end() ? nullptr : std::get_if<hash>(&found->second);
      return in != nullptr && in->contains(one.field);
    }
    if (one.name == "INCRBY") {
      if (!keys_.contains(one.key)) return keys_.emplace(one.key, one.value), true;
      auto* const to = at<std::string>(one.key);
      return to != nullptr && add(*to, one.value);
    }
    if (one.name[0] == 'H') {
      auto* const to = at<hash>(one.key);
      if (to == nullptr) return false;
      if (one.name == "HINCRBY" && to->contains(one.field)) return add((*to)[one.field], one.value);
      return (*to)[one.field] = one.value, true;
    }
    auto* const to = at<sorted_set>(one.key);
    if (to == nullptr) return false;
    auto& score = (*to)[one.field];
    score = (one.name == "ZINCRBY" ? score : 0) + std::stod(one.value);
    return true;
  }

  std::map<std::string, value> keys_;
};

}  // namespace connectors
