// Random commands, many of which cannot be, have the effect that they have one by one: however they are put together to steps.
#include "connectors/redis/keys.hpp"
#include "connectors/redis/redis_in_memory.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(commands_of_a_sink, emptied)

namespace {

/// Lines NAME KEY FIELD VALUE.
std::vector<one_command> commands_in(const std::string& text) {
  std::istringstream words{text};
  std::vector<one_command> all;
  for (one_command one; words >> one.name >> one.key >> one.field >> one.value;) all.push_back(one);
  return all;
}

struct obeys {
  static constexpr std::string_view name = "obeys";
  static constexpr annals::failure_policy on_failure{.attempts = 1, .first_pause = std::chrono::milliseconds{1}};
  using follows = annals::types<world::counter>;
  using model = annals::redis::commands;

  static void apply(model& to, const world::added&, const annals::record_view&) { to.needs("nothing"); }
  static void apply(model& to, const world::noted& e, const annals::record_view&) {
    for (const auto& one : commands_in(e.text)) {
      if (one.name == "SET") to.set(one.key, one.value);
      if (one.name == "DEL") to.del(one.key);
      if (one.name == "INCRBY") to.incr_by(one.key, std::stoll(one.value));
      if (one.name == "HSET") to.hset(one.key, one.field, one.value);
      if (one.name == "HINCRBY") to.hincr_by(one.key, one.field, std::stoll(one.value));
      if (one.name == "HDEL") to.hdel(one.key, one.field);
      if (one.name == "ZADD") to.zadd(one.key, one.field, std::stod(one.value));
      if (one.name == "ZINCRBY") to.zincr_by(one.key, one.field, std::stod(one.value));
      if (one.name == "ZREM") to.zrem(one.key, one.field);
      if (one.name == "EXISTS") to.needs(one.key);
      if (one.name == "HEXISTS") to.needs(one.key, one.field);
    }
  }
};

class chance {
public:
  explicit chance(unsigned seed) : random_(seed) {}

  /// `wildness` of a hundred commands are of a kind that does not fit their key.
  std::string event(int wildness) {
    std::string text;
    for (auto left = 1 + below(3); left > 0; --left) text += command(wildness) + "\n";
    return text;
  }
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

private:
  std::string command(int wildness) {
    const auto kind = below(3);
    const auto of_key = below(100) < wildness ? below(3) : kind;
    const auto key = std::string{"hzs"[of_key]} + std::to_string(below(3)), field = "f" + std::to_string(below(6));
    const bool is_odd = below(100) < wildness;
    if (is_odd && below(2) == 0) return (below(2) == 0 ? "DEL " : "EXISTS ") + key + " - -";
    const auto what = below(10);
    if (kind == 0) {
      if (what == 0) return "HDEL " + key + " " + field + " -";
      if (is_odd && what == 1) return "HEXISTS " + key + " " + field + " -";
      if (what <= 2) return "HSET " + key + " " + field + " " + (is_odd ? "text" : whole(is_odd));
      return "HINCRBY " + key + " " + field + " " + whole(is_odd);
    }
    if (kind == 1) {
      if (what == 0) return "ZREM " + key + " " + field + " -";
      if (what <= 2) return "ZADD " + key + " " + field + " " + score(is_odd);
      return "ZINCRBY " + key + " " + field + " " + score(is_odd);
    }
    if (what == 0) return "SET " + key + " - " + (is_odd ? "007" : whole(is_odd));
    return "INCRBY " + key + " - " + whole(is_odd);
  }
  std::string whole(bool is_odd) {
    if (!is_odd) return std::to_string(below(2'000) - 1'000);
    const auto large = std::numeric_limits<std::int64_t>::max() / (1 + below(3));
    return std::to_string(below(2) == 0 ? large : -large);
  }
  std::string score(bool is_odd) { return is_odd ? std::to_string(below(100)) + (below(2) == 0 ? ".3" : "e15") : whole(false); }

  std::mt19937 random_;
};

std::map<std::string, redis_in_memory::value> keys_in_redis() {
  const std::string prefix = "{obeys}:";
  std::istringstream names{ask({"KEYS", prefix + "*"})};
  std::map<std::string, redis_in_memory::value> all;
  for (std::string name; std::getline(names, name);) {
    const auto key = name.substr(prefix.size());
    if (key.starts_with("annals:")) continue;
    const auto type = ask({"TYPE", name});
    if (type == "string") all[key] = ask({"GET", name});
    if (type == "hash") all[key] = pairs_of(ask({"HGETALL", name}));
    if (type != "zset") continue;
    auto& to = all.emplace(key, redis_in_memory::sorted_set{}).first->second;
    for (const auto& [member, score] : pairs_of(ask({"ZRANGE", name, "0", "-1", "WITHSCORES"})))
      std::get<redis_in_memory::sorted_set>(to)[member] = std::stod(score);
  }
  return all;
}

std::set<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::set<std::string> all;
  for (std::string line; std::getline(in, line);) all.insert(line);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(have_the_effect_that_they_have_one_by_one) {
  std::size_t refused = 0, done = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    ask({"FLUSHALL"});
    chance next{seed};
    const auto wildness = static_cast<int>(seed % 4) * 4;
    counting world;
    redis_in_memory expected;
    std::set<annals::position> bad;
    annals::token last;
    for (int n = 0; n < 60; ++n) {
      const auto text = next.event(wildness);
      last = world.note("c" + std::to_string(n % 5), text);
      if (!expected.apply(commands_in(text))) bad.insert(last.at);
    }
    refused += bad.size();
    done += 60 - bad.size();
    auto with = to_server();
    with.batch_max = static_cast<std::size_t>(1 + next.below(60));
    const auto sink = begin<obeys>(world.rt(), with);
    const auto ended = reach(sink, last);  // it may be one of those that are parked
    std::set<annals::position> parked;
    for (const auto& one : sink.parked()) parked.insert(one.at);
    BOOST_TEST_CONTEXT("seed " << seed << (ended ? "" : ": " + ended.error().message())) {
      BOOST_TEST((ended || ended.error().code == annals::errc::parked));
      BOOST_TEST(parked == bad, boost::test_tools::per_element());
      BOOST_TEST((keys_in_redis() == expected.keys()));
      std::set<std::string> names;
      for (const auto& [key, value] : expected.keys()) names.insert("{obeys}:" + key);
      BOOST_TEST(lines_of(ask({"HKEYS", "{obeys}:annals:keys"})) == names, boost::test_tools::per_element());
    }
  }
  BOOST_TEST(refused > 100u);
  BOOST_TEST(done > 2'000u);
}

BOOST_AUTO_TEST_SUITE_END()
