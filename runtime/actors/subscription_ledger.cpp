#include "actors/subscription_ledger.hpp"

#include <annals/codec.hpp>

#include <utility>

namespace annals::actors {
namespace {

constexpr std::string_view all_keys = "subscription/";
constexpr std::size_t digits = 20;

struct checkpoint_entry {
  position low = 0;
  std::vector<std::uint64_t> runs;
  static constexpr auto about =
      describe("annals.subscription", 1, field{"low", &checkpoint_entry::low}, field{"runs", &checkpoint_entry::runs});
};

std::string key_of_checkpoint(const std::string& name) { return std::string{all_keys} + name; }

error at_key(std::string_view key, const error& why) {
  return {errc::undecodable, "the log's control table: " + std::string{key}, why.message()};
}

/// Visits what is parked, until something does not decode.
result<void> visit_parked(const store::log& from, const std::string& name, const std::function<void(parked_event)>& visit) {
  std::optional<error> wrong;
  auto ok = from.control(key_of_checkpoint(name) + "/", [&](std::string_view key, std::string_view value) {
    auto one = decoded<parked_event>(value);
    if (!one)
      wrong = at_key(key, one.error());
    else
      visit(std::move(*one));
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

}  // namespace

std::string subscription_ledger::key_of(position parked) const {
  const auto number = std::to_string(parked);
  return key_of_checkpoint(name_) + "/" + std::string(digits - number.size(), '0') + number;
}

result<subscription_ledger> subscription_ledger::read(const store::log& from, const std::string& name) {
  subscription_ledger made;
  made.name_ = name;
  const auto wanted = key_of_checkpoint(name);
  std::optional<error> wrong;
  auto ok = from.control(wanted, [&](std::string_view key, std::string_view value) {
    if (key != wanted) return false;  // the first one that begins so is the key itself, when it is there
    const auto entry = decoded<checkpoint_entry>(value);
    auto settled = entry ? settled_positions::of(entry->low, entry->runs) : result<settled_positions>{entry.error()};
    if (settled && settled->high() > from.durable())
      settled = error{errc::undecodable, "past the head of the log, " + std::to_string(from.durable())};
    if (!settled)
      wrong = at_key(key, settled.error());
    else
      made.settled_ = std::move(*settled);
    made.is_new_ = false;
    return false;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  made.written_ = made.settled_.low();
  ok = visit_parked(from, name, [&](parked_event one) {
    made.by_stream_[one.stream].insert(one.at);
    made.parked_.emplace(one.at, std::move(one.stream));
  });
  if (!ok) return std::move(ok).error();
  return made;
}

result<std::vector<parked_event>> subscription_ledger::read_parked(const store::log& from, const std::string& name) {
  std::vector<parked_event> found;
  auto ok = visit_parked(from, name, [&](parked_event one) { found.push_back(std::move(one)); });
  if (!ok) return std::move(ok).error();
  return found;
}

void subscription_ledger::begin_behind(position low) {
  while (!parked_.empty()) unpark(parked_.begin()->first);
  settled_ = settled_positions{low};
  is_new_ = false;
  changed_ = true;
}

void subscription_ledger::settle(position at) {
  settled_.add(at);
  changed_ = true;
}

const std::set<position>* subscription_ledger::parked_of(const std::string& stream) const {
  const auto found = by_stream_.find(stream);
  return found == by_stream_.end() ? nullptr : &found->second;
}

void subscription_ledger::park(const parked_event& what) {
  settle(what.at);
  parked_.insert_or_assign(what.at, what.stream);
  by_stream_[what.stream].insert(what.at);
  entries_.insert_or_assign(key_of(what.at), encoded(what));
}

void subscription_ledger::unpark(position at) {
  const auto found = parked_.find(at);
  if (found == parked_.end()) return;
  const auto of = by_stream_.find(found->second);
  of->second.erase(at);
  if (of->second.empty()) by_stream_.erase(of);
  parked_.erase(found);
  entries_.insert_or_assign(key_of(at), std::string{});
  changed_ = true;
}

std::vector<store::control_entry> subscription_ledger::take_changes() {
  std::vector<store::control_entry> taken;
  taken.reserve(entries_.size() + 1);
  for (auto& [key, value] : std::exchange(entries_, {})) taken.push_back({key, std::move(value)});
  taken.push_back({key_of_checkpoint(name_), encoded(checkpoint_entry{settled_.low(), settled_.runs()})});
  written_ = settled_.low();
  changed_ = false;
  return taken;
}

}  // namespace annals::actors
