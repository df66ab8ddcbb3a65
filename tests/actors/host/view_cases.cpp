// A store seen from outside, with the types that are in it: states as they were, read models, the replay gate.
#include "store/open_store.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"
#include "support/world.hpp"

#include <annals/fold.hpp>
#include <annals/store_view.hpp>
#include <annals/testing.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

const hosted_types& known() {
  static const hosted_types all = hosted_types{}.host<counter>().project<sums>();
  return all;
}

/// Adds 1, 2, 3 … `times` to "counter-a", and as often 1 to "counter-b"; a snapshot about every tenth version.
void count(const std::filesystem::path& at, int times) {
  options with;
  with.log_sink = [](log_level, std::string_view) {};
  with.snapshot_every = 10;
  auto rt = runtime::open(at, with).value();
  rt.host(known()).value();
  rt.start().value();
  for (int i = 1; i <= times; ++i)
    for (const auto* key : {"a", "b"}) rt.send<counter>(key, add{*key == 'a' ? i : 1}).get().value();
  BOOST_TEST(replays_alike(rt).events >= static_cast<std::uint64_t>(2 * times));
}

store_view look_at(const std::filesystem::path& at) { return store_view::open(at).value(); }

/// A snapshot that says what the log does not, with all its checksums right.
store::snapshot lie(const std::filesystem::path& at) {
  const auto store = store::open_store(at, {.create = false}).value();
  auto taken = store->derived->snapshot_of("counter-a", ~version{0}).value().value();
  taken.state = encoded(counter::state{-1});
  store->derived->write_snapshots(std::array{taken}, 5).value();
  return taken;
}

struct undescribed {
  static constexpr std::string_view category = "undescribed";
  using commands = types<add>;
  using events = types<added>;
  struct state {};
  static decision<undescribed> decide(const state&, const add&, const context&) { return nothing; }
  static void evolve(state&, const added&) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(a_state_is_as_it_was_by_type_and_by_name) {
  temporary_directory d;
  count(d.path, 25);
  const auto view = look_at(d.path);
  for (version v = 0; v <= 25; ++v) {
    const auto sum = static_cast<std::int64_t>(v * (v + 1) / 2);
    const auto typed = view.state_of<counter>("a", {.version = v}).value();
    BOOST_TEST(typed.state.sum == sum);
    BOOST_TEST(typed.version == v);
    BOOST_TEST(typed.at == (v ? 2 * v - 1 : 0));
    const auto named = view.state_of(known(), "counter-a", {.version = v}).value();
    BOOST_TEST(named.state == encoded(counter::state{sum}));
    BOOST_TEST(named.at == typed.at);
    BOOST_TEST(named.time == typed.time);
    BOOST_TEST(view.state_of<counter>("a", {.time = typed.time}).value().version >= v);
  }
  BOOST_TEST(view.state_of<counter>("a").value().version == 25u);
  BOOST_TEST(view.state_of<counter>("a", {.position = 10}).value().version == 5u);
}

BOOST_AUTO_TEST_CASE(what_has_no_state_says_why) {
  temporary_directory d;
  count(d.path, 1);
  const auto view = look_at(d.path);
  BOOST_TEST((view.state_of<counter>("nobody").error().code == errc::not_found));
  BOOST_TEST((view.state_of(known(), "counter-nobody").error().code == errc::not_found));
  BOOST_TEST((view.state_of(known(), "strange-a").error().code == errc::not_hosted));
  const auto some = hosted_types{}.host<undescribed>();
  BOOST_TEST((view.state_of(some, "undescribed-a").error().code == errc::bad_type));
  BOOST_TEST((some.begin("undescribed-a").error().code == errc::bad_type));
}

BOOST_AUTO_TEST_CASE(a_state_is_folded_by_hand) {
  temporary_directory d;
  count(d.path, 4);
  auto state = known().begin("counter-a").value();
  std::vector<std::string> seen;
  look_at(d.path)
      .stream("counter-a", 1,
              [&](const record_view& record) {
                state.apply(record).value();
                seen.push_back(state.encoded());
                return true;
              })
      .value();
  BOOST_TEST_REQUIRE(seen.size() == 4u);
  BOOST_TEST(seen[1] == encoded(counter::state{3}));
  BOOST_TEST(seen[3] == encoded(counter::state{10}));
}

BOOST_AUTO_TEST_CASE(a_model_is_folded_and_goes_on_where_it_was) {
  temporary_directory d;
  count(d.path, 5);
  sums::model model;
  const auto next = fold<sums>(look_at(d.path), model).value();
  BOOST_TEST(next == 11u);
  BOOST_TEST(model.by_key.at("a") == 15);
  count(d.path, 2);
  const auto view = look_at(d.path);
  BOOST_TEST(fold<sums>(view, model, next).value() == 15u);
  BOOST_TEST(model.by_key.at("a") == 18);
  BOOST_TEST(model.by_key.at("b") == 7);
  BOOST_TEST(fold<sums>(view, model, 15).value() == 15u);
  sums::model of_b;
  BOOST_TEST(fold_stream<sums>(view, "counter-b", of_b).value() == 8u);
  BOOST_TEST(of_b.by_key.size() == 1u);
  BOOST_TEST(of_b.by_key.at("b") == 7);
  BOOST_TEST((fold_stream<sums>(view, "counter-c", of_b).error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(case_23_the_replay_gate_holds_from_outside_and_names_the_event) {
  temporary_directory d;
  count(d.path, 30);
  {
    const auto view = look_at(d.path);
    const auto seen = view.verify_replay(known()).value();
    BOOST_TEST(seen.events == 60u);
    BOOST_TEST(seen.snapshots >= 2u);
    BOOST_TEST(seen.left_out == 0u);
    BOOST_TEST(replays_alike(view, known()).streams == 2u);
    BOOST_TEST(view.verify_replay(hosted_types{}).value().left_out == 2u);
  }
  const auto lied = lie(d.path);
  const auto view = look_at(d.path);
  BOOST_TEST(view.verify().has_value());  // it was taken of what the log has
  const auto found = view.verify_replay(known());
  BOOST_TEST_REQUIRE(!found.has_value());
  BOOST_TEST((found.error().code == errc::not_deterministic));
  BOOST_TEST(found.error().place == lied.at);
  BOOST_CHECK_THROW(replays_alike(view, known()), expectation_failed);
}

BOOST_AUTO_TEST_CASE(a_list_of_types_is_hosted_as_each_of_them_would_be) {
  temporary_directory d;
  auto rt = runtime::open(d.path).value();
  rt.host(known()).value();
  BOOST_TEST((rt.host(known()).error().code == errc::bad_type));
  rt.start().value();
  BOOST_TEST((rt.host(hosted_types{}.host<undescribed>()).error().code == errc::misuse));
}

BOOST_AUTO_TEST_SUITE_END()
