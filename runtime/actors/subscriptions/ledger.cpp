#include "actors/subscriptions/ledger.hpp"

#include "store/log/subscription_table.hpp"

#include <annals/codec.hpp>

#include <utility>

namespace annals::actors {

result<subscription_ledger> subscription_ledger::read(const store::log& from, const std::string& name) {
  subscription_ledger made;
  made.name_ = name;
  const auto entry = store::find_subscription(from, name);
  if (!entry) return entry.error();
  if (*entry) {
    auto settled = settled_positions::of((*entry)->low, (*entry)->runs);
    if (settled && settled->high() > from.durable())
      settled = error{errc::undecodable, "the acknowledged positions pass the head of the log, " + std::to_string(from.durable())};
    if (!settled) return store::at_control_key(store::key_of_subscription(name), settled.error());
    made.settled_ = std::move(*settled);
    made.is_new_ = false;
  }
  made.written_ = made.settled_.low();
  auto ok = store::visit_parked(from, name, [&](parked_event&& one) { made.add_parked(one); });
  if (!ok) return std::move(ok).error();
  return made;
}

void subscription_ledger::begin_after(position low) {
  while (!parked_.empty()) unpark(parked_.first());
  settled_ = settled_positions{low};
  is_new_ = false;
  changed_ = true;
}

void subscription_ledger::add_parked(const parked_event& what) {
  parked_.insert(what.at, what.stream);
  if (const auto [known, is_new] = parked_at_.try_emplace(what.at, what.time); !is_new) {
    by_time_.erase({known->second, what.at});
    known->second = what.time;
  }
  by_time_.emplace(what.time, what.at);
}

void subscription_ledger::settle(position at) {
  settled_.add(at);
  changed_ = true;
}

void subscription_ledger::park(const parked_event& what) {
  settle(what.at);
  add_parked(what);
  entries_.insert_or_assign(store::key_of_parked(name_, what.at), encoded(what));
}

void subscription_ledger::unpark(position at) {
  if (!parked_.contains(at)) return;
  parked_.erase(at);
  const auto since = parked_at_.extract(at);
  by_time_.erase({since.mapped(), at});
  entries_.insert_or_assign(store::key_of_parked(name_, at), std::string{});
  changed_ = true;
}

std::vector<store::control_entry> subscription_ledger::take_changes() {
  std::vector<store::control_entry> taken;
  taken.reserve(entries_.size() + 1);
  for (auto& [key, value] : std::exchange(entries_, {})) taken.push_back({key, std::move(value)});
  taken.push_back({store::key_of_subscription(name_), encoded(store::subscription_entry{settled_.low(), settled_.runs()})});
  written_ = settled_.low();
  changed_ = false;
  return taken;
}

}  // namespace annals::actors
