#include "deciders.hpp"

#include "doubtful.hpp"
#include "store/log/effect_table.hpp"
#include "store/log/record.hpp"

#include <annals/codec.hpp>

#include <algorithm>

using namespace annals;

namespace {

constexpr std::string_view names[] = {doubts_events::name, doubts_streams::name, cautious::category};

std::string at_position(std::string_view of, position at) { return std::string{of} + " at position " + std::to_string(at); }

std::vector<parked_event> parked_in(life& now, std::string_view of) { return now.engine().parked(of).value(); }

/// Visits the account's records.
template <class Visit>
void each_of_accounts(const std::deque<std::string>& log, position up_to, Visit&& visit) {
  for (position at = 1; at <= up_to; ++at)
    if (const auto record = store::read_record(at, log[at - 1]); record->category() == bank::account::category) visit(*record);
}

std::int64_t cents_of(const record_view& r) {
  if (r.type == bank::money_deposited::about.name) return decoded<bank::money_deposited>(r.payload)->cents;
  if (r.type == bank::money_withdrawn::about.name) return -decoded<bank::money_withdrawn>(r.payload)->cents;
  if (r.type == bank::money_given_back::about.name) return decoded<bank::money_given_back>(r.payload)->cents;
  return 0;
}

}  // namespace

bool deciders::may_be_skipped(const std::string& of, position at) const {
  const auto found = skips_sent_.find(of);
  return found != skips_sent_.end() && found->second.contains(at);
}

bool deciders::is_skipped(const std::string& of, position at) const {
  const auto found = skips_.find(of);
  return found != skips_.end() && found->second.contains(at);
}

std::size_t deciders::skipped() const {
  std::size_t all = 0;
  for (const auto& [of, positions] : skips_) all += positions.size();
  return all;
}

void deciders::begin_life(const store::memory_disk& disk) {
  for (const auto of : {doubts_events::name, doubts_streams::name})
    if (!disk.control.contains(store::effects_done(of, {}).key)) before_effects_[std::string{of}] = disk.records.size();
}

void deciders::act(life& now) {
  listen();
  if (random_.one_in(60)) in_doubt.learn();
  const auto of = names[random_.below(std::size(names))];
  const auto parked = parked_in(now, of);
  if (parked.empty()) return;
  decide(now, of, parked[random_.below(parked.size())].at, random_.one_in(4));
}

void deciders::decide(life& now, std::string_view of, position at, bool is_skip) {
  if (is_skip) skips_sent_[std::string{of}].insert(at);
  auto& engine = now.engine();
  open_.push_back(
      {std::string{of}, at, is_skip, is_skip ? engine.order(of, actors::skip_parked{at, {}}) : engine.order(of, actors::retry_parked{at, {}})});
}

void deciders::listen() {
  std::erase_if(open_, [&](const decision& one) {
    if (!one.answered->is_answered()) return false;
    if (!one.answered->await()) return true;
    if (one.is_skip)
      skips_[one.of].insert(one.at);
    else
      ++retried_;
    return true;
  });
}

template <class P>
void deciders::check_model(life& now, const std::deque<std::string>& log) const {
  const std::string of{P::name};
  promise(in_doubt.told_again.empty(), "an effect took place twice in one life: " + (in_doubt.told_again.empty() ? "" : in_doubt.told_again[0]));
  const auto before_effects = before_effects_.at(of);
  std::set<position> parked;
  for (const auto& one : parked_in(now, of)) parked.insert(one.at);
  const auto looked = now.engine().read_model(of, [&](const void* read, position at) {
    const auto& model = *static_cast<const typename P::model*>(read);
    const std::set<position> applied(model.applied.begin(), model.applied.end());
    promise(applied.size() == model.applied.size(), of + " has applied an event twice");
    promise(applied.empty() || *applied.rbegin() <= at, of + " is further than it says");
    std::map<std::string, std::int64_t> cents;
    std::map<std::string, std::vector<position>, std::less<>> applied_of, parked_of;  // by stream, in order
    each_of_accounts(log, at, [&](const record_view& r) {
      const auto where = at_position(of, r.at);
      promise(!applied.contains(r.at) || !parked.contains(r.at), where + " is applied and parked");
      promise(applied.contains(r.at) || parked.contains(r.at) || may_be_skipped(of, r.at), where + " was passed over");
      promise(!is_skipped(of, r.at) || !applied.contains(r.at), where + " was skipped, and is applied");
      promise(!applied.contains(r.at) || r.at <= before_effects || in_doubt.told[P::name].contains(r.at),
              where + " is applied, and its effect has not taken place");
      promise(!is_skipped(of, r.at) || !parked.contains(r.at), where + " was skipped, and is parked");
      if (applied.contains(r.at)) cents[std::string{r.key()}] += cents_of(r), applied_of[std::string{r.stream}].push_back(r.at);
      if (parked.contains(r.at)) parked_of[std::string{r.stream}].push_back(r.at);
    });
    promise(cents == model.cents, of + " differs from the log at position " + std::to_string(at));
    if (P::on_failure.then != on_failure::park_stream) return;
    for (const auto& [stream, all] : parked_of)
      promise(applied_of[stream].empty() || applied_of[stream].back() < all.front(),
              at_position(of, all.front()) + " is parked, and what is behind it in its stream is applied");
    std::map<std::string, position, std::less<>> last;
    for (const auto p : model.applied) {
      auto& before = last[std::string{store::read_record(p, log[p - 1])->stream}];
      promise(before < p, at_position(of, p) + " was applied behind one that follows it in its stream");
      before = p;
    }
  });
  // A projection with effects may notice a failed log before the journal does, and stops.
  promise(looked || looked.error().code == errc::not_ready || now.log().has_failed(),
          of + " cannot be read: " + (looked ? "" : looked.error().message()));
}

void deciders::check_models(life& now, const std::deque<std::string>& log) const {
  check_model<doubts_events>(now, log);
  check_model<doubts_streams>(now, log);
}

bool deciders::finish(life& now) {
  in_doubt.learned = doubts::all;
  listen();
  if (!open_.empty()) return false;
  bool nothing_is_left = true;
  for (const auto of : names)
    if (const auto parked = parked_in(now, of); !parked.empty()) {
      nothing_is_left = false;
      decide(now, of, parked.front().at, false);
    }
  const auto health = now.engine().health();
  const auto head = now.log().durable();
  for (const auto& one : health.projections) nothing_is_left = nothing_is_left && one.at == head && !one.rebuilt_to;
  return nothing_is_left;
}

void deciders::check_end(const std::deque<std::string>& log) const {
  const std::string of{cautious::category};
  std::set<position> observed;
  std::map<std::string, position, std::less<>> last;
  for (position at = 1; at <= log.size(); ++at) {
    const auto record = store::read_record(at, log[at - 1]);
    if (record->type != deposit_seen::about.name) continue;
    const auto seen = decoded<deposit_seen>(record->payload)->at;
    promise(observed.insert(seen).second, at_position(of, seen) + " was observed twice");
    auto& before = last[std::string{record->stream}];
    promise(before < seen, at_position(of, seen) + " was observed behind one that follows it");
    before = seen;
  }
  each_of_accounts(log, log.size(), [&](const record_view& r) {
    if (r.type != bank::money_deposited::about.name) return;
    promise(observed.contains(r.at) || may_be_skipped(of, r.at), at_position(of, r.at) + " was passed over");
    promise(!is_skipped(of, r.at) || !observed.contains(r.at), at_position(of, r.at) + " was skipped, and is observed");
  });
}
