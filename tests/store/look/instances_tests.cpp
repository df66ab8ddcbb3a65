// Instances of process managers from records as a process manager writes them: what is open, how it ends, and from an image.
#include "store/derived/open_inputs.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"
#include "store/look/instance_history.hpp"
#include "support/printed.hpp"
#include "support/store/stores.hpp"

#include <annals/codec.hpp>
#include <annals/detail/view_source.hpp>
#include <annals/hosted_types.hpp>
#include <annals/process.hpp>

#include <boost/test/unit_test.hpp>

#include <array>

using namespace annals;
using namespace annals::store;

namespace {

struct go {
  static constexpr auto about = describe("go", 1);
};
struct went {
  static constexpr auto about = describe("went", 1);
};
struct began {
  static constexpr auto about = describe("began", 1);
};
struct wake {
  static constexpr auto about = describe("wake", 1);
};
struct target {
  static constexpr std::string_view category = "t";
  using commands = types<go>;
  using events = types<went>;
  struct state {};
  static decision<target> decide(const state&, const go&, const context&) { return went{}; }
  static void evolve(state&, const went&) {}
};
struct boss {
  static constexpr std::string_view category = "p";
  using observes = types<target>;
  using events = types<began>;
  using timers = types<wake>;
  struct state {};
  static std::optional<std::string> key(const went&) { return "1"; }
  static steps<boss> on(const state&, const went&, const context&) { return {}; }
  static steps<boss> on(const state&, const wake&, const context&) { return {}; }
  static void evolve(state&, const began&) {}
};

const hosted_types& known_types() {
  static const hosted_types all = hosted_types{}.host<target>().orchestrate<boss>();
  return all;
}
const detail::process_table& table() { return *detail::tables_of::process(known_types(), "p"); }

detail::command_sent a_command(std::string to) { return {std::move(to), "go", {encoded(go{})}}; }

struct place {
  temporary_directory directory;
  stores::opened store = stores::try_open(directory.path).value();
  known_instances instances;
  std::map<std::string, version> versions{};

  looked_at in() const { return {store->log.get(), store->derived.get(), store->images.get()}; }
  const log& records() const { return *store->log; }

  /// Writes the next record of a stream, and returns its position.
  template <class E>
  position put(const std::string& stream, const E& event, record_view r = {}) {
    const auto payload = encoded(event);
    r.stream = stream;
    r.version = ++versions[stream];
    r.type = E::about.name;
    r.schema = r.schema == 0 ? 1 : E::about.schema;  // 0: as an earlier build wrote it
    r.time = static_cast<timestamp>(1'000 + records().durable());
    r.payload = payload;
    (void)next_of(*store->log).add(r).commit_to(*store->log);
    return records().durable();
  }
  /// The event with which the target answers the command of this record.
  position answer(const std::string& stream, std::string_view id, std::string_view body = encoded(go{})) {
    record_view r;
    r.command_id = id;
    r.fingerprint = fingerprint_of("go", body);
    return put(stream, went{}, r);
  }
  std::uint64_t checksum(position at) const { return checksum_at(*store->log, at); }

  instance_counts count() { return instances.count(in(), table()).value(); }
  /// stuck, open, waiting, running, ended
  std::array<std::uint64_t, 5> states() {
    const auto c = count();
    BOOST_TEST(c.at == c.head);
    // A look that begins later finds the same.
    known_instances late;
    const auto again = late.count(in(), table()).value();
    BOOST_TEST(encoded(again) == encoded(c));
    return {c.stuck, c.open_commands, c.waiting, c.running, c.ended};
  }
  instance_history history(const std::string& stream) { return history_of(in(), known_types(), table(), instances, stream, 1, 100).value(); }
  void checkpoint(position at) { store->derived->flush({}, std::array{named_checkpoint{"process p", at}}, store->derived->mark()).value(); }
};

using states = std::array<std::uint64_t, 5>;

record_view of_old_build() {
  record_view r;
  r.schema = 0;
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(instances)

BOOST_AUTO_TEST_CASE(an_instance_goes_from_state_to_state) {
  place p;
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 0}));
  p.put("p-1", began{});
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 1}));
  const auto sent = p.put("p-1", a_command("t-1"));
  const auto set = p.put("p-1", detail::timer_set{"wake", 5'000, {encoded(wake{})}});
  BOOST_TEST(p.states() == (states{0, 1, 0, 0, 0}));
  const auto answered = p.answer("t-1", id_of_send("p-1", 2, p.checksum(sent)));
  BOOST_TEST(p.states() == (states{0, 0, 1, 0, 0}));
  p.put("p-1", detail::timer_fired{3});
  BOOST_TEST(p.states() == (states{0, 0, 0, 1, 0}));
  p.checkpoint(answered);
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 1}));
  const auto all = p.history("p-1");
  BOOST_TEST_REQUIRE(all.turns.size() == 4u);  // each record is a turn of its own here
  BOOST_TEST(all.turns[1].items.at(0).answer.value().at == answered);
  BOOST_TEST(all.turns[2].items.at(0).at == set);
  BOOST_TEST(all.turns[2].items.at(0).end.value().fired);
  BOOST_TEST((all.turns[3].cause == turn_cause::timer));
}

