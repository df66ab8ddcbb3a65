/// How to write a read model in Redis: handlers that turn events into commands on hashes, sorted sets and strings.
///
///     struct balances_in_redis {
///       static constexpr std::string_view name = "balances";              // [A-Za-z0-9_.-], 1 to 64 bytes
///       using follows = annals::types<account>;                          // the aggregates whose events it reads
///       using model = annals::redis::commands;
///       static void apply(model& to, const money_deposited& e, const annals::record_view& r) {
///         to.hincr_by("cents", r.key(), e.cents);                         // in Redis the key is {balances}:cents
///         to.zincr_by("richest", r.key(), static_cast<double>(e.cents));
///       }
///     };
///
/// As for a projection (annals/projection.hpp), it may also have `version` (another one builds the keys again), `on_failure`, and
/// `partitions`: 1 to 16 workers, each with a connection and its share of the streams. Then events of different streams are applied in no
/// particular order; with one worker in the order of the log.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace annals::redis {

template <class T>
inline constexpr bool is_value = false;

/// A text of any bytes, a bool as 1 or 0, or a number.
template <class T>
std::string as_value(const T& value) {
  if constexpr (std::is_same_v<T, bool>)
    return value ? "1" : "0";
  else if constexpr (std::is_arithmetic_v<T>) {
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
  } else if constexpr (std::convertible_to<const T&, std::string_view>)
    return std::string{std::string_view{value}};
  else
    static_assert(is_value<T>, "a value is a text, a bool or a number");
}

/// The commands of one event, in order. They take effect with those of other events at once, or not at all; their answers are not read. A
/// key is written without the sink's part of it. Throws std::invalid_argument, so that the event fails, for a key that is empty or begins
/// with "annals:".
///
/// Redis keeps scores as double: whole numbers are exact up to 2^53. A command on a key of another type fails, and so does arithmetic on
/// what is no number, or beyond 64 bits: then the event fails.
class commands {
public:
  struct command {
    const char* name;
    std::string key;
    std::vector<std::string> arguments;
  };

  template <class V>
  void set(std::string_view key, const V& value) {
    add("SET", key, {as_value(value)});
  }
  void incr_by(std::string_view key, std::int64_t by) { add("INCRBY", key, {as_value(by)}); }
  /// Of any type. No error if there is none.
  void del(std::string_view key) { add("DEL", key, {}); }

  template <class F, class V>
  void hset(std::string_view key, const F& field, const V& value) {
    add("HSET", key, {as_value(field), as_value(value)});
  }
  template <class F>
  void hincr_by(std::string_view key, const F& field, std::int64_t by) {
    add("HINCRBY", key, {as_value(field), as_value(by)});
  }
  template <class F>
  void hdel(std::string_view key, const F& field) {
    add("HDEL", key, {as_value(field)});
  }

  template <class M>
  void zadd(std::string_view key, const M& member, double score) {
    add("ZADD", key, {as_value(score), as_value(member)});
  }
  template <class M>
  void zincr_by(std::string_view key, const M& member, double by) {
    add("ZINCRBY", key, {as_value(by), as_value(member)});
  }
  template <class M>
  void zrem(std::string_view key, const M& member) {
    add("ZREM", key, {as_value(member)});
  }

  /// The event fails unless there is such a key, or such a field in a hash, when the commands before it have been executed.
  void needs(std::string_view key) { add("EXISTS", key, {}); }
  template <class F>
  void needs(std::string_view key, const F& field) {
    add("HEXISTS", key, {as_value(field)});
  }

  std::span<const command> all() const { return all_; }

private:
  void add(const char* name, std::string_view key, std::vector<std::string> arguments) {
    if (key.empty() || key.starts_with("annals:")) throw std::invalid_argument{"a key is empty, or begins with annals:"};
    all_.push_back({name, std::string{key}, std::move(arguments)});
  }

  std::vector<command> all_;
};

}  // namespace annals::redis
