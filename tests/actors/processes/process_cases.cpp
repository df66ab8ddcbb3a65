// Process managers: rule 4 and its cases, with a transfer between two accounts and with a timer.
#include "config/hosted.hpp"
#include "store/log/record.hpp"
#include "support/memory_engine.hpp"
#include "support/truth.hpp"

#include <bank/transfer.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

struct reminder_set {
  static constexpr auto about = describe("reminder_set", 1);
};
struct remind {
  std::string key;
  static constexpr auto about = describe<&remind::key>("remind", 1);
};

/// Adds a thousand, an hour after the first addition of a counter.
struct reminding {
  static constexpr std::string_view category = "reminding";
  using observes = types<world::counter>;
  using events = types<reminder_set>;
  using timers = types<remind>;
  struct state {
    bool is_set = false;
  };
  static std::optional<std::string> key(const world::added&) { return "the-one"; }
  static steps<reminding> on(const state& s, const world::added&, const context& about) {
    if (s.is_set) return {};
    return {reminder_set{}, annals::after(1h, remind{std::string{about.source.substr(about.source.find('-') + 1)}})};
  }
  static steps<reminding> on(const state&, const remind& due, const context&) { return annals::send<world::counter>(due.key, world::add{1'000}); }
  static void evolve(state& s, const reminder_set&) { s.is_set = true; }
};

void host_bank(detail::engine& e) { e.host(config::hosted().only({"account", "transfer", "transferring"}).value()).value(); }
void host_reminding(detail::engine& e) { e.add(detail::table_of_process<reminding>()).value(); }

truth truth_of(const memory_store& store) {
  truth all;
  position at = 0;
  for (const auto& record : store.log->records) {
    ++at;
    all.follow(*store::read_record(at, record));
  }
  all.order.check_end();
  all.bank.check_end();
  return all;
}

/// Two accounts with a thousand each, and one transfer between them that has ended.
memory_store with_transfer(std::int64_t cents, bool target_is_open = true) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_bank};
  e.send_to<bank::account>("a", bank::open_account{"A"}).value();
  e.send_to<bank::account>("a", bank::deposit{1'000, {}}).value();
  if (target_is_open) e.send_to<bank::account>("b", bank::open_account{"B"}).value();
  e.send_to<bank::transfer>("t", bank::request_transfer{"a", "b", cents}).value();
  e.engine->settle(60s).value();
  return store;
}

bool ends_a_command(const memory_store& store, position at) {
  const auto record = *store::read_record(at, store.log->records[at - 1]);
  return record.index + 1 == record.count;
}

/// What is left of a store after a crash behind this position, and without what was derived from it.
memory_store cut(const memory_store& store, position at) {
  memory_store left;
  left.log->identity = store.log->identity;
  left.log->records.assign(store.log->records.begin(), store.log->records.begin() + static_cast<std::ptrdiff_t>(at));
  return left;
}

/// Position of the transfer's request: before it nothing of it is there.
position request_in(const memory_store& store) {
  for (position at = 1; at <= store.log->records.size(); ++at)
    if (store::read_record(at, store.log->records[at - 1])->type == bank::transfer_requested::about.name) return at;
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process_managers)

BOOST_AUTO_TEST_CASE(a_transfer_moves_the_money) {
  const auto all = truth_of(with_transfer(300));
  BOOST_TEST(all.bank.balances.at("a") == 700);
  BOOST_TEST(all.bank.balances.at("b") == 300);
}

BOOST_AUTO_TEST_CASE(case_35_the_targets_rejection_is_an_input_to_the_process) {
  BOOST_TEST(truth_of(with_transfer(1'001)).bank.balances.at("a") == 1'000);
  // Withdrawn, refused by the other account, given back.
  const auto all = truth_of(with_transfer(300, false));
  BOOST_TEST(all.bank.balances.at("a") == 1'000);
  BOOST_TEST(!all.bank.balances.contains("b"));
}

/// Behind every position: after a send that was not recorded, before one that was, between effect and observation. The
/// checkpoint is lost, too, so that everything is observed again.
BOOST_AUTO_TEST_CASE(rule_4_case_30_a_crash_anywhere_in_a_transfer_comes_to_the_same_end) {
  for (const bool target_is_open : {true, false}) {
    const auto whole = with_transfer(300, target_is_open);
    const auto expected = truth_of(whole).bank.balances;
    for (auto at = request_in(whole); at <= whole.log->records.size(); ++at) {
      if (!ends_a_command(whole, at)) continue;
      const auto left = cut(whole, at);
      {
        memory_engine e{left, memory_engine::quiet(), host_bank};
        e.engine->settle(60s).value();
      }
      BOOST_TEST((truth_of(left).bank.balances == expected), "after a crash behind position " << at);
      BOOST_TEST(left.log->records.size() == whole.log->records.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(rule_4_case_31_what_was_observed_before_is_ignored_by_its_position) {
  const auto store = with_transfer(300);
  const auto records = store.log->records;
  *store.index = {};  // with the checkpoint: the whole log is routed again
  memory_engine e{store, memory_engine::quiet(), host_bank};
  e.engine->settle(60s).value();
  BOOST_TEST((store.log->records == records));
}

BOOST_AUTO_TEST_CASE(rule_4_case_33_a_timer_that_was_due_while_down_fires_once_after_the_start) {
  memory_store store;
  {
    memory_engine e{store, memory_engine::quiet(), host_reminding};
    e.send("x", world::add{1}).value();
    e.engine->settle(60s).value();
  }
  const auto before = store.log->records.size();
  {
    memory_engine early{store, memory_engine::quiet(), host_reminding, 1'000'000 + hour - 1};
    early.engine->settle(60s).value();
    BOOST_TEST(store.log->records.size() == before);
  }
  {
    memory_engine late{store, memory_engine::quiet(), host_reminding, 1'000'000 + hour};
    wait_until([&] { return late.sum("x", {}) == 1'001; });
    late.engine->settle(60s).value();
  }
  const auto after = store.log->records.size();
  memory_engine later{store, memory_engine::quiet(), host_reminding, 1'000'000 + 5 * hour};
  later.engine->settle(60s).value();
  BOOST_TEST(later.sum("x", later.engine->head()) == 1'001);
  BOOST_TEST(store.log->records.size() == after);
}

/// A firing whose answer got lost is sent again.
BOOST_AUTO_TEST_CASE(rule_4_case_32_a_timer_that_has_fired_fires_no_more) {
  const auto instance = detail::table_of_process<reminding>().instance.make();
  const detail::event_limits limits{1 << 20, 1 << 20, 100};
  context about;
  about.key = "the-one";
  const auto decide = [&](const auto& command) {
    detail::decided made;
    instance->decide({command.about.name, encoded(command), about, limits}, made);
    BOOST_TEST(!made.refused);
    return made.events.size();
  };
  const detail::observe first{7, "counter-x", "added", 1, encoded(world::added{1})};
  BOOST_TEST(decide(first) == 2u);  // of its own stream: reminder_set, and the timer as version 2
  BOOST_TEST(decide(first) == 0u);
  const detail::fire_timer due{2, "remind", encoded(remind{"x"})};
  BOOST_TEST(decide(due) == 2u);  // that it fired, and the command
  BOOST_TEST(decide(due) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
