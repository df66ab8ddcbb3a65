// Two read models and a process manager of the bank that cannot handle some events until they have learned to: which ones is
// decided by the seed and the position, and what was learned once stays so.
#pragma once

#include <annals/process.hpp>
#include <annals/projection.hpp>
#include <bank/account.hpp>

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// What nobody can handle yet. There is one simulation at a time.
struct doubts {
  static constexpr std::uint64_t all = 4;  // to be learned
  std::uint64_t salt = 0;
  std::uint64_t learned = 0;
  std::uint64_t life = 1;
  std::map<std::string_view, std::map<annals::position, std::uint64_t>> told;  // which effects took place, in which life last
  std::vector<std::string> told_again;                                         // in one life

  bool has(annals::position at, std::uint64_t about = 0) const {
    auto mixed = (at ^ (salt + about)) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 32;
    return mixed % 32 < all - learned;
  }
  void learn() { learned += learned < all; }
};
inline doubts in_doubt;

inline void handle(annals::position at) {
  if (in_doubt.has(at)) throw std::runtime_error("not learned yet");
}

inline void tell(std::string_view of, annals::position at) {
  if (in_doubt.has(at, 1)) throw std::runtime_error("nobody listens yet");
  auto& last = in_doubt.told[of][at];
  if (last == in_doubt.life) in_doubt.told_again.push_back(std::string{of} + " at position " + std::to_string(at));
  last = in_doubt.life;
}

/// The balances, and every event that they are of, in the order in which they were applied.
template <annals::on_failure Then>
struct doubtful {
  static constexpr std::string_view name = Then == annals::on_failure::park_event ? "doubtful" : "doubtful_streams";
  static constexpr annals::failure_policy on_failure{2, std::chrono::milliseconds{20}, Then};
  using follows = annals::types<bank::account>;
  using queries = annals::types<>;
  struct model {
    std::map<std::string, std::int64_t> cents;
    std::vector<annals::position> applied;
    static constexpr auto about = annals::describe<&model::cents, &model::applied>("doubtful", 1);
  };
  using record = annals::record_view;

  static void apply(model& m, const bank::account_opened&, const record& r) { add(m, 0, r); }
  static void apply(model& m, const bank::money_deposited& e, const record& r) { add(m, e.cents, r); }
  static void apply(model& m, const bank::money_withdrawn& e, const record& r) { add(m, -e.cents, r); }
  static void apply(model& m, const bank::money_given_back& e, const record& r) { add(m, e.cents, r); }
  static void apply(model& m, const bank::account_closed&, const record& r) { add(m, 0, r); }

  static void effect(const bank::account_opened&, const record& r) { tell(name, r.at); }
  static void effect(const bank::money_deposited&, const record& r) { tell(name, r.at); }
  static void effect(const bank::money_withdrawn&, const record& r) { tell(name, r.at); }
  static void effect(const bank::money_given_back&, const record& r) { tell(name, r.at); }
  static void effect(const bank::account_closed&, const record& r) { tell(name, r.at); }

private:
  static void add(model& m, std::int64_t cents, const record& r) {
    handle(r.at);
    m.cents[std::string{r.key()}] += cents;
    m.applied.push_back(r.at);
  }
};
using doubts_events = doubtful<annals::on_failure::park_event>;
using doubts_streams = doubtful<annals::on_failure::park_stream>;

/// Writes down each deposit that it has observed, in one of a few instances.
struct deposit_seen {
  std::uint64_t at = 0;
  static constexpr auto about = annals::describe<&deposit_seen::at>("deposit_seen", 1);
};
struct cautious {
  static constexpr std::string_view category = "cautious";
  static constexpr annals::failure_policy on_failure{2, std::chrono::milliseconds{20}};
  using observes = annals::types<bank::account>;
  using events = annals::types<deposit_seen>;
  struct state {};

  static std::optional<std::string> key(const bank::money_deposited& e) { return std::to_string(e.cents % 3); }
  static annals::steps<cautious> on(const state&, const bank::money_deposited&, const annals::context& about) {
    deposit_seen seen;                                                                                      // the inbound says which record it is
    std::from_chars(about.causation.data() + 1, about.causation.data() + about.causation.size(), seen.at);  // "@" comes first
    handle(seen.at);
    return seen;
  }
  static void evolve(state&, const deposit_seen&) {}
};
