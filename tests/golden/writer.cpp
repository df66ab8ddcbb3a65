#include "golden/writer.hpp"

#include "golden/program.hpp"
#include "store/log/front_log.hpp"
#include "support/memory_engine.hpp"
#include "support/store/child_process.hpp"

namespace golden {
namespace {

using namespace annals;

void send(program& to, std::string_view key, const auto& command, send_options with = {}) {
  to.send(key, command, std::move(with)).value();
  ++to.now;
}

/// Nothing is under way, and the parcel that no courier takes has been looked at again.
void settle(program& on) {
  on.settle();
  on.now += std::chrono::microseconds{1s}.count();
  wait_until([&] {
    bool looked = false;
    on.log(1, on.head(), [&](const record_view& r) { looked |= r.type == looked_again::about.name; });
    return looked;
  });
  on.settle();
}

void first_life(const std::filesystem::path& store) {
  program on{store, written_at, true};
  send(on, "p1", send_parcel{"Nowhere"}, {.id = "p1 is sent", .principal = "Ada"});
  send(on, "p2", send_parcel{"Lange Straße"}, {.id = "p2 is sent", .correlation = "a call", .causation = "a letter", .principal = "Ada"});
  send(on, "p3", send_parcel{"Kerkstraat"}, {.expect = expectation::none()});
  settle(on);
  for (int i = 1; i <= 6; ++i) send(on, "p2", add_notes{{"note " + std::to_string(i)}}, {.id = "note " + std::to_string(i)});
  send(on, "p2", add_notes{{"one", "two", "three"}}, {.id = "three notes"});
  send(on, "p2", deliver{});  // accepted, and nothing to write
  if (on.send("p2", send_parcel{"Kerkstraat"})) detail::broken("a parcel was sent twice");
  settle(on);
}

/// Does not return from `killed`.
void second_life(const std::filesystem::path& store, const auto& killed) {
  program on{store, written_at + hour / 2, true};
  send(on, "p4", send_parcel{"Kerkstraat"});
  settle(on);
  // From here on nothing but notes: the process manager has nothing to do when the end comes.
  for (int i = 1; i <= 20; ++i) send(on, "p3", add_notes{{"late note " + std::to_string(i)}});
  send(on, "p5", add_notes{{"one", "two"}}, {.id = "the last"});
  killed();
}

}  // namespace

void write_store(const std::filesystem::path& store) {
  child_process first{[&](auto&&) { first_life(store); }};
  if (first.wait() != 0) detail::broken("the first life failed: " + first.said());
  child_process second{[&](auto&& report) {
    second_life(store, [&] {
      report(1);
      ::pause();
    });
  }};
  std::uint64_t written = 0;
  if (!second.next(written)) detail::broken("the second life failed: " + second.said());
  second.kill();
}

undrained look_at_front(const std::filesystem::path& store) {
  const auto map_bytes = std::uint64_t{1} << 30;
  undrained seen;
  seen.in_lmdb = store::lmdb_log::open(store / "log", {.map_bytes = map_bytes, .read_only = true}).value()->readable();
  seen.in_all = store::front_log::open(store / "log", {.map_bytes = map_bytes, .read_only = true}).value()->readable();
  return seen;
}

}  // namespace golden
