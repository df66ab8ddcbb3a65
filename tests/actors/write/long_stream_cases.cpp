// A stream of very many events: loading its aggregate takes the newest snapshot and what is behind it, and reads no more.
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// The log, and how many records were read of it.
class counting_log final : public store::log {
public:
  explicit counting_log(const memory_store& on) : log_(on.log) {}

  std::size_t visited() const { return visited_; }

  const store::log_identity& identity() const override { return log_.identity(); }
  store::commit_outcome commit(position first, std::span<const std::string_view> records) override { return log_.commit(first, records); }
  store::commit_outcome drain(std::span<const store::control_entry> decided) override { return log_.drain(decided); }
  position durable() const override { return log_.durable(); }
  position readable() const override { return log_.readable(); }
  timestamp last_time() const override { return log_.last_time(); }
  void on_readable(std::function<void(position)> grown) override { log_.on_readable(std::move(grown)); }
  result<position> read(position from, const store::read_limits& limits, const store::record_visitor& visit) const override {
    return log_.read(from, limits, [&](const record_view& record) { return ++visited_, visit(record); });
  }
  result<void> read_at(std::span<const position> positions, const store::record_visitor& visit) const override {
    return log_.read_at(positions, [&](const record_view& record) { return ++visited_, visit(record); });
  }
  result<void> control(std::string_view prefix, const store::control_visitor& visit) const override { return log_.control(prefix, visit); }
  result<void> backup(const std::filesystem::path& target) const override { return log_.backup(target); }

private:
  store::memory_log log_;
  mutable std::atomic<std::size_t> visited_{0};
};

options snapshot_each(std::uint64_t versions) {
  auto with = memory_engine::quiet();
  with.snapshot_every = versions;
  with.command_events_max = 10'000;
  return with;
}

constexpr std::int64_t events = 200'000;

/// One counter with so many ones.
memory_store long_one(std::uint64_t snapshot_every) {
  constexpr std::uint32_t at_once = 5'000;
  memory_store store;
  memory_engine e{store, snapshot_each(snapshot_every)};
  for (std::int64_t sent = 0; sent < events; sent += at_once) e.send("a", add{1, at_once}).value();
  return store;
}

/// How many records are read until the aggregate answers. It is asked for what it refuses: that writes nothing.
std::size_t read_for_a_load(const memory_store& store) {
  counting_log log{store};
  store::memory_derived_store index{store.index};
  detail::engine_parts parts;
  parts.log = &log;
  parts.derived = &index;
  parts.history = log.identity().history;
  parts.now = [] { return timestamp{1}; };
  detail::engine engine{std::move(parts), snapshot_each(0)};
  engine.add(detail::table_of_aggregate<counter>()).value();
  engine.begin().value();
  engine.wait_until_caught_up().value();
  const auto refused = detail::await(*engine.send("counter", "a", add::about.name, encoded(add{-events - 1}), {}));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().detail == std::to_string(events));
  engine.close();
  return log.visited();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(long_streams)

BOOST_AUTO_TEST_CASE(one_with_a_snapshot_is_loaded_by_its_tail) {
  constexpr std::size_t ids = 100;  // of the last commands before the snapshot
  const auto store = long_one(60'000);
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  const auto& newest = store.index->snapshots.rbegin()->second;
  const auto behind = static_cast<std::size_t>(events) - newest.version;
  BOOST_TEST(behind < 60'000u);
  const auto read = read_for_a_load(store);
  BOOST_TEST(read >= behind);
  BOOST_TEST(read <= behind + ids + 1);  // and the record that it was taken of
}

/// To see that the count counts.
BOOST_AUTO_TEST_CASE(one_without_is_read_whole) { BOOST_TEST(read_for_a_load(long_one(0)) == static_cast<std::size_t>(events)); }

BOOST_AUTO_TEST_SUITE_END()
