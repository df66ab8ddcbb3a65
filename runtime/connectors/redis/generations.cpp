#include "connectors/redis/generations.hpp"

#include "connectors/redis/rows.hpp"
#include "connectors/redis/scripts.hpp"

#include <random>

namespace annals::redis {

using connectors::generation;
using connectors::generation_state;

namespace {

std::string new_id() {
  std::random_device random;
  std::string text;
  for (int part = 0; part < 4; ++part) text += std::to_string(random()) + (part < 3 ? "-" : "");
  return text;
}

}  // namespace

generations::generations(std::unique_ptr<link> over, const handlers& of) : over_(std::move(over)), of_(of) {
  prefixes_[0] = "{" + std::string{of.name} + "}:";
  prefixes_[1] = prefixes_[0] + "annals:next:";
}

generations::texts generations::own(generation which) const {
  texts list;
  for (const char* key : {"annals:sink", "annals:parked", "annals:skipped", "annals:keys"}) list.push_back(prefix(which) + key);
  return list;
}

result<reply> generations::execute(const char* script, texts keys, texts arguments) {
  call with;
  for (auto& key : keys) with.keys.keep(std::move(key));
  for (auto& argument : arguments) with.arguments.keep(std::move(argument));
  return execute(script, with);
}

result<reply> generations::execute(const char* script, const call& with, const std::function<void()>& meanwhile) {
  auto& sha = known_as_[script];
  if (sha.empty()) {
    auto loaded = over_->run({"SCRIPT", "LOAD", script});
    if (!loaded) return loaded;
    if (loaded->is_error()) return unreachable("Redis cannot do it at present", loaded->text());
    sha = loaded->text();
  }
  const auto& keys = with.keys.all();
  const auto& arguments = with.arguments.all();
  const auto count = std::to_string(keys.size());
  std::vector<std::string_view> all{"EVALSHA", sha, count};
  all.reserve(all.size() + keys.size() + arguments.size());
  all.insert(all.end(), keys.begin(), keys.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto answer = over_->run(all, meanwhile);
  // A server that has forgotten the script answers NOSCRIPT: then the connection is made again, and loads it.
  if (answer && answer->is_error()) return unreachable("Redis cannot do it at present", answer->text());
  return answer;
}

result<std::optional<generation_state>> generations::look(generation which) {
  ready_.reset();
  auto keys = own(which);
  keys.pop_back();
  auto answer = execute(scripts::look, keys, {});
  if (!answer) return std::move(answer).error();
  id(which).clear();
  if (answer->is_nothing()) return std::optional<generation_state>{};
  generation_state found;
  found.slots.resize(connectors::slot_count);
  const auto sink = answer->texts(0), parked = answer->texts(1);
  for (std::size_t i = 0; i + 1 < sink.size(); i += 2) {
    const auto name = sink[i], value = sink[i + 1];
    if (name == "id")
      id(which) = value;
    else if (name == "shape")
      found.shape = number_of(value);
    else if (name == "history")
      found.history = number_of(value);
    else if (const auto slot = number_of(name); slot < found.slots.size())
      found.slots[slot] = place_from(value);
  }
  for (std::size_t i = 0; i + 1 < parked.size(); i += 2) found.parked.push_back(row_from(parked[i], parked[i + 1]));
  for (const auto at : answer->texts(2)) found.skipped.insert(number_of(at));
  return std::optional{std::move(found)};
}

result<void> generations::create(generation which, std::uint64_t shape, std::uint64_t history) {
  auto keys = own(which);
  keys.push_back(own(generation::live)[2]);
  auto done = execute(
      scripts::create, keys,
      {new_id(), std::to_string(shape), std::to_string(history), std::to_string(connectors::slot_count), which == generation::next ? "1" : "0"});
  if (!done) return std::move(done).error();
  return {};
}

result<void> generations::drop_next() {
  auto done = execute(scripts::drop, own(generation::next), {});
  if (!done) return std::move(done).error();
  return {};
}

result<bool> generations::swap() {
  auto keys = own(generation::live);
  for (auto& key : own(generation::next)) keys.push_back(std::move(key));
  auto done = execute(scripts::swap, keys, {prefix(generation::live), prefix(generation::next), std::to_string(connectors::slot_count)});
  if (!done) return std::move(done).error();
  return done->text() == "done";
}

}  // namespace annals::redis
