// Sums of counters as a hash, a sorted set and a string. What it does with an event can be made to fail.
#pragma once

#include "connectors/redis/server.hpp"
#include "connectors/support/counting.hpp"

#include <annals/redis.hpp>

#include <map>
#include <sstream>
#include <stdexcept>

namespace connectors {

/// Notes say what to do: "throw", or a word and a key: "set KEY", "incr KEY", "push KEY FIELD", "needs KEY", "del KEY", "after", "all".
template <class Self>
struct sums_in_redis {
  using follows = annals::types<world::counter>;
  using model = annals::redis::commands;

  static void apply(model& to, const world::added& e, const annals::record_view& r) {
    to.hincr_by("sums", r.key(), e.amount);
    to.zincr_by("ranks", r.key(), static_cast<double>(e.amount));
    to.incr_by("total", e.amount);
    to.set("at:" + std::string{r.key()}, r.at);
  }
  static void apply(model& to, const world::noted& e, const annals::record_view&) {
    if (e.text == "throw") throw std::runtime_error{"it does not like this"};
    std::istringstream words{e.text};
    std::string what, key, field;
    words >> what >> key >> field;
    if (what == "set") to.set(key, "text");
    if (what == "incr") to.incr_by(key, 1);
    if (what == "hincr") to.hincr_by(key, field, 1);
    if (what == "needs") field.empty() ? to.needs(key) : to.needs(key, field);
    if (what == "del") to.del(key);
    // Everything there is, and then what fails.
    if (what == "after") {
      to.needs("later");
      to.set("effect", "seen");
    }
    if (what == "all") {
      to.incr_by("total", 5);
      to.hincr_by("sums", "c1", 5);
      to.hset("sums", "c2", "text");
      to.hdel("sums", "c3");
      to.zincr_by("ranks", "c1", 0.25);
      to.zadd("ranks", "c2", 7);
      to.zrem("ranks", "c3");
      to.set("total", "other");
      to.set("sums", "a string where a hash was");
      to.del("ranks");
      to.zadd("ranks", "intruder", 1.5);
      to.zincr_by("ranks", "intruder", 2);
      to.zrem("ranks", "intruder");
      to.hset("fresh", "field", "value");
      to.hdel("fresh", "field");
      to.set("lone", "x");
      to.incr_by("count", 5);
      to.needs("nothing");
    }
  }
};

inline annals::redis::options to_server() { return {.address = redis_server::shared().address()}; }

template <class P>
annals::redis::projection begin(annals::sink_source from, annals::redis::options with = to_server()) {
  return annals::redis::projection::start<P>(std::move(from), std::move(with)).value();
}

inline std::string ask(std::initializer_list<std::string> words) { return redis_server::shared().ask(words); }

/// Each case begins with nothing.
struct emptied {
  emptied() { ask({"FLUSHALL"}); }
};

inline std::map<std::string, std::string> pairs_of(const std::string& answer) {
  std::map<std::string, std::string> found;
  std::istringstream lines{answer};
  for (std::string key, value; std::getline(lines, key) && std::getline(lines, value);) found[key] = value;
  return found;
}

/// Lines "key|sum", by key, as the hash and the sorted set say, which must say the same.
inline std::string sums_in(const std::string& name, const redis_server& in = redis_server::shared()) {
  const auto sums = pairs_of(in.ask({"HGETALL", "{" + name + "}:sums"}));
  const auto ranks = pairs_of(in.ask({"ZRANGE", "{" + name + "}:ranks", "0", "-1", "WITHSCORES"}));
  if (sums != ranks) throw std::runtime_error{"hash and sorted set differ"};
  std::string text;
  std::int64_t total = 0;
  for (const auto& [key, sum] : sums) {
    text += key + "|" + sum + "\n";
    total += std::stoll(sum);
  }
  const auto in_all = in.ask({"GET", "{" + name + "}:total"});
  if (std::to_string(total) != in_all && !(in_all.empty() && sums.empty())) throw std::runtime_error{"the string differs: " + in_all};
  return text;
}

/// While it is filled, what one looks at first is older than the rest.
inline bool has_sums(const std::string& name, const std::string& expected) {
  try {
    return sums_in(name) == expected;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace connectors