BOOST_AUTO_TEST_CASE(a_running_one_ends_with_its_own_next_record) {
  place p;
  const auto sent = p.put("p-1", a_command("t-1"));
  const auto answered = p.answer("t-1", id_of_send("p-1", 1, p.checksum(sent)));
  BOOST_TEST(p.states() == (states{0, 0, 0, 1, 0}));
  record_view seen;
  seen.seen = answered;
  p.put("p-1", began{}, seen);
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(answers_without_events_and_cancelled_timers_end_what_was_open) {
  place p;
  p.put("p-1", a_command("t-1"));
  p.put("p-1", detail::timer_set{"wake", 5'000, {encoded(wake{})}});
  p.put("p-1", detail::timer_set{"wake", 9'000, {encoded(wake{})}});
  p.put("p-1", detail::command_answered{1, false, "no", "because"});
  BOOST_TEST(p.states() == (states{0, 0, 1, 0, 0}));
  const auto listed = p.instances.list(p.in(), table(), {"p"}).value().instances.at(0);
  BOOST_TEST(listed.open_timers == 2u);
  BOOST_TEST(listed.timers.at(0).due == 5'000);
  BOOST_TEST(listed.refused == 1u);
  p.put("p-1", detail::timers_cancelled{"wake"});
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 1}));
  const auto all = p.history("p-1");
  BOOST_TEST(all.turns[0].items.at(0).answer.value().code == "no");
  BOOST_TEST(!all.turns[1].items.at(0).end.value().fired);
  BOOST_TEST(all.turns[2].items.at(0).end.value().by == 5u);
}

BOOST_AUTO_TEST_CASE(a_command_of_an_earlier_build_is_answered_by_its_own_record_only) {
  place p;
  const auto sent = p.put("p-1", a_command("t-1"), of_old_build());
  const auto id = old_id_of_send("p-1", 1);
  p.answer("t-1", id, "another body");  // of a host that uses the same id
  BOOST_TEST(p.states() == (states{0, 1, 0, 0, 0}));
  BOOST_TEST(!p.history("p-1").turns[0].items.at(0).answer.has_value());
  const auto answered = p.answer("t-1", id_of_send("p-1", 1, p.checksum(sent)));  // sent again, under an id that hosts cannot use
  BOOST_TEST(p.states() == (states{0, 0, 0, 1, 0}));
  BOOST_TEST(p.history("p-1").turns[0].items.at(0).answer.value().at == answered);
}

BOOST_AUTO_TEST_CASE(nothing_waits_for_what_is_skipped) {
  place p;
  const auto sent = p.put("p-1", a_command("t-1"));
  p.store->derived->write_parked("process p", std::array{parked_event{sent, "p-1", "no", 5, 0}}).value();
  BOOST_TEST(p.states() == (states{1, 0, 0, 0, 0}));
  p.store->derived->write_parked("process p", {}).value();
  BOOST_TEST(p.states() == (states{0, 1, 0, 0, 0}));
  const std::array decided{skip_decision(owner_name::of_process("p").stored(), sent, 1)};
  BOOST_TEST((p.store->log->drain(decided).status == commit_status::committed));
  BOOST_TEST(p.states() == (states{0, 0, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(reading_begins_with_the_newest_image_that_the_log_agrees_with) {
  place p;
  const auto sent = p.put("p-1", a_command("t-1"));
  const auto mark = p.put("p-2", detail::timer_set{"wake", 5'000, {encoded(wake{})}});
  const auto write = [&](std::uint64_t checksum, open_inputs open) {
    p.store->images->write({"process p", {mark, checksum}, open_inputs::shape, {}, encoded(open)}, [] { return true; }).value();
  };
  write(p.checksum(mark), {{}, {sent}});  // it says that p-2 waits for nothing
  p.put("p-3", began{});
  known_instances by_image;
  const auto counts = by_image.count(p.in(), table()).value();
  BOOST_TEST(counts.open_commands == 1u);
  BOOST_TEST(counts.waiting == 0u);
  BOOST_TEST(counts.ended == 2u);
  write(p.checksum(mark) + 1, {{}, {}});  // of another log
  BOOST_TEST(p.states() == (states{0, 1, 1, 0, 1}));
}

BOOST_AUTO_TEST_CASE(instances_are_counted_with_and_without_an_index) {
  place p;
  for (int i = 0; i < 20; ++i) {
    p.put("p-" + std::to_string(i), began{});
    if (i % 7 == 0) stores::bring_up(p.store);
    BOOST_TEST(p.states() == (states{0, 0, 0, 0, static_cast<std::uint64_t>(i) + 1}));
  }
  known_instances bare;
  BOOST_TEST(bare.count({p.store->log.get(), nullptr, nullptr}, table()).value().ended == 20u);
  BOOST_TEST(bare.list({p.store->log.get(), nullptr, nullptr}, table(), {"p"}).value().instances.size() == 20u);
}

BOOST_AUTO_TEST_CASE(ids_of_commands_name_their_senders) {
  const auto sent = sender_of(id_of_send("p-a#b", 12, 34)).value();
  BOOST_TEST(sent.stream == "p-a#b");
  BOOST_TEST(sent.version == 12u);
  BOOST_TEST(!sender_of(id_of_send("p-" + std::string(300, 'x'), 12, 34)).has_value());
  for (const std::string other : {"", "p-1#2", "\x01", "\x01#", "\x01p-1", "\x01p-1#0123456789abcdef"}) BOOST_TEST(!sender_of(other).has_value());
  BOOST_TEST(position_in(causation_of(77)).value() == 77u);
  for (const std::string other : {"", "@", "77", "@7x", "@-1"}) BOOST_TEST(!position_in(other).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
